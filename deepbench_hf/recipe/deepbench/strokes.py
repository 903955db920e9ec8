"""DeepBench's arc and line."""

import math
from typing import Any

from deepbench_hf.recipe.deepbench.defaults import ENDS, RADII, STARTS, Found, center, uniform
from deepbench_hf.recipe.deepbench.draft import Draft, rounded
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.images import place


def arc(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its stroke lies inside the radius; ours half on each side."""
    stroke = entries.number("line_width", 1.0, above=0.0)
    radius = entries.number("radius", RADII[0], above=0.0)
    size: Any = rounded(radius - stroke / 2)
    if not entries.has("radius"):
        size = uniform(RADII, -stroke / 2)
        draft.tell("default", entries.at("radius"))
    given = [key for key in ("theta1", "theta2") if entries.has(key)]
    start = entries.number("theta1", sum(STARTS) / 2)
    end = entries.number("theta2", sum(ENDS) / 2)
    for key in ("theta1", "theta2"):
        if key not in given:
            draft.tell("middle" if given else "default", entries.at(key))
    whole_turn = 360.0 if start != end else 0.0
    angle: Any = rounded(start % 360)
    extent: Any = rounded((end - start) % 360) or whole_turn
    if not given:
        angle = uniform(STARTS, 0.0)
        extent = uniform((ENDS[0] - STARTS[1], ENDS[1] - STARTS[0]), 0.0)
    return "arc", {
        **center(entries, jitter, draft),
        "radius_px": (size, "radius"),
        "angle_deg": (angle, "theta1"),
        "extent_deg": (extent, "theta2"),
        "stroke_width_px": (stroke, "line_width"),
    }


def line(entries: Entries, jitter: float, draft: Draft) -> Found:
    """A stroke along the whole of the line."""
    stroke = entries.number("line_width", 1.0, above=0.0)
    start, end = entries.point("start"), entries.point("end")
    for key, point in (("start", start), ("end", end)):
        if point is None:
            draft.tell("middle", entries.at(key))
    (x0, y0), (x1, y1) = start or (4.5, 4.5), end or (19.5, 19.5)
    if (x0, y0) == (x1, y1):
        entries.refuse("end", "another point than start")
    draft.tell("line", entries.path)
    return "line", {
        **place(rounded((x0 + x1) / 2), rounded((y0 + y1) / 2), jitter, ("start", "end"), draft),
        "radius_px": (rounded(math.hypot(x1 - x0, y1 - y0) / 2), "end"),
        "angle_deg": (rounded(math.degrees(math.atan2(y1 - y0, x1 - x0)) % 180), "end"),
        "stroke_width_px": (stroke, "line_width"),
    }
