"""Lenses of the surveys bend light as those of lenstronomy do."""

import numpy as np
import pytest
from scipy import special

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.survey.lensing import LENSED, deflection, fill_lensed
from tests.support.paths import ORACLES

ORACLE = np.load(ORACLES / "lens.npz")
STEP, EINSTEIN = 0.08, 1.2
SHAPES = {0: (1.0, 0.0), 2: (0.7, 30.0)}
"""Axis ratio and angle, degrees, of the lenses of the oracle."""
LENSES = pytest.mark.parametrize("case", SHAPES)


def grid():
    axis = (np.arange(64) - 31.5) * STEP
    return np.meshgrid(axis, axis)


def deflected(x, y, case):
    """The deflection by a lens of the oracle, in the axes of the sky."""
    q, angle = SHAPES[case]
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    along, across = np.vectorize(deflection)(c * x + s * y, c * y - s * x, q)
    return EINSTEIN * (c * along - s * across), EINSTEIN * (s * along + c * across)


@LENSES
def test_a_lens_bends_light_as_that_of_lenstronomy(case):
    for ours, axis in zip(deflected(*grid(), case), "xy", strict=True):
        np.testing.assert_allclose(ours, ORACLE[f"alpha_{axis}_{case}"], atol=1e-6)


@LENSES
def test_the_slopes_of_the_deflection_are_convergence_and_magnification(case):
    (x, y), h = grid(), 1e-5
    right, left = deflected(x + h, y, case), deflected(x - h, y, case)
    above, below = deflected(x, y + h, case), deflected(x, y - h, case)
    xx, yx = ((a - b) / (2 * h) for a, b in zip(right, left, strict=True))
    xy, yy = ((a - b) / (2 * h) for a, b in zip(above, below, strict=True))
    np.testing.assert_allclose((xx + yy) / 2, ORACLE[f"kappa_{case}"], rtol=5e-5)
    inverse = (1 - xx) * (1 - yy) - xy * yx
    np.testing.assert_allclose(inverse, 1 / ORACLE[f"mu_{case}"], atol=2e-5 * abs(inverse).max())


@kernel
def fill_one(records, plane):
    """Fill in what is seen through the first lens."""
    fill_lensed(records[0], (0.0, 0.0), plane.shape, plane)


@LENSES
def test_a_lens_keeps_surface_brightness(case):
    q, angle = SHAPES[case]
    lens = {"x": 31.5, "y": 31.5, "axis_ratio": q, "angle_deg": angle}
    source = {"source_radius": 0.3 / STEP, "source_index": 1.0, "source_ratio": 1.0}
    behind = {"source_x": 31.5 + 0.15 / STEP, "source_y": 31.5 + 0.05 / STEP, "source_angle_deg": 0}
    record = np.zeros(1, LENSED)
    for name, value in (lens | source | behind | {"einstein_radius": EINSTEIN / STEP}).items():
        record[name] = value
    seen = np.empty((64, 64), np.float32)
    fill_one(record, seen)
    b = special.gammaincinv(2.0, 0.5)
    flux = 2 * np.pi * (0.3 / STEP) ** 2 * np.exp(b) * b**-2  # of a brightness of 1 at r_e
    truth = ORACLE[f"arc_{case}"]
    np.testing.assert_allclose(flux * seen, truth, atol=1e-5 * truth.max())
