"""Builds past one machine, for real."""
