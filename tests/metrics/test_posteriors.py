"""Posterior metrics: the exact posterior is calibrated in all of them, other widths are not."""

import json
from dataclasses import replace

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from scipy import stats

from deepbench_hf import generate, metrics, posterior
from deepbench_hf.cli import cli
from deepbench_hf.figures.posteriors import draw_corner, draw_ranks

N, K = 900, 150
RNG = np.random.default_rng(11)


def normal_posteriors(scale=1.0, correlation=0.9, seed=11):
    """Normal truths and errors: draws of the posterior, ``scale`` times as wide, and exact ones."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(N, 2)) @ np.array([[1.0, 0.0], [correlation, 1.0]]).T
    covariance = np.linalg.inv(np.linalg.inv(np.cov(truth.T)) + np.eye(2))
    seen = truth + rng.normal(size=(N, 2))
    mean = seen @ covariance
    root = np.linalg.cholesky(covariance)
    wide, exact = (s * rng.normal(size=(N, K, 2)) @ root.T for s in (scale, 1.0))
    return truth, mean[:, None] + wide, mean[:, None] + exact


@pytest.mark.parametrize(("scale", "good"), [(1.0, True), (0.8, False), (1.25, False)])
def test_only_the_right_width_is_calibrated_in_every_metric(scale, good):
    truth, draws, exact = normal_posteriors(scale)
    pit = metrics.pit_of_samples(truth, draws.transpose(0, 2, 1))
    value, error = metrics.coverage(pit, [0.683])
    z = metrics.posterior_z_scores(truth, draws)
    width = metrics.spread(z[:, 0])
    sigma = exact.std(axis=(0, 1))
    pairs = list(zip(draws[:60] / sigma, exact[:60] / sigma, strict=True))
    found = metrics.average([metrics.classifier_two_sample_test(a, b) for a, b in pairs])
    apart = np.mean([metrics.sliced_wasserstein(a, b) for a, b in pairs])
    tests = {
        "ranks": min(metrics.rank_uniformity(one) for one in pit.T) > 1e-3,
        "coverage": bool((np.abs(value - 0.683) < 3.5 * error).all()),
        "tarp": metrics.rank_uniformity(metrics.tarp(truth, draws)) > 1e-3,
        "z": abs(width.value - 1.0) < 4 * width.error,
        "ece": max(metrics.expected_calibration_error(one) for one in pit.T) < 0.02,
        "c2st": abs(found.value - 0.5) < 4 * found.error + 0.01,
        "wasserstein": apart < 0.14,
    }
    assert tests == dict.fromkeys(tests, good)


def test_the_right_width_is_the_most_probable():
    scores = {}
    for scale in (0.8, 1.0, 1.25):
        truth, draws, _ = normal_posteriors(scale)
        scores[scale] = metrics.log_probability_of_truth(truth, draws).mean()
    assert max(scores, key=scores.get) == 1.0


def test_tarp_finds_a_correlation_that_no_single_parameter_shows():
    truth, draws, _ = normal_posteriors()
    mixed = np.stack([draws[..., 0], RNG.permuted(draws[..., 1], axis=1)], axis=-1)
    pit = metrics.pit_of_samples(truth, mixed.transpose(0, 2, 1))
    assert min(metrics.rank_uniformity(one) for one in pit.T) > 1e-3
    found = metrics.log_probability_of_truth(truth, mixed).mean()
    assert found < metrics.log_probability_of_truth(truth, draws).mean() - 0.05


def test_the_log_probability_is_that_of_the_normal_distribution():
    draws = RNG.normal(size=(1, 200_000, 2)) * [1.0, 3.0]
    expected = stats.norm.logpdf(0.5) + stats.norm(0, 3).logpdf(-1.0)
    found = metrics.log_probability_of_truth([[0.5, -1.0]], draws)
    assert found[0] == pytest.approx(expected, abs=0.01)


def test_draws_without_spread_along_some_direction_have_no_density():
    """As of no more draws than parameters, whatever rounding makes of it; units do not matter."""
    truth, draws = RNG.normal(size=(40, 4)), RNG.normal(size=(40, 9, 4))
    assert (metrics.log_probability_of_truth(truth, draws[:, :4]) == -np.inf).all()
    units = np.array([1e-30, 1.0, 1e12, 1e50])
    found = metrics.log_probability_of_truth(truth * units, draws * units)
    expected = [
        stats.multivariate_normal(x.mean(0), np.cov(x.T)).logpdf(t)
        for t, x in zip(truth, draws, strict=True)
    ]
    np.testing.assert_allclose(found + np.log(units).sum(), expected, rtol=1e-9)


def test_draws_that_leave_no_doubt_are_right_or_infinitely_wrong():
    z = metrics.posterior_z_scores([[1.0], [2.0], [3.0]], np.full((3, 5, 1), 2.0))
    assert z.ravel().tolist() == [np.inf, 0.0, -np.inf]


@pytest.mark.parametrize("sigma", [[1.0], [0.0, 1.0], [[1.0, 1.0]]])
def test_the_prior_has_a_width_for_each_parameter(sigma):
    with pytest.raises(ValueError, match="prior_sigma"):
        metrics.contraction(RNG.normal(size=(2, 5, 2)), sigma)


def test_contraction_is_the_share_of_the_variance_that_is_gone():
    draws = RNG.normal(size=(3, 4000, 1)) * 0.5
    np.testing.assert_allclose(metrics.contraction(draws, [1.0]), 0.75, atol=0.02)


def test_ranks_among_few_draws_are_judged_at_the_edges_of_their_steps():
    """Calibrated ranks are rarely refused, however many; a bias of a tenth of a sigma always is."""
    k, n = 20, 4000
    truth, draws = RNG.normal(size=(200, n)), RNG.normal(size=(200, n, k))
    good = [metrics.pit_of_samples(*one) for one in zip(truth, draws, strict=True)]
    p = np.array([metrics.rank_uniformity(one, k) for one in good])
    assert 0 < (p < 0.2).mean() < 0.2 + 3 * np.sqrt(0.2 * 0.8 / len(p))
    biased = metrics.pit_of_samples(truth[0] + 0.1, draws[0])
    narrow = metrics.pit_of_samples(1.1 * truth[0], draws[0])
    assert max(metrics.rank_uniformity(one, k) for one in (biased, narrow)) < 1e-3
    u = RNG.uniform(size=50)
    tests = [stats.kstest(one, "uniform").pvalue for one in (u, np.abs(2 * u - 1))]
    assert metrics.rank_uniformity(u) == pytest.approx(min(1.0, 2 * min(tests)), rel=1e-12)


def test_a_classifier_tells_other_draws_from_like_ones():
    a, b = RNG.normal(size=(2, 800, 3))
    assert metrics.classifier_two_sample_test(a, b) == pytest.approx(0.5, abs=0.06)
    shifted = metrics.classifier_two_sample_test(a + np.array([2.0, 0, 0]), b)
    assert shifted == pytest.approx(stats.norm.cdf(1.0), abs=0.04)  # the best there is
    assert metrics.classifier_two_sample_test(a[:, :1], a[:, :1] + 50.0) == 1.0


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
        call = ["evaluate", "pendulum_noisy", "--posterior", str(given), "--reference", "4"]
        done = CliRunner().invoke(cli, [*call, "--json", "-o", str(picture)])
        assert done.exit_code == 0, done.output
        told[name] = json.loads(done.stdout)["scores"]
    assert picture.stat().st_size > 10_000
    c2st = {name: scores["joint"]["c2st"]["value"] for name, scores in told.items()}
    assert c2st["right"] < 0.58 < 0.65 < c2st["wrong"]
    assert told["wrong"]["length_m"]["z_std"]["value"] > 1.5
    plain = CliRunner().invoke(cli, ["evaluate", "pendulum_noisy", "--posterior", str(file)])
    assert "rank p" in plain.stdout


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


def test_ranks_of_whole_numbers_are_uniform():
    """The truth and its draws are of one distribution of three values."""
    truth, draws = RNG.integers(0, 3, 1000), RNG.integers(0, 3, (1000, 50))
    found = metrics.evaluate_posterior(
        "pendulum_noisy", {"index": np.arange(1000), "length_m": draws}
    )
    found = replace(found, truth=truth[:, None].astype(float))
    assert found.scores()["length_m"]["rank_p"].value > 1e-3


def test_of_one_row_the_contraction_is_not_known():
    table = {"index": [0], "length_m": RNG.uniform(1, 9, (1, 30))}
    found = metrics.evaluate_posterior("pendulum_noisy", table).scores()
    assert np.isnan(found["length_m"]["contraction"].value)


def test_bins_of_ranks_hold_like_numbers_of_ranks():
    """Each of 31 ranks is there as often: the histogram is flat, though 31 is no multiple of 20."""
    k = 30
    draws = np.linspace(1.0, 8.0, k)
    truth = np.append(draws - 0.1, 9.0)
    table = {"index": np.arange(k + 1), "length_m": np.tile(draws, (k + 1, 1))}
    found = metrics.evaluate_posterior("pendulum_noisy", table)
    (bars,) = draw_ranks(replace(found, truth=truth[:, None])).axes[0].patches[1:]
    np.testing.assert_allclose(bars.get_data().values, 1.0)


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
