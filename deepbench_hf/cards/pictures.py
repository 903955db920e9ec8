"""The figures of a card: where they are, and their bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from deepbench_hf.cards.published import family_order, family_page
from deepbench_hf.recipe.recipe import Recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


WIDTH, DOTS = 8.0, 100
"""Inches, and dots an inch: the width of the Hub's page."""

ACROSS = 6
"""Panels in a line of the overview."""


def overview_file(recipes: Sequence[Recipe]) -> str:
    """The figure of a row of every family; nothing where there is one config only."""
    return "figures/overview.png" if len(_examples_of(recipes)) > 1 else ""


def _examples_of(recipes: Sequence[Recipe]) -> list[Recipe]:
    """The configs whose rows are examples, not posteriors."""
    return [recipe for recipe in recipes if recipe.posterior is None]


def examples_file(recipe: Recipe) -> str:
    """The figure of a config's first rows."""
    return f"figures/{recipe.name}.png"


def histograms_file(recipe: Recipe) -> str:
    """The figure of what a config draws; nothing where all is constant."""
    from deepbench_hf.figures.distributions import varied

    drawn = recipe.posterior is None and varied(recipe)
    return f"figures/{recipe.name}_draws.png" if drawn else ""


def figure_files(recipes: Sequence[Recipe]) -> list[str]:
    """Where all figures of a card are."""
    one_by_one = [f(recipe) for recipe in recipes for f in (examples_file, histograms_file)]
    return [file for file in (overview_file(recipes), *one_by_one) if file]


def figures(recipes: Sequence[Recipe]) -> dict[str, bytes]:
    """All figures of a card as PNG files."""
    from matplotlib import style

    from deepbench_hf.figures.distributions import draw_distributions
    from deepbench_hf.figures.preview import draw_overview

    recipes = sorted(recipes, key=lambda recipe: recipe.name)
    with style.context("default", after_reset=True):  # whatever a user's settings are
        found = {}
        if overview := overview_file(recipes):
            found[overview] = _png(
                draw_overview(of_each_family(_examples_of(recipes)), WIDTH, ACROSS)
            )
        for recipe in recipes:
            found[examples_file(recipe)] = _png(_examples(recipe))
            if histograms_file(recipe):
                found[histograms_file(recipe)] = _png(draw_distributions(recipe, WIDTH))
    return found


def of_each_family(recipes: Sequence[Recipe]) -> list[Recipe]:
    """One recipe of every family, the best known first; of one family alone, of every simulator."""
    families: dict[str, list[Recipe]] = {}
    for recipe in recipes:
        families.setdefault(recipe.family, []).append(recipe)
    if len(families) == 1:
        return list({recipe.simulator.kind: recipe for recipe in recipes[::-1]}.values())[::-1]
    return [_usual(name, families[name]) for name in sorted(families, key=family_order)]


def _usual(family: str, recipes: Sequence[Recipe]) -> Recipe:
    """The config that a family's page recommends first, of those that are there."""
    liked = list(family_page(family).use.values())
    return min(recipes, key=lambda one: liked.index(one.name) if one.name in liked else len(liked))


def _examples(recipe: Recipe) -> Figure:
    """The first rows of the first split."""
    from deepbench_hf.figures.images import draw_images, shown_images
    from deepbench_hf.figures.numbers import draw_numbers
    from deepbench_hf.figures.series import draw_series, shown_series

    split = next(iter(recipe.splits))
    if recipe.posterior is not None:
        from deepbench_hf.figures.posteriors import draw_reference

        return draw_reference(recipe, split)
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
