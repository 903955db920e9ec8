"""A new simulator is one file, one line and one YAML, and then works like the others."""

import importlib.util

import numpy as np
import pytest
from click.testing import CliRunner
from datasets import load_dataset

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.cli import cli
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.tables.arrow import columns
from tests.support.draws import identical

FILE = '''
"""A body that falls from rest: z = -g t^2 / 2."""

from typing import ClassVar, Literal

import numpy as np

from deepbench_hf.simulators.base import Field, Parameter, Simulator


class FreeFall(Simulator):
    kind: Literal["free_fall"] = "free_fall"
    samples: int = 20

    parameters: ClassVar = {"gravity_m_s2": Parameter("m s-2", "gravity", 0.1, 100.0)}

    @property
    def coordinates(self):
        return {"time_s": Field("s", "time since the release", (self.samples,))}

    @property
    def fields(self):
        return {"z_m": Field("m", "height above the release", (self.samples,))}

    def locate(self, gravity_m_s2):
        return {"time_s": np.tile(np.arange(self.samples) / 10.0, (len(gravity_m_s2), 1))}

    def __call__(self, gravity_m_s2, time_s):
        return {"z_m": -0.5 * gravity_m_s2[:, None] * time_s * time_s}
'''

RECIPE = """
version: 1.0.0
simulator: {kind: free_fall}
priors:
  gravity_m_s2: {kind: uniform, low: 1, high: 25}
noise:
  z_m: {kind: gaussian, sigma: 0.1}
splits:
  train: {size: 600}
  test: {size: 100}
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The path of a recipe of a simulator that does not ship."""
    file = tmp_path / "falling.py"
    file.write_text(FILE)
    spec = importlib.util.spec_from_file_location("falling", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(SIMULATORS, "free_fall", module.FreeFall)
    recipe = tmp_path / "toy.yaml"
    recipe.write_text(RECIPE)
    return recipe


def test_a_toy_simulator_generates_loads_and_simulates(toy):
    recipe = load_recipe(toy)
    assert recipe.stream == "falling"
    rows = generate(recipe, "train")
    loaded = load_dataset("deepbench", data_files=str(toy), split="train")
    assert identical(columns(recipe, loaded.with_format("arrow")[:]), rows)
    clean = simulate(recipe, gravity_m_s2=rows["gravity_m_s2"])
    assert np.array_equal(clean["z_m"], rows["z_m"])


def test_a_toy_simulator_builds_previews_and_digests(toy, tmp_path):
    def run(*arguments):
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "gravity_m_s2" in run("info", str(toy))
    run("build", str(toy), "-o", str(tmp_path / "out"), "-q")
    loaded = load_dataset(str(tmp_path / "out"), "toy", split="train")
    assert loaded.num_rows == 600
    run("preview", str(toy), "-o", str(tmp_path / "toy.png"))
    assert (tmp_path / "toy.png").stat().st_size > 10_000
    assert len(run("digest", str(toy), "-q").split()) == 3 + 1


def test_the_schema_for_editors_knows_the_toy(toy):
    from deepbench_hf.recipe.recipe import file_schema

    kinds = file_schema()["properties"]["simulator"]["oneOf"]
    assert "free_fall" in [kind["properties"]["kind"]["const"] for kind in kinds]
