"""Noise that follows from what is measured: its variance, its law, and what it is refused for."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Field
from deepbench_hf.noise import NOISES

N = 4000
STREAM = (stream_key("test", 5), np.arange(N))
ENERGY = Field("MeV", "energy", (50,), low=0.0)
NUMBER = Field("1", "expected number", (50,), low=0.0)
MOMENTUM = Field("GeV", "momentum", (3,))
P_VALUE = 1e-6


def drawn(kind, target, clean, **settings):
    """What is measured, and the variance that the measurement claims."""
    noise = NOISES[kind](**settings)
    one = noise.on("true", target)
    values = {
        name: prior.quantile(np.full(len(clean), 0.5)) for name, prior in noise.priors.items()
    }
    found = one.draw(clean.copy(), values, [STREAM])
    return found[one.column].astype(float), one.variance(clean, found)


def test_counts_are_poisson_numbers_of_the_expected_number():
    clean = np.full((N, 50), 7.3)
    seen, variance = drawn("counts", NUMBER, clean)
    observed = np.bincount(seen.astype(int).ravel(), minlength=40)[:20]
    expected = stats.poisson.pmf(np.arange(20), 7.3) * seen.size
    assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > P_VALUE
    assert np.all(variance == 7.3)


def test_a_resolution_has_its_three_terms():
    clean = np.linspace(0, 400, N)[:, None] * np.ones(50)
    terms = {"stochastic": 3.0, "constant": 0.02, "noise": 5.0}
    seen, variance = drawn("resolution", ENERGY, clean, **terms)
    np.testing.assert_allclose(variance, 9 * clean + (0.02 * clean) ** 2 + 25, rtol=1e-12)
    z = (seen - clean) / np.sqrt(variance)
    assert stats.kstest(z[:, ::5].ravel(), "norm").pvalue > P_VALUE
    assert stats.kstest(1.03 * z.ravel(), "norm").pvalue < P_VALUE  # 3 % wrong would be seen


def test_a_tracker_smears_length_and_direction():
    direction = np.array([0.36, -0.48, 0.8])
    clean = np.outer(np.linspace(0.5, 60, N), direction)
    size = np.linspace(0.5, 60, N)
    seen, _ = drawn("tracker", MOMENTUM, clean, scattering=0.01, curvature=0.0005, angle_mrad=2.0)
    length = np.sqrt((seen**2).sum(axis=1))
    sigma = size * np.hypot(0.01, 0.0005 * size)
    assert stats.kstest((length - size) / sigma, "norm").pvalue > P_VALUE
    angle = np.arccos(np.clip(seen @ direction / length, -1, 1))
    assert stats.kstest(angle / 2e-3, "rayleigh").pvalue > P_VALUE


def test_the_variance_of_a_tracker_is_that_of_its_components():
    clean = np.tile([[3.0, -4.0, 12.0]], (N, 1))
    seen, variance = drawn(
        "tracker", MOMENTUM, clean, scattering=0.02, curvature=0.0, angle_mrad=5.0
    )
    np.testing.assert_allclose(seen.var(axis=0), variance[0], rtol=5 * np.sqrt(2 / N))


@pytest.mark.parametrize("kind", ["resolution", "tracker"])
def test_no_error_is_no_noise(kind):
    target = MOMENTUM if kind == "tracker" else ENERGY
    clean = 1 + np.arange(N * target.shape[0]).reshape(N, -1) / N
    seen, variance = drawn(kind, target, clean)
    np.testing.assert_allclose(seen, clean, rtol=1e-7)
    assert np.all(variance == 0)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("counts", ENERGY), ("counts", Field("1", "number", (50,))), ("tracker", ENERGY),
        ("resolution", Field("MeV", "energy", (50,))),
        ("resolution", Field("MeV", "energy", low=0.0)),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind, target):
    assert NOISES[kind]().refuse(target)
