"""Points at which light is sampled: where they lie, what pixels get of them, and what is read."""

import numpy as np
import pytest
from scipy import special

from deepbench_hf.simulators.sky import blur, pixels
from deepbench_hf.simulators.sky.blur import add_points, add_smooth, room_for
from deepbench_hf.simulators.sky.pixels import margin_around, point_of, points_through, row_of

DENSITIES = [(rows, quarters) for rows in (1, 3, 4, 5, 10) for quarters in range(4)]
OPTICS = {
    "none": [(0.0, 1.0)],
    "narrow": [(0.09, 1.0)],
    "gaussian": [(0.7, 1.0)],
    "several": [(0.4, 0.3), (1.5, 0.4), (3.0, 0.2), (9.0, 0.1)],
}


def gaussians(name):
    """Records of `psf_mixture` by their variances, px^2, and shares."""
    found = np.zeros((len(OPTICS[name]), 5))
    found[:, :2] = OPTICS[name]
    return found


def mean_of_gaussian(at, variance, count):
    """The mean over each of `count` pixels of a Gaussian at a place."""
    edges = np.arange(count + 1) - 0.5 - at
    if variance == 0.0:
        return np.diff((edges >= 0.0).astype(float))
    return np.diff(special.ndtr(edges / np.sqrt(variance)))


@pytest.mark.parametrize(("rows", "quarters"), DENSITIES)
def test_rows_of_points_are_a_lattice_through_a_place(rows, quarters):
    points = points_through(7.3, -5.9, 11, rows, quarters)
    places = np.array([row_of(points, number) for number in range(4 * rows)])
    assert -11.5 <= places[0, 1] < -11.5 + 4 / rows
    assert np.all(np.abs(places[:, 0]) <= 0.5)
    assert np.allclose(np.diff(places[:, 1]), 4 / rows)
    shift = np.diff(places[:, 0]) - quarters / 4
    assert np.allclose(shift, np.round(shift))
    nearest = np.abs(places[:, 1] + 5.9).argmin()
    assert np.allclose(places[nearest] - np.round(places[nearest] - (7.3, -5.9)), (7.3, -5.9))


@pytest.mark.parametrize("name", OPTICS)
@pytest.mark.parametrize(("rows", "quarters"), [(4, 0), (5, 1), (10, 3), (3, 2)])
def test_a_point_of_light_gives_pixels_its_mean_over_them(name, rows, quarters):
    optics, shape = gaussians(name), (9, 16)
    image = np.zeros((1, *shape), np.float32)
    margin = margin_around(optics, 3e-4, np.inf)
    planes, edge, room = room_for(1, margin, rows, optics, image)
    points = points_through(4.3, 3.8, edge, rows, quarters)
    for row, column in ((edge * rows // 4 + 2, edge + 3), (edge * rows // 4 - 1, edge)):
        planes[:], image[:] = 0.0, 0.0
        if name == "several":
            room[0][:] = 0.0
        planes[0, row, column] = 1.0
        add_points(planes, edge, points, 2.0, optics, None, room, image)
        add_smooth(margin, optics, None, room, image)
        offset, y = row_of(points, row)
        expected = 0.0
        for variance, share in OPTICS[name]:
            across = mean_of_gaussian(column - edge + offset, variance, shape[1])
            expected += 2.0 * share * np.outer(mean_of_gaussian(y, variance, shape[0]), across)
        if name == "several":
            # A single point has what pixels cannot tell apart, which the wider Gaussians leave.
            assert np.abs(image[0] - expected).max() < 2e-3 * expected.max()
            assert image.sum() == pytest.approx(expected.sum(), rel=1e-3)
        else:
            assert np.abs(image[0] - expected).max() < 2e-4 * max(expected.max(), 0.01)


def test_all_that_is_read_is_there():
    """The loops of `exact.lanes` do not check their indices."""
    random = np.random.default_rng(3)
    for _ in range(300):
        rows, quarters = int(random.integers(1, 17)), int(random.integers(4))
        optics = gaussians(random.choice(["none", "gaussian", "several"]))
        optics[:, 0] *= np.exp(random.uniform(-2, 3))
        high, wide = int(random.integers(1, 70)), 16 * int(random.integers(1, 5))
        image = np.zeros((1, high, wide), np.float32)
        margin = margin_around(optics, 3e-4, np.inf)
        planes, edge, (smooth, work, (taps, at)) = room_for(1, margin, rows, optics, image)
        place = random.uniform(-50, 100, 2)
        points = points_through(*place, edge, rows, quarters)
        narrow = blur._narrow_terms(optics)
        reads = [
            (points, edge, pixels.margin_of(variance), planes, high, wide)
            for variance in optics[:narrow, 0]
        ]
        if narrow < len(optics):
            reach = pixels.margin_of(blur.SMOOTH)
            around = points[0], points[1], points[2] + edge - reach, points[3]
            size = high + 2 * margin, smooth.shape[2] - 16
            reads.append((around, reach, reach, planes, *size))
            assert size[0] <= smooth.shape[1]
            reads += [
                ((4, 0, -1.0 * margin, 0.0), margin, pixels.margin_of(variance), smooth, high, wide)
                for variance in optics[narrow:, 0]
            ]
        for some, corner, reach, plane, lines, columns in reads:
            count, many = blur._taps_of(some, reach)
            assert 4 * max(count, many) <= min(taps.shape[2], at.size, work[1].size, work[2].size)
            assert corner >= reach
            assert corner - reach + columns + count <= plane.shape[2]
            assert columns <= work[0].shape[1]
            for line in range(lines):
                first = blur._first_row(some, line % 4, reach) + line // 4 * some[0]
                assert first >= 0
                assert first + many <= min(plane.shape[1], work[0].shape[0])
                inside = [row_of(some, first + n)[1] - line for n in (-1, 0, many)]
                assert inside[0] < -reach - 0.5 <= inside[1] and inside[2] > reach + 0.5


@pytest.mark.parametrize("lattice", [(1, 1), (5, 3), (21, 13), (16, 0)])
def test_points_of_a_pixel_are_spread_evenly_and_weigh_one(lattice):
    points = np.array([point_of(number, lattice) for number in range(lattice[0])])
    assert points[:, 2].sum() == pytest.approx(1.0)
    assert points[:, 2] @ points[:, :2] == pytest.approx([0.0, 0.0], abs=1e-12)
    variance = points[:, 2] @ points[:, :2] ** 2
    assert variance == pytest.approx([1 / 12, 1 / 12], rel=0.05 if lattice[0] > 1 else 1.0)
