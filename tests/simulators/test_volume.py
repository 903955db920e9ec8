"""Lognormal volumes: moments and correlation in closed form, and NumPy's Fourier transform."""

import numpy as np
import pytest

from deepbench_hf import generate, simulate
from deepbench_hf.simulators.inputs import white
from deepbench_hf.simulators.volume import CELLS, SIDE_MPC

S, SCALE = 0.6, 6.0


@pytest.fixture(scope="module")
def fields():
    found = simulate("field_3d", log_sigma=S, scale_Mpc=SCALE, realization=np.arange(60))
    return found["density"].astype(float)


def test_a_field_is_white_noise_behind_a_gaussian_of_fourier_space(fields):
    noise = white(np.array([7]), "volume", CELLS**3)[0].reshape(CELLS, CELLS, CELLS)
    k = 2 * np.pi * np.fft.fftfreq(CELLS)
    width = SCALE * CELLS / SIDE_MPC
    window = np.exp(-((k * width) ** 2) / 2)
    transfer = window[:, None, None] * window[:, None] * window
    g = np.fft.ifftn(np.fft.fftn(noise) * transfer).real
    g *= S / np.sqrt((transfer**2).mean())
    np.testing.assert_allclose(fields[7], np.exp(g - S**2 / 2), rtol=2e-4)


def test_the_correlation_function_is_that_of_the_formula(fields):
    for lag in (0, 1, 2, 4):
        r = lag * SIDE_MPC / CELLS
        expected = np.exp(S**2 * np.exp(-(r**2) / 4 / SCALE**2)) - 1
        for axis in (1, 2, 3):
            pairs = (fields - 1) * (np.roll(fields, lag, axis) - 1)
            each = pairs.mean(axis=(1, 2, 3))
            error = each.std(ddof=1) / np.sqrt(len(each))
            assert abs(each.mean() - expected) < 4 * error + 1e-4


def test_labels_are_the_moments_of_a_lognormal(fields):
    from scipy.stats import lognorm

    found = simulate("field_3d", log_sigma=S, scale_Mpc=SCALE, realization=1)
    _, variance, skewness, _ = lognorm(S, scale=np.exp(-(S**2) / 2)).stats("mvsk")
    assert found["variance"] == pytest.approx(variance, rel=1e-12)
    assert found["skewness"] == pytest.approx(skewness, rel=1e-12)
    mean = fields.mean(axis=(1, 2, 3))
    assert abs(mean.mean() - 1) < 4 * mean.std() / np.sqrt(len(mean))


def test_the_same_realization_has_the_same_waves_under_another_strength():
    weak, strong = (
        np.log(simulate("field_3d", log_sigma=s, scale_Mpc=SCALE, realization=3)["density"])
        for s in (0.2, 0.4)
    )
    np.testing.assert_allclose((weak + 0.02) * 2, strong + 0.08, atol=1e-5)
    assert (generate("field_3d", "test_strong", 0, 2)["density"] > 0).all()
