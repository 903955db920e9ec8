"""What can be asked of image configs: sizes, and scenes as lists of objects."""

import pytest

from deepbench_hf import load_recipe, simulate
from tests.support.draws import identical


def test_a_size_that_is_no_size_is_refused_with_a_reason_g10():
    for size in (3, 0, (64,), (64, 64, 3), 64.5, "64", (64, None)):
        with pytest.raises(ValueError, match="image_size: must be a side or"):
            load_recipe("shapes", image_size=size)
    with pytest.raises(ValueError, match="makes no images"):
        load_recipe("pendulum", image_size=64)
    with pytest.raises(ValueError, match="pendulum has no masks"):
        load_recipe("pendulum", masks=True)


SCENE = [
    {"kind": "circle", "center_x_px": 20.0, "center_y_px": 30.0, "radius_px": 8.0},
    {"kind": "square", "center_x_px": 40.0, "center_y_px": 30.0, "radius_px": 8.0},
]


def test_a_scene_can_be_asked_for_as_a_list_of_objects():
    one = simulate("shapes_scene", objects=SCENE)
    assert one["image"].shape == (64, 64)
    assert one["objects"].dtype.names[0] == "kind"
    two = simulate("shapes_scene", objects=[SCENE, SCENE[:1]])
    assert two["image"].shape == (2, 64, 64)
    assert two["image"][0].tobytes() == one["image"].tobytes()
    again = simulate("shapes_scene", objects=two["objects"], n_objects=[2, 1])
    assert identical(again, two)


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ([], "got 0 to 0 in an example; accepted: 1 to 6"),
        (SCENE * 4, "got 8 to 8 in an example; accepted: 1 to 6"),
        ([{**SCENE[0], "radius": 3}], "'radius' is no parameter of an object; did you mean"),
        ([SCENE[0], {"kind": "circle"}], "must be given for all of them, or for none"),
        ([{**SCENE[0], "kind": "cirle"}], "did you mean 'circle'"),
        ([{**SCENE[0], "radius_px": -1.0}], "the model accepts"),
    ],
)
def test_objects_that_are_no_scene_are_refused_s11(objects, told):
    with pytest.raises(ValueError, match=told):
        simulate("shapes_scene", objects=objects)


def test_unknown_and_impossible_parameters_are_refused_s11():
    with pytest.raises(
        ValueError, match="'flux' is no input of the model; did you mean 'flux_e_s'"
    ):
        simulate("sky_stars", flux=3.0)
    with pytest.raises(ValueError, match="stroke_width_px must be above 0"):
        simulate("shapes", label="arc", stroke_width_px=0.0)
    with pytest.raises(ValueError, match="beta = 1; the model accepts"):
        simulate("sky_stars", beta=1.0)
