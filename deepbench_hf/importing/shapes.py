"""DeepBench's shapes: rectangle, ellipse, regular polygon, arc and line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from deepbench_hf.importing.draft import Draft, Priors, one_class, rounded, spread
from deepbench_hf.importing.entries import Entries
from deepbench_hf.importing.images import NOISES, frame, objects_of, place
from deepbench_hf.simulators.shapes.objects import KINDS

__all__ = ["NAMES", "shapes"]

NAMES = ("ShapeImage",)
SIZES = range(10, 16)
"""From which DeepBench draws sides and places, pixels."""
RADII = (8.0, 12.0)
ANGLES = (20.0, 90.0)
STARTS, ENDS = (0.0, 45.0), (85.0, 120.0)
FEWEST, MOST = 3, 12
"""Vertices of a polygon."""

Found = tuple[str, Priors]
"""A shape's kind and its priors."""


def shapes(name: str, image: Entries, objects: Any, jitter: float, draft: Draft) -> None:
    """Write the recipe of an image of shapes.

    Args:
        name: of DeepBench's class.
        image: its ``image_parameters``.
        objects: its ``object_parameters``.
        jitter: its ``parameter_noise``.
        draft: where the recipe is written.
    """
    width, height = frame(image, "image_shape")
    _noise(image, draft)
    image.close()
    found = []
    for kind, entries in objects_of(objects, "object_parameters", DRAWN, image.problems).items():
        ours, priors = DRAWN[kind](entries, jitter, draft)
        entries.close()
        found.append((ours, entries, priors))
    draft.tell("axes", "object_parameters")
    draft.tell("coverage", "object_parameters")
    draft.tell("object and instance", "object_parameters")
    draft.simulator = {"kind": "shapes", "image_size": [height, width]}
    if len(found) > 1:
        scene = {"kind": "shapes_scene", "max_objects": len(found)}
        draft.simulator |= scene
        draft.tell("union", "object_parameters")
        draft.tell("one of each", "object_parameters")
    if found:
        draft.place(found, "label")


def _noise(image: Entries, draft: Draft) -> None:
    kind = image.word("object_noise_type", NOISES, "gaussian")
    level = image.number("object_noise_level", 0.0, least=0.0)
    if not level:
        return
    where = image.at("object_noise_level")
    sigma = rounded(math.sqrt(level)) if kind == "poisson" else level
    draft.noise["image"] = {"kind": "gaussian", "sigma": sigma}
    draft.origins["noise.image"] = where
    draft.tell("image noise", where)
    if kind == "poisson":
        draft.tell("pedestal", where)


def _rectangle(entries: Entries, jitter: float, draft: Draft) -> Found:
    filled, stroke = _style(entries)
    angle = entries.number("angle", 0.0)
    if angle:
        draft.tell("turned", entries.at("angle"))
    if filled:
        draft.tell("filled", entries.path)
    sides = _sides(entries, 0.0, angle, draft)
    return "rectangle", {**_center(entries, jitter, draft), **sides, **_drawn_as(filled, stroke)}


def _ellipse(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its stroke lies inside: ours about a smaller ellipse is the same ring."""
    filled, stroke = _style(entries)
    sides = [entries.data.get(key, SIZES[0]) for key in ("width", "height")]
    if not filled and all(isinstance(n, (int, float)) for n in sides) and stroke >= min(sides):
        filled = _solid(entries, draft)
    angle = entries.number("angle", 0.0)
    found = _sides(entries, 0.0 if filled else stroke, angle, draft)
    draft.tell("real axes", entries.path)
    priors = {**_center(entries, jitter, draft), **found, **_drawn_as(filled, stroke)}
    if found["axis_ratio"][0] != 1.0:
        return "ellipse", priors
    return "circle", {n: p for n, p in priors.items() if n not in ("axis_ratio", "angle_deg")}


def _sides(entries: Entries, less: float, angle: float, draft: Draft) -> Priors:
    """Half the long side, the ratio of the sides, and the angle of the long one."""
    given = [key for key in ("width", "height") if entries.has(key)]
    width, height = (entries.number(key, 12.0, above=0.0) for key in ("width", "height"))
    for key in {"width", "height"} - set(given):
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


def _polygon(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its outline lies inside the outer polygon; ours half on each side of the nominal one."""
    filled, stroke = _style(entries)
    n = entries.whole("vertices", 3, FEWEST, MOST)
    given = entries.has("radius")
    radius = entries.number("radius", RADII[0], above=0.0)
    less = rounded(0.5 * stroke / math.cos(math.pi / n))
    if not filled and less >= radius:
        filled = _solid(entries, draft)
    less = 0.0 if filled else less
    size: Any = rounded(radius - less) if given else _uniform(RADII, -less)
    turn = entries.number("angle", 0.0)
    angle: Any = rounded((90 + turn) % (360 / n)) if entries.has("angle") else _uniform(ANGLES, 90)
    for key in ("radius", "angle"):
        if not entries.has(key):
            draft.tell("default", entries.at(key))
    draft.tell("polygon", entries.at("center"))
    draft.tell("degrees", entries.at("angle"))
    if not filled:
        draft.tell("wall", entries.at("line_width"))
    priors = {"radius_px": (size, "radius"), "angle_deg": (angle, "angle")}
    return KINDS[n + 2], {**_center(entries, jitter, draft), **priors, **_drawn_as(filled, stroke)}


def _arc(entries: Entries, jitter: float, draft: Draft) -> Found:
    """Its stroke lies inside the radius; ours half on each side."""
    stroke = entries.number("line_width", 1.0, above=0.0)
    radius = entries.number("radius", RADII[0], above=0.0)
    size: Any = rounded(radius - stroke / 2)
    if not entries.has("radius"):
        size = _uniform(RADII, -stroke / 2)
        draft.tell("default", entries.at("radius"))
    given = [key for key in ("theta1", "theta2") if entries.has(key)]
    start = entries.number("theta1", sum(STARTS) / 2)
    end = entries.number("theta2", sum(ENDS) / 2)
    for key in {"theta1", "theta2"} - set(given):
        draft.tell("middle" if given else "default", entries.at(key))
    whole_turn = 360.0 if start != end else 0.0
    angle: Any = rounded(start % 360)
    extent: Any = rounded((end - start) % 360) or whole_turn
    if not given:
        angle = _uniform(STARTS, 0.0)
        extent = _uniform((ENDS[0] - STARTS[1], ENDS[1] - STARTS[0]), 0.0)
    return "arc", {
        **_center(entries, jitter, draft),
        "radius_px": (size, "radius"),
        "angle_deg": (angle, "theta1"),
        "extent_deg": (extent, "theta2"),
        "stroke_width_px": (stroke, "line_width"),
    }


def _line(entries: Entries, jitter: float, draft: Draft) -> Found:
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


def _center(entries: Entries, jitter: float, draft: Draft) -> Priors:
    point = entries.point("center")
    if point is not None:
        return place(*point, jitter, ("center", "center"), draft)
    draft.tell("default", entries.at("center"))
    anywhere = {"kind": "choice", "values": [float(side) for side in SIZES]}
    return {"center_x_px": (anywhere, "center"), "center_y_px": (anywhere, "center")}


def _uniform(ends: Sequence[float], shift: float) -> Any:
    return spread(rounded(ends[0] + shift), rounded(ends[1] - ends[0]))


DRAWN: dict[str, Callable[[Entries, float, Draft], Found]] = {
    "rectangle": _rectangle,
    "polygon": _polygon,
    "arc": _arc,
    "line": _line,
    "ellipse": _ellipse,
}
"""DeepBench's shapes by their name in a file."""
