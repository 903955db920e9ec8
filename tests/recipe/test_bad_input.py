"""Broken recipes of every kind: one clear line each, and only `RecipeError` comes out."""

import copy
import os
import re
import string
import time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepbench_hf import Recipe, RecipeError, load_recipe
from deepbench_hf.recipe.resizing import resized
from deepbench_hf.recipe.text import line_of, read_recipe, shipped_files
from tests.support.recipes import extended, extended_file

SHIPPED = {name: read_recipe(name)[1] for name in shipped_files()}

FILES = {
    "malformed": ("a: [1, 2", "is not valid YAML: .*line 2"),
    "colon": ("description: gravity: that of Earth", "put a text that holds a colon in quotes"),
    "boolean": ("clean: often", "clean: must be true or false; got 'often'"),
    "tab": ("a:\n\t- 1", "is not valid YAML: a tab stands where .* spaces .line 2, column 1"),
    "unclosed": ("a: 1\nb: {c: 2\n", "did not find expected .* for what begins in line 2 .line 3"),
    "one_side": ("simulator: {kind: shapes, image_size: 28}", r"got 28, write \[28, 28\]"),
    "tag": ("!!python/object/apply:os.system ['true']", "tags such as tag:.* are not allowed"),
    "tag_inside": ("version: !!python/name:os.system", "is not valid YAML"),
    "tag_bool": ("seed: !!bool maybe", "tags such as .* are not allowed .line 1"),
    "tag_time": ("seed: !!timestamp x", "tags such as .* are not allowed .line 1"),
    "tag_int": ('seed: !!int ""', "tags such as .* are not allowed .line 1"),
    "tag_float": ("seed: !!float ''", "is not valid YAML: tags such as .* are not allowed"),
    "version": ("version: 1.0", "version: must be three numbers X.Y.Z; got 1.0, write 1.0.0"),
    "version_1": ("version: 1", "version: must be three numbers X.Y.Z; got 1, write 1.0.0"),
    "many": ("\n".join(f"k{n}: 1" for n in range(16_000)), "more than 1000 keys"),
    "parent_file": ("extends: nowhere.yaml", "extends: unknown config 'nowhere.yaml'"),
    "alias": ("a: &x 1\nb: *x", "aliases are not allowed .line 2"),
    "bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "aliases are not allowed"),
    "deep": ("[" * 5000, "is nested deeper than|maximum nesting depth"),  # ours, or PyYAML's
    "merge_key": ("seed: 1\n<<: {seed: 2}", "merge keys .<<. are not allowed .line 2"),
    "no_split": ("splits: {}", "splits: must have at least 1 item, not 0; got {}"),
    "digits": (f"seed: {'1' * 5000}", "seed: must be a whole number; got '1{50,60}..."),
    "digits_version": (f"version: {'1' * 5000}", "version: must match pattern"),
    "digits_side": (f"simulator: {{kind: shapes, image_size: {'1' * 300}}}", "got 1{50,60}...\n"),
    "twice": ("seed: 1\nseed: 2\n", "key 'seed' is given twice .line 2"),
    "number": ("3", "must be a mapping"),
    "empty": ("", "must be a mapping"),
    "list": ("- 1", "must be a mapping"),
    "numbered": ("1: 2", "must be a mapping"),
    "unhashable": ("? [a]\n: 1", "is not valid YAML"),
    "date": ("version: 2020-01-01", "version: must be a string"),
    "bad_date": ("version: 2020-99-99", "is not valid YAML"),
    "octal": ("seed: 010", "seed: must be a whole number; got '010'"),
    "sexagesimal": ("seed: 1:30", "seed: must be a whole number; got '1:30'"),
    "large": ("#" * (1 << 20) + "\na: 1", ": is larger than"),
    "control": ("a: \x07", "is not valid YAML"),
    "parent_list": ("extends: [pendulum]", "extends: must be the name of one config"),
    "parent_path": ("extends: ../../etc/passwd", "extends: unknown config"),
    "parent_unknown": ("extends: pendulm", "did you mean 'pendulum'"),
}


def test_a_mapping_of_many_keys_is_refused_at_once(tmp_path):
    file = tmp_path / "many.yaml"
    file.write_text("\n".join(f"k{n}: 1" for n in range(50_000)))
    begin = time.process_time()
    with pytest.raises(RecipeError, match="more than 1000 keys"):
        load_recipe(file)
    assert time.process_time() - begin < 5


def test_an_unknown_name_tells_the_nearest_only():
    with pytest.raises(RecipeError, match="did you mean 'pendulum'") as caught:
        load_recipe("pendulm")
    assert len(str(caught.value)) < 200
    with pytest.raises(RecipeError, match="there is no such file or folder"):
        load_recipe("no/such")


def test_a_recipe_extends_a_file_beside_it(tmp_path):
    (tmp_path / "base.yaml").write_text("extends: pendulum\nversion: 1.0.0\nseed: 7\n")
    (tmp_path / "mine.yaml").write_text("extends: base.yaml\nversion: 1.0.1\n")
    assert load_recipe(tmp_path / "mine.yaml").seed == 7
    (tmp_path / "mine.yaml").write_text("extends: mine.yaml\nversion: 1.0.1\n")
    with pytest.raises(RecipeError, match="goes in a circle"):
        load_recipe(tmp_path / "mine.yaml")


def test_a_wrong_extends_does_not_hide_the_rest(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("extends: pendulm\nversion: 1.0\nsplits:\n  train: {sise: 3}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(file)
    places = [problem.split(":")[0] for problem in caught.value.problems]
    assert places == ["extends", "version", "splits.train.sise"]
    assert [line_of(file, problem) for problem in caught.value.problems] == [1, 2, 4]
    file.write_text("seed: 1\nseed: 2\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(file)
    assert line_of(file, caught.value.problems[0]) == 2


def test_an_empty_name_of_a_stream_survives_to_yaml():
    recipe = extended("pendulum_noisy", noise_stream="")
    assert Recipe.from_mapping("own", recipe.to_mapping()).fingerprint == recipe.fingerprint


@pytest.mark.parametrize("asked", [("sky", 16), ("kappa_gaussian", 100), ("lartpc_pair", 20)])
def test_a_size_that_does_not_do_names_some_that_do(asked):
    name, size = asked
    with pytest.raises(RecipeError, match="pixels would do") as caught:
        load_recipe(name, image_size=size)
    sides = re.findall(r"\d+", caught.value.problems[-1])
    assert len(sides) == 3
    for side in sides:
        load_recipe(name, image_size=int(side))


def test_one_number_of_examples_is_that_of_every_training_split():
    sizes = {
        name: split.size
        for name, split in load_recipe("survey_pair", num_examples=7).splits.items()
    }
    assert (sizes["train"], sizes["train_target"]) == (7, 7)
    assert sizes["test"] == load_recipe("survey_pair").splits["test"].size


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_gives_one_clear_line(name, tmp_path):
    text, told = FILES[name]
    file = tmp_path / f"{name}.yaml"
    file.write_text(text)
    with pytest.raises(RecipeError, match=told) as caught:
        load_recipe(file)
    assert all("\n" not in problem for problem in caught.value.problems)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="is not UTF-8 text"):
        load_recipe(file)


@pytest.mark.parametrize("text", ["a word", "- 1", "#" * (1 << 20) + "\na: 1", "?"])
def test_what_is_no_recipe_at_all_has_no_line(text, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(RecipeError) as caught:
        load_recipe(file)
    assert [line_of(file, problem) for problem in caught.value.problems] == [None]


def test_a_file_of_another_ending_is_told_so(tmp_path):
    (tmp_path / "x.txt").write_text("a: 1")
    with pytest.raises(RecipeError, match="x.txt: does not end in .yaml; give"):
        load_recipe(tmp_path / "x.txt")


def test_files_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "folder.yaml").mkdir()
    for name in ("folder.yaml", "missing.yaml"):
        with pytest.raises(RecipeError, match="cannot be read"):
            load_recipe(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="no FIFO there")
@pytest.mark.parametrize("name", ["my recipe", "-x", "a" * 90, "CON", "a:b", "x.", "ü"])
def test_names_that_could_not_be_folders_are_refused(name, tmp_path):
    file = extended_file(tmp_path, "pendulum", name)
    with pytest.raises(RecipeError, match="must be 1 to 80 letters"):
        load_recipe(file)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "../pendulum", "a/b", "pendulum.txt", "\0"])
def test_names_that_are_no_config_are_refused(name):
    with pytest.raises(RecipeError):
        load_recipe(name)


def test_a_name_that_no_system_can_have_is_refused():
    with pytest.raises(RecipeError, match=r"unknown config 'a{50,60}\.\.\.; there are"):
        load_recipe("a" * 5000)
    for path in ("a\ud800/b.yaml", "a\0/b.yaml"):
        with pytest.raises(RecipeError, match="cannot be read"):
            load_recipe(path)


HUGE = 10**5000  # Python refuses to print it


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"splits": []}, "splits: names none; give some of train, validation"),
        ({"splits": {"train": 5}}, "splits: no split {'train': 5}; "),
        ({"splits": HUGE}, "splits: no split int of thousands of digits"),
        ({"num_examples": {HUGE: 1}}, "num_examples: no split int of thousands of digits"),
        ({"num_examples": HUGE}, "size: must be less than or .*; got int of thousands of digits"),
        ({"seed": HUGE}, "seed: must be less than 9.*; got int of thousands of digits"),
        ({"image_size": HUGE}, "image_size: must be a side .* got int of thousands of digits"),
        ({"clean": [HUGE]}, "clean: must be true or false; got list of thousands of digits"),
    ],
)
def test_overrides_that_say_nothing_sensible_are_refused(change, told):
    with pytest.raises(RecipeError, match=told):
        load_recipe("shapes", **change)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("CC-BY-4.0", "did you mean 'cc-by-4.0'"),
        ("Apache 2", "did you mean 'apache-2.0'"),
        ("MIT License", "no license 'MIT License'; "),
        ("other", "no license 'other'"),
    ],
)
def test_a_license_is_one_that_the_hub_knows(word, told):
    assert extended("pendulum", card={"license": "cc-by-4.0"}).card.license == "cc-by-4.0"
    with pytest.raises(RecipeError, match=f"card.license: the Hub knows .*{told}"):
        extended("pendulum", card={"license": word})


def test_capitals_do_not_hide_a_name():
    with pytest.raises(RecipeError, match="did you mean 'pendulum'"):
        load_recipe("PENDULUM")


def test_columns_that_would_differ_are_told_in_part():
    change = {"priors": {"kind": "uniform", "low": 0, "high": 1}}
    with pytest.raises(RecipeError) as caught:
        extended("sky_spirals", splits={"test_more_arms": {"size": 5, **change}})
    (line,) = [line for line in caught.value.problems if "the same columns" in line]
    assert re.search(r"; angle_deg, .* and \d+ more would differ", line)
    assert len(line) < 300


@pytest.mark.parametrize("name", ["sz_cutouts", "cmb_lensing_ladder", "kappa_gaussian", "shapes"])
@pytest.mark.parametrize("side", [-32, 0, 3, 5000])
def test_every_image_has_sides_within_limits(name, side):
    with pytest.raises(RecipeError, match="image_size.1: must be (greater|less) than or equal to"):
        extended(name, simulator={"image_size": [32, side]})


def test_a_strength_is_not_divided_by_what_some_rows_do_not_have():
    noise = {"axis_ratio": {"kind": "log_normal", "sigma": 0.1, "over": "pitch_deg"}}
    with pytest.raises(RecipeError, match="'pitch_deg' is no number with a prior"):
        extended("survey_depth", noise=noise)


def test_light_beyond_all_numbers_is_refused():
    with pytest.raises(RecipeError, match="electrons in a pixel"):
        extended("survey_ten", priors={"zero_point_mag": 26_800})


@pytest.mark.parametrize(
    ("prior", "told"),
    [
        ({"kind": "integers", "low": 0, "high": 63}, "integers does not stretch"),
        ({"kind": "uniform", "low": 30.82750360957417, "high": 30.827503609574173}, "low must"),
    ],
)
def test_positions_that_do_not_stretch_with_the_image_are_refused(prior, told):
    recipe = extended("shapes", priors={"center_x_px": prior})
    with pytest.raises(RecipeError, match=f"priors.center_x_px: {told}") as caught:
        resized(recipe, (20, 20))
    assert all("\n" not in problem for problem in caught.value.problems)


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
