"""Recipes: YAML to a checked, frozen value that decides every byte of a dataset."""
