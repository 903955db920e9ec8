"""Recipes that perturb images: their columns, and what is refused."""

import pytest

from deepbench_hf import RecipeError, generate
from deepbench_hf.noise.jpeg import compress
from deepbench_hf.recipe.columns import schema
from tests.support.recipes import extended


def test_columns_of_another_image_have_its_name():
    recipe = extended("lartpc_pair", perturbation={"induction": {"kind": "one_pixel"}})
    assert schema(recipe).keys() >= {
        "induction_perturbation",
        "induction_pixel_value_mV",
        "induction_jpeg_quality",
    }


def perturbed(quality):
    """A recipe's part: images compressed."""
    return {"perturbation": {"image": {"kind": "jpeg", "quality": quality}}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"perturbation": {"imgae": {"kind": "none"}}}, "imgae: unknown image; did you mean 'im"),
        ({"perturbation": {"image": {"kind": "blur"}}}, "unknown kind 'blur'"),
        (perturbed(0), "must be whole, 1 to 100"),
        (perturbed(50.5), "must be whole, 1 to 100"),
        (perturbed({"kind": "uniform", "low": 1, "high": 9}), "a number, choice or integers"),
        ({"noise": {"image": None}}, "is perturbed after its noise, and has none"),
        (
            {"splits": {"test_y1": {"perturbation": {"imag": {"kind": "none"}}}}},
            "same columns; imag would differ",
        ),
        ({"splits": {"test_y1": {"noise_of": "tset"}}}, "unknown split 'tset'; did you mean 'te"),
        ({"splits": {"test_y1": {"noise_of": "test_jpeg_10"}}}, "takes them from 'test' itself"),
    ],
)
def test_what_cannot_be_perturbed_is_told(change, message):
    with pytest.raises(RecipeError) as caught:
        extended("galaxy_perturbed", **change)
    assert any(message in problem for problem in caught.value.problems)


def gaussian(sigma, quality):
    """The config with Gaussian noise, compressed, without the splits of a detector."""
    noise = {"image": {"kind": "gaussian", "sigma": sigma}}
    sizes = {"train": 50, "test": 50}
    return extended("galaxy_perturbed", sizes=sizes, noise=noise, **perturbed(quality))


def test_a_row_without_noise_cannot_be_compressed():
    with pytest.raises(ValueError, match="perturbation of image: jpeg .* a row has none"):
        generate(gaussian(0, 50), "test", 0, 1)


def test_gaussian_noise_and_drawn_qualities_are_perturbed_alike():
    recipe = gaussian(0.2, {"kind": "choice", "values": [20, 80]})
    row = generate(recipe, "test", 0, 20)
    assert set(row["jpeg_quality"]) == {20, 80}
    again = row["image"].copy()
    compress(again, row["image_noise_sigma"], row["jpeg_quality"])
    assert again.tobytes() == row["image"].tobytes()
