"""Galaxies as clustered points in a periodic box, with their marks, pairs and links."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_10
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.poisson import poisson_number
from deepbench_hf.exact.quantiles import logarithm
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, uniform, white

SIDE_MPC = 25.0
"""Side of the box, Mpc for h = 1."""
FAMILIES = 400.0
"""Mean number of families in the box for omega = 1."""
LINK_MPC = 0.375
"""Galaxies that are closer are linked: 0.015 of the side, as in the original."""
BINS_MPC = np.array([0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0])
"""Edges of the bins of distance in which pairs are counted."""
MOST_FAMILIES, MOST_GALAXIES, MOST_EDGES = 384, 2560, 1280
"""Room in a row. The limits of the parameters leave a chance of at most 2e-6 that it is too small;
what would not fit is left out."""
LOG10_MASS = 9.5
"""Mean of the logarithm of the stellar masses."""


class GalaxyPoints(Simulator):
    r"""Galaxies in families round centres that are spread evenly: a Neyman-Scott process.

    The numbers of families and of galaxies in each are Poisson, of means 400 Omega and mu. About
    the centre of its family a galaxy is displaced by

        thomas: three normal numbers of standard deviation s,
        matern: uniformly in a ball of radius R = s sqrt(5), which has the same variance,

    so that beyond a random distribution there are pairs in excess, with n = 400 Omega / L^3,

        xi(r) = e^(-r^2 / 4 s^2) / (n (4 pi s^2)^(3/2))                        (thomas),
        xi(r) = 3 / (4 pi R^3 n) (1 - 3 r / 4 R + r^3 / 16 R^3),  r < 2 R      (matern).

    The stellar mass of a galaxy in a family of k is

        log10 M = 9.5 + scatter zeta + slope (k - mu) / sqrt(mu),  zeta standard normal.

    Args:
        omega: Omega, (n,).
        domain: thomas or matern, (n,).
        daughters: mu, mean number of galaxies of a family, (n,).
        scale_Mpc: s, Mpc, (n,).
        mass_slope_dex, mass_scatter_dex: slope and scatter, dex, (n,).
        missed_share: share of galaxies that are left out at random, (n,); 0 by default.
        realization: number of the realization, (n,). One number gives the same centres and sizes
            of families in both domains, and displacements in the same directions where it can.
        labelled: whether omega may be used in training, (n,); it changes nothing.

    Returns:
        x_Mpc, y_Mpc, z_Mpc and log10_mass (n, 2560) float32, galaxies first and 0 behind them;
        valid (n, 2560): which are there; n_galaxies and log10_n (n,); pair_counts (n, 12): pairs
        by distance; edges (n, 1280), n_edges of them: pairs of numbers of galaxies closer than
        0.375 Mpc, the first below the second.

    Lengths are those for h = 1 (Mpc / h), and distances are those across the periodic box.

    Source: J. Neyman and E. L. Scott, A theory of the spatial distribution of galaxies, ApJ 116
    (1952) 144. The task is that of A. Roncoli et al., Domain adaptive graph
    neural networks for constraining cosmological parameters across multiple data sets (2023),
    arXiv:2311.01588, on boxes of 25 Mpc / h of hydrodynamic simulations; processes, marks and the
    place of Omega in them are ours.
    """

    kind: Literal["galaxy_points"] = "galaxy_points"
    parameters: ClassVar[Parameters] = {
        "omega": Parameter("1", "density of families, 400 a box", 0.01, 0.6, symbol=r"\Omega"),
        "domain": one_of("how galaxies lie about the centre", ("thomas", "matern"), symbol="d"),
        "daughters": Parameter("1", "mean number of galaxies of a family", 1, 8, symbol=r"\mu"),
        "scale_Mpc": Parameter(
            "Mpc", "standard deviation of a galaxy's place along each axis", 0.35, 3, symbol="s"
        ),
        "mass_slope_dex": Parameter(
            "dex", "growth of the logarithm of mass with the size of the family", 0, 1, 0.1,
            symbol="b",
        ),
        "mass_scatter_dex": Parameter(
            "dex", "scatter of the logarithm of mass", 0, 1, 0.25, symbol=r"\sigma_M"
        ),
        "missed_share": Parameter("1", "share of galaxies that are missed", 0, 0.9, 0, symbol="f"),
        "realization": REALIZATION,
        "labelled": one_of(
            "whether omega may be used in training", ("given", "withheld"), default=0, decoy=True,
            symbol=r"\ell",
        ),
    }  # fmt: skip

    @property
    def columns(self) -> Fields:
        size = (MOST_GALAXIES,)
        point: Any = {"dtype": "float32", "valid": "valid"}
        ends = {
            "source": Field("1", "number of the first galaxy", dtype="int16"),
            "target": Field("1", "number of the second galaxy", dtype="int16"),
        }
        counts = (len(BINS_MPC) - 1,)
        edges = "pairs of galaxies that are linked"
        told = "pairs with distances in each of 12 bins, 0.1 to 6 Mpc"
        return {
            "n_galaxies": Field("1", "number of galaxies", dtype="int64", low=0, role="label"),
            "log10_n": Field("1", "its decimal logarithm; 0 for none", low=0, role="label"),
            "valid": Field("1", "whether there is a galaxy", size, "bool", low=0, role="label"),
            "pair_counts": Field("1", told, counts, "int64", low=0, role="label"),
            "n_edges": Field("1", "number of edges", dtype="int64", low=0, role="label"),
            "edges": Field("1", edges, (MOST_EDGES,), fields=ends, role="label"),
            "x_Mpc": Field("Mpc", "place along x", size, **point),
            "y_Mpc": Field("Mpc", "place along y", size, against="x_Mpc", **point),
            "z_Mpc": Field("Mpc", "place along z, the line of sight", size, **point),
            "log10_mass": Field("1", "log10 of the stellar mass, solar masses", size, **point),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        number, n = row["realization"], len(row["realization"])
        places = np.zeros((4, n, MOST_GALAXIES), np.float32)
        count = np.empty(n, np.int64)
        shape = row["domain"], row["scale_Mpc"], row["mass_slope_dex"], row["mass_scatter_dex"]
        _place(
            row["omega"], row["daughters"], *shape, row["missed_share"],
            uniform(number, "families", 1 + 4 * MOST_FAMILIES),
            white(number, "displacements", 4 * MOST_GALAXIES),
            uniform(number, "distances", 2 * MOST_GALAXIES),
            places, count,
        )  # fmt: skip
        pairs, edges = np.zeros((n, len(BINS_MPC) - 1), np.int64), np.zeros(n, np.int64)
        ends = np.zeros((2, n, MOST_EDGES), np.int16)
        _link(places, count, BINS_MPC * BINS_MPC, pairs, ends, edges)
        found = dict(zip(("x_Mpc", "y_Mpc", "z_Mpc", "log10_mass"), places, strict=True))
        links = np.zeros((n, MOST_EDGES), self.columns["edges"].array_dtype)
        links["source"], links["target"] = ends
        return {
            "n_galaxies": count,
            "log10_n": logarithm(np.maximum(count, 1.0)) / LN_10,
            "valid": np.arange(MOST_GALAXIES) < count[:, None],
            "pair_counts": pairs,
            "n_edges": edges,
            "edges": links,
            **found,
        }


@kernel
def _inside(place: float) -> np.float32:
    """A place in the periodic box, as it is stored."""
    found = np.float32(place - SIDE_MPC * np.floor(place / SIDE_MPC))
    return found if found < SIDE_MPC else np.float32(0.0)


@kernel
def _place(omega, mu, domain, scale, slope, scatter, missed, family, z, radius, places, count):
    """Fill in places and marks (4, n, most), and the numbers of galaxies, (n,).

    Args:
        omega, mu, domain, scale, slope, scatter, missed: parameters, (n,).
        family: uniform numbers, (n, 1 + 4 families): how many families, then for each its centre
            and its size.
        z: normal numbers, (n, 4 most): three displacements and the mark of each galaxy.
        radius: uniform numbers, (n, 2 most): a distance, and whether the galaxy is missed.
        places, count: what is filled.
    """
    most = places.shape[2]
    for i in range(omega.size):
        families = poisson_number(family[i, 0], FAMILIES * omega[i], MOST_FAMILIES)
        born, kept = 0, 0
        for p in range(families):
            size = poisson_number(family[i, 4 * p + 4], mu[i], most)
            for _ in range(min(size, most - born)):
                normal = z[i, 4 * born : 4 * born + 4]
                a, b, c = np.float64(normal[0]), np.float64(normal[1]), np.float64(normal[2])
                stretch = scale[i]
                if domain[i] == 1.0:
                    length = max(np.sqrt(a * a + b * b + c * c), 1e-300)
                    share = exact.power(max(radius[i, 2 * born], 1e-300), 1.0 / 3.0)
                    stretch *= np.sqrt(5.0) * share / length
                if radius[i, 2 * born + 1] >= missed[i]:
                    places[0, i, kept] = _inside(SIDE_MPC * family[i, 4 * p + 1] + stretch * a)
                    places[1, i, kept] = _inside(SIDE_MPC * family[i, 4 * p + 2] + stretch * b)
                    places[2, i, kept] = _inside(SIDE_MPC * family[i, 4 * p + 3] + stretch * c)
                    more = slope[i] * (size - mu[i]) / np.sqrt(mu[i])
                    mark = LOG10_MASS + scatter[i] * np.float64(normal[3]) + more
                    places[3, i, kept] = np.float32(mark)
                    kept += 1
                born += 1
        count[i] = kept


@kernel
def _apart(one: float, other: float) -> float:
    """The distance of two places along an axis, across the edge of the box where that is less."""
    distance = abs(one - other)
    return min(distance, SIDE_MPC - distance)


@kernel(allocates=True)
def _link(places, count, squares, pairs, ends, edges):
    """Count pairs by distance, (n, bins), and list those that are linked: ends (2, n, most)."""
    most, last = places.shape[2], squares.size - 1
    x, y, z, square = np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    for i in range(count.size):
        for a in range(count[i]):
            x[a], y[a], z[a] = places[0, i, a], places[1, i, a], places[2, i, a]
        for a in range(count[i]):
            for b in range(a + 1, count[i]):
                dx, dy, dz = _apart(x[a], x[b]), _apart(y[a], y[b]), _apart(z[a], z[b])
                square[b] = dx * dx + dy * dy + dz * dz
            for b in range(a + 1, count[i]):
                if square[b] >= squares[last]:
                    continue
                if square[b] < LINK_MPC * LINK_MPC and edges[i] < ends.shape[2]:
                    ends[0, i, edges[i]], ends[1, i, edges[i]] = np.int16(a), np.int16(b)
                    edges[i] += 1
                k = last - 1  # most pairs are far apart
                while k >= 0 and square[b] < squares[k]:
                    k -= 1
                if k >= 0:
                    pairs[i, k] += 1
