"""The template of dataset cards and the prose of each family."""
