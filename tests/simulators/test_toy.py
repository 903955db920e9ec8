"""A new simulator is one file, one line and one YAML, and then works like the others."""

import importlib.util

import numpy as np
import pytest
from datasets import load_dataset

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.cards import Published, card_texts
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.tables.arrow import columns
from tests.rows import test_contract as contract
from tests.support.commands import said
from tests.support.draws import identical

FILE = '''
"""A body thrown from the ground: x = v t cos(a), y = v t sin(a) - g t^2 / 2, g of the Earth."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.inputs import filled

GRAVITY_M_S2 = 9.80665


class Projectile(Grid, Simulator):
    """A body without friction.

    Args:
        speed_m_s: v, m/s, (n,).
        slope: tan(a), (n,).
        time_s: times, s, (n, T).
        start, stop: the first and the last time, s.
        samples: T, how many there are; 2 to 65536.

    Returns:
        x_m and y_m (n, T), m; range_m (n,), m: where it comes down.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 5.
    """

    kind: Literal["projectile"] = "projectile"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "speed_m_s": Parameter("m s-1", "speed of the throw", 0.1, 100.0, symbol="v"),
        "slope": Parameter("1", "slope of the throw", 0.01, 100.0, symbol=r"\\tan a"),
    }
    start: float = 0.0
    stop: float = 2.0
    samples: int = 20

    @property
    def columns(self) -> Mapping[str, Field]:
        shape = (self.samples,)
        return {
            "time_s": Field("s", "time since the throw", shape, role="coordinate"),
            "range_m": Field("m", "where it comes down", low=0.0, role="label"),
            "x_m": Field("m", "distance", shape),
            "y_m": Field("m", "height", shape, against="x_m"),
        }

    def locate(self, **parameters: Any) -> Columns:
        return {"time_s": self.rows(len(parameters["slope"]))}

    def __call__(self, *, time_s: Any, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        across = row["speed_m_s"] / np.sqrt(1.0 + row["slope"] * row["slope"])
        up = across * row["slope"]
        x = across[:, None] * time_s
        y = up[:, None] * time_s - 0.5 * GRAVITY_M_S2 * time_s * time_s
        return {"range_m": 2.0 * across * up / GRAVITY_M_S2, "x_m": x, "y_m": y}
'''

RECIPE = """
version: 1.0.0
simulator: {kind: projectile}
priors:
  speed_m_s: {kind: uniform, low: 5, high: 20}
  slope: {kind: uniform, low: 0.2, high: 2}
noise:
  x_m: {kind: gaussian, sigma: 0.1}
  y_m: {kind: gaussian, sigma: 0.1}
splits:
  train: {size: 600}
  test: {size: 100}
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The path of a recipe of a simulator that does not ship."""
    file = tmp_path / "throwing.py"
    file.write_text(FILE)
    spec = importlib.util.spec_from_file_location("throwing", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(SIMULATORS, "projectile", module.Projectile)
    recipe = tmp_path / "toy.yaml"
    recipe.write_text(RECIPE)
    return recipe


def test_a_toy_simulator_generates_loads_and_simulates(toy):
    recipe = load_recipe(toy)
    assert recipe.stream == "throwing"
    rows = generate(recipe, "train")
    loaded = load_dataset("deepbench", data_files=str(toy), split="train")
    assert identical(columns(recipe, loaded.with_format("arrow")[:]), rows)
    clean = simulate(recipe, speed_m_s=rows["speed_m_s"], slope=rows["slope"])
    assert all(np.array_equal(clean[name], rows[name]) for name in clean)


def test_the_toy_keeps_the_promises_of_every_recipe(toy):
    recipe = load_recipe(toy)
    whole = generate(recipe, "train", 200, 260)
    part = generate(recipe, "train", 210, 230)
    assert identical(part, {name: values[10:30] for name, values in whole.items()})
    contract.test_names_end_in_their_unit(recipe)
    contract.test_a_digest_sees_one_changed_bit(recipe)
    contract.test_rows_out_of_range_are_refused(recipe)
    assert contract.changes_output(recipe, "train", recipe.priors) == recipe.priors.keys()
    longer = load_recipe(toy, num_examples=10**9)
    assert identical(generate(recipe, "train", 590), generate(longer, "train", 590, 600))


def test_the_toy_has_a_card(toy):
    recipe = load_recipe(toy)
    text = card_texts([Published(recipe)])[f"docs/{recipe.family}.md"]
    assert all(f"`{name}`" in text for name in ("speed_m_s", "slope", "y_observed_m", "range_m"))


def test_a_toy_simulator_builds_previews_and_digests(toy, tmp_path):
    assert "speed_m_s" in said("info", toy)
    said("build", toy, "-o", tmp_path / "out", "-q")
    loaded = load_dataset(str(tmp_path / "out"), "toy", split="train")
    assert loaded.num_rows == 600
    said("preview", toy, "-o", tmp_path / "toy.png")
    assert (tmp_path / "toy.png").stat().st_size > 10_000
    assert len(said("digest", toy, "-q").split()) == 3 + 1


def test_the_schema_for_editors_knows_the_toy(toy):
    from deepbench_hf.recipe.recipe import file_schema

    kinds = file_schema()["properties"]["simulator"]["oneOf"]
    assert "projectile" in [kind["properties"]["kind"]["const"] for kind in kinds]
