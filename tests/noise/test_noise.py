"""Noise models: the declared strength, one draw for each example, limits kept."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import RecipeError, generate, load_recipe
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Field, Parameter
from deepbench_hf.noise import NOISES
from deepbench_hf.rows.generation import rows_at
from tests.support.recipes import extended

N = 20_000
INDICES = np.arange(N)
STREAM = (stream_key("test", 1), INDICES)
POSITIVE, ANGLE = Parameter("m", "length", 0.5, 10.0), Parameter("rad", "angle", -3.0, 3.0)
SERIES = Field("m", "position", (40,))
TRUE = 1.0 + np.linspace(0, 2, N)
P_VALUE = 1e-6


def measured(kind, target, clean=TRUE, sigma=0.1, stream=STREAM):
    one = NOISES[kind](sigma=sigma).on("true", target)
    found = one.draw(clean.copy(), {"sigma": np.full(len(clean), sigma)}, [stream])
    return found[one.column], found[one.settings["sigma"]]


def is_normal(z):
    return stats.kstest(z, "norm").pvalue > P_VALUE


def test_gaussian_noise_on_a_scalar_has_its_sigma():
    values, strength = measured("gaussian", ANGLE)
    assert is_normal((values - TRUE) / strength)
    assert not is_normal((values - TRUE) / (1.1 * strength))


def test_gaussian_noise_on_a_series_has_its_sigma():
    clean = np.outer(TRUE, np.ones(40))
    values, strength = measured("gaussian", SERIES, clean)
    z = ((values - clean) / strength[:, None])[:, ::7]
    assert is_normal(z.ravel())


def test_noise_leaves_the_clean_columns_alone():
    clean = generate(load_recipe("pendulum"), "train", 0, 9)
    noisy = generate(load_recipe("pendulum_noisy"), "train", 0, 9)
    for name, values in clean.items():
        assert np.array_equal(values, noisy[name]), name


def test_an_image_that_is_not_kept_is_overwritten_by_its_noise_with_the_same_result():
    kept = generate(load_recipe("shapes_noisy", clean=True), "train", 0, 9)
    alone = generate(load_recipe("shapes_noisy"), "train", 0, 9)
    assert np.array_equal(kept["image"], alone["image"])
    assert np.array_equal(
        kept["image_clean"], generate(load_recipe("shapes"), "train", 0, 9)["image"]
    )


def test_relative_noise_scales_with_the_largest_value():
    clean = np.outer(TRUE, np.linspace(-2, 1, 40))
    _, strength = measured("relative_gaussian", SERIES, clean)
    np.testing.assert_allclose(strength, 0.2 * TRUE)
    _, strength = measured("relative_gaussian", ANGLE, -TRUE)
    np.testing.assert_allclose(strength, 0.1 * TRUE)


def test_log_normal_noise_is_positive_with_the_truth_as_median():
    values, strength = measured("log_normal", POSITIVE, sigma=0.5)
    assert (values > 0).all()
    assert is_normal(np.log(values / TRUE) / strength)


def test_truncated_noise_keeps_the_limits_and_the_shape_between_them():
    true = np.full(N, 1.0)
    values, _ = measured("truncated_gaussian", POSITIVE, true, sigma=1.0)
    assert values.min() >= 0.5
    assert values.max() <= 10
    inside = stats.truncnorm(-0.5, 9, 1.0, 1.0)
    assert stats.kstest(values, inside.cdf).pvalue > P_VALUE
    assert stats.kstest(values, "norm", (1.0, 1.0)).pvalue < P_VALUE


def test_truncated_noise_does_not_depend_on_the_batch():
    whole, _ = measured("truncated_gaussian", POSITIVE, sigma=1.0)
    part = slice(100, 200)
    stream = (STREAM[0], INDICES[part])
    alone, _ = measured("truncated_gaussian", POSITIVE, TRUE[part], 1.0, stream)
    assert np.array_equal(whole[part], alone)


@pytest.mark.parametrize("kind", sorted(k for k, n in NOISES.items() if "sigma" in n.SETTINGS))
def test_no_strength_is_no_noise(kind):
    values, _ = measured(kind, POSITIVE, sigma=0.0)
    assert np.array_equal(values, TRUE)


@pytest.mark.parametrize(
    "kind", ["gaussian", "relative_gaussian", "log_normal", "truncated_gaussian"]
)
def test_what_is_measured_at_a_normal_number_is_the_quantile_of_what_is_drawn(kind):
    true, sigma = np.full(N, 3.0), 0.1
    one = NOISES[kind](sigma=sigma).on("true", POSITIVE)
    values, strength = measured(kind, POSITIVE, true, sigma)
    rows = {one.settings["sigma"]: strength}
    assert np.array_equal(one.at(true, rows, np.zeros(N)), true)
    even = one.at(true, rows, stats.norm.ppf((np.arange(N) + 0.5) / N))
    assert stats.ks_2samp(values, even).pvalue > P_VALUE
    assert stats.ks_2samp(values, even * 1.01).pvalue < P_VALUE


@pytest.mark.parametrize(
    ("kind", "target", "fits"),
    [
        ("gaussian", POSITIVE, False),
        ("gaussian", ANGLE, True),
        ("gaussian", SERIES, True),
        ("relative_gaussian", POSITIVE, False),
        ("relative_gaussian", SERIES, True),
        ("log_normal", POSITIVE, True),
        ("log_normal", ANGLE, False),
        ("log_normal", SERIES, False),
        ("heteroscedastic", SERIES, True),
        ("heteroscedastic", ANGLE, False),
        ("truncated_gaussian", POSITIVE, True),
        ("truncated_gaussian", SERIES, False),
    ],
)
def test_a_noise_is_refused_where_it_makes_no_sense(kind, target, fits):
    assert (NOISES[kind](sigma=1.0).refuse(target) is None) == fits


def test_relative_noise_on_a_positive_scalar_stays_five_sigma_from_zero():
    relative = NOISES["relative_gaussian"]
    assert relative(sigma=0.2).refuse(POSITIVE) is None
    assert relative(sigma=0.21).refuse(POSITIVE) is not None
    assert relative(sigma=0.1).refuse(Field("m", "distance", (40,), low=0.0)) is not None


def test_shapes_are_counted_with_the_law_of_poisson():
    recipe = load_recipe("shapes_poisson", clean=True, uncertainty=True)
    needed = ("image", "image_clean", "image_variance", "counts_per_unit", "snr")
    rows = rows_at(recipe, "train", np.arange(400), needed)
    n = rows["counts_per_unit"][:, None, None]
    counts = n * (rows["image"].astype(float) + 0.1)
    assert np.abs(counts - np.round(counts)).max() < 1e-3  # float32 of up to 300 counts
    mean = n * (rows["image_clean"].astype(float) + 0.1)
    for low, high in ((0.3, 1), (3, 10), (50, 330)):
        here = (mean >= low) & (mean < high)
        assert here.sum() > 10_000
        pull = ((counts - mean) / np.sqrt(mean))[here]
        assert abs(pull.mean()) < 5.5 / np.sqrt(pull.size)
        kurtosis = 2 + (1 / mean[here]).mean()
        assert abs(pull.var() - 1) < 5.5 * np.sqrt(kurtosis / pull.size)
    assert stats.chisquare(*poisson_table(counts, mean)).pvalue > 1e-6
    told = rows["image_variance"].astype(float)
    assert told == pytest.approx((rows["image_clean"] + 0.1) / n, rel=1e-5)
    signal = (rows["image_clean"].astype(float) ** 2 / told).sum(axis=(1, 2))
    assert rows["snr"] == pytest.approx(np.sqrt(signal), rel=1e-5)


def poisson_table(counts, mean):
    """How often 0, 1, 2 ... are counted where the mean is near 1, and how often they should be."""
    here = (mean > 0.9) & (mean < 1.1)
    number, mean = np.round(counts[here]).astype(int), mean[here]
    seen = np.bincount(np.minimum(number, 5), minlength=6)
    known = np.array([stats.poisson.pmf(k, mean).sum() for k in range(5)])
    return seen, [*known, seen.sum() - known.sum()]


@pytest.mark.parametrize("name", ["sky_stars", "kappa_gaussian", "pendulum"])
def test_poisson_counts_need_an_image_of_pure_numbers(name):
    target = "x_m" if name == "pendulum" else "image"
    with pytest.raises(RecipeError, match="poisson needs a grey image of pure numbers"):
        extended(name, noise={target: {"kind": "poisson", "counts_per_unit": 9}})
