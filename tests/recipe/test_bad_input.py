"""Broken recipes of every kind: one clear line each, and only `RecipeError` comes out."""

import os
import re
import time

import pytest

from deepbench_hf import Recipe, RecipeError, load_recipe
from deepbench_hf.recipe.text import line_of
from tests.support.recipes import extended, extended_file

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
