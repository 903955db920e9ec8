"""Some of the shipped configs, for tests that need not see them all."""

from deepbench_hf.recipe.catalog import list_recipes, load_recipe


def one_of_each_simulator():
    """The config of every simulator with the fewest splits: those of one differ in numbers only."""
    recipes = sorted(map(load_recipe, list_recipes()), key=lambda recipe: -len(recipe.splits))
    return sorted({recipe.simulator.kind: recipe.name for recipe in recipes}.values())
