"""Pictures: what they say is short and has units; notebooks show them; odd sizes are drawn."""

import io

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from PIL import Image

from deepbench_hf import generate, load_recipe, metrics, posterior, show, statistics, stream
from deepbench_hf.figures.distributions import draw_distributions
from deepbench_hf.figures.evaluation import MOST_Z, draw_comparison
from deepbench_hf.figures.labels import gist, spelt, truth, unit_text
from deepbench_hf.figures.preview import CANDIDATES, draw_overview
from deepbench_hf.figures.series import shown_series
from deepbench_hf.tables.thumbnails import GAP, thumbnails


@pytest.mark.parametrize("name", ["sky_spirals", "shapes_scene", "pendulum_hamiltonian"])
def test_captions_have_at_most_three_lines_of_the_width_that_they_are_given(name):
    recipe = load_recipe(name)
    rows = generate(recipe, "train", 0, 20)
    for row in range(20):
        for caption in (truth, gist):
            lines = caption(recipe, rows, row, 40).splitlines()
            assert len(lines) <= 3
            assert max(map(len, lines), default=0) <= 42


def test_objects_are_counted_in_plural_and_names_have_their_capitals():
    recipe = load_recipe("shapes_scene")
    rows = generate(recipe, "train", 0, 40)
    words = " ".join(truth(recipe, rows, row, 200) for row in range(40)).replace("\xa0", " ")
    assert "1 triangle" in words
    assert "2 triangles" in words
    assert "2 triangle," not in words
    assert spelt("ringermacher_mead") == "Ringermacher-Mead"
    assert spelt("bivariate_gaussian") == "bivariate Gaussian"
    assert (unit_text("m s-2"), unit_text("pix"), unit_text("1")) == ("m s⁻²", "pixel", "")


def test_a_row_without_noise_has_no_ratio_of_nothing():
    recipe = load_recipe("shapes_snr")
    rows = generate(recipe, "test_noiseless", 0, 1)
    for none in (0.0, np.inf, np.nan):
        assert "no noise" in gist(recipe, rows | {"snr": np.array([none])}, 0, 60).replace(
            "\xa0", " "
        )
    assert "S/N 12" in gist(recipe, rows | {"snr": np.array([12.0])}, 0, 60).replace("\xa0", " ")


def test_images_name_what_their_axes_count_and_values_with_a_unit_have_a_bar():
    figure = show("lartpc_pair", rows=1)
    assert figure.get_supxlabel() == "x [time tick]"
    assert figure.get_supylabel() == "y [wire]"
    assert "mV" in figure.axes[-1].get_ylabel()
    assert "asinh" in figure.axes[-1].get_ylabel()
    shapes = show("shapes", rows=2)
    assert shapes.get_supxlabel() == "x [pixel]"
    assert len(shapes.axes) == 2, "coverage has no unit and no bar"


def test_all_images_of_a_figure_have_one_scale_in_the_unit_of_their_pixels():
    recipe = load_recipe("sky_stars")
    panels = [axis.images[0] for axis in show(recipe, rows=3).axes[:3]]
    for panel, image in zip(panels, generate(recipe, "train", 0, 3)["image"], strict=True):
        np.testing.assert_array_equal(panel.get_array(), image)
    assert len({(panel.norm.vmin, panel.norm.vmax) for panel in panels}) == 1


def test_layers_of_several_sizes_fill_the_same_frame_each_on_its_own_scale():
    figure = show("calo_shower", rows=1)
    width, height = figure.get_size_inches()
    assert max(width, height) < 12
    layers = figure.axes[:3]
    assert [axis.images[0].get_array().shape for axis in layers] == [(3, 96), (12, 12), (12, 6)]
    assert {axis.get_aspect() for axis in layers} == {"auto"}
    labels = [bar.get_xlabel() for bar in figure.axes[3:]]
    assert [label.startswith(f"energy in layer {k} [MeV]") for k, label in enumerate(labels)] == [
        True
    ] * 3


def test_maps_of_other_strength_have_their_own_scale_and_viewers_see_all_of_them():
    recipe = load_recipe("cmb_lensing", image_size=256)
    rows = generate(recipe, "train", 0, 1)
    (picture,) = thumbnails(recipe, rows)
    assert Image.open(io.BytesIO(picture)).size == (3 * 256 + 2 * GAP, 256)
    limits = [axis.images[0].get_clim()[1] for axis in show(recipe, rows=1).axes[:3]]
    assert limits[0] > 8 * limits[1]
    for limit, name in zip(limits, ("temperature_uK", "q_uK", "u_uK"), strict=True):
        assert limit == pytest.approx(np.percentile(abs(rows[name]), 99.5), rel=1e-6)


def test_several_series_of_a_row_have_one_heading():
    axes = show("pendulum_damped", rows=2).axes
    assert [len(axis.texts) for axis in axes] == [1, 0, 0] * 2
    assert "damping" in axes[0].texts[0].get_text()


def test_a_question_is_drawn_where_and_when_its_answer_lies():
    rows = generate(load_recipe("scinet_damped"), "train", 0, 1)
    (axis,) = show("scinet_damped", rows=1).axes
    points = [line.get_xydata() for line in axis.lines]
    assert points[-1].tolist() == [[rows["question_s"][0], rows["answer_m"][0]]]


def test_many_pairs_are_counted_in_hexagons_and_few_are_points():
    many, few = (show(name, rows=1).axes[0] for name in ("mi_toys_10000", "mi_toys_200"))
    (hexagons,) = [one for one in many.collections if isinstance(one, PolyCollection)]
    assert 9000 < hexagons.get_array().sum() <= 10_000
    assert len(few.lines[0].get_xdata()) == 200


def test_draws_have_a_title_units_and_say_which_scale_is_logarithmic():
    figure = draw_distributions(load_recipe("sky_stars"))
    assert figure.get_suptitle().startswith("sky_stars ")
    assert figure.get_supylabel()
    titles = {axis.get_title() for axis in figure.axes}
    assert "center x [pixel]" in titles
    assert any(title.startswith("flux [") and title.endswith("log scale") for title in titles)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[0] == "in-distribution"


def test_differences_beyond_the_edge_have_arrows():
    maps = np.random.default_rng(0).normal(size=(2, 60, 8, 8))
    found = statistics.compare(maps[0], 3 + maps[1], bins=5)
    figure = draw_comparison(found)
    beyond = sum(int((np.abs(result.mean.z) > MOST_Z).sum()) for result in found.results)
    arrows = [line for axis in figure.axes for line in axis.lines if line.get_marker() in "^v"]
    assert sum(len(line.get_xdata()) for line in arrows) == beyond > 0


def test_a_notebook_shows_figures_and_recipes():
    assert show("pendulum", "test", rows=1)._repr_png_().startswith(b"\x89PNG")
    text = load_recipe("shapes_noisy")._repr_html_()
    short = "<recipe kappa_gaussian 1.0.0, kappa_gaussian: 12000 rows in train, validation, test>"
    assert str(load_recipe("kappa_gaussian")) == short
    assert text.startswith("<h4>shapes_noisy")
    assert "<td>radius_px</td>" in text
    recipe = load_recipe("pendulum").model_copy(update={"description": "<script>&"})
    assert "<p>&lt;script&gt;&amp;</p>" in recipe._repr_html_()


def test_a_notebook_shows_streams_and_tables_of_results():
    shown = stream("pendulum_noisy", "train", 32, columns=["x_observed_m"])._repr_html_()
    assert "<td>x_observed_m</td><td>m</td>" in shown
    assert "<td>(32, 100)</td>" in shown
    guess = {"index": [0, 1], "length_m": [5.0, 5.0]}
    scores = metrics.evaluate("pendulum_noisy", guess)
    row = "<td>length_m</td><td>m</td><td>rmse</td>"
    assert f"{row}<td>{scores.results[0].scores()['rmse'].value:.4g}</td>" in scores._repr_html_()
    found = posterior("pendulum_noisy", "test", [3], draws=100, proposals=2000)
    text = found._repr_html_()
    assert f"({found.truth['length_m'][0]:.4g})" in text
    assert "<th>length_m [m]</th>" in text
    draws = {"index": found.index, **found.draws}
    judged = metrics.evaluate_posterior("pendulum_noisy", draws, "test")
    assert "<td>length_m</td><td>rank_p</td>" in judged._repr_html_()
    maps = np.random.default_rng(0).normal(size=(2, 60, 8, 8))
    compared = statistics.compare(maps[0], maps[1], bins=5)
    assert compared._repr_html_().count("<tr>") == 1 + len(compared.results)


def test_nothing_is_drawn_of_no_rows():
    with pytest.raises(ValueError, match="rows: 0; give 1 or more"):
        show("pendulum", rows=0)


def test_the_overview_shows_the_clearest_of_the_first_rows():
    recipe = load_recipe("pendulum")
    (axis, *_) = draw_overview([recipe]).axes
    swings = generate(recipe, "train", 0, CANDIDATES)[shown_series(recipe)[0]]
    drawn = max(np.ptp(np.asarray(line.get_ydata(), float)) for line in axis.get_lines())
    assert drawn == pytest.approx(np.ptp(swings, axis=1).max(), rel=1e-6)
