"""What DeepBench draws without a defect is what the recipe of the same file draws.

The oracle is DeepBench 0.2.3 itself: ``tests/oracles/deepbench.json`` says how it was asked.
"""

import numpy as np
import pytest

from deepbench_hf import Recipe, generate, load_recipe, simulate
from deepbench_hf.recipe.deepbench import convert
from tests.support.paths import DEEPBENCH, ORACLES

TRUE = dict(np.load(ORACLES / "deepbench.npz"))
ROD = {
    "pendulum_arm_length": 1.0,
    "starting_angle_radians": 0.5,
    "acceleration_due_to_gravity": 9.8,
}


def recipe_of(kind, name, image, objects, **more):
    """The recipe of a DeepBench configuration."""
    data = {
        "object_type": kind,
        "object_name": name,
        "total_runs": 1,
        "image_parameters": image,
        "object_parameters": objects,
        **more,
    }
    return Recipe.from_mapping("x", convert("x", data).recipe)


def shape_recipe(kind, **parameters):
    objects = {kind: {"object": {"center": [30, 34], **parameters}, "instance": {}}}
    return recipe_of("shape", "ShapeImage", {"image_shape": [64, 64]}, objects)


def astro_recipe(name, centre, noise_level=0, **image):
    image = {"image_dimensions": [32, 32], "noise_level": noise_level, **image}
    return recipe_of("astro", name, image, centre)


def image_of(recipe):
    return generate(recipe, "train", 0, 1)["image"][0]


SHAPES = {
    "circle": ("ellipse", {"width": 40, "height": 40, "fill": True}),
    "ellipse": ("ellipse", {"width": 20, "height": 40, "angle": 30, "fill": True}),
    "ring": ("ellipse", {"width": 48, "height": 32, "angle": 20, "line_width": 4}),
    "frame": ("rectangle", {"width": 41.3, "height": 22.6, "line_width": 4.7}),
    "arc": ("arc", {"radius": 24.3, "theta1": 20, "theta2": 130, "line_width": 5}),
    "triangle": ("polygon", {"radius": 20, "angle": 0, "vertices": 3, "fill": True}),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_deepbench_covers_what_ours_covers_wholly_and_nothing_more(name):
    kind, parameters = SHAPES[name]
    ours, theirs = image_of(shape_recipe(kind, **parameters)), TRUE[name].T
    sure = (ours < 1e-3) | (ours > 1 - 1e-3)
    assert sure.mean() > 0.8
    np.testing.assert_array_equal(theirs[sure], ours[sure].round())


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("star", {"radius": 3.0, "amplitude": 5.0}),
        ("galaxy", {"radius": 5.0, "amplitude": 2.0, "n": 1.0, "ellipse": 0.4, "theta": 0.5}),
    ],
)
def test_profile_and_light_of_a_star_and_a_galaxy_are_those_of_deepbench(name, parameters):
    x, y, more = (14.0, 12.0, {"alpha": 3.0}) if name == "star" else (16.0, 14.0, {})
    centre = {"center_x": x, "center_y": y, **more}
    recipe = astro_recipe(f"{name.title()}Object", centre, **parameters)
    points = recipe.simulator.model_copy(update={"psf": "none", "sampled": True})
    profile = image_of(recipe.model_copy(update={"splits": points_splits(recipe, points)}))
    peak = TRUE[f"{name}_profile"].max()
    np.testing.assert_allclose(profile, TRUE[f"{name}_profile"], rtol=0, atol=1e-6 * peak)
    assert image_of(recipe).sum() == pytest.approx(TRUE[name].sum(), rel=4e-3)


def points_splits(recipe, simulator):
    train = recipe.splits["train"].model_copy(update={"simulator": simulator})
    return {"train": train}


def test_the_small_angle_model_is_the_pendulum_that_deepbench_calls_newtonian():
    recipe = load_recipe(DEEPBENCH / "paper_newtonian.yaml")
    times = generate(recipe, "train", 0, 1)["time_s"][0]
    paper = {"length_m": 10.0, "theta0_rad": np.pi / 4, "gravity_m_s2": 9.8}
    small = simulate("pendulum_small_angle", **paper, time_s=times)["x_m"]
    np.testing.assert_allclose(small, TRUE["newtonian_x_m"], rtol=0, atol=1e-12)
    exact = simulate(recipe, **paper)["x_m"]
    assert np.abs(exact - TRUE["newtonian_x_m"]).max() > 5


def test_the_exact_pendulum_is_that_of_deepbench_for_small_angles():
    times = np.linspace(0, 9, 91)
    ours = simulate("pendulum", length_m=2.0, theta0_rad=0.01, gravity_m_s2=9.8, time_s=times)
    off = np.abs(ours["x_m"] - TRUE["small_x_m"]).max() / 0.02
    phase = np.sqrt(9.8 / 2) * 9 * 0.01**2 / 16
    assert off == pytest.approx(phase, rel=0.15)


def test_the_planet_of_g_and_phi_has_their_gravity_and_their_noise():
    noise = {"big_G_newton": 0.05, "phi_planet": 0.1}
    image = {
        "pendulum_arm_length": 2.0,
        "starting_angle_radians": 0.25,
        "big_G_newton": 6.674e-11,
        "phi_planet": 9.8 / 6.674e-11,
        "noise_std_percent": {"acceleration_due_to_gravity": None, **noise},
    }
    recipe = recipe_of("physics", "Pendulum", image, {"time": [0, 1, 2]}, total_runs=4096)
    gravity = generate(recipe, "train", 0, 4096)["gravity_m_s2"]
    assert gravity.mean() == pytest.approx(9.8, rel=0.01)
    wanted = np.sqrt(0.05**2 + 0.1**2 + 0.05**2 * 0.1**2)
    assert gravity.std() / gravity.mean() == pytest.approx(wanted, rel=0.06)


def test_friction_acts():
    image = {**ROD, "coefficient_friction": 0.4}
    times = np.linspace(0, 20, 200).tolist()
    recipe = recipe_of("physics", "Pendulum", image, {"time": times})
    swing = np.abs(generate(recipe, "train", 0, 1)["x_m"][0])
    assert swing[-40:].max() < 0.05 * swing[:40].max()


def test_shapes_are_image_y_x_in_frames_that_are_no_squares():
    objects = {
        "rectangle": {"instance": {"center": [50, 10], "width": 20, "height": 4, "fill": True}}
    }
    recipe = recipe_of("shape", "ShapeImage", {"image_shape": [64, 32]}, objects)
    y, x = np.nonzero(image_of(recipe) > 0.5)
    assert image_of(recipe).shape == (32, 64)
    assert (x.mean(), y.mean()) == (pytest.approx(50, abs=0.5), pytest.approx(10, abs=0.5))


def test_a_polygon_stands_upright_about_its_centre_with_walls_as_thick_as_asked():
    outer = shape_recipe("polygon", vertices=6, radius=20, angle=0, line_width=3)
    row = generate(outer, "train", 0, 1)
    apothem = 20 * np.cos(np.pi / 6)
    area = 2 * np.sqrt(3) * (apothem**2 - (apothem - 3) ** 2)
    assert row["area_px2"][0] == pytest.approx(area, rel=1e-9)
    image = row["image"][0]
    x = np.arange(64)
    assert (image * x).sum() / image.sum() == pytest.approx(30, abs=0.01)
    assert image[:, 30].nonzero()[0].max() == 54  # a vertex straight above the centre


def test_a_line_that_falls_goes_from_start_to_end():
    objects = {"line": {"instance": {"start": [10, 50], "end": [50, 20], "line_width": 4}}}
    image = image_of(recipe_of("shape", "ShapeImage", {"image_shape": [64, 64]}, objects))
    assert image[50, 10] > 0.3
    assert image[20, 50] > 0.3
    assert image[20, 10] == image[50, 50] == 0
    assert image.sum() == pytest.approx(4 * np.hypot(40, 30), rel=1e-4)


def test_a_spiral_lies_where_it_is_put_and_is_alike_after_half_a_turn():
    centre = {"center_x": 18.0, "center_y": 14.0}
    recipe = astro_recipe("SpiralGalaxyObject", centre, radius=6, spiral_pitch=0.3)
    image = image_of(recipe)
    part = image[14 - 9 : 14 + 10, 18 - 9 : 18 + 10]
    assert np.corrcoef(part.ravel(), part[::-1, ::-1].ravel())[0, 1] > 0.999


def test_the_crests_of_a_spiral_have_the_brightness_that_is_asked_for():
    size = {"image_dimensions": [96, 96], "radius": 24, "spiral_pitch": 0.4}
    centre = {"center_x": 48.0, "center_y": 48.0}
    image = image_of(astro_recipe("SpiralGalaxyObject", centre, **size))
    y, x = np.indices(image.shape)
    r = np.hypot(x - 48, y - 48)
    crest = image[abs(r - 20) < 0.5].max()
    assert crest == pytest.approx(np.exp(-20 / (24 / 1.678)), rel=0.08)


def test_objects_of_an_image_keep_the_ratio_of_their_amplitudes():
    def fluxes(amplitude):
        star = {"object": {"center_x": 5, "center_y": 5, "alpha": 3}}
        galaxy = {"object": {}, "instance": {"ellipse": 0.2, "radius": 3, "amplitude": amplitude}}
        objects = {"star": star, "galaxy": galaxy}
        cases = recipe_of("sky", "SkyImage", {"image_shape": [32, 32]}, objects).priors
        return [part.value for part in cases["flux_e_s"].cases.values()]

    (star, galaxy), (faint_star, bright_galaxy) = fluxes(1.0), fluxes(2.0)
    assert bright_galaxy / faint_star == pytest.approx(2 * galaxy / star, rel=1e-9)
    assert bright_galaxy == pytest.approx(galaxy, rel=1e-9)  # the brightest peak stays 1


@pytest.mark.parametrize("name", ["Pendulum", "HamiltonianPendulum"])
def test_noiseless_is_without_noise(name):
    image = {**ROD, "noise_std_percent": {"pendulum_arm_length": 0.1}}
    recipe = recipe_of("physics", name, image, {"time": [0, 1], "noiseless": True}, total_runs=9)
    rows = generate(recipe, "train", 0, 9)
    assert not recipe.noise
    assert set(rows["length_m"]) == {1.0}


def test_strong_noise_leaves_lengths_above_zero():
    image = {**ROD, "noise_std_percent": {"pendulum_arm_length": 0.5}}
    recipe = recipe_of("physics", "Pendulum", image, {"time": [0, 1]}, total_runs=4096)
    assert 0.01 <= generate(recipe, "train", 0, 4096)["length_m"].min() < 0.1
