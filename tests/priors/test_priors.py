"""Priors against SciPy's distributions, and the quantile functions that they use."""

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf.exact import quantiles
from deepbench_hf.priors import PRIORS, strides

U = np.concatenate([np.linspace(0, 1, 5001, endpoint=False), [2.0**-53, 1 - 2.0**-53]])

ORACLES = {
    "uniform": ({"low": 2, "high": 5}, stats.uniform(2, 3)),
    "log_uniform": ({"low": 0.1, "high": 50}, stats.loguniform(0.1, 50)),
    "uniform_pieces": ({"intervals": [[-3, -1], [2, 6]]}, None),
    "log_uniform_pieces": ({"intervals": [[0.1, 1], [10, 1000]]}, None),
    "log_normal": ({"median": 3, "sigma": 0.5}, None),
    "exponential": ({"mean": 3}, stats.expon(scale=3)),
    "rayleigh": ({"sigma": 3}, stats.rayleigh(scale=3)),
    "power_law": ({"exponent": 1.5, "high": 4}, stats.powerlaw(2.5, scale=4)),
    "folded": ({"of": {"kind": "normal", "mean": 1, "sigma": 2}, "low": 0, "high": 4}, None),
    "grid": ({"low": 1, "high": 3, "count": 5}, None),
    "choice": ({"values": [3, 1, 2, 9]}, None),
    "integers": ({"low": -2, "high": 7}, None),
    "normal": ({"mean": 3, "sigma": 2, "low": 1, "high": 8}, stats.truncnorm(-1, 2.5, 3, 2)),
    "constant": ({"value": 4}, None),
    "classes": ({"names": ["circle", "line", "arc"]}, None),
    "in_turn": ({"names": ["circle", "line", "arc"]}, None),
    "poisson": ({"mean": 4, "low": 1, "high": 12}, None),
}


def test_every_prior_has_an_oracle():
    assert ORACLES.keys() == PRIORS.keys() - {"conditional"}


@pytest.mark.parametrize("kind", ORACLES)
def test_quantiles_lie_in_the_support_and_rise(kind):
    settings, oracle = ORACLES[kind]
    prior = PRIORS[kind](**settings)
    values = prior.quantile(U)
    low, high = prior.support
    assert values.shape == U.shape
    assert low <= values.min()
    assert values.max() <= high
    if oracle is not None:
        np.testing.assert_allclose(values, oracle.ppf(U), rtol=1e-13, atol=1e-13)
    if kind not in ("choice", "constant", "folded"):
        assert (np.diff(prior.quantile(np.sort(U))) >= 0).all()


def test_pieces_are_filled_evenly():
    values = PRIORS["uniform_pieces"](intervals=[[-3, -1], [2, 6]]).quantile(U)
    assert not ((values > -1) & (values < 2)).any()
    assert np.mean(values < 0) == pytest.approx(1 / 3, abs=1e-3)


def test_pieces_in_the_logarithm_are_filled_by_their_ratios():
    values = PRIORS["log_uniform_pieces"](intervals=[[0.1, 1], [10, 1000]]).quantile(U)
    assert not ((values > 1) & (values < 10)).any()
    assert np.mean(values <= 1) == pytest.approx(1 / 3, abs=1e-3)
    assert np.mean(values <= 100) == pytest.approx(2 / 3, abs=1e-3)


def test_a_folded_normal_has_the_sum_of_all_its_images_and_their_median():
    prior = PRIORS["folded"](**ORACLES["folded"][0])
    values, edges = prior.quantile(U), np.linspace(0, 4, 41)
    images = [sign * edges + 8 * turn for turn in range(-3, 4) for sign in (1, -1)]
    below = sum(np.sign(image[1] - image[0]) * stats.norm(1, 2).cdf(image) for image in images)
    found = np.searchsorted(np.sort(values), edges) / values.size
    np.testing.assert_allclose(found, below - below[0], atol=1e-3)
    assert prior.quantile(np.array([prior.middle])) == pytest.approx(np.median(values), rel=1e-2)


def test_a_grid_gives_its_values_in_order_and_holds_each_for_its_stride():
    axes = {name: PRIORS["grid"](low=0, high=1, count=n) for name, n in (("a", 3), ("b", 4))}
    steps = strides(["b", "c", "a"], axes)
    assert steps == {"b": 3, "a": 1}
    rows = np.arange(12)
    pairs = [axes[name].quantile(axes[name].uniforms(rows // steps[name])) for name in ("b", "a")]
    b, a = np.meshgrid(np.linspace(0, 1, 4), np.linspace(0, 1, 3), indexing="ij")
    np.testing.assert_allclose(pairs, [b.ravel(), a.ravel()], rtol=1e-15)


def test_choices_are_equally_likely():
    values = PRIORS["choice"](values=[3, 1, 2, 9]).quantile(np.arange(5000) / 5000)
    assert np.unique(values, return_counts=True)[1].tolist() == [1250] * 4


def test_integers_are_equally_likely():
    values = PRIORS["integers"](low=-2, high=7).quantile(np.arange(5000) / 5000)
    assert np.unique(values, return_counts=True)[0].tolist() == list(range(-2, 8))
    assert np.unique(values, return_counts=True)[1].tolist() == [500] * 10


def test_integers_of_the_widest_range_are_all_exact():
    prior = PRIORS["integers"](high=2**53 - 1)
    u = np.array([0, 2.0**-53, 0.5, 1 - 2.0**-53])
    assert prior.quantile(u).astype(np.int64).tolist() == [0, 1, 2**52, 2**53 - 1]


def test_counts_have_the_chances_of_a_truncated_poisson():
    counts = np.arange(1, 13)
    chances = stats.poisson(4).pmf(counts)
    prior = PRIORS["poisson"](mean=4, low=1, high=12)
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    found = np.bincount(prior.quantile(u).astype(int), minlength=13)[1:] / 1_000_000
    np.testing.assert_allclose(found, chances / chances.sum(), atol=2e-6)


def test_counts_of_the_largest_mean_do_not_overflow():
    counts = PRIORS["poisson"](mean=900, high=1000).quantile(U[1:5001])
    law = stats.poisson(900)
    np.testing.assert_array_equal(counts, law.ppf(U[1:5001] * law.cdf(1000)))


@pytest.mark.parametrize("spacing", ["linear", "log"])
def test_a_grid_stays_within_its_ends(spacing):
    low, high = 0.11514160693913889, 0.11514739180243168
    prior = PRIORS["grid"](low=low, high=high, count=10_000, spacing=spacing)
    assert low <= prior.values.min() <= prior.values.max() <= high
    assert np.isfinite(prior.log_prob(prior.values)).all()


@pytest.mark.parametrize(
    "kind", ["uniform", "uniform_pieces", "choice", "normal", "constant", "folded", "grid"]
)
def test_a_stretched_prior_gives_stretched_values(kind):
    prior = PRIORS[kind](**ORACLES[kind][0])
    stretched = prior.stretched(0.5, 3.0)
    np.testing.assert_allclose(stretched.quantile(U), 0.5 * prior.quantile(U) + 3.0, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-3, 20.0, 1e3])
def test_a_normal_between_ends_can_be_stretched_as_far_as_one_likes(scale):
    prior = PRIORS["normal"](mean=0, sigma=2, low=4, high=8)
    for one in (prior, PRIORS["folded"](of=prior, low=2, high=5)):
        stretched = one.stretched(scale, 0.5)
        np.testing.assert_allclose(stretched.quantile(U), scale * one.quantile(U) + 0.5, rtol=1e-9)


@pytest.mark.parametrize(
    "kind", ["log_uniform", "log_normal", "exponential", "rayleigh", "power_law"]
)
def test_what_begins_at_zero_is_stretched_but_not_moved(kind):
    prior = PRIORS[kind](**ORACLES[kind][0])
    np.testing.assert_allclose(prior.stretched(4.0, 0.0).quantile(U), 4 * prior.quantile(U))
    with pytest.raises(ValueError, match=f"{kind} does not stretch; use uniform"):
        prior.stretched(4.0, 1.5)


def test_a_stretched_condition_or_log_uniform_gives_stretched_values():
    part = PRIORS["log_uniform"](low=0.1, high=50)
    both = PRIORS["conditional"](given="label", cases={"circle": part}, otherwise=2)
    stretched = both.stretched(4.0, 0.0)
    np.testing.assert_allclose(
        stretched.case("circle").quantile(U), 4 * part.quantile(U), rtol=1e-13
    )
    assert stretched.case("line").support == (8.0, 8.0)
    for kind in ("log_normal", "log_uniform_pieces"):
        prior = PRIORS[kind](**ORACLES[kind][0])
        values = prior.stretched(4.0, 0.0).quantile(U)
        np.testing.assert_allclose(values, 4 * prior.quantile(U), rtol=1e-13)


def test_an_untruncated_normal_is_the_normal_to_seven_sigma():
    values = PRIORS["normal"](mean=0, sigma=1).quantile(U[1:5001])
    np.testing.assert_allclose(values, stats.norm.ppf(U[1:5001]), rtol=1e-12, atol=1e-13)


def test_a_log_normal_is_that_of_scipy_to_its_cut():
    prior = PRIORS["log_normal"](median=3, sigma=0.5)
    expected = stats.lognorm(0.5, scale=3).ppf(U[1:5001])
    np.testing.assert_allclose(prior.quantile(U[1:5001]), expected, rtol=1e-12)
    np.testing.assert_allclose(prior.support, (3 * np.exp(-4), 3 * np.exp(4)), rtol=1e-14)


def test_normal_quantiles_agree_with_scipy():
    p = np.concatenate([np.linspace(1e-4, 0.9999, 4001), 10.0 ** -np.arange(4, 16)])
    np.testing.assert_allclose(quantiles.normal(p), special.ndtri(p), rtol=2e-15, atol=1e-16)


@pytest.mark.parametrize("z", [-7.5, -3.0, -0.1, 0.0, 1.96, 5.0])
def test_normal_probabilities_agree_with_scipy(z):
    assert quantiles.normal_cdf(z) == pytest.approx(special.ndtr(z), rel=2e-13)


def test_the_exponential_is_cut_where_it_would_overflow():
    values = quantiles.exponential(np.array([-1e9, 0.0, 1e9]))
    assert np.isfinite(values).all()
    assert values[1] == 1.0


@pytest.mark.parametrize(
    ("kind", "settings", "told"),
    [
        ("uniform", {"low": 2, "high": 2}, "low must be below high"),
        ("log_uniform", {"low": 0, "high": 2}, "greater than 0"),
        ("uniform_pieces", {"intervals": [[1, 2], [1.5, 3]]}, "must rise and not overlap"),
        ("uniform_pieces", {"intervals": []}, "at least 1"),
        ("log_uniform_pieces", {"intervals": [[0, 1]]}, "must be above zero"),
        ("log_normal", {"median": 0, "sigma": 1}, "greater than 0"),
        ("log_normal", {"median": 9, "sigma": 1e-18}, "greater than or equal to 0.0000"),
        ("rayleigh", {"sigma": 1, "high": 1e-12}, "too near zero .* use power_law"),
        (
            "folded",
            {"of": {"kind": "normal", "mean": 0, "sigma": 1}, "low": 0, "high": 1e-9},
            "too near for this sigma; use uniform",
        ),
        ("folded", {"of": {"kind": "uniform"}, "low": 0, "high": 1}, "unknown kind 'uniform'"),
        ("folded", {"of": ORACLES["log_normal"][0], "low": 1, "high": 2}, "must be a mapping with"),
        (
            "folded",
            {"of": {"kind": "log_normal", "median": 1, "sigma": 1}, "low": 0, "high": 1},
            "low must be above zero for logarithms",
        ),
        ("grid", {"low": 0, "high": 1, "count": 1}, "greater than or equal to 2"),
        ("grid", {"low": 0, "high": 1, "count": 5, "spacing": "log"}, "above zero for logarithms"),
        ("grid", {"low": 0, "high": 1, "count": 5, "level": "planet"}, "must be None"),
        ("normal", {"mean": 0, "sigma": 0}, "greater than 0"),
        ("normal", {"mean": 0, "sigma": 1, "low": 7}, "more than a tail"),
        ("uniform", {"low": float("nan"), "high": 2}, "finite"),
        ("poisson", {"mean": 4, "low": 5, "high": 5}, "low must be below high"),
        ("integers", {"low": 5, "high": 5}, "low must be below high"),
        ("integers", {"low": -5, "high": 2**53 - 1}, "accepts up to 2.53 numbers"),
        ("integers", {"low": 10**5000, "high": 1}, "less than or .* got int of thousands"),
        ("poisson", {"mean": 0, "high": 5}, "greater than 0"),
        ("classes", {"names": []}, "at least 1"),
        ("classes", {"names": ["star", "spiral"], "weights": [1]}, "as many as names; got 1"),
        ("conditional", {"given": "label", "cases": {}}, "at least 1"),
    ],
)
def test_an_impossible_prior_is_refused(kind, settings, told):
    with pytest.raises(ValueError, match=told):
        PRIORS[kind](**settings)
