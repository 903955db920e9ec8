"""Minkowski functionals: of discs and rings, of Gaussian and lognormal fields."""

import json

import numpy as np
import pytest

from deepbench_hf.statistics import gaussian_minkowski, lognormal_minkowski, minkowski_functionals
from tests.support.fields import gaussian_maps
from tests.support.paths import ORACLES

ORACLE = json.loads((ORACLES / "minkowski.json").read_text())
NU = np.array(ORACLE["nu"])
LENGTH = 3.0
BOX = 0.005
"""How far, of the peak, the box of a threshold and the next one bends the curves."""


@pytest.fixture(scope="module")
def maps():
    """Gaussian maps of variance 1 whose gradient has the mean square 1/3^2."""
    return gaussian_maps(np.random.default_rng(4), 20, 256, LENGTH)


def agree(found, expected, most=0.03):
    """Whether the mean over maps is what is expected, within its error, which is small."""
    error = found.std(0, ddof=1) / np.sqrt(len(found))
    peak = np.abs(expected).max(1, keepdims=True)
    assert (error.max(1) < most * peak[:, 0]).all()
    pull = np.maximum(np.abs(found.mean(0) - expected) - BOX * peak, 0) / np.maximum(
        error, 1e-4 * peak
    )
    return pull.max() < 6


@pytest.mark.parametrize("item", ORACLE["items"], ids=lambda item: f"s1={item['sigma1']}")
def test_theory_is_that_of_the_oracle(item):
    with np.load(ORACLES / "minkowski.npz") as oracle:
        expected = oracle[f"V_{item['id']}"]
    found = gaussian_minkowski(NU * item["sigma0"], item["sigma0"], item["sigma1"])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("item", ORACLE["items"], ids=lambda item: f"s1={item['sigma1']}")
def test_gaussian_maps_have_the_curves_of_theory(maps, item):
    with np.load(ORACLES / "minkowski.npz") as oracle:
        expected = oracle[f"V_{item['id']}"]
    spacing = 1 / LENGTH / item["sigma1"]
    found = minkowski_functionals(maps, NU, spacing, periodic=True)
    assert agree(found, expected)
    assert not agree(minkowski_functionals(1.15 * maps, NU, spacing, True), expected)


def test_lognormal_maps_have_the_curves_of_theory(maps):
    shift, sigma = 0.03, 0.6
    thresholds = shift * np.expm1(sigma * NU[4:-4] - sigma**2 / 2)
    lognormal = shift * np.expm1(sigma * maps - sigma**2 / 2)
    found = minkowski_functionals(lognormal, thresholds, periodic=True)
    assert agree(found, lognormal_minkowski(thresholds, shift, sigma, sigma / LENGTH))
    gaussian = gaussian_minkowski(thresholds, lognormal.std(), sigma * shift / LENGTH)
    assert not agree(found, gaussian)


def test_central_differences_come_near_on_part_of_a_map(maps):
    periodic = minkowski_functionals(maps, NU, periodic=True).mean(0)
    found = minkowski_functionals(maps[:, :200, :240], NU).mean(0)
    peak = np.abs(periodic).max(1)
    assert (np.abs(found - periodic).max(1) < [0.02, 0.04, 0.08] * peak).all()
    assert 0.95 < found[1].sum() / periodic[1].sum() < 1  # it sees less of a slope


def distances(side, *centres):
    y, x = np.mgrid[:side, :side]
    return [np.hypot(x - cx, y - cy) for cx, cy in centres]


def measures(field):
    """Area, length of the boundary and Euler characteristic of what is above 0."""
    values = minkowski_functionals(field[None], [-1.0, 0.0, 1.0])[0, :, 1] * field.size
    return values * [1, 4, 1]


def test_a_disc_has_its_area_its_circumference_and_one_piece():
    (r,) = distances(128, (60.3, 64.1))
    expected = [np.pi * 40**2, 2 * np.pi * 40, 1]
    np.testing.assert_allclose(measures(40 - r), expected, rtol=0.01)


def test_pieces_count_and_holes_are_taken_off():
    r, s = distances(160, (40.2, 50.1), (110.4, 100.3))
    assert measures(np.maximum(25 - r, 30 - s))[2] == pytest.approx(2, abs=0.05)
    assert measures(10 - np.abs(r - 28))[2] == pytest.approx(0, abs=0.05)
    assert measures(r - 20)[2] == pytest.approx(-1, abs=0.05)  # the hole of an endless plane


@pytest.mark.parametrize("periodic", [True, False])
def test_what_is_below_has_the_same_boundary_and_the_opposite_characteristic(maps, periodic):
    here, levels = maps[:2, :64, :64], np.linspace(-1.5, 1.5, 7)
    above = minkowski_functionals(here, levels, periodic=periodic)
    below = minkowski_functionals(-here, levels, periodic=periodic)[:, :, ::-1]
    signs = np.array([-1, 1, -1])[:, None] * below + np.array([1, 0, 0])[:, None]
    np.testing.assert_allclose(above, signs, atol=1e-12)


@pytest.mark.parametrize("periodic", [True, False])
def test_no_direction_counts_more_than_another(maps, periodic):
    here, levels = maps[:2, :64, :64], np.linspace(-1.5, 1.5, 7)
    expected = minkowski_functionals(here, levels, periodic=periodic)
    for turned in (here.transpose(0, 2, 1), here[:, ::-1], np.rot90(here, axes=(1, 2))):
        found = minkowski_functionals(turned, levels, periodic=periodic)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_periodic_map_may_start_anywhere(maps):
    levels = np.linspace(-2, 2, 9)
    rolled = np.roll(maps[:2], (77, 130), axis=(1, 2))
    first, second = (minkowski_functionals(m, levels, periodic=True) for m in (maps[:2], rolled))
    np.testing.assert_allclose(first, second, atol=1e-10)


def test_each_map_has_the_curves_that_it_has_alone(maps):
    levels = np.linspace(-2, 2, 9)
    together = minkowski_functionals(maps[:5], levels)
    alone = [minkowski_functionals(maps[i : i + 1], levels)[0] for i in range(5)]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("maps", "thresholds", "message"),
    [
        (np.zeros((2, 8)), [0, 1], r"maps: shape \(2, 8\); give \(n, H, W\)"),
        (np.zeros((2, 8, 8)), [1, 0], "thresholds: shape .* numbers that rise"),
        (np.zeros((2, 8, 8)), [0.0], "give 2 or more numbers that rise"),
        (np.zeros((2, 8, 8)), [0.0, np.inf], "finite thresholds"),
        (np.full((1, 2, 2), np.nan), [0, 1], r"maps\[0, 0, 0\] is nan; it must be finite"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(maps, thresholds, message):
    with pytest.raises(ValueError, match=message) as error:
        minkowski_functionals(maps, thresholds)
    assert "\n" not in str(error.value)


def test_a_lognormal_field_is_never_below_its_least_value():
    with pytest.raises(ValueError, match="must be above -0.1"):
        lognormal_minkowski([-0.2, 0.0], 0.1, 1.0, 1.0)
