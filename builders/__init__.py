"""The builders that `datasets` imports by name; one class to a module."""
