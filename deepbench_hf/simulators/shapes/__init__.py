"""Shapes drawn by exact area coverage."""
