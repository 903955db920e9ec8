"""Words of pictures: they lie within the figure, not over each other, and beside what they name."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from deepbench_hf import generate, load_recipe, metrics, show
from deepbench_hf.cards.pictures import WIDTH
from deepbench_hf.figures.distributions import draw_distributions
from deepbench_hf.figures.evaluation import draw_evaluation
from deepbench_hf.figures.images import draw_images
from deepbench_hf.figures.posteriors import draw_corner
from deepbench_hf.figures.series import draw_series


def boxes(figure):
    """Every word that is drawn, and where: left, bottom, right, top, in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    words = [figure._suptitle, figure._supxlabel, figure._supylabel]
    for axis in (axis for axis in figure.axes if axis.axison):
        words += [axis.title, axis.xaxis.label, axis.yaxis.label, *axis.texts]
        for one in (axis.xaxis, axis.yaxis):
            words += [tick.label1 for tick in one._update_ticks() if tick.label1.get_visible()]
    words = [word for word in words if word is not None and word.get_text().strip()]
    renderer = canvas.get_renderer()
    return [(word.get_text(), word.get_window_extent(renderer).extents) for word in words]


def misplaced(figure):
    """Words that leave the figure or touch others."""
    told, (width, height) = boxes(figure), figure.bbox.size
    wrong = [word for word, (x0, y0, x1, y1) in told if min(x0, y0, width - x1, height - y1) < -1]
    for (one, a), (other, b) in combinations(told, 2):
        if (np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) > 1.5).all():
            wrong.append((one, other))
    return wrong


@pytest.mark.parametrize("rows", [1, 6])
def test_labels_of_bars_below_images_lie_in_the_figure_and_beside_that_of_the_axis(rows):
    assert misplaced(show("calo_shower", rows=rows)) == []


def test_labels_of_bars_are_no_wider_than_their_images():
    assert misplaced(draw_images(load_recipe("telescope_schedule"), "train", 1, False, 8.0)) == []


def test_many_series_of_a_row_are_alike_wide_whatever_is_told_above_them():
    figure = draw_series(load_recipe("transients"), "train", 2, WIDTH)
    assert misplaced(figure) == []
    left = [axis.get_position().x0 for axis in figure.axes[:6]]
    np.testing.assert_allclose(np.diff(left), 1 / 6, atol=0.02)


def test_captions_of_series_are_no_wider_than_their_panels():
    assert misplaced(draw_series(load_recipe("halo_profile"), "train", 4, WIDTH)) == []


def test_titles_of_draws_keep_within_the_figure():
    assert misplaced(draw_distributions(load_recipe("quasar_cdrw"), WIDTH)) == []


def test_pulls_beyond_the_axis_are_told_of_within_the_figure():
    rows = generate("pendulum_noisy", "test", 0, 40)
    length = {"length_m": rows["length_m"] * 1.2, "length_m_sigma": np.full(40, 0.01)}
    figure = draw_evaluation(metrics.evaluate("pendulum_noisy", {"index": rows["index"], **length}))
    assert "beyond it" in figure.axes[1].get_xlabel()
    assert misplaced(figure) == []


def test_a_corner_plot_names_each_unit_once():
    draws = np.linspace(1.0, 9.0, 80).reshape(1, 80)
    table = {"index": [0], "length_m": draws, "theta0_rad": np.sin(draws)}
    figure = draw_corner(metrics.evaluate_posterior("pendulum_noisy", table))
    assert [axis.get_xlabel() for axis in figure.axes[2:]] == ["length [m]", "θ₀ [rad]"]


def test_every_class_that_is_drawn_has_its_name_beside_its_bar():
    """A class of weight 0 has neither."""
    figure = draw_distributions(load_recipe("galaxy_perturbed"), WIDTH)
    (axis,) = [axis for axis in figure.axes if axis.get_title() == "arm model"]
    assert [text.get_text() for text in axis.texts] == ["logarithmic", "Ringermacher-Mead"]
    assert len(axis.patches) == 2


def test_few_values_have_a_bar_each_however_near_they_lie(tmp_path):
    file = tmp_path / "few.yaml"
    prior = "axis_ratio: {kind: choice, values: [0.5, 0.6, 0.9]}"
    file.write_text(f"extends: sky_ellipticals\nversion: 1.0.0\npriors: {{{prior}}}\n")
    figure = draw_distributions(load_recipe(file), WIDTH)
    (axis,) = [axis for axis in figure.axes if axis.get_title().startswith("axis ratio")]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["0.5", "0.6", "0.9"]
    (bars,) = axis.patches
    heights = bars.get_data().values
    np.testing.assert_allclose(heights[::2], 1.0, atol=0.1)
    assert (heights[1::2] == 0.0).all()
