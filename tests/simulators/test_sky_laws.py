"""Laws of the sky: flux, symmetry, scale, composition; what a scene and a PSF may not do."""

import numpy as np
import pytest
from scipy import ndimage

from deepbench_hf import simulate
from tests.support.sky_reference import (
    ELLIPTICAL,
    FWHM,
    GAUSSIAN,
    MOFFAT,
    SPIRAL,
    STAR,
    batch,
    components,
    draw,
    picture,
    thing,
)

SHAPE = (64, 64)
THINGS = {
    "star": (STAR, {"fwhm_px": 2.4, "beta": 3.5}),
    "cusp": (ELLIPTICAL, {"sersic_index": 4.0, "axis_ratio": 0.6, "angle_deg": 25.0}),
    "disc": (ELLIPTICAL, {"sersic_index": 1.0, "axis_ratio": 0.5, "angle_deg": 70.0}),
    "spiral": (SPIRAL, {"axis_ratio": 0.7, "angle_deg": 50.0, "bulge_fraction": 0.2, "arms": 3}),
    "bar": (SPIRAL, {"arm_model": 1, "arm_scale_px": 14.0, "sweep": 0.7, "axis_ratio": 0.8}),
}
KINDS = pytest.mark.parametrize("kind", THINGS)
OPTICS = pytest.mark.parametrize("optics", [(0,), (GAUSSIAN, 1.65), (MOFFAT, 2.5, 3.0)], ids=str)


def make(kind, x, y, **values):
    number, usual = THINGS[kind]
    return thing(number, x, y, **{**usual, **values})


def centroid(image):
    y, x = np.indices(image.shape)
    return (x * image).sum() / image.sum(), (y * image).sum() / image.sum()


@KINDS
@pytest.mark.parametrize("optics", [(0,), (GAUSSIAN, 1.65), (GAUSSIAN, 7.0)], ids=str)
def test_the_flux_in_a_wide_frame_is_the_flux_that_is_asked_for(kind, optics):
    small = {"half_light_radius_px": 2.0} if kind == "cusp" else {}
    # A star's wings, and those of a steep galaxy, reach further than the frame.
    kept = {"star": 1 - (1 + 225**2 / 2.72**2) ** -2.5, "cusp": 0.99999}.get(kind, 1.0)
    image, fraction = picture([make(kind, 200.3, 199.6, **small)], (400, 400), *optics)
    assert image.sum() == pytest.approx(1000 * kept, rel=1e-4)
    assert fraction[0] == pytest.approx(image.sum() / 1000, rel=2e-5)


@pytest.mark.parametrize("n", [0.5, 1.0, 2.5, 4.0])
def test_half_of_the_flux_is_inside_the_half_light_ellipse(n):
    galaxy = thing(ELLIPTICAL, 128.2, 127.7, sersic_index=n, half_light_radius_px=30.0,
                   axis_ratio=0.5, angle_deg=30.0)  # fmt: skip
    image, _ = picture([galaxy], (256, 256))
    y, x = np.indices(image.shape)
    dx, dy = x - 128.2, y - 127.7
    u, v = dx * np.sqrt(0.75) + dy * 0.5, dy * np.sqrt(0.75) - dx * 0.5
    assert image[np.hypot(u, 2 * v) < 30].sum() == pytest.approx(500, rel=0.01)


@KINDS
@OPTICS
def test_moving_the_centre_by_whole_pixels_shifts_the_image_s2_s4(kind, optics):
    here, _ = picture([make(kind, 30.25, 28.5)], SHAPE, *optics)
    there, _ = picture([make(kind, 33.25, 23.5)], SHAPE, *optics)
    inner = np.s_[8:56, 8:56]
    shifted = np.roll(here, (-5, 3), (0, 1))
    assert np.max(np.abs(shifted[inner] - there[inner])) < 1e-4 * here.max()


def test_moving_a_spiral_moves_its_image_s2():
    here, _ = picture([make("spiral", 20.0, 22.0)], SHAPE)
    there, _ = picture([make("spiral", 40.0, 34.0)], SHAPE)
    inner = np.s_[20:60, 24:60]
    shifted = np.roll(here, (12, 20), (0, 1))
    assert np.max(np.abs(shifted[inner] - there[inner])) < 1e-5 * here.max()


@pytest.mark.parametrize("kind", ["star", "cusp", "disc", "bar"])
def test_light_on_a_pixels_centre_is_symmetric_about_it_s4(kind):
    image, _ = picture([make(kind, 31.0, 27.0)], (55, 63))
    assert np.max(np.abs(image - image[::-1, ::-1])) < 2e-4 * image.max()


@KINDS
@OPTICS
def test_transposition_swaps_the_axes_and_mirrors_the_angle_s5(kind, optics):
    values = THINGS[kind][1]
    angle = values.get("angle_deg", 0.0)
    image, _ = picture([make(kind, 25.3, 33.8, arm_phase_deg=15.0)], (70, 50), *optics)
    mirrored = make(kind, 33.8, 25.3, angle_deg=90.0 - angle, arm_phase_deg=-15.0, handedness=-1)
    other, _ = picture([mirrored], (50, 70), *optics)
    assert image.shape == (70, 50)
    assert np.max(np.abs(image - other.T)) < 1e-3 * image.max()


def test_mirroring_the_winding_mirrors_a_spiral():
    left, _ = picture([make("spiral", 31.0, 31.0, angle_deg=0.0, handedness=1)], (63, 63))
    right, _ = picture([make("spiral", 31.0, 31.0, angle_deg=0.0, handedness=-1)], (63, 63))
    assert np.max(np.abs(left - right[::-1])) < 2e-4 * left.max()
    assert np.max(np.abs(left - right)) > 0.02 * left.max()


@pytest.mark.parametrize("arms", [2, 3, 4, 5])
def test_a_face_on_spiral_is_symmetric_under_rotation_by_its_arms_s3(arms):
    galaxy = make("spiral", 50.0, 50.0, axis_ratio=1.0, arms=arms, arm_width_px=3.0,
                  scale_length_px=12.0)  # fmt: skip
    image, _ = picture([galaxy], (101, 101))
    turned = ndimage.rotate(image, 360.0 / arms, reshape=False, order=3)
    y, x = np.indices(image.shape)
    inside = np.hypot(x - 50, y - 50) < 45
    assert np.corrcoef(image[inside], turned[inside])[0, 1] > 0.9995


@KINDS
@OPTICS
def test_twice_the_flux_gives_exactly_twice_the_image_s8(kind, optics):
    # So bright that the frame ends before the light does.
    once, fraction = picture([make(kind, 31.3, 30.6, flux_e_s=2e8)], SHAPE, *optics)
    twice, again = picture([make(kind, 31.3, 30.6, flux_e_s=4e8)], SHAPE, *optics)
    assert np.array_equal(2 * once, twice)
    assert again[0] == fraction[0]


def test_an_object_without_flux_gives_a_dark_image_s8():
    for optics in ((0,), (GAUSSIAN, 1.65)):
        image, fraction = picture([make("spiral", 31.0, 31.0, flux_e_s=0.0)], SHAPE, *optics)
        assert not image.any() and fraction[0] == 0.0


@OPTICS
def test_ratios_of_fluxes_survive_in_a_scene_s8(optics):
    bright, faint = make("star", 16.2, 31.0), make("star", 48.2, 31.0, flux_e_s=10.0)
    image, _ = picture([bright, faint], SHAPE, *optics)
    alone, _ = picture([faint], SHAPE, *optics)
    other, _ = picture([bright], SHAPE, *optics)
    assert image == pytest.approx(alone + other, abs=1e-5 * image.max())


@pytest.mark.parametrize("kind", ["star", "disc", "cusp"])
def test_the_centroid_is_the_centre(kind):
    small = {"half_light_radius_px": 3.0, "fwhm_px": 2.0, "beta": 4.5}
    image, _ = picture([make(kind, 60.37, 58.81, **small)], (120, 121), GAUSSIAN, 2.0)
    inner = image if kind != "cusp" else image[59 - 20 : 59 + 21, 60 - 20 : 60 + 21]
    start = (0, 0) if kind != "cusp" else (40, 39)
    x, y = centroid(inner)
    assert (x + start[0], y + start[1]) == pytest.approx((60.37, 58.81), abs=0.02)


@OPTICS
def test_components_sum_to_the_image(optics):
    scene = [make(kind, 12.0 + 9 * k, 40.0 - 5 * k) for k, kind in enumerate(THINGS)]
    image, _ = picture(scene, (48, 60), *optics)
    parts = components(scene, (48, 60), *optics)
    assert np.max(np.abs(parts.sum(0) - image)) < 2e-6 * image.max()


@OPTICS
def test_an_object_outside_adds_its_wings_only(optics):
    image, fraction = picture([make("star", -6.0, 30.0)], SHAPE, *optics)
    wide, _ = picture([make("star", 58.0, 30.0)], (64, 128), *optics)
    assert np.max(np.abs(image - wide[:, 64:])) < 2e-5 * wide.max()
    assert 0 < fraction[0] < 0.1
    far, nothing = picture([make("star", -9000.0, 30.0)], SHAPE, *optics)
    assert far.max() < 1e-3 and nothing[0] < 1e-3


def test_a_row_does_not_depend_on_its_batch():
    scenes = [[make(kind, 20.0 + k, 30.0)] for k, kind in enumerate(THINGS)]
    scenes.append([make("star", 9.0, 9.0), make("cusp", 40.0, 33.0)])
    for psf in (0, GAUSSIAN, MOFFAT):
        records, count, (_, _, beta) = batch(scenes, psf)
        width = np.linspace(0.8, 4.0, len(scenes))
        image = np.empty((len(scenes), 32, 40), np.float32)
        fraction = np.empty(records.shape)
        draw(records, count, (psf, width, beta), False, image, fraction)
        for k in range(len(scenes)):
            one, share = np.empty((1, 32, 40), np.float32), np.empty((1, 2))
            row = slice(k, k + 1)
            draw(records[row], count[row], (psf, width[row], beta[row]), False, one, share)
            assert one.tobytes() == image[row].tobytes()
            assert share.tobytes() == fraction[row].tobytes()


@pytest.mark.parametrize("sigma", [0.4, 0.7, 1.5, 3.0])
def test_the_variance_of_the_psf_is_a_parameter_and_adds_to_that_of_the_light_s6(sigma):
    gaussian = thing(ELLIPTICAL, 50.3, 49.8, sersic_index=0.5, half_light_radius_px=4.0)
    image, _ = picture([gaussian], (100, 100), GAUSSIAN, sigma * FWHM)
    x = np.indices(image.shape)[1]
    cx = centroid(image)[0]
    variance = ((x - cx) ** 2 * image).sum() / image.sum()
    light = 4.0**2 / (2 * np.log(2))
    assert variance == pytest.approx(light + sigma**2 + 1 / 12, rel=2e-3)


def test_defaults_of_shape_are_not_drawn_at_import_s1():
    from deepbench_hf.simulators.sky.objects import SERSIC

    assert SERSIC["axis_ratio"].default == 1 and SERSIC["angle_deg"].default == 0
    once, _ = picture([make("cusp", 31.0, 31.0, axis_ratio=0.4)], SHAPE)
    again, _ = picture([make("cusp", 31.0, 31.0, axis_ratio=0.9)], SHAPE)
    assert np.max(np.abs(once - again)) > 0.01 * once.max()


def test_nothing_is_written_but_finite_numbers():
    wild = [
        make("cusp", 31.0, 31.0, half_light_radius_px=0.2, axis_ratio=0.05, sersic_index=8.0),
        make("star", 5e3, -1e4, fwhm_px=0.2, beta=1.5, flux_e_s=1e9),
        make("disc", 31.5, 31.5, half_light_radius_px=1024.0, sersic_index=0.5, axis_ratio=0.05),
        make("bar", 31.5, 20.0, arm_scale_px=1024.0, winding=20.0, sweep=0.05),
        make("spiral", 10.5, 20.0, pitch_deg=2.0, arm_width_px=0.5, arms=12),
        make("spiral", 150.0, 20.0, scale_length_px=60.0),
        make("spiral", 5e3, 20.0, scale_length_px=1000.0),
    ]
    for optics in ((0,), (GAUSSIAN, 0.8), (MOFFAT, 3.0, 1.6)):
        for one in wild:
            image, fraction = picture([one], (33, 47), *optics)
            assert np.isfinite(image).all() and np.isfinite(fraction).all()
            assert image.min() > -1e-6 * max(image.max(), 1e-6)


@pytest.mark.parametrize("name", ["sky_spirals", "survey_pair"])
def test_arms_that_wind_neither_way_are_refused(name):
    """Between -1 and 1 lies 0, for which no point has an azimuth."""
    with pytest.raises(ValueError, match="handedness of a spiral must be 1 or -1"):
        simulate(name, handedness=0, **({} if name == "sky_spirals" else {"label": "spiral"}))
    flat = {"center_x_px": 30.0, "center_y_px": 30.0, "scale_length_px": 3.0}
    for hand in (-1, 1):
        found = simulate("sky_spirals", handedness=hand, **flat)
        assert found["flux_fraction"] == pytest.approx(1, abs=2e-3)
