"""Lenses of the surveys bend light as those of lenstronomy do."""

import numpy as np
import pytest
from scipy import ndimage, special

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.mixtures import mixture_tables
from deepbench_hf.simulators.survey.arcs import add_arcs
from deepbench_hf.simulators.survey.lensing import LENSED, PLACES, deflection, fill_places
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
def fill_rows(records, planes):
    """Fill in where the light of every pixel comes from, through the first lens."""
    for j in range(planes.shape[1]):
        work = planes[:, j]
        fill_places(records[0], 0.0, 1.0 * j, 1.0, 0.0, work.shape[1], work)


@LENSES
def test_a_lens_keeps_surface_brightness(case):
    q, angle = SHAPES[case]
    lens = {"x": 31.5, "y": 31.5, "axis_ratio": q, "angle_deg": angle}
    source = {"source_radius": 0.3 / STEP, "source_index": 1.0, "source_ratio": 1.0}
    behind = {"source_x": 31.5 + 0.15 / STEP, "source_y": 31.5 + 0.05 / STEP, "source_angle_deg": 0}
    record = lensed(einstein_radius=EINSTEIN / STEP, **lens, **source, **behind)
    places = np.empty((PLACES, 64, 64), np.float32)
    fill_rows(record, places)
    seen = np.exp(-special.gammaincinv(2.0, 0.5) * (np.sqrt(places[0]) - 1))  # 1 at r_e
    truth = ORACLE[f"arc_{case}"]
    np.testing.assert_allclose(seen, truth, atol=1e-5 * truth.max())


def lensed(**values):
    """A record of a lens."""
    record = np.zeros(1, LENSED)
    for name, value in values.items():
        record[name] = value
    return record


def brightness(one, x, y):
    """Of a source of unit flux through a lens, and how far from its middle in semi-minor axes."""
    n, c, s = one["source_index"], *turn(one["angle_deg"])
    dx, dy, q = x - one["x"], y - one["y"], one["axis_ratio"]
    u, v = c * dx + s * dy, c * dy - s * dx
    f, psi = np.sqrt(1 - q * q), np.sqrt(q * q * u * u + v * v)
    scale = one["einstein_radius"] * np.sqrt(q) / f
    u, v = u - scale * np.arctan2(f * u, psi), v - scale * np.arctanh(f * v / psi)
    dx, dy = c * u - s * v + one["x"] - one["source_x"], s * u + c * v + one["y"] - one["source_y"]
    c, s = turn(one["source_angle_deg"])
    u, v = c * dx + s * dy, (c * dy - s * dx) / one["source_ratio"]
    far = np.sqrt(u * u + v * v)
    b, area = special.gammaincinv(2 * n, 0.5), one["source_radius"] ** 2 * one["source_ratio"]
    flux = 2 * np.pi * area * n * b ** (-2 * n) * special.gamma(2 * n)
    return np.exp(-b * (far / one["source_radius"]) ** (1 / n)) / flux, far * one["source_ratio"]


def turn(degrees):
    return np.cos(np.radians(degrees)), np.sin(np.radians(degrees))


def means(one, x, y, h):
    """Means over squares, which are divided where the middle of the source is near."""
    found, owner = np.zeros(x.size), np.arange(x.size)
    share, h = np.ones(x.size), np.full(x.size, h)
    for level in range(18):
        u, v = x - one["x"], y - one["y"]
        away = np.hypot(u, v) * np.sqrt(one["axis_ratio"])
        stretch = np.maximum(1, one["einstein_radius"] / away - 1)
        near = (brightness(one, x, y)[1] < 4 * stretch * h) & (level < 17)
        ends = ~near
        for a in (-1, 1):
            for b in (-1, 1):  # Gauss-Legendre points
                light, _ = brightness(one, x + a * h / np.sqrt(12), y + b * h / np.sqrt(12))
                found += np.bincount(owner[ends], (0.25 * share * light)[ends], found.size)
        parts = [(x + a * h / 4, y + b * h / 4) for a in (-1, 1) for b in (-1, 1)]
        x, y = (np.concatenate([part[k][near] for part in parts]) for k in range(2))
        owner, share, h = (np.tile(of[near], 4) for of in (owner, share / 4, h / 2))
        if not x.size:
            break
    return found


def arcs(record, size, fwhm):
    """Arcs on an image by brute force, under a Gaussian."""
    parts, edge, sigma = 8, 16, fwhm / np.sqrt(8 * np.log(2))
    axis = (np.arange((size + 2 * edge) * parts) + 0.5) / parts - 0.5 - edge
    x, y = np.meshgrid(axis, axis)
    fine = means(record[0], x.ravel(), y.ravel(), 1 / parts).reshape(x.shape)
    fine = ndimage.gaussian_filter(fine, sigma * parts, truncate=6)
    whole = fine.reshape(size + 2 * edge, parts, size + 2 * edge, parts).mean(axis=(1, 3))
    return whole[edge:-edge, edge:-edge]


SETS = [
    # x, y, q, angle, theta_E; source: x, y, r_e, n, q, angle; FWHM of the point-spread function
    (19.3, 20.1, 0.7, 30, 7.0, 20.5, 19.6, 1.9, 0.5, 0.6, 70, 3.8),
    (19.3, 20.1, 0.7, 30, 7.0, 19.4, 20.4, 1.2, 1.0, 0.5, 70, 3.8),
    (19.6, 19.2, 0.5, 110, 4.0, 20.5, 19.6, 2.5, 4.0, 0.8, 20, 2.3),
    (19.6, 19.2, 0.9, 110, 9.0, 22.5, 17.6, 1.5, 8.0, 0.7, 20, 2.6),
    (19.6, 19.2, 0.3, 10, 5.0, 19.0, 18.0, 0.4, 2.0, 0.5, 160, 3.0),
    (18.0, 21.2, 0.8, 60, 0.3, 19.0, 20.0, 3.0, 3.0, 0.4, 160, 2.0),
    (20.0, 20.0, 0.6, 0, 6.0, 20.0, 20.0, 1.0, 1.0, 0.9, 45, 1.2),
]


@pytest.mark.parametrize("values", SETS)
def test_arcs_are_the_means_over_pixels_of_what_is_seen(values):
    names = [name for name in LENSED.names or () if name != "source_flux"]
    record = lensed(**dict(zip(names, values, strict=False)), source_flux=1.0)
    image, light = np.zeros((1, 40, 40), np.float32), np.zeros(1)
    width, beta = np.full((2, 1), [[values[-1]], [3.0]])
    add_arcs(record, 1, width, beta, mixture_tables(), image, light)
    truth = arcs(record, 40, values[-1])
    assert np.abs(image[0] - truth).max() < 2e-3 * truth.max()
    assert light[0] == pytest.approx(truth.sum(), rel=5e-4)
