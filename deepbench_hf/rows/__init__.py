"""Rows: a recipe and row numbers in, arrays out."""
