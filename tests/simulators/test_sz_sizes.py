"""Cutouts of other sizes than the shipped one, and clusters at the ends of the limits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ive

from deepbench_hf import load_recipe, simulate
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.simulators.sz.beam import RADII, add_cluster
from deepbench_hf.simulators.sz.cutouts import ClusterCutout
from deepbench_hf.simulators.sz.pressure import look_up
from deepbench_hf.simulators.sz.profiles import PROFILES
from deepbench_hf.simulators.sz.sky import COUNTS_DEG2, point_sources

QUIET = {"dust_uK2": 0.0, "realization": 3}


@pytest.mark.parametrize("size", [16, 64])
def test_another_size_shows_the_same_patch_in_other_pixels(size):
    """Pixels of the same angle show another patch: clusters at 3' were outside of 16 of them."""
    model = load_recipe("sz_cutouts", image_size=size).simulator
    assert size * model.pixel_arcmin == pytest.approx(8)
    given = {"log10_m500_Msun": 14.7, "redshift": 0.5, "x_arcmin": 2.5, "y_arcmin": -3.0}
    maps = [
        simulate(load_recipe("sz_cutouts", image_size=size), label=label, **given, **QUIET)
        for label in ("cluster", "empty")
    ]
    dip = maps[1]["map_148_uK"] - maps[0]["map_148_uK"].astype(float)
    y, x = np.unravel_index(dip.argmax(), dip.shape)
    place = (np.array([x, y]) - 0.5 * (size - 1)) * 8 / size
    assert place == pytest.approx([2.5, -3.0], abs=8 / size)


def test_cutouts_that_are_wider_than_the_sky_behind_them_are_refused():
    """The background of 64' repeats itself, and there were point sources in the inner 16' alone."""
    ClusterCutout(image_size=(64, 64), pixel_arcmin=0.5)
    with pytest.raises(ValueError, match="make 32.5 arcmin; accepted are up to 32"):
        ClusterCutout(image_size=(32, 65), pixel_arcmin=0.5)


def test_a_wide_cutout_has_point_sources_up_to_its_corners():
    per_field = [point_sources(np.array([float(k)]), 32.0) for k in range(300)]
    x, y = np.concatenate(per_field).T[2:]
    mean = 300 * COUNTS_DEG2 * (0.5**-1.5 - 10**-1.5) / 60**2  # on a square arcmin
    for low, high in ((0, 8), (8, 16), (16, 20)):  # square rings
        area = 4 * (high**2 - low**2)
        count = ((np.maximum(abs(x), abs(y)) - low) // (high - low) == 0).sum()
        assert count == pytest.approx(mean * area, abs=5 * np.sqrt(mean * area))


@pytest.mark.parametrize("profile", ["arnaud", "battaglia"])
@pytest.mark.parametrize("side", [32, 128])
def test_the_smallest_clusters_are_convolutions(profile, side):
    """Rings round a place miss a cluster that is smaller than what lies between their points."""
    cluster, sigma = PROFILES[profile](12.0, 5.0), 1.7 / 2.3548200450309493
    field = np.zeros((side, side))
    given = (1.0, cluster.theta500, 0.0, 0.0, sigma, 0.25, cluster.logs, cluster.values)
    add_cluster(field, *given, *gauss_legendre(RADII))

    def ring(w, r):  # of radius w^2 round the cluster, in the beam of a place at a distance r
        s = w * w
        beam = ive(0, s * r / sigma**2) * np.exp(-((s - r) ** 2) / (2 * sigma**2))
        return 2 * w * s * beam / sigma**2 * look_up(s / cluster.theta500, *given[6:])

    distance = (np.arange(side / 2) + 0.5) * 0.25 * np.sqrt(2)  # along the diagonal
    ends = np.sqrt(np.maximum(distance - 9 * sigma, 0)), np.sqrt(5 * cluster.theta500)
    expected = [
        quad(ring, a, ends[1], args=(r,), epsrel=1e-7, limit=200)[0] if a < ends[1] else 0.0
        for a, r in zip(ends[0], distance, strict=True)
    ]
    found = np.diag(field)[side // 2 :]
    np.testing.assert_allclose(found, expected, atol=4e-3 * max(expected))
