"""Configs that follow a paper's selection or classes: even labels, ten classes, pairs of depths."""

import numpy as np
import pytest
from scipy import stats

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
