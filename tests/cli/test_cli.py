"""The command line: every verb, its data on stdout, its errors in one line."""

import json
import os
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner
from PIL import Image

from deepbench_hf import load_recipe
from deepbench_hf.cli import cli
from deepbench_hf.recipe.catalog import list_recipes
from deepbench_hf.recipe.purposes import TASKS
from deepbench_hf.recipe.text import read_recipe
from deepbench_hf.rows.digest import block_digests
from tests.support.children import printed
from tests.support.chosen import one_of_each_simulator
from tests.support.commands import failed, run, said
from tests.support.recipes import extended_file

PICTURED = (
    *("allocation", "deepuq_flux", "deepuq_linear", "field_3d", "galaxy_points", "halo_profile"),
    *("kappa_lognormal", "lartpc_pair", "pendulum_noisy", "quasar_drw", "shapes_scene"),
    *("shapes_vqa", "sz_cutouts", "two_body_decay"),
)
"""Configs of every kind of row."""
ALL = one_of_each_simulator()


def test_shells_complete_configs_and_else_files():
    complete = BashComplete(cli, {}, "deepbench-hf", "_DEEPBENCH_HF_COMPLETE").get_completions
    found = [one.value for one in complete(["info"], "pendulum_h")]
    assert found == ["pendulum_hamiltonian", "pendulum_hierarchical"]
    assert [one.value for one in complete(["build", "shapes"], "pendulum_l")] == ["pendulum_ladder"]
    assert [one.type for one in complete(["info"], "./my")] == ["file"]


def test_list_names_every_config():
    assert said("list", "-q").split() == list_recipes()
    assert [entry["name"] for entry in json.loads(said("list", "--json"))] == list_recipes()


def test_list_can_be_of_a_family_and_for_a_task():
    both = said("list", "-q", "--family", "sky", "--task", "detection").split()
    assert both == list_recipes("sky", "detection") == ["sky", "sky_noisy"]
    assert "halo_map" not in list_recipes(task="classification")
    assert {"halo_collapse", "sz_cutouts"} <= set(list_recipes(task="classification"))
    entries = json.loads(said("list", "--json"))
    assert all(task in said("list", "--help") for task in TASKS)
    for task in TASKS:
        own = [entry["name"] for entry in entries if task in entry["tasks"]]
        assert own == said("list", "-q", "--task", task).split() != []
    families = {entry["family"] for entry in entries}
    assert sum(len(list_recipes(family)) for family in families) == len(entries)
    assert failed("list", "--task", "Regresion")[0].startswith(
        "Error: there is no task 'Regresion'; did you mean 'regression'?"
    )
    assert "did you mean 'pendulum'" in failed("list", "--family", "pendulums")[0]


@pytest.mark.parametrize("name", one_of_each_simulator())
def test_info_tells_parameters_units_splits_columns_and_fingerprint(name):
    recipe, text = load_recipe(name), said("info", name)
    data = json.loads(said("info", name, "--json"))
    assert data["fingerprint"] == recipe.fingerprint == said("info", name, "-q").strip()
    assert list(data["splits"]) == list(recipe.splits)
    for parameter in recipe.priors:
        assert parameter in text
        assert data["parameters"][parameter]["unit"] in text
    assert all(column in text for column in data["columns"])


def test_info_tells_what_the_model_accepts_and_what_is_at_its_default():
    lines = [" ".join(line.split()) for line in said("info", "pendulum_noisy").splitlines()]
    assert "length_m m 0.5 to 10 uniform 0.001 to 1000 length of the rod" in lines
    assert "omega0_rad_s rad s-1 0 default -1000 to 1000 angular velocity at t = 0" in lines


def test_validate_says_that_a_recipe_is_valid_or_all_that_is_wrong(tmp_path):
    good, bad = extended_file(tmp_path, "pendulum", "good"), tmp_path / "bad.yaml"
    assert "good 1.0.0 is valid" in said("validate", str(good))
    bad.write_text(
        "extends: pendulum\nversion: one\npriors: {lenght_m: 1}\nsplits: {train: {size: 0}}\n"
    )
    done = CliRunner().invoke(cli, ["validate", str(bad)])
    assert (done.exit_code, done.stdout) == (1, "")
    places = [line.partition("bad.yaml, ")[2].split(": ")[:2] for line in done.stderr.splitlines()]
    assert places == [
        ["line 2", "version"],
        ["line 4", "splits.train.size"],
        ["line 3", "priors.lenght_m"],
    ]


def test_validate_prints_json_of_a_bad_recipe_too(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("extends: pendulm\nversion: 1.0\n")
    done = CliRunner().invoke(cli, ["validate", str(bad), "--json"])
    assert (done.exit_code, done.stderr) == (1, "")
    data = json.loads(done.stdout)
    assert data["valid"] is False
    assert [problem["line"] for problem in data["problems"]] == [1, 2]
    assert data["problems"][1]["message"].endswith("got 1.0, write 1.0.0")
    good = json.loads(said("validate", "pendulum", "--json"))
    assert (good["valid"], good["problems"]) == (True, [])


def test_list_shows_the_beginning_of_each_description():
    (line,) = [line for line in said("list").splitlines() if line.split()[0] == "shapes"]
    assert load_recipe("shapes").description[:30] in line


def test_info_shows_the_mean_and_sigma_of_normal_priors_and_small_sizes(tmp_path):
    prior = {"kind": "normal", "mean": 1, "sigma": 0.25, "low": 0.5, "high": 2}
    mine = extended_file(tmp_path, "pendulum", sizes={"train": 10}, priors={"length_m": prior})
    text = said("info", str(mine))
    assert "mean 1, sigma 0.25, 0.5 to 2" in text
    assert "32.4 kB at most, 3.24 kB a row" in text


def test_text_of_strangers_cannot_steer_the_terminal_and_a_hint_names_the_command(tmp_path):
    mine = extended_file(tmp_path, "pendulum", description="a\x1b[2Jb\u202ec")
    assert r"a\x1b[2Jb\u202ec" in said("info", str(mine))
    mine = extended_file(tmp_path, "pendulum", **{"\x1b[31m": 1})
    done = run("info", str(mine))
    assert (done.returncode, done.stdout) == (1, "")
    assert "\x1b" not in done.stderr
    assert done.stderr.splitlines()[-1] == "Hint: see `deepbench-hf info --help`"


def test_the_package_runs_as_a_module():
    assert printed("-m", "deepbench_hf", "list", "-q").split() == list_recipes()


def test_the_json_schema_accepts_what_ships_and_refuses_an_unknown_key():
    schema = json.loads(said("validate", "--schema"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    validator.check_schema(schema)
    for name in list_recipes():
        validator.validate(read_recipe(name)[1])
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"version": "1.0.0", "piors": {}})


def test_build_fills_the_cache_that_load_dataset_reads():
    from datasets import load_dataset

    (path,) = said("build", "pendulum", "--num-examples", "300", "-q").split()
    assert (Path(path) / "dataset_info.json").is_file()
    loaded = load_dataset("deepbench", "pendulum", num_examples=300)
    assert loaded["train"].cache_files[0]["filename"].startswith(path)


def test_build_into_a_folder_says_where(tmp_path):
    data = json.loads(
        said("build", "pendulum", "-o", str(tmp_path), "--num-examples", "300", "--json", "-q")
    )
    assert data[0]["rows"] == 300 + 7000
    assert Path(data[0]["path"]) == tmp_path / "pendulum"


@pytest.mark.parametrize("name", ALL if os.environ.get("ALL_CONFIGS") else PICTURED)
def test_preview_draws_a_picture(name, tmp_path):
    file = tmp_path / "x.png"
    said("preview", name, "-o", str(file), "--rows", "3")
    picture = np.asarray(Image.open(file).convert("L"))
    assert min(picture.shape) > 200
    assert picture.std() > 10


def test_digest_prints_the_blocks_that_are_asked_for():
    recipe = load_recipe("pendulum")
    wanted = list(block_digests(recipe, "test", 256, 768))
    asked = ("digest", "pendulum", "--split", "test", "--start", "256", "--stop", "768")
    assert said(*asked, "-q").split() == wanted
    assert said(*asked).splitlines()[0] == f"{wanted[0]}  test 256:512"
    assert [row["sha256"] for row in json.loads(said(*asked, "--json"))] == wanted


def test_digest_refuses_the_middle_of_a_block():
    (error, _) = failed("digest", "pendulum", "--split", "test", "--start", "100")
    assert "start must be a multiple of 256 or the end (1000); got 100" in error


def test_env_names_the_versions():
    assert json.loads(said("env", "--json"))["numpy"] == np.__version__


def test_errors_are_one_line_and_a_hint_and_have_no_traceback():
    for arguments in (
        ("info", "pendulm"),
        ("digest", "pendulum", "--split", "tset"),
        ("preview", "pendulum", "-o", "x.nonsense"),
        ("preview", "pendulum", "-o", "/no/such/folder/x.png"),
        ("build", "pendulum", "--num-examples", "1000000000000"),
    ):
        assert [line.split(":")[0] for line in failed(*arguments)] == ["Error", "Hint"]
    assert "Traceback" in run("info", "pendulm", HF_DEBUG="1").stderr


def test_a_usage_error_has_exit_code_2():
    assert CliRunner().invoke(cli, ["validate"]).exit_code == 2
    assert run("no-such-verb").returncode == 2
