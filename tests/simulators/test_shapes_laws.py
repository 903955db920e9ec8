"""Laws of single shapes: area, centroid, symmetry, shift, transposition, measures."""

import mpmath
import numpy as np
import pytest

from deepbench_hf import simulate
from deepbench_hf.simulators.shapes.outline import FILLED, KINDS, OUTLINE
from tests.support.drawing import drawn, measured, painted, scene, shape, some_objects

SIDES = {name: number for number, name in enumerate(KINDS[5:], 3)}
CLOSED = ["circle", "ellipse", "rectangle", *SIDES]
EVERY = {
    kind: {"kind": kind, "x": 30.2, "y": 33.7, "radius": 17.3, "angle": 25.0, "ratio": 0.6,
           "stroke": 2.5, "extent": 250.0 if kind == "arc" else 0.0}
    for kind in KINDS
}  # fmt: skip
FILLED_ONES = {kind: {**EVERY[kind], "stroke": 0.0} for kind in CLOSED}


def image_of(kind="circle", **changes):
    """The image in float64 of a shape, filled or stroked."""
    return drawn(**{**EVERY[kind], **changes})


@pytest.mark.parametrize("given", [*EVERY.values(), *FILLED_ONES.values()], ids=str)
def test_the_pixels_add_up_to_the_area_g4_g6(given):
    area = measured(scene(shape(**given)))[0][0, 0]
    assert drawn(**given).sum() == pytest.approx(area, rel=1e-7)


def test_the_visible_fraction_inside_the_frame_is_one_to_nine_digits():
    rows = [shape(**given) for given in [*EVERY.values(), *FILLED_ONES.values()]]
    fraction = painted(np.concatenate([scene(row) for row in rows]))[1]
    assert fraction == pytest.approx(np.ones_like(fraction), abs=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "arc"])
@pytest.mark.parametrize("angle", [0, 45, 90, 211])
@pytest.mark.parametrize("stroke", [0, 3])
def test_the_centroid_is_the_centre_g2_g3(kind, angle, stroke):
    given = {**EVERY[kind], "angle": angle, "stroke": stroke or (2 if kind == "line" else 0)}
    image = drawn(**given)
    y, x = np.mgrid[:64, :64]
    centroid = (x * image).sum() / image.sum(), (y * image).sum() / image.sum()
    assert centroid == pytest.approx((30.2, 33.7), abs=0.02)


def test_the_first_moments_are_exact_where_pixels_are_whole_g2():
    image = drawn(kind="rectangle", x=20.5, y=30.5, radius=10, angle=90, ratio=0.5)
    assert image[21:41, 16:26].min() == 1 and image.sum() == 200


@pytest.mark.parametrize("kind", CLOSED)
def test_an_outline_has_the_area_of_perimeter_times_width_g7_g12(kind):
    image, (area, perimeter, *_) = image_of(kind), measured(scene(shape(**EVERY[kind])))
    expected = 2.5 * perimeter[0, 0]
    if kind == "ellipse":
        expected = np.pi * 2.5 * (17.3 + 0.6 * 17.3)
    assert area[0, 0] == pytest.approx(expected, rel=1e-13)
    assert image.sum() == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("kind", ["arc", "line"])
def test_a_stroke_has_the_area_of_length_times_width_g5_g12(kind):
    area, perimeter, *_ = measured(scene(shape(**EVERY[kind])))
    assert area == pytest.approx(2.5 * perimeter, rel=1e-14)
    length = 17.3 * (np.radians(250) if kind == "arc" else 2)
    assert perimeter == pytest.approx(length, rel=1e-14)


@pytest.mark.parametrize("n", SIDES.values())
def test_the_walls_of_a_polygon_are_as_thick_as_the_stroke_g12(n):
    kind = KINDS[n + 2]
    outline = drawn(kind=kind, x=32, y=32, radius=20, angle=180 / n, stroke=4)
    wall = outline[32, 32:].sum()
    assert wall == pytest.approx(4, abs=1e-2 if n > 3 else 0.05)


@pytest.mark.parametrize("kind", SIDES)
def test_a_turn_by_the_symmetry_of_a_polygon_changes_nothing_g1(kind):
    turn = 360 / SIDES[kind]
    for k in (1, -1, 2):
        turned = image_of(kind, angle=25 + k * turn)
        assert turned == pytest.approx(image_of(kind), abs=1e-6)
    assert np.abs(image_of(kind, angle=25 + turn / 2) - image_of(kind)).max() > 0.05


@pytest.mark.parametrize("kind", ["ellipse", "rectangle", "line"])
def test_half_a_turn_changes_nothing_g3(kind):
    assert image_of(kind, angle=205) == pytest.approx(image_of(kind), abs=1e-6)
    assert np.abs(image_of(kind, angle=115) - image_of(kind)).max() > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_quarter_turn_in_degrees_turns_the_image_g1_g3(kind):
    given = {**EVERY[kind], "x": 31.5, "y": 31.5}
    turned = drawn(**{**given, "angle": 115.0})
    # Rows go up, so that a turn from +x to +y is one of NumPy's from the first axis to the second.
    assert turned == pytest.approx(np.rot90(drawn(**given), -1), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shift_by_whole_pixels_shifts_the_image_bit_for_bit(kind):
    given = {**EVERY[kind], "radius": 9.0, "x": 24.25, "y": 28.375}
    here, there = drawn(**given), drawn(**{**given, "x": 31.25, "y": 23.375})
    assert np.array_equal(np.roll(here, (-5, 7), axis=(0, 1)), there)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shift_of_any_centre_shifts_the_image_to_a_millionth(kind):
    given = {**EVERY[kind], "radius": 9.0, "x": 24.2, "y": 28.7}
    here, there = drawn(**given), drawn(**{**given, "x": 31.2, "y": 23.7})
    assert np.roll(here, (-5, 7), axis=(0, 1)) == pytest.approx(there, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_transposition_swaps_the_centre_and_mirrors_the_angle_s5(kind):
    given = {**EVERY[kind], "x": 20.2, "y": 31.9, "radius": 14.0}
    angle = 90 - given["angle"] - given["extent"]
    swapped = {**given, "x": given["y"], "y": given["x"], "angle": angle}
    image = drawn(40, 57, **given)
    turned = drawn(57, 40, **swapped).T
    assert image.any() and np.abs(turned - image).max() < 1e-6


def test_x_is_the_column_and_y_is_the_row_s5():
    image = drawn(20, 40, kind="rectangle", x=30, y=5, radius=4.5, ratio=1 / 3)
    assert np.argwhere(image > 0.5).min(axis=0).tolist() == [4, 26]
    assert np.argwhere(image > 0.5).max(axis=0).tolist() == [6, 34]


@pytest.mark.parametrize("kind", CLOSED)
def test_a_filled_shape_ignores_the_stroke_g4(kind):
    rows = [scene(shape(**FILLED_ONES[kind])) for _ in range(2)]
    rows[1]["stroke_width_px"] = 9.0
    assert np.array_equal(painted(rows[0])[0], painted(rows[1])[0])
    assert measured(rows[0])[0] == measured(rows[1])[0]


@pytest.mark.parametrize("kind", ["arc", "line"])
def test_a_stroke_is_drawn_whatever_its_style(kind):
    rows = [scene(shape(**EVERY[kind])) for _ in range(2)]
    rows[0]["style"], rows[1]["style"] = FILLED, OUTLINE
    assert np.array_equal(painted(rows[0])[0], painted(rows[1])[0])


def test_an_ellipse_of_ratio_one_is_a_circle():
    circle = drawn(kind="circle", x=30.2, y=33.7, radius=11, stroke=2)
    for angle in (0, 33, 90):
        ellipse = drawn(kind="ellipse", x=30.2, y=33.7, radius=11, angle=angle, stroke=2)
        assert ellipse == pytest.approx(circle, abs=1e-6)


def test_a_rectangle_of_ratio_one_is_a_square():
    square = drawn(kind="square", x=30.2, y=33.7, radius=11 * np.sqrt(2), angle=58, stroke=2)
    rectangle = drawn(kind="rectangle", x=30.2, y=33.7, radius=11, angle=13, stroke=2)
    assert rectangle == pytest.approx(square, abs=1e-6)


@pytest.mark.parametrize("ratio", [0.01, 0.1, 0.5, 0.9, 0.999999, 1.0])
def test_the_perimeter_of_an_ellipse_is_the_elliptic_integral(ratio):
    given = scene(shape("ellipse", 0, 0, 3.0, ratio=ratio))
    with mpmath.workdps(30):
        true = 12 * mpmath.ellipe(1 - mpmath.mpf(ratio) ** 2)
    assert measured(given)[1][0, 0] == pytest.approx(float(true), rel=3e-15)


ORDERS = [
    *((kind, 0.5, n) for kind, n in SIDES.items()),
    *[("ellipse", 0.5, 2), ("rectangle", 0.5, 2), ("line", 0.5, 2), ("arc", 0.5, 1)],
    *[("rectangle", 1.0, 4), ("circle", 0.5, 0), ("ellipse", 1.0, 0)],
]


@pytest.mark.parametrize(("kind", "ratio", "order"), ORDERS)
def test_the_direction_is_that_of_the_angle_times_the_symmetry_g1(kind, ratio, order):
    given = some_objects(50, 3, 6)
    given["kind"], given["axis_ratio"] = KINDS.index(kind), ratio
    given["extent_deg"] = np.minimum(given["extent_deg"], 359)  # a ring has no direction
    sine, cosine = measured(given)[2:]
    t = np.radians(order * given["angle_deg"])
    assert sine == pytest.approx(np.sin(t) * (order > 0), abs=1e-12)
    assert cosine == pytest.approx(np.cos(t) * (order > 0), abs=1e-12)


def test_a_whole_ring_has_no_direction():
    """An arc of 360 degrees is the same from any angle on."""
    ring = {"label": "arc", "radius_px": 5.0, "extent_deg": 360.0, "stroke_width_px": 2.0}
    one, turned = (simulate("shapes", angle_deg=angle, **ring) for angle in (10.0, 77.0))
    assert np.abs(one["image"] - turned["image"]).max() < 1e-6
    for found in (one, turned):
        assert found["angle_sin"] == found["angle_cos"] == 0
    open_ring = simulate("shapes", angle_deg=77.0, **{**ring, "extent_deg": 359.0})
    assert open_ring["angle_sin"] == pytest.approx(np.sin(np.radians(77)), rel=1e-12)
