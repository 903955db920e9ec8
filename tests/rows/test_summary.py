"""Statistics to normalise with are those of all rows, whatever the steps in which they are made."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, statistics_of
from deepbench_hf.rows import summary


@pytest.fixture(scope="module")
def recipe():
    """A config of 700 rows of train."""
    sizes = dict.fromkeys(load_recipe("pendulum_noisy").splits, 300) | {"train": 700}
    return load_recipe("pendulum_noisy", num_examples=sizes)


def test_mean_spread_range_and_quantiles_are_those_of_all_values(recipe, monkeypatch):
    monkeypatch.setattr(summary, "AT_ONCE", 1)
    found, rows = statistics_of(recipe), generate(recipe, "train")
    assert {"index"} == rows.keys() - found.keys()
    for name in ("length_m", "x_observed_m"):
        values = rows[name].astype(np.float64).ravel()
        wanted = {
            **{"count": len(values), "mean": values.mean(), "std": values.std()},
            **{"min": values.min(), "max": values.max(), "q05": np.quantile(values, 0.05)},
            **{"q50": np.median(values), "q95": np.quantile(values, 0.95)},
        }
        for key, value in wanted.items():
            assert found[name][key] == pytest.approx(value, rel=1e-6), (name, key)


def test_quantiles_of_many_values_are_those_of_rows_in_equal_steps(recipe, monkeypatch):
    monkeypatch.setattr(summary, "MOST_VALUES", 100 * 70)
    monkeypatch.setattr(summary, "AT_ONCE", 1)
    values = generate(recipe, "train")["x_m"][::10]
    assert statistics_of(recipe)["x_m"]["q25"] == pytest.approx(np.quantile(values, 0.25), rel=1e-6)


def test_any_split_and_any_name_will_do(recipe):
    test = statistics_of("pendulum_noisy", split="test", num_examples={"test": 300, "train": 1})
    assert test == statistics_of(recipe, split="test")
    with pytest.raises(KeyError, match="no split 'tset'"):
        statistics_of(recipe, split="tset")


def test_objects_count_as_often_as_they_are_there_and_classes_not_at_all():
    recipe = load_recipe("shapes_scene", num_examples={"train": 64})
    found, rows = statistics_of(recipe), generate(recipe, "train", 0, 64)
    assert found["objects.center_x_px"]["count"] == rows["n_objects"].sum()
    assert "objects.kind" not in found
