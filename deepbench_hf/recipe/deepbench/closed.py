"""DeepBench's rectangle, ellipse and regular polygon, filled or outlined."""

import math
from typing import Any

from deepbench_hf.recipe.deepbench.defaults import ANGLES, RADII, SIZES, Found, center, uniform
from deepbench_hf.recipe.deepbench.draft import Draft, Priors, one_class, rounded
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.simulators.shapes.objects import KINDS

FEWEST, MOST = 3, 12
"""Vertices of a polygon."""


def rectangle(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its stroke lies half on each side, as ours does."""
    filled, stroke = _style(entries)
    angle = entries.number("angle", 0.0)
    if angle:
        draft.tell("turned", entries.at("angle"))
    if filled:
        draft.tell("filled", entries.path)
    sides = _sides(entries, 0.0, angle, draft)
    return "rectangle", {**center(entries, jitter, draft), **sides, **_drawn_as(filled, stroke)}


def ellipse(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its stroke lies inside: ours about a smaller ellipse is the same ring."""
    filled, stroke = _style(entries)
    sides = [entries.data.get(key, SIZES[0]) for key in ("width", "height")]
    if not filled and all(isinstance(n, (int, float)) for n in sides) and stroke >= min(sides):
        filled = _solid(entries, draft)
    angle = entries.number("angle", 0.0)
    found = _sides(entries, 0.0 if filled else stroke, angle, draft)
    if any(isinstance(side, float) and not side.is_integer() for side in sides):
        draft.tell("real axes", entries.path)
    priors = {**center(entries, jitter, draft), **found, **_drawn_as(filled, stroke)}
    if found["axis_ratio"][0] != 1.0:
        return "ellipse", priors
    return "circle", {n: p for n, p in priors.items() if n not in ("axis_ratio", "angle_deg")}


def _sides(entries: Entries, less: float, angle: float, draft: Draft) -> Priors:
    """Half the long side, the ratio of the sides, and the angle of the long one."""
    given = [key for key in ("width", "height") if entries.has(key)]
    width, height = (entries.number(key, 12.0, above=0.0) for key in ("width", "height"))
    for key in ("width", "height"):
        if key not in given:
            draft.tell("middle" if given else "default", entries.at(key))
    if not given:
        radius = {"kind": "choice", "values": [rounded((side - less) / 2) for side in SIZES]}
        low = rounded((SIZES[0] - less) / (SIZES[-1] - less))
        ratio: Any = {"kind": "uniform", "low": low, "high": 1.0}
        turns = {"kind": "choice", "values": [angle % 180, (angle + 90) % 180]}
        return {"radius_px": (radius, "width"), "axis_ratio": (ratio, "height"),
                "angle_deg": (turns, "angle")}  # fmt: skip
    long, short = max(width, height) - less, min(width, height) - less
    turned = (angle + (90 if height > width else 0)) % 180
    return {
        "radius_px": (rounded(long / 2), "width" if width >= height else "height"),
        "axis_ratio": (rounded(short / long), "height" if width >= height else "width"),
        "angle_deg": (rounded(turned), "angle"),
    }


def polygon(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its outline lies inside the outer polygon; ours half on each side of the nominal one."""
    filled, stroke = _style(entries)
    n = entries.whole("vertices", 3, FEWEST, MOST)
    given = entries.has("radius")
    radius = entries.number("radius", RADII[0], above=0.0)
    less = rounded(0.5 * stroke / math.cos(math.pi / n))
    if not filled and less >= radius:
        filled = _solid(entries, draft)
    less = 0.0 if filled else less
    size: Any = rounded(radius - less) if given else uniform(RADII, -less)
    turn = entries.number("angle", 0.0)
    angle: Any = rounded((90 + turn) % (360 / n)) if entries.has("angle") else uniform(ANGLES, 90)
    for key in ("radius", "angle"):
        if not entries.has(key):
            draft.tell("default", entries.at(key))
    draft.tell("polygon", entries.at("center"))
    if turn:
        draft.tell("degrees", entries.at("angle"))
    if not filled:
        draft.tell("wall", entries.at("line_width"))
    priors = {"radius_px": (size, "radius"), "angle_deg": (angle, "angle")}
    return KINDS[n + 2], {**center(entries, jitter, draft), **priors, **_drawn_as(filled, stroke)}


def _style(entries: Entries) -> tuple[bool, float]:
    """Whether the shape is filled, and the width of its outline."""
    return entries.flag("fill", False), entries.number("line_width", 1.0, above=0.0)


def _drawn_as(filled: bool, stroke: float) -> Priors:
    if filled:
        return {"style": (one_class("filled"), "fill")}
    return {"style": (one_class("outline"), "fill"), "stroke_width_px": (stroke, "line_width")}


def _solid(entries: Entries, draft: Draft) -> bool:
    draft.tell("thick", entries.at("line_width"))
    return True
