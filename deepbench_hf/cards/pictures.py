"""The figures of a card: where they are, and their bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from deepbench_hf.recipe.recipe import Recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


WIDTH = 8.0
"""Inches, at 100 dots each: the width of the Hub's page."""
DOTS = 100


def overview_file(number: int) -> str:
    """The figure of a row of every simulator; nothing where there is one config only."""
    return "figures/overview.png" if number > 1 else ""


def examples_file(recipe: Recipe) -> str:
    """The figure of a config's first rows."""
    return f"figures/{recipe.name}.png"


def histograms_file(recipe: Recipe) -> str:
    """The figure of what a config draws; nothing where all is constant."""
    from deepbench_hf.figures.distributions import varied

    return f"figures/{recipe.name}_draws.png" if varied(recipe) else ""


def figure_files(recipes: Sequence[Recipe]) -> list[str]:
    """Where all figures of a card are."""
    one_by_one = [f(recipe) for recipe in recipes for f in (examples_file, histograms_file)]
    return [file for file in (overview_file(len(recipes)), *one_by_one) if file]


def figures(recipes: Sequence[Recipe]) -> dict[str, bytes]:
    """All figures of a card as PNG files."""
    from matplotlib import style

    from deepbench_hf.figures.distributions import draw_distributions
    from deepbench_hf.figures.overview import draw_overview

    recipes = sorted(recipes, key=lambda recipe: recipe.name)
    with style.context("default", after_reset=True):  # whatever a user's settings are
        found = {}
        if overview := overview_file(len(recipes)):
            found[overview] = _png(draw_overview(one_of_each_simulator(recipes), WIDTH))
        for recipe in recipes:
            found[examples_file(recipe)] = _png(_examples(recipe))
            if histograms_file(recipe):
                found[histograms_file(recipe)] = _png(draw_distributions(recipe, WIDTH))
    return found


def one_of_each_simulator(recipes: Sequence[Recipe]) -> list[Recipe]:
    """The first recipe of every simulator: the others of one look alike."""
    return list({recipe.simulator.kind: recipe for recipe in reversed(recipes)}.values())[::-1]


def _examples(recipe: Recipe) -> Figure:
    """The first rows of the first split."""
    from deepbench_hf.figures.images import draw_images, shown_images
    from deepbench_hf.figures.numbers import draw_numbers
    from deepbench_hf.figures.series import draw_series, shown_series

    split = next(iter(recipe.splits))
    if shown_images(recipe):
        return draw_images(recipe, split, 8 // len(shown_images(recipe)), False, WIDTH)
    if not shown_series(recipe):
        return draw_numbers(recipe, split, WIDTH)
    rows = 4 if len(shown_series(recipe)) == 1 else 2
    return draw_series(recipe, split, rows, WIDTH)


def _png(figure: Figure) -> bytes:
    """A PNG in true colour, or in grey where there is no other, without date or program."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DOTS, metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB")
    grey = picture.convert("L")
    alike = ImageChops.difference(picture, grey.convert("RGB")).getbbox() is None
    (grey if alike else picture).save(small, "PNG", optimize=True)
    return small.getvalue()
