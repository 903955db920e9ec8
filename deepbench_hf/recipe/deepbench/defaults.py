"""From where DeepBench draws what a file of shapes leaves out."""

from collections.abc import Sequence
from typing import Any

from deepbench_hf.recipe.deepbench.draft import Draft, Priors, rounded, spread
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.images import place

SIZES = range(10, 16)
"""Sides and places, pixels."""
RADII = (8.0, 12.0)
"""Of polygons and arcs, pixels."""
ANGLES = (20.0, 90.0)
"""Of polygons, degrees."""
STARTS, ENDS = (0.0, 45.0), (85.0, 120.0)
"""Of arcs, degrees."""

Found = tuple[str, Priors]
"""A shape's kind and its priors."""


def center(entries: Entries, jitter: float, draft: Draft) -> Priors:
    """The priors of a shape's centre."""
    point = entries.point("center")
    if point is not None:
        return place(*point, jitter, ("center", "center"), draft)
    draft.tell("default", entries.at("center"))
    anywhere = {"kind": "choice", "values": [float(side) for side in SIZES]}
    return {"center_x_px": (anywhere, "center"), "center_y_px": (anywhere, "center")}


def uniform(ends: Sequence[float], shift: float) -> Any:
    """Uniform between two ends, both moved."""
    return spread(rounded(ends[0] + shift), rounded(ends[1] - ends[0]))
