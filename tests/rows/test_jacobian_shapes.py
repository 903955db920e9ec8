"""Derivatives of the coverage of shapes against exact areas of Shapely, and closed forms."""

import numpy as np
import pytest

from deepbench_hf import generate, jacobian, simulate
from deepbench_hf.simulators.shapes import Shapes
from deepbench_hf.simulators.shapes.outline import KINDS, OUTLINE
from tests.support import drawing
from tests.support.drawing import geometry, scene, shape, true_coverage
from tests.support.recipes import recipe_of

SIZE = (16, 18)
PLACE = {"x": 8.31, "y": 7.23}
CASES = {
    "circle": {"kind": "circle", **PLACE, "radius": 5.1, "stroke": 1.3},
    "ellipse": {"kind": "ellipse", **PLACE, "radius": 6.2, "angle": 33.0, "ratio": 0.52},
    "leaning": {
        "kind": "ellipse", "x": 2.3, "y": 7.2, "radius": 5.9, "angle": 131.0, "ratio": 0.61,
        "stroke": 2.0,
    },
    "rectangle": {
        "kind": "rectangle", **PLACE, "radius": 6.1, "angle": 33.0, "ratio": 0.47, "stroke": 1.1,
    },
    "line": {"kind": "line", **PLACE, "radius": 6.1, "angle": -63.0, "stroke": 1.2},
    "hexagon": {"kind": "hexagon", **PLACE, "radius": 6.2, "angle": 13.0, "stroke": 1.1},
    "triangle": {"kind": "triangle", "x": 8.3, "y": 14.2, "radius": 6.2, "angle": 13.0},
    "arc": {"kind": "arc", **PLACE, "radius": 5.3, "angle": 13.0, "stroke": 1.2, "extent": 231.0},
    "wedge": {"kind": "arc", **PLACE, "radius": 2.1, "angle": 201.0, "stroke": 5.3, "extent": 71.0},
}  # fmt: skip
COLUMNS = {
    "x": "center_x_px", "y": "center_y_px", "radius": "radius_px", "ratio": "axis_ratio",
    "angle": "angle_deg", "extent": "extent_deg", "stroke": "stroke_width_px",
}  # fmt: skip
NOISY = """
version: 1.0.0
uncertainty: true
simulator: {kind: shapes, image_size: [20, 20]}
priors:
  label: {kind: classes, names: [ellipse]}
  center_x_px: {kind: uniform, low: 9, high: 10}
  center_y_px: {kind: uniform, low: 9, high: 10}
  radius_px: {kind: uniform, low: 6, high: 8}
  axis_ratio: {kind: uniform, low: 0.4, high: 0.7}
  angle_deg: {kind: uniform, low: 20, high: 70}
  style: {kind: classes, names: [outline]}
  stroke_width_px: {kind: uniform, low: 2, high: 3}
noise: {image: {kind: gaussian, sigma: 0.02}}
splits: {train: {size: 2000}}
"""


def slopes(case):
    """Our derivatives of one shape, by parameter."""
    record = scene(shape(**case))[0]
    given = {name: record[name].astype(float) for name in record.dtype.names if name != "kind"}
    model = Shapes(image_size=SIZE)
    kind = np.array([KINDS.index(case["kind"])])
    return model.derivatives(label=kind, **given)["image"]


def difference(case, name, step):
    """Central difference of Shapely's areas."""
    up, down = (
        true_coverage(geometry(scene(shape(**{**case, name: case[name] + s}))[0, 0]), *SIZE)
        for s in (step, -step)
    )
    return (up - down) / (2 * step)


@pytest.mark.parametrize("name", CASES)
def test_coverage_answers_as_the_areas_of_shapely_do(name, monkeypatch):
    monkeypatch.setattr(drawing, "VERTICES", 16_000)
    case = CASES[name]
    found = slopes(case)
    for parameter in case.keys() & COLUMNS.keys():
        steps = [difference(case, parameter, step) for step in (2e-4, 1e-4)]
        expected = steps[1] + (steps[1] - steps[0]) / 3
        error = np.abs(found[COLUMNS[parameter]][0] - expected).max()
        assert error <= 1e-6 * np.abs(expected).max(), parameter


@pytest.mark.parametrize("label", ["circle", "ellipse", "rectangle", "arc", "line", "octagon"])
def test_the_slopes_of_all_pixels_add_to_those_of_the_area(label):
    given = {"label": label, "style": OUTLINE, "radius_px": 9.7, "angle_deg": 21.0}
    given |= {"axis_ratio": 0.6, "stroke_width_px": 2.3, "extent_deg": 100.0}
    if label not in ("ellipse", "rectangle"):
        del given["axis_ratio"]
    found = jacobian("shapes", **given)["image"]
    for name, slope in found.items():
        total = 0.0
        if name in given:
            step = 1e-4 * given[name]
            up, down = (
                simulate("shapes", **given | {name: given[name] + s})["area_px2"]
                for s in (step, -step)
            )
            total = (up - down) / (2 * step)
        assert slope.sum() == pytest.approx(total, abs=1e-6), name


def test_fits_to_noisy_shapes_scatter_as_their_bounds_say():
    recipe = recipe_of(NOISY)
    rows = generate(recipe, "train")
    names = [name for name in COLUMNS.values() if name in recipe.priors]
    fixed = {"label": rows["label"], "style": rows["style"]}
    fit = np.stack([rows[name] for name in names])
    for _ in range(2):
        given = dict(zip(names, fit, strict=True)) | fixed
        rest = (rows["image"] - simulate(recipe, **given)["image"]).reshape(2000, -1)
        slope = jacobian(recipe, **given)["image"]
        slope = np.stack([slope[name].reshape(2000, -1) for name in names], axis=1)
        fisher = slope @ slope.swapaxes(1, 2)
        fit = fit + np.linalg.solve(fisher, slope @ rest[..., None])[..., 0].T
    bound = np.stack([rows[name] for name in rows if "_crlb" in name])
    scatter = ((fit - np.stack([rows[name] for name in names])) / bound).std(axis=1)
    assert scatter == pytest.approx(1, abs=0.05)
