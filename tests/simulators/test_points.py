"""Clustered galaxies: pair counts of both processes, numbers, marks, and neighbours by SciPy."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import stats
from scipy.spatial import cKDTree

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.points import BINS_MPC, LINK_MPC, MOST_EDGES, MOST_GALAXIES, SIDE_MPC
from deepbench_hf.tables.arrow import table

OMEGA, MU, SCALE, BOXES = 0.25, 6.0, 0.6, 400
VOLUME = SIDE_MPC**3


def boxes(domain, count=BOXES, **more):
    given = {"omega": OMEGA, "daughters": MU, "scale_Mpc": SCALE, "domain": domain, **more}
    return simulate("galaxy_points_pair", realization=np.arange(count) + 7_000, **given)


@pytest.fixture(scope="module", params=["thomas", "matern"])
def many(request):
    return request.param, boxes(request.param)


def within(domain, r):
    """The probability that two of a family are closer than r."""
    if domain == "thomas":
        return stats.chi(3, scale=SCALE * np.sqrt(2)).cdf(r)
    q = np.minimum(r / (SCALE * np.sqrt(5)), 2)  # the integral of xi n 4 pi r^2
    return q**3 - 9 / 16 * q**4 + q**6 / 32


def test_pair_counts_are_those_of_the_process(many):
    domain, found = many
    edges, families = BINS_MPC[::2], 400 * OMEGA
    counts = found["pair_counts"].reshape(BOXES, -1, 2).sum(axis=2)
    random = (families * MU) ** 2 / VOLUME * 4 / 3 * np.pi * np.diff(edges**3)
    expected = (random + families * MU**2 * np.diff(within(domain, edges))) / 2
    error = counts.std(axis=0, ddof=1) / np.sqrt(BOXES)
    pulls = (counts.mean(axis=0) - expected) / error
    assert len(pulls) == 6
    assert abs(pulls).max() < 3, pulls
    other = within({"thomas": "matern", "matern": "thomas"}[domain], edges)
    wrong = (random + families * MU**2 * np.diff(other)) / 2
    assert (abs(counts.mean(axis=0) - wrong) / error).max() > 5  # it can fail


def test_numbers_of_galaxies_have_the_mean_and_variance_of_the_process(many):
    number = many[1]["n_galaxies"]
    assert abs(number.mean() - 400 * OMEGA * MU) < 4 * number.std() / np.sqrt(BOXES)
    ratio = number.var(ddof=1) / number.mean()
    assert abs(ratio / (1 + MU) - 1) < 4 * np.sqrt(2 / BOXES)
    np.testing.assert_allclose(many[1]["log10_n"], np.log10(number), rtol=1e-14)


def test_pairs_and_links_are_those_of_a_tree_of_the_periodic_box(many):
    found = many[1]
    for row in range(3):
        there = found["valid"][row]
        assert there.sum() == found["n_galaxies"][row]
        points = np.stack([found[f"{axis}_Mpc"][row][there] for axis in "xyz"], axis=1)
        tree = cKDTree(points.astype(float), boxsize=SIDE_MPC)
        below = (tree.count_neighbors(tree, BINS_MPC) - len(points)) // 2
        assert np.array_equal(found["pair_counts"][row], np.diff(below))
        edges = found["edges"][row][: found["n_edges"][row]]
        linked = {(int(one["source"]), int(one["target"])) for one in edges}
        assert linked == tree.query_pairs(LINK_MPC)


def test_masses_have_the_mean_and_scatter_of_the_marks():
    """A galaxy's family has 1 + Poisson(mu) members: it is found in proportion to its size."""
    slope, scatter = 0.3, 0.2
    found = boxes("matern", 100, mass_slope_dex=slope, mass_scatter_dex=scatter)
    mass = found["log10_mass"][found["valid"]].astype(float)
    assert abs(mass.mean() - 9.5 - slope / np.sqrt(MU)) < 0.02
    assert abs(mass.std() / np.hypot(slope, scatter) - 1) < 0.03


def test_the_pair_has_the_same_families_in_both_domains():
    one, other = (generate("galaxy_points_pair", s, 0, 20) for s in ("test", "test_paired"))
    assert np.array_equal(one["n_galaxies"], other["n_galaxies"])
    there = one["valid"]
    away = abs(one["x_Mpc"] - other["x_Mpc"])
    away = np.minimum(away, SIDE_MPC - away)[there]
    assert 0.05 < away.mean() < 0.4
    assert away.max() < 7 * 0.8


def test_missed_galaxies_leave_the_others_where_they_are():
    whole, part = (boxes("thomas", 5, missed_share=share) for share in (0.0, 0.3))
    kept = [set(x[x > 0]) for x in part["x_Mpc"]]
    assert all(one <= set(x) for one, x in zip(kept, whole["x_Mpc"], strict=True))
    share = part["n_galaxies"].sum() / whole["n_galaxies"].sum()
    assert abs(share - 0.7) < 0.05


def test_rows_have_room_for_the_densest_boxes():
    found = boxes("thomas", 40, omega=0.6, daughters=8, scale_Mpc=0.35)
    assert found["n_galaxies"].mean() + 4 * found["n_galaxies"].std() < MOST_GALAXIES
    assert found["n_edges"].mean() + 4 * found["n_edges"].std() < MOST_EDGES


def test_the_picture_of_a_row_is_its_points():
    recipe = load_recipe("galaxy_points", preview=True)
    png = table(recipe, generate(recipe, "test", 0, 1))["preview"][0]["bytes"].as_py()
    picture = np.asarray(Image.open(io.BytesIO(png)))
    assert 0.02 < (picture < 128).mean() < 0.3
