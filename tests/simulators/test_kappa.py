"""Convergence maps: their spectrum, their moments, and what a realization keeps."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, simulate, statistics
from deepbench_hf.figures import show
from deepbench_hf.simulators.kappa import power
from deepbench_hf.tables.thumbnails import extreme, stretched

N, SIDE, MAPS = 64, np.radians(3.5), 1000
BINS = np.arange(0.5, 32.5)  # of k; beyond, circles leave the grid
SURE = 5.5
"""Standard deviations: by chance one of a million."""


@pytest.fixture(scope="module")
def maps():
    """A thousand small maps of the two plain configs, the same realizations."""
    names = ("kappa_gaussian", "kappa_lognormal")
    return {n: generate(load_recipe(n, image_size=N), "train", 0, MAPS) for n in names}


def modes(n=N):
    """The length of k, at every mode of the half plane."""
    return np.hypot(np.fft.fftfreq(n, 1 / n)[:, None], np.arange(n // 2 + 1))


def input_power(n=N):
    """C(l) of the fit at every mode, steradians; zero at l = 0."""
    k = modes(n)
    found = power(np.maximum(k, 1) * 360 / 3.5)
    found[0, 0] = 0
    return found


def measured_power(images):
    """|a|^2 times the area, of each image."""
    return abs(np.fft.rfft2(images.astype(float)) / images[0].size) ** 2 * SIDE**2


def binned_ratio(images):
    """Measured over input power in rings, for each map, and how many modes a ring has."""
    ratio = (
        measured_power(images)[:, :, : N // 2]
        / np.where(modes() > 0, input_power(), 1)[:, : N // 2]
    )
    ring = np.digitize(modes()[:, : N // 2], BINS)
    once = (np.arange(N // 2) > 0) | (np.arange(N)[:, None] < N // 2)  # not a mode's conjugate
    inside = [(ring == number) & once for number in range(1, len(BINS))]
    return np.stack([ratio[:, here].mean(axis=1) for here in inside]), [i.sum() for i in inside]


def test_the_mean_power_of_a_thousand_maps_is_that_of_the_fit(maps):
    ratio, count = binned_ratio(maps["kappa_gaussian"]["image"])
    expected = np.sqrt(1 / (np.array(count) * MAPS))  # count pairs of modes: 2 / N_modes
    z = (ratio.mean(axis=1) - 1) / expected
    assert abs(z).max() < SURE
    assert 0.5 < z.std() < 1.6
    assert abs((1.03 * ratio.mean(axis=1) - 1) / expected).max() > SURE  # it can fail


def test_the_scatter_of_the_power_between_maps_is_that_of_gaussian_modes(maps):
    ratio, count = binned_ratio(maps["kappa_gaussian"]["image"])
    scatter = ratio.std(axis=1) * np.sqrt(count)
    assert abs(scatter - 1).max() < SURE * 0.03  # 2.2 % from a thousand, more where modes are few


def test_lognormal_maps_have_the_power_of_the_fit_too(maps):
    ratio, _ = binned_ratio(maps["kappa_lognormal"]["image"])
    error = ratio.std(axis=1) / np.sqrt(MAPS)
    assert abs((ratio.mean(axis=1) - 1) / error).max() < SURE
    assert error.max() < 0.03


def test_moments_of_pixels_are_the_closed_forms(maps):
    for name, rows in maps.items():
        kappa, sigma = rows["image"].astype(float), rows["kappa_sigma"][0]
        third = 0.0
        if name == "kappa_lognormal":
            growth = np.exp(rows["log_sigma"][0] ** 2)
            third = (growth + 2) * np.sqrt(growth - 1) * sigma**3
            assert sigma == pytest.approx(0.02 * np.sqrt(growth - 1), rel=1e-12)
        for order, wanted in ((1, 0.0), (2, sigma**2), (3, third)):
            each = (kappa**order).mean(axis=(1, 2))
            error = max(each.std() / np.sqrt(MAPS), 1e-9)
            assert abs(each.mean() - wanted) < SURE * error, (name, order)
            assert error < 0.01 * sigma**order * (3 if third else 1)


@pytest.mark.parametrize("name", ["kappa_gaussian", "kappa_lognormal"])
def test_excursion_sets_have_the_minkowski_functionals_of_theory(name, maps):
    images = maps[name]["image"][:300].astype(float)
    shift = load_recipe(name).priors["shift"].value if name == "kappa_lognormal" else None
    # Above t is where the Gaussian field inside is above its own threshold.
    field = images if shift is None else np.log1p(images / shift)
    sigma = maps[name]["kappa_sigma" if shift is None else "log_sigma"][0]
    mean = 0 if shift is None else -(sigma**2) / 2
    thresholds = sigma * np.linspace(-2.5, 2.5, 21)
    found = statistics.minkowski_functionals(field - mean, thresholds, SIDE / N, periodic=True)
    theory = statistics.gaussian_minkowski(thresholds, sigma, gradient(field))
    if shift is not None:
        levels = shift * np.expm1(thresholds + mean)
        same = statistics.lognormal_minkowski(levels, shift, sigma, gradient(field))
        np.testing.assert_allclose(same, theory, rtol=1e-9, atol=1e-12 * abs(theory).max())
        above = (images[:, None] > levels[:, None, None]).mean(axis=(0, 2, 3))
        np.testing.assert_allclose(above, theory[0], atol=0.003)
    error = found.std(axis=0) / np.sqrt(len(found))
    peak = abs(theory).max(axis=1, keepdims=True)
    assert (error < 0.02 * peak).all()
    assert (abs(found.mean(axis=0) - theory) < SURE * error + 0.005 * peak).all()


def gradient(field):
    """The root mean square of the gradient; a wave at the edge of the grid has no slope there."""
    waves = 2 * np.pi / SIDE * np.fft.fftfreq(N, 1 / N)
    waves[N // 2] = 0
    square = waves[:, None] ** 2 + waves**2
    return np.sqrt((square * abs(np.fft.fft2(field) / N**2) ** 2).mean(axis=0).sum())


def test_compare_tells_an_amplitude_that_is_ten_percent_wrong(maps):
    one, other = maps["kappa_lognormal"]["image"][:400].reshape(2, 200, N, N)
    assert statistics.compare(one, other, periodic=True).p > 1e-3
    wrong = statistics.compare(one, 1.1 * other, periodic=True)
    assert all(result.p < 1e-6 for result in wrong.results)


def test_a_gaussian_map_has_no_mean_and_a_lognormal_one_keeps_above_its_depth(maps):
    assert abs(maps["kappa_gaussian"]["image"].mean(axis=(1, 2), dtype=float)).max() < 1e-9
    lowest = maps["kappa_lognormal"]["image"].min()
    assert -0.02 < lowest < -0.018


def test_opposite_edges_meet(maps):
    for rows in maps.values():
        kappa = rows["image"].astype(float)
        for axis in (1, 2):
            steps = ((kappa - np.roll(kappa, 1, axis)) ** 2).mean(axis=(0, 3 - axis))
            assert steps[0] == pytest.approx(
                steps[1:].mean(), rel=SURE * steps[1:].std() / steps[0]
            )


def test_a_realization_has_the_same_waves_under_any_spectrum():
    rows = [
        simulate("kappa_gaussian", realization=7, amplitude=amplitude, tilt=tilt)["image"]
        for amplitude, tilt in ((1, 0), (4, 0), (1, 0.3))
    ]
    np.testing.assert_allclose(rows[1], 2 * rows[0], rtol=2e-7)
    inside = simulate("kappa_lognormal", realization=7, shift=0.05)["image"].astype(float)
    waves = [np.fft.rfft2(image) for image in (*rows, np.log1p(inside / 0.05))]
    for other in waves[1:]:
        turned = np.angle(other[0, 1:] / waves[0][0, 1:])
        assert abs(turned).max() < 1e-3
    assert not np.allclose(rows[0], simulate("kappa_gaussian", realization=8)["image"], atol=0.01)


def test_a_smaller_map_has_the_long_waves_of_a_larger_one():
    for name in ("kappa_gaussian", "kappa_conditional"):
        recipes = [load_recipe(name, image_size=n) for n in (32, 128)]
        small, large = (generate(recipe, "test", 0, 3) for recipe in recipes)
        assert (small["realization"] == large["realization"]).all()
        if name == "kappa_gaussian":
            waves = [np.fft.rfft2(r["image"]) / r["image"][0].size for r in (small, large)]
            one, other = (np.concatenate([w[:, :16, :16], w[:, -15:, :16]], 1) for w in waves)
            assert abs(one - other).max() < 1e-6 * abs(one).max()


def test_train_has_nothing_of_the_box_that_is_held_out():
    recipe = load_recipe("kappa_conditional")
    rows = {split: generate(recipe, split, 0, 200) for split in ("train", "test_interpolate")}
    held = abs(rows["test_interpolate"]["amplitude"] - 1).max()
    assert held < 0.1 <= abs(rows["train"]["amplitude"] - 1).min()
    beyond = generate(recipe, "test_extrapolate", 0, 200)
    assert (abs(beyond["amplitude"] - 1) >= 0.5).all()
    assert (abs(beyond["tilt"]) >= 0.3).all()


def test_pictures_of_a_fluctuation_have_zero_in_the_middle_and_one_scale(maps):
    for name, rows in maps.items():
        image, field = rows["image"][0], load_recipe(name).simulator.columns["image"]
        shown = stretched(image, field, 0.05)
        inside = abs(image) < 0.05
        np.testing.assert_allclose(shown[inside], 0.5 + 10 * image[inside], atol=1e-6)
        assert ((shown > 0.5) == (image > 0)).all()
        *panels, bar = show(load_recipe(name), rows=4).axes
        assert len({panel.images[0].get_cmap().name for panel in panels}) == 1
        low, high = bar.get_ylim()
        assert bar.get_ylabel() == "convergence"
        assert (
            high
            == -low
            == pytest.approx(extreme(generate(load_recipe(name), "train", 0, 4)["image"]))
        )
