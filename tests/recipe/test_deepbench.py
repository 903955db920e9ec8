"""Files of DeepBench give recipes: all that it ships, its README's and its paper's."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import deepbench_hf
from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.cli import cli
from deepbench_hf.recipe.deepbench import Change, changes, convert, read
from deepbench_hf.recipe.deepbench.conversion import CORRECTIONS
from deepbench_hf.recipe.recipe import Recipe
from tests.support.children import printed
from tests.support.commands import said
from tests.support.paths import DEEPBENCH, DEEPBENCH_FILES

PENDULUM = DEEPBENCH / "paper_newtonian.yaml"


def first_rows(name, **overrides):
    """The recipe of a file, and the first rows of train."""
    recipe = load_recipe(DEEPBENCH / f"{name}.yaml", **overrides)
    return recipe, generate(recipe, "train", 0, min(256, recipe.splits["train"].size))


def told(name):
    """The names of the changed meanings of a file."""
    sentences = {law: name for name, (_, law) in CORRECTIONS.items()}
    return {sentences[change.law] for change in changes(DEEPBENCH / f"{name}.yaml")}


@pytest.mark.parametrize("file", DEEPBENCH_FILES, ids=lambda file: file.stem)
def test_the_recipe_that_is_printed_makes_the_rows_of_the_file(file, tmp_path):
    copy = tmp_path / "copy.yaml"
    copy.write_text(read(file).to_yaml())
    assert load_recipe(copy).fingerprint == load_recipe(file).fingerprint
    assert load_recipe(file).name == file.stem


@pytest.mark.parametrize("file", DEEPBENCH_FILES, ids=lambda file: file.stem)
def test_a_change_of_meaning_has_its_place_and_is_told_once(file):
    found = changes(file)
    assert found
    assert len(set(found)) == len(found)
    for change in found:
        assert (change.kind, change.law) in CORRECTIONS.values()
        assert str(change) == f"{change.kind}: {change.where}: {change.law}"
        assert change.where.split(".")[0] in (
            *("seed", "parameter_noise", "object_type", "object_name"),
            *("image_parameters", "object_parameters"),
        )


def test_the_settings_of_the_pendulum_give_drawn_pendulums_at_whole_seconds():
    recipe, rows = first_rows("default_physics_object", num_examples=256)
    assert rows["time_s"][0].tolist() == list(range(10))
    lows = {"length_m": 2, "theta0_rad": 0.25, "gravity_m_s2": 9.8}
    for column, low in lows.items():
        assert low <= rows[column].min() < low + 0.01
        assert low + 0.19 < rows[column].max() <= low + 0.2
    assert recipe.simulator.kind == "pendulum"
    assert {"whole times", "motion", "jitter of parameters"} <= told("default_physics_object")


def test_the_settings_of_shapes_give_filled_rectangles_of_drawn_sizes():
    _, rows = first_rows("default_shapes", num_examples=64)
    assert rows["image"].shape == (64, 28, 28)
    long, short = 2 * rows["radius_px"], 2 * rows["radius_px"] * rows["axis_ratio"]
    assert set(long) == set(range(10, 16))
    np.testing.assert_allclose(rows["area_px2"], long * short, rtol=1e-12)
    np.testing.assert_allclose(rows["image"].sum((1, 2)), rows["area_px2"], rtol=1e-5)
    assert {*rows["center_x_px"], *rows["center_y_px"]} == set(range(10, 16))
    assert "default" in told("default_shapes")


def test_the_settings_of_the_sky_give_a_star_of_peak_one_in_the_middle():
    _, rows = first_rows("default_sky_object")
    image = rows["image"][0]
    assert np.unravel_index(image.argmax(), image.shape) == (14, 14)
    assert image.max() == pytest.approx(1, abs=0.01)
    assert rows["beta"].tolist() == [2.5] * 3
    assert {"infinite light", "light", "order", "pixels"} <= told("default_sky_object")


def test_the_empty_settings_are_an_error_of_one_line():
    with pytest.raises(RecipeError, match="must be a mapping") as caught:
        load_recipe(DEEPBENCH / "default_astro_object.yaml")
    assert len(caught.value.problems) == 1


def test_the_pendulum_of_the_readme_has_ten_times_in_a_second():
    _, rows = first_rows("readme_pendulum")
    np.testing.assert_array_equal(rows["time_s"][0], np.arange(10) / 9)
    assert len(rows["x_m"]) == 3


def test_uneven_times_are_kept_as_they_are(tmp_path):
    file, text = tmp_path / "uneven.yaml", (DEEPBENCH / "readme_pendulum.yaml").read_text()
    file.write_text(re.sub(r"time: \[[^]]*\]", "time: [0, 0.5, 2.0]", text))
    rows = generate(load_recipe(file), "train", 0, 2)
    np.testing.assert_array_equal(rows["time_s"], [[0, 0.5, 2]] * 2)


def test_the_shapes_of_the_readme_are_a_rectangle_and_an_arc_under_noise():
    recipe, rows = first_rows("readme_shapes", num_examples=64)
    names = recipe.priors["kind"].names
    assert names == ("rectangle", "arc")
    drawn = [simulator_kind(recipe, row) for row in rows["objects"]]
    assert drawn == [["rectangle", "arc"]] * 64
    residual = rows["image"] - rows["image_clean"]
    assert residual.std() == pytest.approx(0.6, rel=0.02)
    assert abs(np.corrcoef(residual[0].ravel(), residual[1].ravel())[0, 1]) < 0.2
    assert {"union", "image noise"} <= told("readme_shapes")


def test_a_sky_of_a_star_and_a_galaxy_has_one_of_each_in_every_row():
    recipe, rows = first_rows("paper_sky")
    drawn = [simulator_kind(recipe, row) for row in rows["objects"]]
    assert drawn == [["star", "elliptical"]] * 8


def simulator_kind(recipe, objects):
    names = recipe.simulator.objects["kind"].names
    return [names[int(number)] for number in objects["kind"]]


def test_the_stars_of_the_readme_lie_between_1_and_27_on_a_background():
    _, rows = first_rows("readme_stars", num_examples=256)
    for column in ("center_x_px", "center_y_px"):
        assert 1 <= rows[column].min() < 2
        assert 26 < rows[column].max() < 27
    assert set(rows["sky_e_s_px"]) == {0.3}
    empty = (rows["image"] - rows["image_clean"])[rows["image_clean"] < 1e-3]
    assert empty.var() == pytest.approx(0.3, rel=0.05)
    assert abs(empty.mean()) < 0.01
    assert {"shot noise", "jitter of places", "unreachable"} <= told("readme_stars")


def test_noise_of_the_paper_is_one_draw_of_a_parameter_for_each_row():
    recipe = load_recipe(PENDULUM, num_examples=4096)
    rows = generate(recipe, "train", 0, 4096)
    assert set(rows["length_m"]) == {10.0}
    assert rows["gravity_m_s2"].std() == pytest.approx(0.98, rel=0.06)
    assert rows["theta0_rad"].mean() == pytest.approx(np.pi / 4, rel=0.01)
    again = simulate(recipe, **{name: rows[name] for name in recipe.priors})
    np.testing.assert_array_equal(again["x_m"], rows["x_m"])


def test_the_hamiltonian_pendulum_starts_where_it_is_told_with_its_own_noise():
    _, rows = first_rows("paper_hamiltonian", num_examples=256)
    np.testing.assert_allclose(rows["q_rad"][:, 0], np.pi / 4, rtol=1e-12)
    assert (rows["q_observed_rad"] - rows["q_rad"]).std() == pytest.approx(0.1, rel=0.05)
    assert set(rows["mass_kg"]) == {10.0}
    assert {"start", "energy", "phase noise", "unreachable"} <= told("paper_hamiltonian")


def test_a_file_is_loaded_built_shown_and_drawn_like_a_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("deepbench.yaml").write_text(PENDULUM.read_text())
    loaded = deepbench_hf.load_dataset("deepbench", "deepbench.yaml", split="train")
    assert len(loaded) == 3
    for verb in (["info"], ["validate"], ["digest"], ["preview", "--rows", "2", "-o", "x.png"]):
        said(verb[0], "deepbench.yaml", *verb[1:])
    said("build", "deepbench.yaml", "-o", "out", "-q")
    assert (tmp_path / "out").is_dir()


def test_the_verb_prints_the_recipe_to_stdout_and_the_changes_to_stderr(tmp_path):
    done = CliRunner().invoke(cli, ["import", str(PENDULUM)])
    assert done.stdout == read(PENDULUM).to_yaml()
    assert done.stderr.splitlines() == [str(change) for change in changes(PENDULUM)]
    quiet = CliRunner().invoke(cli, ["import", str(PENDULUM), "-q"])
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")
    file = tmp_path / "my.yaml"
    said("import", PENDULUM, "-o", file)
    assert file.read_text() == done.stdout
    data = json.loads(said("import", PENDULUM, "--json"))
    assert Recipe.from_mapping("paper_newtonian", data["recipe"]) == load_recipe(PENDULUM)
    assert [Change(**change) for change in data["changes"]] == list(changes(PENDULUM))


def test_a_recipe_is_no_file_of_deepbench(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text("extends: pendulum\nversion: 1.0.0\n")
    with pytest.raises(RecipeError, match="is not a DeepBench configuration"):
        read(file)


def test_what_is_given_is_not_changed():
    _, data = deepbench_hf.recipe.text.read_recipe(PENDULUM)
    before = json.dumps(data)
    convert("x", data)
    assert json.dumps(data) == before


def test_the_changes_come_in_the_same_order_everywhere():
    code = "import sys, deepbench_hf.recipe.deepbench as d; print(*d.changes(sys.argv[1]))"
    texts = {
        printed("-c", code, DEEPBENCH / "default_shapes.yaml", PYTHONHASHSEED=seed)
        for seed in ("1", "2")
    }
    assert len(texts) == 1
