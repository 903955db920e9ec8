"""The search: which classes go on, and how far it comes among the edges of shapes."""

import numpy as np
import pytest

from deepbench_hf import load_recipe, posterior
from deepbench_hf.inference import posteriors, search
from deepbench_hf.inference.search import contenders
from deepbench_hf.inference.turns import space_of
from deepbench_hf.recipe.unknowns import split_cases
from deepbench_hf.rows.likelihoods import observations


def seen(name, row, **sizes):
    """An observation, the coordinates of its cases, and the number of the true one."""
    recipe = load_recipe(name, **sizes)
    (one,) = observations(recipe, "test", np.array([row]))
    spaces = [space_of(case, one) for case in split_cases(recipe, "test")]
    fits = [
        all(one.rows[n][0] == v for n, v in s.case.fixed.items() if n in ("label", "style"))
        for s in spaces
    ]
    return one, spaces, fits.index(True)


def normals(spaces):
    """Points of the prior."""
    most = max(len(space.names) for space in spaces)
    return np.random.default_rng(1).normal(size=(512, most))


def test_classes_are_dropped_where_one_fits_and_only_there(monkeypatch):
    one, spaces, true = seen("shapes_colour", 1, image_size=24)
    found = contenders(one, spaces, normals(spaces))
    assert true in found
    assert len(found) < len(spaces)
    assert found[true].excess(one, spaces[true]) < 3.0
    monkeypatch.setattr(search, "NEAR", -np.inf)
    monkeypatch.setattr(search, "AGAIN", 0)
    assert len(contenders(one, spaces, normals(spaces))) == len(spaces)


def test_lines_lead_out_of_a_peak_of_an_edge():
    """Of row 0, an arc, the first steps end 6000 nats too low, where no class fits."""
    one, spaces, true = seen("shapes_colour", 0)
    space, points = spaces[true], normals(spaces)[:, : len(spaces[true].names)]
    begun = search.climbed(one, space, points)
    (found,) = contenders(one, [space], points).values()
    truth = one.log_likelihood({})[0]
    assert begun.value.max() < truth - 1000.0
    assert found.value.max() == pytest.approx(truth, abs=30.0)


def test_a_row_whose_best_peak_does_not_fit_has_no_draws(monkeypatch):
    """A disk that is taken for a line is far from what was measured."""
    one, spaces, _ = seen("shapes_colour", 1, image_size=24)
    line = [space.case.fixed["label"] == 4.0 for space in spaces].index(True)
    space = spaces[line]
    begun = search.climbed(one, space, normals(spaces)[:, : len(space.names)])
    monkeypatch.setattr(posteriors, "contenders", lambda *_: {line: begun})
    recipe = load_recipe("shapes_colour", image_size=24)
    wrong = posterior(recipe, "test", [1], draws=20, proposals=2000)
    assert not wrong.usable[0]
    assert wrong.effective_draws[0] == 0.0
    monkeypatch.setattr(posteriors, "MISSED", np.inf)
    assert posterior(recipe, "test", [1], draws=20, proposals=2000).effective_draws[0] > 0.0
