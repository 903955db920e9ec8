"""Rows of every config, and corners of what every simulator accepts, with indices checked.

``NUMBA_BOUNDSCHECK=1 python -m tools.bounds [NAME...]``. Kernels are compiled without checks of
their indices, so a wrong one reads or writes memory that belongs to something else. Numba's switch
compiles them with these checks; the first wrong index is then an ``IndexError``.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress

from numba.core import config

from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.rows.simulation import simulate
from deepbench_hf.simulators.base import Layered

ROWS = 3
SIDES = (33, 40)


def check(name: str) -> int:
    """Make some rows of every split, of other sizes and at the corners; how many calls it took."""
    recipe = load_recipe(name, clean=True)
    recipe = load_recipe(name, clean=True, uncertainty=bool(recipe.noise))
    recipes = [recipe]
    if isinstance(recipe.simulator, Layered):
        recipes += [load_recipe(name, masks=True), load_recipe(name, image_size=SIDES)]
    for one in recipes:
        for split in one.splits:
            generate(one, split, 0, ROWS)
    for corner in corners(recipe):
        with suppress(ValueError):  # the model may refuse a corner in words
            simulate(recipe, **corner)
    return sum(len(one.splits) for one in recipes)


def corners(recipe: Recipe) -> Iterator[dict[str, float]]:
    """Each parameter at its least and its greatest value, the others where they usually are."""
    for name, parameter in recipe.simulator.parameters.items():
        for value in (parameter.low, parameter.high):
            yield {name: value}


def main(names: list[str]) -> int:
    """Check the named configs, or one of every simulator; 1 if indices are not checked."""
    if not config.BOUNDSCHECK:
        print("set NUMBA_BOUNDSCHECK=1: without it nothing is checked")
        return 1
    for name in names or list_recipes():
        print(f"{name}: {check(name)} splits", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
