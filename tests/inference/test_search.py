"""The search: which classes go on, and how far it comes among the edges of shapes."""

import numpy as np
import pytest

from deepbench_hf import load_recipe, posterior
from deepbench_hf.inference import posteriors, search, slopes
from deepbench_hf.inference.search import contenders
from deepbench_hf.inference.symmetry import space_of
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


def test_a_thin_arc_is_found_in_coarse_pixels():
    """Of row 0 the first six starts, in all pixels, end thousands of nats too low."""
    one, spaces, true = seen("shapes_colour", 0)
    points = normals(spaces)[:, : len(spaces[true].names)]
    found, truth = search.climbed(one, spaces[true], points), one.log_likelihood({})[0]
    assert found.value[: search.STARTS].max() < truth - 1000.0
    assert found.value.max() == pytest.approx(truth, abs=30.0)


def test_coarse_pixels_keep_the_slope_of_what_varies_slowly():
    """Sums of blocks: the squares are those of a coarser image, whose number is smaller."""
    one, spaces, true = seen("shapes_noisy", 3)
    values = {name: one.rows[name] for name in spaces[true].names}
    values |= {name: np.array([v]) for name, v in spaces[true].case.fixed.items()}
    fine, coarse = (slopes.squares(one, values, share)[0] for share in (1.0, 0.25))
    assert fine == pytest.approx(64**2, abs=5 * np.sqrt(2.0) * 64)
    assert coarse == pytest.approx(16**2, abs=5 * np.sqrt(2.0) * 16)


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
