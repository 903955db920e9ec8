"""Recipes of random text and with random changes: only `RecipeError` comes out."""

import copy
import string

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepbench_hf import Recipe, RecipeError, load_recipe
from deepbench_hf.recipe.text import read_recipe, shipped_files

SHIPPED = {name: read_recipe(name)[1] for name in shipped_files()}

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(string.printable, max_size=8)
    | st.sampled_from(["uniform", "pendulum", "gaussian", "train", 1e400, 10**30, "x_m"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(string.ascii_letters, max_size=5) | st.integers(), inner, max_size=3
        )
    ),
    max_leaves=5,
)


def places(value, path=()):
    """Every place in a tree of mappings."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))


def change(tree, path, junk, how):
    """Replace, remove or add something at one place."""
    tree = copy.deepcopy(tree)
    *parents, last = path
    node = tree
    for key in parents:
        node = node[key]
    if how == "remove":
        del node[last]
    elif how == "add" and isinstance(node[last], dict):
        node[last]["junk"] = junk
    else:
        node[last] = junk
    return tree


@st.composite
def broken_recipes(draw):
    name = draw(st.sampled_from(sorted(SHIPPED)))
    tree = SHIPPED[name]
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in places(tree) if path]))
        tree = change(tree, path, draw(JUNK), draw(st.sampled_from(["replace", "remove", "add"])))
    return name, tree


THOROUGH = settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@THOROUGH
@given(broken_recipes())
def test_a_broken_recipe_raises_nothing_but_a_recipe_error(case):
    try:
        recipe = Recipe.from_mapping(*case)
    except RecipeError as error:
        assert error.problems
        assert all("\n" not in problem for problem in error.problems)
    else:
        assert len(recipe.fingerprint) == 64


@THOROUGH
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_file_raises_nothing_but_a_recipe_error(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "ignore"))
    with pytest.raises(RecipeError):
        load_recipe(file)


@settings(THOROUGH, max_examples=120)  # writing YAML is slow
@given(broken_recipes())
def test_a_broken_file_raises_nothing_but_a_recipe_error(tmp_path_factory, case):
    file = tmp_path_factory.getbasetemp() / "broken.yaml"
    file.write_text(yaml.safe_dump(case[1], allow_unicode=True), encoding="utf-8")
    try:
        load_recipe(file)
    except RecipeError as error:
        assert all("\n" not in problem for problem in error.problems)
