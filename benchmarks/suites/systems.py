"""The benchmark of the systems of the papers: what a row costs, and what was estimated for it."""

from collections.abc import Mapping

import numpy as np

from benchmarks import ours
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import Contestant, interleaved, ratios, timed
from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quantiles import exponential, logarithm

ESTIMATES: Mapping[str, float] = {
    "halo_profile": 5e-6,
    "halo_nfw": 5e-6,
    "halo_map": 60e-6,
    "cmb_lensing": 25e-3,
    "sz_cutouts": 2e-3,
    "calo_shower": 15e-6,
    "bragg_curve": 15e-6,
    "two_body_decay": 0.5e-6,
}
"""Seconds of compiled code for a row, estimated before the simulators were written."""
OTHERS = ("galaxy_shear", "transients", "lens_finding", "lartpc_stopping")
SLOW = {"cmb_lensing": 8, "sz_cutouts": 32, "lens_finding": 32, "lartpc_stopping": 16}
"""Rows of those that take milliseconds each."""
FLOORS: Mapping[str, tuple[int, bool]] = {
    "halo_profile": (24 * 9 * 2 + 85 * 2, True),
    "bragg_curve": (48 * 256, False),
}
"""Exponentials with as many logarithms in a row that costs more than twice its estimate.

A halo has 24 radii, each with 8 nodes of its shell, and 85 steps to where its slope is steepest,
of which each needs the one before; two pairs make a density. A Bragg curve has 48 nodes at each of
256 depths, which are independent. True where they are taken one after the other.
"""


def systems(counts: Counts) -> Suite:
    """A row of every config: made, and its simulator alone."""
    contestants, told = [], []
    for name in (*ESTIMATES, *OTHERS):
        recipe = ours.varied(name, SLOW.get(name, max(256, counts.rows // 4)))
        contestants += [ours.generate(name, recipe), ours.simulator(f"{name}: simulator", recipe)]
    contestants += [_floor(name, *floor) for name, floor in FLOORS.items()]
    times = interleaved(contestants, counts.few)
    for name, estimate in ESTIMATES.items():
        own = [one / estimate for one in times[f"{name}: simulator"]]
        floor = f"{name}: its exponentials"
        most = 2.0 if name not in FLOORS else None
        told.append(Ratio(f"{name}: simulator / {1e6 * estimate:g} us estimated", own, high=most))
        if name in FLOORS:
            told.append(
                Ratio(f"{name}: simulator / {floor}", ratios(times, f"{name}: simulator", floor))
            )
            least = [one / estimate for one in times[floor]]
            told.append(Ratio(f"{floor} / {1e6 * estimate:g} us estimated", least))
    return Suite("A row of the systems of the papers", "us", next(iter(ESTIMATES)), times, told)


def _floor(name: str, pairs: int, in_turn: bool, rows: int = 64) -> Contestant:
    """As many exponentials and logarithms as its formula asks for."""
    values = np.linspace(0.1, 3.0, pairs * rows)

    def work() -> None:
        if in_turn:
            _chain(values)
        else:
            exponential(values)
            logarithm(values)

    return timed(f"{name}: its exponentials", rows, work)


@kernel
def _chain(values: Array) -> float:
    """Exponentials and logarithms of which each needs the one before."""
    x = 1.0
    for i in range(values.size):
        x = exact.log(values[i] + exact.exp(-x * x))
    return x
