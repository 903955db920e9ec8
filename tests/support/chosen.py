"""Some of the shipped configs, for tests that need not see them all."""

import os

from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.columns import schema


def one_of_each_simulator():
    """The config of every simulator with the fewest splits: those of one differ in numbers only."""
    recipes = sorted(map(load_recipe, list_recipes()), key=lambda recipe: -len(recipe.splits))
    return sorted({recipe.simulator.kind: recipe.name for recipe in recipes}.values())


def configs():
    """One config of every simulator under every noise, or all where ``ALL_CONFIGS`` is set."""
    if os.environ.get("ALL_CONFIGS"):
        return list_recipes()
    found = {}
    for recipe in sorted(map(load_recipe, list_recipes()), key=lambda one: -len(one.splits)):
        noise = sorted((name, type(one).__name__) for name, one in recipe.noise.items())
        found[recipe.simulator.kind, *noise] = recipe.name
    return sorted(found.values())


def one_of_each_structure():
    """A config for every combination of the types and shapes of columns, or all of them."""
    if os.environ.get("ALL_CONFIGS"):
        return list_recipes()
    found = {}
    for name in one_of_each_simulator():
        fields = (column.field for column in schema(load_recipe(name)).values())
        kinds = ((len(f.shape), f.dtype, bool(f.fields), bool(f.names)) for f in fields)
        found.setdefault(frozenset(kinds), name)
    return sorted(found.values())
