"""Draws in files against the truth: scores, pictures, and what is wrong with them."""

import json

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from deepbench_hf import generate, metrics, posterior
from deepbench_hf.figures.posteriors import draw_corner, draw_ranks
from tests.support.commands import said

RNG = np.random.default_rng(12)


@pytest.fixture(scope="module")
def exact():
    """Exact posteriors of some rows, as a table of draws."""
    found = posterior("pendulum_noisy", "test", np.arange(60), draws=200, proposals=2000)
    kept = found.usable
    return {"index": found.index[kept], **{n: d[kept] for n, d in found.draws.items()}}


def written(table, path):
    if path.suffix == ".npz":
        np.savez(path, **table)
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for name, values in table.items():
                file[name] = values
    else:
        pa.parquet.write_table(pa.table({n: list(v) for n, v in table.items()}), path)
    return path


@pytest.mark.parametrize("ending", [".npz", ".h5", ".parquet"])
def test_the_exact_posterior_is_calibrated_from_any_file(exact, tmp_path, ending):
    found = metrics.evaluate_posterior("pendulum_noisy", written(exact, tmp_path / f"d{ending}"))
    scores = found.scores()
    assert min(of["rank_p"].value for name, of in scores.items() if name != "joint") > 1e-3
    assert scores["joint"]["tarp_p"].value > 1e-3
    assert scores["gravity_m_s2"]["contraction"].value > 0.9


@pytest.mark.parametrize("ending", [".npz", ".h5", ".parquet"])
def test_a_file_that_is_not_what_its_ending_says_is_told_by_its_name(tmp_path, ending):
    file = tmp_path / f"draws{ending}"
    file.write_text("no draws")
    with pytest.raises(ValueError, match=f"draws{ending}: is no {ending} file of arrays"):
        metrics.evaluate_posterior("pendulum_noisy", file)
    with pytest.raises(FileNotFoundError, match="none"):
        metrics.evaluate_posterior("pendulum_noisy", tmp_path / f"none{ending}")


def test_the_command_judges_draws_against_exact_ones_and_draws_the_ranks(exact, tmp_path):
    file, picture = written(exact, tmp_path / "draws.npz"), tmp_path / "ranks.png"
    wrong = {
        n: v if n == "index" else v.mean(1, keepdims=True) + 0.5 * (v - v.mean(1, keepdims=True))
        for n, v in exact.items()
    }
    told = {}
    for name, given in (("right", file), ("wrong", written(wrong, tmp_path / "wrong.npz"))):
        call = ("evaluate", "pendulum_noisy", "--posterior", given, "--reference", "4")
        told[name] = json.loads(said(*call, "--json", "-o", picture))["scores"]
    assert picture.stat().st_size > 10_000
    c2st = {name: scores["joint"]["c2st"]["value"] for name, scores in told.items()}
    assert c2st["right"] < 0.58 < 0.65 < c2st["wrong"]
    assert told["wrong"]["length_m"]["z_std"]["value"] > 1.5
    assert "rank p" in said("evaluate", "pendulum_noisy", "--posterior", file)


def test_a_corner_plot_marks_the_truth(exact):
    found = metrics.evaluate_posterior("pendulum_noisy", exact, reference=1)
    figure = draw_corner(found)
    lines = figure.axes[0].lines
    assert any(np.allclose(line.get_xdata(), found.truth[0, 0]) for line in lines)
    assert len(draw_ranks(found).axes) >= 4


def test_rows_without_a_parameter_do_not_count_in_its_scores_and_classes_may_be_certain():
    """Ellipticals have no pitch; all draws of a class may be one."""
    rows = generate("galaxy_morphology", "test", 0, 60)
    spiral = rows["label"] == 1
    pitch = np.where(spiral, rows["pitch_deg"], 7.0)[:, None] + RNG.normal(size=(60, 30))
    table = {
        "index": rows["index"],
        "pitch_deg": pitch,
        "label": np.repeat(rows["label"][:, None], 30, 1),
    }
    found = metrics.evaluate_posterior("galaxy_morphology", table)
    scores = found.scores()
    own = {name: values[spiral] for name, values in table.items()}
    assert 0 < spiral.sum() < 60
    expected = metrics.evaluate_posterior("galaxy_morphology", own).scores()
    assert scores["pitch_deg"]["z_std"] == expected["pitch_deg"]["z_std"]
    assert scores["joint"]["tarp_p"].value == expected["joint"]["tarp_p"].value
    assert scores["label"]["z_std"].value == 0.0
    assert scores["joint"]["log_probability"].value == -np.inf
    assert json.loads(json.dumps(found.to_mapping()))["scores"]["label"]["rank_p"]["value"] > 0
    assert "-inf" in found._repr_html_()
    assert len(draw_ranks(found).axes) == 3
    with pytest.raises(ValueError, match="none of its rows has a pitch_deg; leave"):
        metrics.evaluate_posterior("galaxy_morphology", {n: v[~spiral] for n, v in table.items()})


def test_of_one_row_the_contraction_is_not_known():
    table = {"index": [0], "length_m": RNG.uniform(1, 9, (1, 30))}
    found = metrics.evaluate_posterior("pendulum_noisy", table).scores()
    assert np.isnan(found["length_m"]["contraction"].value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"index": None}, "no column index"),
        ({"lenght_m": np.ones((60, 9))}, "did you mean 'length_m'"),
        ({"length_m": np.ones(60)}, "has the shape"),
        ({"length_m": np.ones((60, 1)), "gravity_m_s2": None, "theta0_rad": None}, "k above 1"),
        ({"length_m": np.full((60, 200), np.nan)}, "must be finite"),
    ],
)
def test_what_is_wrong_with_draws_is_told(exact, change, reason):
    n = len(exact["index"])
    given = {k: v if v is None or k == "index" else v[:n] for k, v in {**exact, **change}.items()}
    given = {k: v for k, v in given.items() if v is not None}
    with pytest.raises(ValueError, match=reason):
        metrics.evaluate_posterior("pendulum_noisy", given)
