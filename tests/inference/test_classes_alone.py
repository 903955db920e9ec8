"""Posteriors of what can be counted: all of it is summed over, and there is nothing to search."""

import numpy as np
import pytest
from scipy import special

from deepbench_hf import log_likelihood, log_prior, posterior
from deepbench_hf.inference.pareto import pareto_shape
from tests.support.recipes import extended

SIZES = {"train": 1, "test": 6}
CLASSES = ["circle", "square", "octagon"]
SHAPES = {
    "label": {"kind": "classes", "names": CLASSES},
    **{"center_x_px": 32.0, "center_y_px": 32.0, "radius_px": 9.0, "axis_ratio": 1.0},
    **{"angle_deg": 0.0, "extent_deg": 180.0, "stroke_width_px": 1.0},
    "style": {"kind": "classes", "names": ["filled"]},
}


def shapes(sigma=3.0, **priors):
    noise = {"image": {"kind": "gaussian", "sigma": sigma}}
    return extended("shapes_noisy", sizes=SIZES, priors=SHAPES | priors, noise=noise)


def rods():
    lengths = {"kind": "choice", "values": [2.0, 2.02, 2.04]}
    priors = {"length_m": lengths, "gravity_m_s2": 9.8, "theta0_rad": 0.1}
    return extended("pendulum_noisy", sizes=SIZES, priors=priors)


@pytest.mark.parametrize(
    ("recipe", "name", "values"),
    [(shapes(), "label", [0, 6, 10]), (rods(), "length_m", [2.0, 2.02, 2.04])],
)
def test_the_posterior_of_a_class_alone_is_a_sum(recipe, name, values):
    found = posterior(recipe, "test", range(6), draws=1000, proposals=4000)
    assert found.usable.all()
    unsure = []
    for row in range(6):
        own = {name: np.array(values)}
        joint = log_prior(recipe, "test", **own) + log_likelihood(recipe, "test", row, **own)
        evidence = special.logsumexp(joint)
        assert found.log_evidence[row] == pytest.approx(evidence, abs=2e-3)
        chance, draws = np.exp(joint - evidence), found.draws[name][row]
        np.testing.assert_allclose([(draws == v).mean() for v in values], chance, atol=0.06)
        unsure.append(chance.max() < 0.99)
    assert any(unsure)


def test_a_class_with_nothing_of_its_own_stands_beside_one_that_has_something():
    """Circles all are the same one; squares are turned."""
    turned = {"kind": "uniform", "low": 0.0, "high": 90.0}
    some = shapes(label={"names": CLASSES[:2]}, angle_deg=turned)
    found = posterior(some, "test", range(6), draws=400, proposals=4000)
    assert found.usable.all()
    angles = np.linspace(0.0, 90.0, 2000, endpoint=False)
    for row in range(6):
        circle = log_likelihood(some, "test", row, label=0, angle_deg=0.0)[0]
        square = log_likelihood(some, "test", row, label=6, angle_deg=angles)
        square = special.logsumexp(square) - np.log(len(angles))
        evidence = np.logaddexp(circle, square) - np.log(2.0)
        assert found.log_evidence[row] == pytest.approx(evidence, abs=0.02)
        share = (found.draws["label"][row] == 0).mean()
        assert share == pytest.approx(special.expit(circle - square), abs=0.1)


def test_an_image_that_tells_nothing_leaves_all_classes_alike():
    """All weights are equal: steps of four points must not stay in a quarter of a sequence."""
    found = posterior(shapes(sigma=1e4), "test", range(6), draws=1000, proposals=4000)
    shares = np.stack([(found.draws["label"] == k).mean(1) for k in (0, 6, 10)])
    np.testing.assert_allclose(shares, 1 / 3, atol=0.06)


def test_equal_weights_have_no_tail_and_a_single_one_is_nothing_but_tail():
    assert pareto_shape(np.zeros(1000)) == 0.0
    rounded = 1e-16 * np.random.default_rng(0).normal(size=1000)
    assert pareto_shape(rounded) == 0.0
    assert pareto_shape(np.where(np.arange(1000) == 3, 0.0, -np.inf)) == np.inf
    assert pareto_shape(np.full(1000, -np.inf)) == np.inf
