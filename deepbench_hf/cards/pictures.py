"""The figures of a card: where they are, and their bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from deepbench_hf.cards.published import Published
from deepbench_hf.recipe import Recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["OVERVIEW", "examples_file", "figures", "histograms_file"]

OVERVIEW = "figures/overview.png"
WIDTH = 8.0
"""Inches, at 100 dots each: the width of the Hub's page."""
DOTS = 100
COLOURS = 128
"""Enough for the eye, and half the bytes."""


def examples_file(recipe: Recipe) -> str:
    """The figure of a config's first rows."""
    return f"figures/{recipe.name}.png"


def histograms_file(recipe: Recipe) -> str:
    """The figure of what a config draws; nothing where all is constant."""
    from deepbench_hf.figures.distributions import varied

    return f"figures/{recipe.name}_draws.png" if varied(recipe) else ""


def figures(published: Sequence[Published]) -> dict[str, bytes]:
    """All figures of a card as PNG files."""
    from matplotlib import style

    from deepbench_hf.figures.distributions import draw_distributions
    from deepbench_hf.figures.overview import draw_overview

    recipes = sorted((one.recipe for one in published), key=lambda recipe: recipe.name)
    with style.context("default", after_reset=True):  # whatever a user's settings are
        found = {OVERVIEW: _png(draw_overview(recipes, WIDTH))}
        for recipe in recipes:
            found[examples_file(recipe)] = _png(_examples(recipe))
            if histograms_file(recipe):
                found[histograms_file(recipe)] = _png(draw_distributions(recipe, WIDTH))
    return found


def _examples(recipe: Recipe) -> Figure:
    """The first rows of the first split."""
    from deepbench_hf.figures.images import draw_images
    from deepbench_hf.figures.series import draw_series

    split = next(iter(recipe.splits))
    if any(field.is_image for field in recipe.simulator.fields.values()):
        return draw_images(recipe, split, 8, False, WIDTH)
    series = sum(1 for field in recipe.simulator.fields.values() if field.shape)
    return draw_series(recipe, split, 4 if series == 1 or recipe.noise else 2, WIDTH)


def _png(figure: Figure) -> bytes:
    """A small PNG without date or program."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DOTS, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS)
    picture.save(small, "PNG", optimize=True)
    return small.getvalue()
