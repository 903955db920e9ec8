"""Which galaxies to observe with a limited budget: information, costs, and the exact optimum."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_10
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.allocation.choice import choose
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, uniform

MOST, MOST_EDGES = 16, 120
QUARTER_H = 0.25
"""Exposures are whole quarters of an hour, at least one."""
BRIGHT_MAG, FAINT_MAG, NEAR, FAR = 20.0, 24.0, 0.2, 1.2
MIDDLE = 0.7
"""Redshift about which the cosmological parameters are expanded."""
EARLY_SHARE, LATE_SIGMA = 0.4, 1.5
"""Share of galaxies of early type, and the error of the others in units of theirs."""
FIBRE = 0.03
"""Of two galaxies that are closer only one can be observed."""
_PER_GALAXY = 5


class Allocation(Simulator):
    r"""A set of galaxies on the sky and the best choice among them within a budget of time.

        U(S) = 1/2 ln det(1 + sum over S of f f^T),
        f = (1, z - 0.7, (z - 0.7)^2) sqrt(b) / sigma,  b = 1 + interaction (number of neighbours),
        cost = 10^(0.8 (m - 22)) hours, in whole quarters,

    so that U is the information of three parameters of a smooth function of redshift, and a galaxy
    is worth more beside others. Galaxies closer than 0.03 cannot share a night. The optimum is
    found among all subsets. The bound holds for fractions of galaxies as well: the best value of
    Frank and Wolfe's steps and the gap that is left of it.

    Args:
        n_galaxies: how many there are, 2 to 16, (n,).
        budget_share: budget over the cost of all, (n,).
        link_radius: distance of neighbours, (n,).
        interaction: what a neighbour adds, (n,).
        realization: number of the galaxies, (n,).

    Returns:
        x, y in the unit square, magnitude_mag, redshift, early (n, 16), with valid; edges, n_edges
        of them, between neighbours, and whether they exclude each other; cost_h (n, 16), budget_h;
        chosen and chosen_greedy (n, 16); utility_optimal, utility_greedy, utility_bound (n,).

    Source: M. Cranmer, P. Melchior and B. Nord, Unsupervised resource allocation with graph neural
    networks (2021), arXiv:2106.09761, for the problem; its numbers here are ours. M. Frank and
    P. Wolfe, Naval Research Logistics Quarterly 3 (1956) 95, doi:10.1002/nav.3800030109.
    """

    kind: Literal["allocation"] = "allocation"
    parameters: ClassVar[Parameters] = {
        "n_galaxies": Parameter("1", "number of galaxies", 2, MOST, whole=True, symbol="N"),
        "budget_share": Parameter("1", "budget over the cost of all", 0.01, 1, symbol=r"\beta"),
        "link_radius": Parameter("1", "distance of neighbours", 0.03, 1, 0.2, symbol="r"),
        "interaction": Parameter("1", "what a neighbour adds to the worth", 0, 2, symbol="g"),
        "realization": REALIZATION,
    }

    @property
    def columns(self) -> Fields:
        each: Any = {"shape": (MOST,), "valid": "valid"}
        yes: Any = {"shape": (MOST,), "dtype": "bool", "low": 0, "role": "label"}
        edge = {
            "source": Field("1", "number of the first galaxy", dtype="int16"),
            "target": Field("1", "number of the second galaxy", dtype="int16"),
            "exclusive": Field("1", "whether only one can be observed", dtype="bool"),
        }
        told = "utility that no choice, of fractions either, exceeds"
        return {
            "valid": Field("1", "whether there is a galaxy", **yes),
            "n_edges": Field("1", "number of edges", dtype="int64", low=0, role="label"),
            "edges": Field("1", "pairs of neighbours", (MOST_EDGES,), fields=edge, role="label"),
            "early": Field("1", "whether it is of early type", **yes),
            "cost_h": Field("h", "exposure that it needs", (MOST,), low=0.0, role="label"),
            "budget_h": Field("h", "exposure that there is", low=0.0, role="label"),
            "chosen": Field("1", "the best choice", **yes),
            "chosen_greedy": Field("1", "the choice by most gain per cost", **yes),
            "utility_optimal": Field("1", "utility of the best choice", low=0.0, role="label"),
            "utility_greedy": Field("1", "utility of the greedy choice", low=0.0, role="label"),
            "utility_bound": Field("1", told, low=0.0, role="label"),
            "x": Field("1", "place on the sky along x", **each),
            "y": Field("1", "place on the sky along y", against="x", **each),
            "magnitude_mag": Field("mag", "magnitude", **each),
            "redshift": Field("1", "redshift", **each),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        n, number = len(row["realization"]), row["n_galaxies"].astype(np.int64)
        u = uniform(row["realization"], "galaxies", _PER_GALAXY * MOST)
        u = u.reshape(n, MOST, _PER_GALAXY)
        valid = np.arange(MOST) < number[:, None]
        galaxies = np.zeros((5, n, MOST))
        vectors, cost = np.zeros((n, MOST, 3)), np.zeros((n, MOST), np.int64)
        ends, count = np.zeros((3, n, MOST_EDGES), np.int16), np.zeros(n, np.int64)
        clash = np.zeros((n, MOST), np.int64)
        shape = row["link_radius"], row["interaction"]
        _galaxies(u, number, *shape, galaxies, vectors, cost, clash, ends, count)
        total = np.add.reduce(cost, axis=1)
        budget = np.floor(row["budget_share"] * total).astype(np.int64)
        chosen, greedy = np.zeros((n, MOST), bool), np.zeros((n, MOST), bool)
        utility = np.zeros((3, n))
        choose(number, vectors, cost, budget, clash, chosen, greedy, utility)
        edges = np.zeros((n, MOST_EDGES), self.columns["edges"].array_dtype)
        edges["source"], edges["target"], edges["exclusive"] = ends
        return {
            "valid": valid,
            "n_edges": count,
            "edges": edges,
            "early": (galaxies[4] > 0.0) & valid,
            "cost_h": QUARTER_H * cost,
            "budget_h": QUARTER_H * budget,
            "chosen": chosen,
            "chosen_greedy": greedy,
            "utility_optimal": utility[0],
            "utility_greedy": utility[1],
            "utility_bound": utility[2],
            "x": galaxies[0],
            "y": galaxies[1],
            "magnitude_mag": galaxies[2],
            "redshift": galaxies[3],
        }


@kernel
def _galaxies(u, number, link, interaction, galaxies, vectors, cost, clash, ends, count):
    """Fill in galaxies (5, n, most), their vectors, costs in quarters of an hour, and edges.

    ``clash`` has the bits of those that each excludes, (n, most).
    """
    for i in range(number.size):
        for a in range(number[i]):
            galaxies[0, i, a], galaxies[1, i, a] = u[i, a, 0], u[i, a, 1]
            galaxies[2, i, a] = BRIGHT_MAG + (FAINT_MAG - BRIGHT_MAG) * u[i, a, 2]
            galaxies[3, i, a] = NEAR + (FAR - NEAR) * u[i, a, 3]
            galaxies[4, i, a] = 1.0 if u[i, a, 4] < EARLY_SHARE else 0.0
            hours = exact.exp(LN_10 * 0.8 * (galaxies[2, i, a] - 22.0))
            cost[i, a] = max(np.int64(np.floor(hours / QUARTER_H + 0.5)), 1)
            vectors[i, a, 0] = 1.0  # neighbours, counted first
        for a in range(number[i]):
            for b in range(a + 1, number[i]):
                dx, dy = u[i, a, 0] - u[i, b, 0], u[i, a, 1] - u[i, b, 1]
                square = dx * dx + dy * dy
                if square >= link[i] * link[i]:
                    continue
                vectors[i, a, 0] += interaction[i]
                vectors[i, b, 0] += interaction[i]
                k = count[i]
                ends[0, i, k], ends[1, i, k] = np.int16(a), np.int16(b)
                if square < FIBRE * FIBRE:
                    ends[2, i, k] = np.int16(1)
                    clash[i, a] |= np.int64(1) << np.int64(b)
                    clash[i, b] |= np.int64(1) << np.int64(a)
                count[i] += 1
        for a in range(number[i]):
            sigma = 1.0 if galaxies[4, i, a] > 0.0 else LATE_SIGMA
            size = np.sqrt(vectors[i, a, 0]) / sigma
            away = galaxies[3, i, a] - MIDDLE
            vectors[i, a, 0] = size
            vectors[i, a, 1], vectors[i, a, 2] = size * away, size * away * away
