"""The figures of a card: where they are, and their bytes."""

from __future__ import annotations

from deepbench_hf.recipe import Recipe

__all__ = ["OVERVIEW", "examples_file", "histograms_file"]

OVERVIEW = ""


def examples_file(recipe: Recipe) -> str:
    """The figure of a config's first rows."""
    return ""


def histograms_file(recipe: Recipe) -> str:
    """The figure of a config's priors; nothing where all are constant."""
    return ""
