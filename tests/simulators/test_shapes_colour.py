"""Shapes in colour: the coverage of `shapes`, mixed with the background by area."""

import numpy as np

from deepbench_hf import generate, jacobian, load_recipe


def test_a_pixel_is_shape_and_background_by_the_coverage_of_the_same_row_of_shapes():
    rows = generate(load_recipe("shapes_colour", clean=True), "train", 0, 40)
    cover = generate("shapes", "train", 0, 40)["image"].astype(float)
    for k, name in enumerate(("red", "green", "blue")):
        ink, ground = (rows[one][:, None, None] for one in (name, "background"))
        expected = cover * ink + (1 - cover) * ground
        np.testing.assert_allclose(rows["image_clean"][:, k], expected, atol=1e-6)
    assert rows["image_clean"].min() >= 0


def test_the_light_of_a_channel_is_linear_in_its_colour_and_in_the_background():
    rows = generate(load_recipe("shapes_colour", clean=True), "test", 0, 3)
    for row in range(3):
        own = load_recipe("shapes_colour").simulator.parameters
        given = {name: rows[name][row] for name in own if name in rows}
        slopes = jacobian("shapes_colour", **given)["image"]
        cover = slopes["green"][1]
        assert not slopes["green"][[0, 2]].any()
        np.testing.assert_allclose(slopes["background"][0], 1 - cover, atol=1e-7)
        light = given["green"] * cover + given["background"] * (1 - cover)
        np.testing.assert_allclose(rows["image_clean"][row, 1], light, atol=1e-6)
