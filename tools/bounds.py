"""Rows of one config of every simulator and noise, with the indices of all kernels checked.

``NUMBA_BOUNDSCHECK=1 NUMBA_OPT=0 python -m tools.bounds [--all | NAME...]``. Kernels are compiled
without checks of their indices, so a wrong one reads or writes memory that belongs to something
else. Numba's switch compiles them with these checks; the first wrong index is then an
``IndexError``. Images are as small as their model takes them, as nearly all of the time is that of
the compiler, which ``NUMBA_OPT=0`` halves. ``--all`` checks every config, at its own size as well.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress

from numba.core import config

from deepbench_hf.errors import RecipeError
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.rows.simulation import simulate
from deepbench_hf.rows.variations import jacobian
from deepbench_hf.simulators.base import Layered, sensitive
from deepbench_hf.simulators.images import Picture
from tests.support.chosen import configs

SIDES = (16, 17, 32, 52)
"""Sides of an image that are tried, pixels."""


def check(name: str, rows: int, own_size: bool) -> None:
    """Make some rows of every split, then single examples at the corners of what is accepted."""
    recipe = load_recipe(name)
    images = isinstance(recipe.simulator, Picture)
    for one in [*([recipe] if own_size or not images else []), *([small(name)] if images else [])]:
        for split in one.splits:
            generate(one, split, 0, rows)
        if not images and sensitive(one.simulator):
            jacobian(one)
        # Where objects are drawn, places decide indices; elsewhere corners only take long.
        for corner in corners(one) if isinstance(one.simulator, Layered) or own_size else ():
            with suppress(ValueError):  # the model may refuse a corner in words
                simulate(one, **corner)


def small(name: str) -> Recipe:
    """The smallest images, with masks and uncertainty where there are any."""
    recipe = load_recipe(name)
    masks = isinstance(recipe.simulator, Layered) or None
    more = {"clean": True, "masks": masks, "uncertainty": bool(recipe.noise) or None}
    for side in SIDES:
        with suppress(RecipeError):
            return load_recipe(name, image_size=side, **more)
    raise RuntimeError(f"{name} takes none of the sides {SIDES}")


def corners(recipe: Recipe) -> Iterator[dict[str, float]]:
    """Each parameter at its least and its greatest value, the others where they usually are."""
    for name, parameter in recipe.simulator.parameters.items():
        for value in (parameter.low, parameter.high):
            yield {name: value}


def main(words: list[str]) -> int:
    """Check the named configs, or one of every simulator; 1 if indices are not checked."""
    if not config.BOUNDSCHECK:
        print("set NUMBA_BOUNDSCHECK=1: without it nothing is checked")
        return 1
    thorough = "--all" in words
    names = [word for word in words if word != "--all"]
    for name in names or (list_recipes() if thorough else configs()):
        print(name, flush=True)
        check(name, 3 if thorough else 1, thorough)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
