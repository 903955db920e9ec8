"""What is told of weighted points."""

import numpy as np
import pytest

from deepbench_hf import posterior
from deepbench_hf.inference.draws import told
from deepbench_hf.metrics import nearest_turn


def test_the_moments_of_an_angle_are_those_about_its_heaviest_point():
    values, weight = {"angle": np.array([1.0, 179.0, 90.0])}, np.array([0.45, 0.45, 0.1])
    turns = {"angle": np.full(3, 180.0)}
    found = told(values, turns, weight, np.array([0, 1]))
    assert found["angle_mean"] == pytest.approx(0.45 * 1 + 0.45 * -1 + 0.1 * 90)
    assert found["angle"].tolist() == [1.0, 179.0]
    plain = told(values, {"angle": None}, weight, np.array([0]))
    assert plain["angle_mean"] == pytest.approx(90.0)


@pytest.mark.parametrize(("name", "row"), [("halo_map", 98), ("sky_ellipticals", 211)])
def test_an_axis_near_the_ends_of_its_prior_has_a_mean_near_its_truth(name, row):
    found = posterior(name, "test", [row], proposals=4000)
    angle, truth = found.draws["angle_deg"][0], found.truth["angle_deg"]
    assert angle.min() < 10
    assert angle.max() > 170  # the draws are at both ends
    off = nearest_turn(found.mean["angle_deg"], truth, 180.0) - truth
    assert np.abs(off) < 4 * found.sigma["angle_deg"]
    assert found.sigma["angle_deg"] < 15
    moved = nearest_turn(angle, np.full(angle.shape, truth), 180.0)
    assert found.sigma["angle_deg"] == pytest.approx(moved.std(), rel=0.2)


def test_a_notebook_shows_classes_by_the_most_probable_one():
    found = posterior("shapes_noisy", "test", [0], draws=100, proposals=2000)
    shown = found._repr_html_()
    best = np.bincount(found.draws["label"][0]).argmax()
    share = (found.draws["label"][0] == best).mean()
    assert f"<td>{best}, {share:.0%} ({found.truth['label'][0]})</td>" in shown
    assert "±" in shown
