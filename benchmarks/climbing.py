"""Curves: the same work at growing sizes, up to the size whose run would take too long."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.outcome import Counts, Curves
from benchmarks.timing import WALL, Contestant, Times, interleaved

Curve = Callable[[int], Contestant]
"""The contestant at a place of the curve."""


def climbed(
    curves: Mapping[str, Curve], places: Sequence[int], axis: str, counts: Counts
) -> tuple[Times, Curves]:
    """Run every curve at growing places.

    Args:
        curves: by name.
        places: what is counted by the axis, growing.
        axis: its label, with a unit.
        counts: how often, and how long a run may take.
    """
    points: dict[str, tuple[str, float]] = {}
    contestants = []
    for name, curve in curves.items():
        for place, contestant in _affordable(curve, places, counts.limit):
            row = f"{name}, " + f"{place:,}".replace(",", " ")
            points[row] = (name, place)
            contestants.append(Contestant(row, contestant.run))
    return interleaved(contestants, counts.few, warm=False), Curves(axis, points)


def _affordable(curve: Curve, places: Sequence[int], limit: float) -> list[tuple[int, Contestant]]:
    """The places whose runs take no longer than the limit, as the place before foretells."""
    found: list[tuple[int, Contestant]] = []
    seconds, before = 0.0, places[0]
    for place in places:
        if seconds * place / before > limit:
            break
        contestant = curve(place)
        if not found:
            contestant.run()  # compiles, which foretells nothing
        start = WALL()
        contestant.run()
        seconds, before = WALL() - start, place
        found.append((place, contestant))
    return found
