"""The explorer's answers are those of the library, and what it writes runs.

`make browser` drives the page itself; here is what needs neither Gradio nor a browser.
"""

import re
import subprocess
import sys

import numpy as np
import pytest

from deepbench_hf import RecipeError, simulate
from deepbench_hf.cli.explorer import docs, plots, views
from deepbench_hf.cli.explorer.chosen import (
    as_python,
    as_yaml,
    chosen,
    parameters,
    recipe_of,
    row_of,
)
from deepbench_hf.cli.explorer.controls import controls
from deepbench_hf.figures.images import colours_of

KINDS = ("pendulum_noisy", "shapes_noisy", "scinet_linear", "lartpc_pair")
"""A series, an image, numbers alone, and a scene of several images in two domains."""


def start(name):
    """A recipe, its first split, and its controls where they start."""
    recipe = recipe_of(name)
    split = next(iter(recipe.splits))
    return recipe, split, {control: control.value for control in controls(recipe, split)}


@pytest.mark.parametrize("name", KINDS)
def test_a_moved_slider_gives_the_output_of_simulate(name):
    recipe, split, values = start(name)
    moved = next(c for c in values if c.is_slider and not c.whole)
    values[moved] = moved.low + 0.4 * (moved.high - moved.low)
    own = chosen(recipe, split, values)
    row = row_of(own, split, 3)
    if moved.section == "priors":
        assert row[moved.name] == values[moved]
    given = {**parameters(recipe, values), **{k: row[k] for k in ("objects",) if k in row}}
    if "objects" in row:
        given["n_objects"] = row["n_objects"]
    clean = simulate(recipe, **given)
    for output in views.outputs(recipe):
        column = own.plan(split).clean[output]
        assert np.array_equal(np.squeeze(clean[output]), row[column][0])
        assert re.search("<img|<svg", views.row_html(own, row, output))
    assert views.numbers(own, row)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_copied_runs_and_is_the_same_row(name, tmp_path, monkeypatch):
    recipe, split, values = start(name)
    row = row_of(chosen(recipe, split, values), split, 5)
    monkeypatch.chdir(tmp_path)
    scope = {}
    exec(as_python(recipe, split, values, 5), scope)
    for column, found in scope["rows"].items():
        # Noise has streams of a config's own name, so what is observed is another draw.
        if column in recipe.simulator.parameters:
            assert np.array_equal(found, row[column]), column
    for output, found in scope.get("clean", {}).items():
        assert np.array_equal(found, row[recipe.plan(split).clean[output]][0])


def test_a_split_whose_levels_are_those_of_another_can_be_played_with():
    recipe = recipe_of("pendulum_hierarchical")
    values = {c: c.value for c in controls(recipe, "test_long_time")}
    row = row_of(chosen(recipe, "test_long_time", values), "test_long_time", 0)
    for name, value in parameters(recipe, values).items():
        assert row[name] == value


def test_a_noise_that_is_switched_off_is_in_no_row():
    recipe, split, values = start("pendulum_noisy")
    quiet = {c: None if c.name == "x_m" else v for c, v in values.items()}
    assert "x_observed_m" not in row_of(chosen(recipe, split, quiet), split, 0)
    assert "x_m: null" in as_yaml(recipe, split, quiet)


def test_bounds_and_derivatives_are_those_of_the_library():
    recipe, split, values = start("pendulum_noisy")
    own = chosen(recipe, split, values, uncertainty=True)
    found = {line[0] for line in views.bounds(own, row_of(own, split, 0))}
    assert {"length_m", "gravity_m_s2", "theta0_rad"} <= found
    slopes = views.derivatives_html(own, parameters(recipe, values), "x_m")
    assert slopes.count("<svg") == 4


def test_a_plot_has_its_points_where_its_axes_say():
    """Read back from the picture: from 0 to 4 across, from -1 to 1 down."""
    x, y = np.array([0.0, 1.0, 4.0, np.nan]), np.array([-1.0, 1.0, 0.5, 0.0])
    marks = [plots.Band(x, y - 0.5, y + 0.5), plots.Line(x, y), plots.Points(x, y, 0.1 + 0 * x)]
    html = plots.plot("<title>", ("x [m]", "y [s]"), marks, ((0, 4), (-1, 1)))
    line = re.search(r'class="line" d="M([^"]*)"', html)[1]
    places = np.array([[float(v) for v in pair.split(",")] for pair in line.split("L")])
    left, right = plots.LEFT, plots.WIDTH - plots.RIGHT
    top, foot = plots.TOP, plots.HEIGHT - plots.BOTTOM
    assert np.allclose((places[:, 0] - left) / (right - left), x[:3] / 4, atol=1e-3)
    assert np.allclose((foot - places[:, 1]) / (foot - top), (y[:3] + 1) / 2, atol=1e-3)
    ticks = re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">([-\d.]+)<', html)
    for place, text in ticks:
        assert float(place) == pytest.approx(left + float(text) / 4 * (right - left), abs=0.1)
    assert len(ticks) >= 4
    assert 'aria-label="&lt;title&gt;"' in html
    assert re.search(r'class="bars" d="([^"]*)"', html)[1].count("M") == 3


def test_a_picture_has_the_colours_of_the_figures():
    recipe, split, _ = start("shapes_noisy")
    image = row_of(recipe, split, 0)["image"]
    shown = views.pixels(image[0], colours_of(recipe.simulator.columns["image"], image))
    assert shown.shape == (64, 64, 3)
    assert len(np.unique(shown)) > 50


def test_a_bad_value_and_a_bad_recipe_tell_what_is_wrong():
    recipe, split, values = start("pendulum_noisy")
    length = next(c for c in values if c.name == "length_m")
    with pytest.raises(RecipeError, match=r"length_m.*the model accepts"):
        chosen(recipe, split, {**values, length: -1})
    with pytest.raises(RecipeError, match="did you mean 'length_m'"):
        recipe_of("extends: pendulum_noisy\nversion: 1.0.0\npriors: {lenght_m: 2}\n")


def test_the_docs_of_a_config_are_beside_it_and_its_page_is_found(tmp_path, monkeypatch):
    text = docs.about(recipe_of("pendulum_noisy"))
    for told in ("`theta0_rad`", "`x_observed_m`", "`test_large_angle`", r"\ddot\theta"):
        assert told in text
    assert "\\\\(" not in text
    monkeypatch.setattr(docs, "built_site", lambda: tmp_path)
    assert docs.page_of("pendulum_noisy") is None
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "pendulum_noisy.html").touch()
    assert docs.page_of("pendulum_noisy") == "/site/configs/pendulum_noisy.html"
    assert docs.page_of("extends: pendulum_noisy") is None


def test_the_explorer_needs_no_extra_until_it_is_opened():
    code = "import sys, deepbench_hf.cli; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
