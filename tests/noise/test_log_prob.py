"""Densities of noise against SciPy's, normalised, and told apart from a wrong strength."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Field, Parameter
from deepbench_hf.noise import NOISES
from deepbench_hf.noise.count_density import log_densities

LENGTH, ANGLE = Parameter("m", "length", 0.5, 10.0), Parameter("rad", "angle", -3.0, 3.0)
SERIES, ENERGY = Field("m", "position", (7,)), Field("MeV", "energy", (7,), low=0.0)
MOMENTUM = Field("GeV", "momentum", (3,))
IMAGE = Field("electron s-1 pix-1", "light", (3, 4), "float32")
RNG = np.random.default_rng(5)
N = 50


def log_prob(kind, target, seen, clean, settings, **given):
    """By a measurement, from its columns; settings by their names in the recipe."""
    one = NOISES[kind](**given).on("true", target)
    drawn = {name: np.broadcast_to(value, (len(clean),)) for name, value in settings.items()}
    return one.log_prob(clean, drawn, {one.column: seen})


SCALARS = {
    "gaussian": (ANGLE, lambda v, s: stats.norm(v, s)),
    "relative_gaussian": (ANGLE, lambda v, s: stats.norm(v, s * abs(v))),
    "log_normal": (LENGTH, lambda v, s: stats.lognorm(s, scale=v)),
    "truncated_gaussian": (
        LENGTH, lambda v, s: stats.truncnorm((0.5 - v) / s, (10 - v) / s, v, s)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SCALARS)
def test_the_density_of_a_scalar_is_that_of_scipy_and_has_the_integral_one(kind):
    target, law = SCALARS[kind]
    clean, sigma = RNG.uniform(0.6, 2.5, N), RNG.uniform(0.05, 0.4, N)
    oracle = law(clean, sigma)
    seen = oracle.ppf(RNG.uniform(0.001, 0.999, N))
    found = log_prob(kind, target, seen, clean, {"sigma": sigma}, sigma=0.1)
    np.testing.assert_allclose(found, oracle.logpdf(seen), rtol=1e-9, atol=1e-9)
    as_variance = log_prob(kind, target, seen, clean, {"sigma": sigma**2}, sigma=0.1)
    assert np.abs(as_variance - found).max() > 0.1

    def density(x):
        one = log_prob(kind, target, np.array([x]), clean[:1], {"sigma": sigma[:1]}, sigma=0.1)
        return np.exp(one[0])

    low, high = law(clean[0], sigma[0]).ppf([1e-13, 1 - 1e-13])
    assert integrate.quad(density, low, high, epsabs=1e-11)[0] == pytest.approx(1, abs=1e-9)


def test_a_series_has_the_sum_of_its_samples():
    clean, sigma = RNG.normal(size=(N, 7)), RNG.uniform(0.1, 1, N)
    seen = (clean + sigma[:, None] * RNG.normal(size=clean.shape)).astype(np.float32)
    found = log_prob("gaussian", SERIES, seen, clean, {"sigma": sigma}, sigma=0.1)
    expected = stats.norm(clean, sigma[:, None]).logpdf(seen.astype(float)).sum(1)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_padding_has_no_density():
    target = Field("m", "position", (7,), valid="there")
    one = NOISES["gaussian"](sigma=1.0).on("true", target)
    there = np.arange(7) < np.array([[3], [7]])
    rows = {one.column: np.ones((2, 7)), "there": there}
    found = one.log_prob(np.zeros((2, 7)), {"sigma": np.ones(2)}, rows)
    np.testing.assert_allclose(found, stats.norm.logpdf(1.0) * np.array([3, 7]))


def test_every_sample_of_a_heteroscedastic_series_has_its_own_sigma():
    clean, sigma = RNG.normal(size=(N, 7)), RNG.uniform(0.1, 1, (N, 7)).astype(np.float32)
    seen = clean + sigma * RNG.normal(size=clean.shape)
    one = NOISES["heteroscedastic"](sigma=0.1).on("true", SERIES)
    found = one.log_prob(clean, {"sigma": sigma}, {one.column: seen})
    expected = stats.norm(clean, sigma.astype(float)).logpdf(seen).sum(1)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_resolution_of_a_calorimeter_is_a_normal_with_its_variance():
    clean = RNG.uniform(0, 50, (N, 7))
    sigma = np.sqrt(0.3**2 * clean + 0.02**2 * clean**2 + 0.5**2)
    seen = clean + sigma * RNG.normal(size=clean.shape)
    strength = {"stochastic": 0.3, "constant": 0.02, "noise": 0.5}
    found = log_prob("resolution", ENERGY, seen, clean, strength)
    np.testing.assert_allclose(found, stats.norm(clean, sigma).logpdf(seen).sum(1), rtol=1e-9)


def test_counts_have_the_chances_of_poisson():
    target = Field("1", "expected", (7,), low=0.0)
    clean = RNG.uniform(0, 900, (N, 7))
    clean[:, 0] = 0.0
    seen = RNG.poisson(clean).astype(np.float32)
    found = log_prob("counts", target, seen, clean, {})
    np.testing.assert_allclose(found, stats.poisson(clean).logpmf(seen).sum(1), rtol=1e-9)


@pytest.mark.parametrize("momentum", [0.4, 30.0])
def test_the_density_of_a_track_has_the_integral_one_and_is_that_of_its_draws(momentum):
    """By quadrature in the length and the angle, and by the share of draws that are near."""
    clean = momentum * np.array([[0.48, 0.6, 0.64]])
    settings = {"scattering": 0.1, "curvature": 0.004, "angle_mrad": 80.0}

    def density(r, angle):
        """Of vectors r long, at an angle to the true one; the same all round it."""
        across = np.array([0.8, 0.0, -0.6])
        seen = np.atleast_1d(r)[:, None] * (
            np.cos(angle) * clean / momentum + np.sin(angle) * across
        )
        clean_too = np.repeat(clean, len(seen), axis=0)
        return np.exp(log_prob("tracker", MOMENTUM, seen, clean_too, settings))

    r, weight = np.polynomial.legendre.leggauss(80)
    r, weight = momentum * (1 + 0.99 * r), 0.99 * momentum * weight
    t, share = np.polynomial.legendre.leggauss(60)
    t, share = 0.3 * (1 + t), 0.3 * share
    total = sum(
        2 * np.pi * np.sin(a) * w * (density(r, a) * r * r * weight).sum()
        for a, w in zip(t, share, strict=True)
    )
    assert total == pytest.approx(1.0, abs=1e-6)
    n = 40_000
    one = NOISES["tracker"](**settings).on("p", MOMENTUM)
    full = {name: np.full(n, value) for name, value in settings.items()}
    stream = (stream_key("test", 3), np.arange(n))
    found = one.draw(np.repeat(clean, n, axis=0), full, [stream])[one.column]
    entropy = -log_prob("tracker", MOMENTUM, found, np.repeat(clean, n, axis=0), settings)
    length = np.linalg.norm(found, axis=1)
    side = np.linalg.norm(np.cross(found, clean), axis=1) / (length * momentum)
    assert stats.kstest((side / 0.08) ** 2, "expon", (0, 2)).pvalue > 1e-6
    s = np.hypot(0.1, 0.004 * momentum) * momentum
    expected = 0.5 * np.log(2 * np.pi * np.e) + np.log(s) + np.log(2 * np.pi * np.e * 0.08**2)
    assert (entropy - 2 * np.log(length)).mean() == pytest.approx(expected, abs=0.06)


def exact_sum(electrons, mean, sigma):
    """Poisson counts with normal read noise, by SciPy, over all counts that matter."""
    reach = 14 * np.sqrt(mean + sigma**2) + 40
    k = np.arange(max(0, np.floor(min(electrons, mean) - reach)), max(electrons, mean) + reach)
    terms = stats.poisson.logpmf(k, mean) + stats.norm.logpdf(electrons - k, 0, sigma)
    return special.logsumexp(terms)


def test_photons_with_read_noise_have_the_exact_sum_over_counts():
    for mean in (0.0, 1e-6, 0.3, 17.0, 400.0, 3e4):
        for sigma in (0.02, 0.4, 1.0, 6.0):
            for pull in (-4.0, -1.0, 0.1, 2.0, 9.0):
                e = mean + pull * np.sqrt(mean + sigma**2)
                found = log_densities(np.full((1, 1, 1), e), np.full((1, 1, 1), mean), [sigma])
                assert found[0] == pytest.approx(exact_sum(e, mean, sigma), rel=1e-9, abs=1e-9)


def test_photons_with_read_noise_have_the_integral_one():
    e = np.arange(-12.0, 40.0, 0.02)
    at = np.full((len(e), 1, 1), 7.0)
    density = np.exp(log_densities(e[:, None, None], at, np.array([0.8])))
    assert density.sum() * 0.02 == pytest.approx(1.0, abs=1e-9)


def test_many_images_of_one_observation_have_the_densities_of_each_alone():
    n = 100
    mean = 40.0 * (1 + 0.1 * RNG.normal(size=(n, 3, 4)))
    mean[:, 0, 0], mean[:, 1, 1] = RNG.uniform(0, 1, n), 5.0
    seen = RNG.poisson(mean[:1]) + RNG.normal(size=(1, 3, 4))
    together = log_densities(seen, mean, np.array([1.5]))
    alone = [log_densities(seen, one[None], np.array([1.5]))[0] for one in mean]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_a_detector_counts_in_electrons_and_tells_densities_of_its_own_unit():
    clean = RNG.uniform(0, 9, (N, 3, 4)).astype(np.float32)
    exposure, sky, read = RNG.uniform(20, 90, N), RNG.uniform(1, 4, N), RNG.uniform(2, 8, N)
    gain = RNG.uniform(1, 4, N)
    names = ("exposure_s", "sky_e_s_px", "read_noise_e", "gain_e_adu")
    settings = dict(zip(names, (exposure, sky, read, gain), strict=True))
    t, b, g = (v[:, None, None] for v in (exposure, sky, gain))
    mean = t * (clean.astype(float) + b)
    electrons = RNG.poisson(mean) + read[:, None, None] * RNG.normal(size=mean.shape)
    for in_adu in (False, True):
        unit = g if in_adu else 1.0
        seen = (electrons / t - b) / unit
        given = {"exposure_s": 9, "sky_e_s_px": 1, "read_noise_e": 1, "in_adu": in_adu}
        found = log_prob("detector", IMAGE, seen, clean, settings, **given)
        expected = [
            sum(map(exact_sum, e.ravel(), m.ravel(), [s] * 12))
            for e, m, s in zip(electrons[:4], mean[:4], read[:4], strict=True)
        ]
        expected = expected + 12 * np.log(exposure * np.ravel(unit))[:4]
        np.testing.assert_allclose(found[:4], expected, rtol=1e-9)


def test_counted_images_have_the_chances_of_their_counts():
    target = Field("1", "light", (3, 4), "float32", low=0.0)
    clean = RNG.uniform(0, 1, (N, 3, 4)).astype(np.float32)
    scale, background = RNG.uniform(3, 300, N), np.full(N, 0.1)
    mean = scale[:, None, None] * (clean.astype(float) + 0.1)
    counted = RNG.poisson(mean)
    seen = (counted / scale[:, None, None] - 0.1).astype(np.float32)
    settings = {"counts_per_unit": scale, "background_level": background}
    found = log_prob("poisson", target, seen, clean, settings, counts_per_unit=9)
    expected = stats.poisson.logpmf(counted, mean).sum((1, 2))
    np.testing.assert_allclose(found, expected, rtol=1e-9)
