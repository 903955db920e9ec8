"""What validates makes rows of finite numbers, and soon, however far its priors reach."""

import time

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, jacobian, load_recipe


def recipe_of(folder, text, **options):
    file = folder / "mine.yaml"
    file.write_text(f"version: 1.0.0\n{text}\n")
    return load_recipe(file, **options)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (
            "extends: shapes_outline\npriors: {stroke_width_px: {kind: uniform, low: 0, high: 2}}",
            {},
        ),
        (
            "extends: shapes\nnoise: {image: {kind: gaussian, sigma: 1.0e+19}}",
            {"uncertainty": True},
        ),
        ("extends: pendulum_noisy\nnoise: {x_m: {sigma: 1.0e+19}}", {"uncertainty": True}),
        ("extends: sky_stars\npriors: {flux_e_s: 4.9e+6}", {}),
    ],
)
def test_rows_are_finite_at_the_edge_of_what_is_accepted(tmp_path, text, options):
    rows = generate(recipe_of(tmp_path, text, **options), "train", 0, 20)
    assert all(np.isfinite(v).all() for v in rows.values() if v.dtype.kind == "f")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "extends: sky_stars\npriors: {flux_e_s: 5.1e+6}",
            "may count 1e\\+09 electrons in a pixel",
        ),
        (
            "extends: sky_noisy\nnoise: {image: {exposure_s: 1.0e+5}}",
            "lower the flux or the exposure",
        ),
        ("extends: survey_pair\npriors: {r_mag: 2}", "electrons in a pixel, of at most 1e\\+09"),
        (
            "extends: shapes\nnoise: {image: {kind: gaussian, sigma: 1.1e+19}}",
            r"accepted is \[0, 1e\+19",
        ),
    ],
)
def test_what_no_number_or_detector_holds_is_refused(tmp_path, text, told):
    with pytest.raises(RecipeError, match=told):
        recipe_of(tmp_path, text)


@pytest.mark.parametrize("corner", [{"center_x_px": 4000.0}, {"pitch_deg": 2.0}])
def test_derivatives_take_no_more_than_a_second_anywhere(corner):
    jacobian("sky_spirals", **corner)
    begin = time.process_time()
    jacobian("sky_spirals", **corner)
    assert time.process_time() - begin < 1
