"""Configs that follow a paper's selection or classes: even labels, ten classes, pairs of depths."""

import numpy as np
import pytest
from scipy import ndimage, stats

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.survey.ten_classes import TEN


def test_selected_points_are_those_of_a_rejection_of_even_points():
    rows = generate(load_recipe("deepuq_linear_uniform"), "train", 0, 4000)
    assert np.allclose(rows["y"], rows["slope"] * rows["x"], rtol=1e-14)
    assert (rows["x"] <= 10 * (1 + 1e-12)).all()
    assert stats.kstest(rows["y"], "uniform", (0, 2)).pvalue > 1e-6
    random = np.random.default_rng(0)
    x, m = random.uniform(0, 10, 400000), random.uniform(0.1, 0.4, 400000)
    for low, high in ((0.2, 0.3), (1.6, 1.7)):  # the slopes of points of a given height
        here, there = (
            v[(y >= low) & (y < high)] for v, y in ((m, m * x), (rows["slope"], rows["y"]))
        )
        assert stats.ks_2samp(here, there).pvalue > 1e-6


def test_noise_on_the_input_scatters_the_height_by_sigma():
    rows = generate(load_recipe("deepuq_linear_uniform"), "test_input_middle", 0, 4000)
    scatter = rows["slope"] * rows["x_measured"] - rows["y"]
    assert scatter.std() == pytest.approx(0.05, rel=0.06)


def test_selected_galaxies_have_even_totals_and_the_published_blur():
    recipe = load_recipe("deepuq_flux_uniform", clean=True)
    rows = generate(recipe, "train", 0, 2000)
    total, radius = rows["total_e_s"], rows["half_light_radius_px"]
    assert np.allclose(rows["image_clean"].sum(axis=(1, 2)), total, atol=1e-5)
    assert stats.kstest(total, "uniform", (0, 2)).pvalue > 1e-6
    assert radius.min() >= 1 and radius.max() <= 10
    held = total / rows["flux_e_s"]  # the frame holds the light of small galaxies
    assert held[radius < 3].min() > 0.99 and held.min() > 0.7
    assert (rows["amplitude_e_s_px"] * held).max() < 0.01 * (1 + 1e-9)
    random = np.random.default_rng(0)  # by rejection, as there
    size, amplitude = random.uniform(1, 10, 400_000), random.uniform(0, 0.01, 400_000)
    flux = amplitude * size**2 * rows["flux_e_s"][0] / (rows["amplitude_e_s_px"] * radius**2)[0]
    for low, high in ((0.1, 0.2), (1.4, 1.6)):
        there, here = size[(flux >= low) & (flux < high)], radius[(total >= low) & (total < high)]
        assert stats.ks_2samp(here, there).pvalue > 1e-6
    row = {name: rows[name][3] for name in recipe.priors}
    brightness = {n: rows[n][3] for n in ("amplitude_e_s_px", "half_light_radius_px")}
    same = {n: row[n] for n in ("center_x_px", "center_y_px", "axis_ratio", "angle_deg")}
    sharp = simulate("deepuq_flux", **same, **brightness)["image"].astype(float)
    blurred = ndimage.gaussian_filter(np.pad(sharp, 8), 0.7)[8:-8, 8:-8]
    assert np.abs(blurred - rows["image_clean"][3]).max() < 0.03 * blurred.max()


def test_ten_classes_are_drawn_as_the_kinds_of_the_survey():
    rows = generate(load_recipe("survey_ten"), "test", 0, 60)
    recipe = load_recipe("survey_ten")
    label = int(np.flatnonzero(rows["label"] == 5)[0])
    row = {name: values[label] for name, values in rows.items()}
    image = simulate(recipe, **row)["image"]
    own = {n: row[n] for n in load_recipe("survey_pair").simulator.parameters if n in row}
    same = simulate("survey_pair", **{**own, "label": TEN["tight_spiral"]})["image"]
    assert np.array_equal(image, same)
    assert set(rows["label"]) <= set(range(9))
    assert (rows["label_given"] == rows["label"]).all()
    hidden = generate(recipe, "train_target", 0, 20)
    assert (hidden["label_given"] == -1).all()


def test_deep_images_are_the_shallow_ones_with_less_noise():
    recipe = load_recipe("survey_depth", clean=True)
    one, deep = (generate(recipe, split, 0, 6) for split in ("test", "test_paired"))
    assert np.array_equal(one["image_clean"], deep["image_clean"])
    ratio = (one["image"] - one["image_clean"]).std() / (deep["image"] - deep["image_clean"]).std()
    assert ratio == pytest.approx(4, rel=0.15)


def test_perturbed_galaxies_are_those_of_test():
    recipe = load_recipe("survey_perturbed")
    plain, year, pixel = (
        generate(recipe, split, 0, 4) for split in ("test", "test_y1", "test_onepixel_random")
    )
    assert np.array_equal(plain["label"], year["label"])
    assert ((plain["image"] != pixel["image"]).sum(axis=(1, 2)) <= 1).all()
    assert (year["snr"] < plain["snr"]).all()
    assert set(generate(recipe, "train", 0, 40)["label"]) == {0, 1, 2}


def test_a_galaxy_that_the_frame_does_not_hold_has_no_total():
    for center in (300.0, 5000.0):
        with pytest.raises(ValueError, match="the frame holds nothing"):
            simulate("deepuq_flux_uniform", selected_total_e_s=1.0, center_x_px=center)
    none = simulate("deepuq_flux_uniform", selected_total_e_s=0.0)
    assert none["amplitude_e_s_px"] == none["total_e_s"] == 0 and not none["image"].any()
