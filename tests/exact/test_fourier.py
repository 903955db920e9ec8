"""Fourier series against numpy.fft, and the theorems that any Fourier series obeys."""

import numpy as np
import pytest

from deepbench_hf.exact.fourier import even_series, real_series

SIZES = (16, 32, 64, 128, 256, 512)


def field_of(n):
    """A field whose values have many sizes."""
    generator = np.random.default_rng(n)
    return generator.standard_normal((n, n)) * np.exp(3 * generator.standard_normal((n, n)))


def coefficients(field):
    """Its coefficients by numpy.fft, [k_x, k_y]."""
    return np.fft.rfft2(field.T) / field.size


@pytest.mark.parametrize("n", SIZES)
def test_the_series_is_that_of_numpy(n):
    field = field_of(n)
    a = coefficients(field)
    assert abs(real_series(a.real, a.imag) - field).max() < 1e-14 * abs(field).max()


def test_the_squares_of_field_and_coefficients_have_the_same_sum():
    a = coefficients(field_of(64))
    field = real_series(a.real, a.imag)
    squares = abs(a) ** 2
    total = 2 * squares.sum() - squares[:, 0].sum() - squares[:, -1].sum()
    assert (field**2).mean() == pytest.approx(total, rel=1e-14)


def test_a_phase_that_grows_with_the_mode_moves_the_field_round():
    n, (up, right) = 64, (5, 23)
    field = field_of(n)
    kx, ky = np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)
    a = coefficients(field) * np.exp(-2j * np.pi * (kx * right + ky * up))
    moved = np.roll(field, (up, right), (0, 1))
    assert abs(real_series(a.real, a.imag) - moved).max() < 1e-13 * abs(field).max()


def test_an_even_series_is_its_own_inverse_but_for_the_number_of_points():
    n = 32
    power = abs(np.fft.rfft2(field_of(n)))  # not symmetric in sign: make it so
    power = (power + np.roll(power[::-1], 1, axis=0)) / 2
    again = even_series(even_series(power)[:, : n // 2 + 1])[:, : n // 2 + 1] / n**2
    np.testing.assert_allclose(again, power, atol=1e-13 * power.max())


@pytest.mark.parametrize("shape", [(24, 13), (8, 5), (16, 16), (32, 9), (16, 9, 1)])
def test_coefficients_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="power of two from 16 on"):
        even_series(np.zeros(shape))
