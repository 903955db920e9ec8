"""DeepBench's images of shapes: rectangles, ellipses, regular polygons, arcs and lines."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field, model_validator

from deepbench_hf.recipe.deepbench import entries
from deepbench_hf.recipe.deepbench.conversion import Conversion, Drawn, Priors, given, rounded
from deepbench_hf.recipe.deepbench.entries import Number, Pair, Positive
from deepbench_hf.simulators.shapes.outline import KINDS

# From where DeepBench draws what a file leaves out: pixels and degrees.
SIDES = tuple(float(side) for side in range(10, 16))
RADII, ANGLES, STARTS, ENDS = (8.0, 12.0), (20.0, 90.0), (0.0, 45.0), (85.0, 120.0)


class Shape(entries.Entry):
    """A shape but a line; ``drawn`` of any gives its kind, itself, and its priors."""

    center: Pair | None = None
    line_width: Positive = 1.0

    def place(self, to: Conversion) -> Priors:
        if self.center is not None:
            return to.center(self.center, "center")
        to.tell_missing(self, "center")
        anywhere = {"kind": "choice", "values": list(SIDES)}
        return {"center_x_px": (anywhere, "center"), "center_y_px": (anywhere, "center")}

    def style(self, filled: bool) -> Priors:
        style = {"kind": "classes", "names": ["filled" if filled else "outline"]}
        return {"style": (style, "fill"), **({} if filled else _stroke(self.line_width))}


class Rectangle(Shape):
    """Its stroke lies half on each side, as ours does, and it turns about its centre."""

    width: Positive | None = None
    height: Positive | None = None
    angle: Number = 0.0
    fill: bool = False

    def drawn(self, to: Conversion) -> Drawn:
        to.tell("turned", self.at("angle"), self.angle)
        to.tell("filled", self.at(), self.fill)
        sides = self.sides(0.0, to)
        return "rectangle", self, {**self.place(to), **sides, **self.style(self.fill)}

    def sides(self, less: float, to: Conversion) -> Priors:
        """Half the long side, the ratio of the sides, and the angle of the long one."""
        missing = self.missing("width", "height")
        both = len(missing) == 2
        to.tell_missing(self, *missing, correction="default" if both else "middle")
        if both:
            radii = [rounded((side - less) / 2) for side in SIDES]
            low = rounded((SIDES[0] - less) / (SIDES[-1] - less))
            angles = [self.angle % 180, (self.angle + 90) % 180]
            return {
                "radius_px": ({"kind": "choice", "values": radii}, "width"),
                "axis_ratio": ({"kind": "uniform", "low": low, "high": 1.0}, "height"),
                "angle_deg": ({"kind": "choice", "values": angles}, "angle"),
            }
        width, height = self.width or 12.0, self.height or 12.0
        (short, across), (long, along) = sorted([(height, "height"), (width, "width")])
        turned = (self.angle + (90 if height > width else 0)) % 180
        return {
            "radius_px": (rounded((long - less) / 2), along),
            "axis_ratio": (rounded((short - less) / (long - less)), across),
            "angle_deg": (rounded(turned), "angle"),
        }


class Ellipse(Rectangle):
    """Its stroke lies inside: ours about a smaller ellipse, or circle, is the same ring."""

    def drawn(self, to: Conversion) -> Drawn:
        axes = self.width or SIDES[0], self.height or SIDES[0]
        filled = self.fill or self.line_width >= min(axes)
        to.tell("thick", self.at("line_width"), filled and not self.fill)
        to.tell("real axes", self.at(), not all(axis.is_integer() for axis in axes))
        sides = self.sides(0.0 if filled else self.line_width, to)
        place = self.place(to)
        if sides["axis_ratio"][0] != 1.0:
            return "ellipse", self, {**place, **sides, **self.style(filled)}
        return "circle", self, {**place, "radius_px": sides["radius_px"], **self.style(filled)}


class Polygon(Shape):
    """Its outline lies inside the outer polygon; ours half on each side of the nominal one.

    At 0 degrees its first vertex is above its centre.
    """

    radius: Positive | None = None
    vertices: int = Field(3, ge=3, le=12)
    angle: Number | None = None
    fill: bool = False

    def drawn(self, to: Conversion) -> Drawn:
        wall = rounded(0.5 * self.line_width / math.cos(math.pi / self.vertices))
        filled = self.fill or wall >= (self.radius or RADII[0])
        to.tell("thick", self.at("line_width"), filled and not self.fill)
        to.tell_missing(self, "radius", "angle")
        to.tell("polygon", self.at("center"))
        to.tell("degrees", self.at("angle"), self.angle)
        to.tell("wall", self.at("line_width"), not filled)
        size = _radius(self.radius, 0.0 if filled else wall)
        turn, width = 360 / self.vertices, ANGLES[1] - ANGLES[0]
        angle = given(self.angle, lambda angle: (90 + angle) % turn, ANGLES[0] + 90, width)
        own: Priors = {"radius_px": (size, "radius"), "angle_deg": (angle, "angle")}
        return KINDS[self.vertices + 2], self, {**self.place(to), **own, **self.style(filled)}


class Arc(Shape):
    """Its stroke lies inside the radius; ours half on each side.

    From theta1 to theta2; a whole circle where they differ by whole turns.
    """

    radius: Positive | None = None
    theta1: Number = sum(STARTS) / 2
    theta2: Number = sum(ENDS) / 2

    def drawn(self, to: Conversion) -> Drawn:
        to.tell_missing(self, "radius")
        missing = self.missing("theta1", "theta2")
        both = len(missing) == 2
        to.tell_missing(self, *missing, correction="default" if both else "middle")
        whole_turn = 360.0 if self.theta1 != self.theta2 else 0.0
        start, swept = (None, None) if both else (self.theta1, self.theta2 - self.theta1)
        width, wide = STARTS[1] - STARTS[0], ENDS[1] - ENDS[0] + STARTS[1] - STARTS[0]
        angle = given(start, lambda theta: theta % 360, STARTS[0], width)
        extent = given(swept, lambda x: rounded(x % 360) or whole_turn, ENDS[0] - STARTS[1], wide)
        return "arc", self, {
            **self.place(to),
            "radius_px": (_radius(self.radius, self.line_width / 2), "radius"),
            "angle_deg": (angle, "theta1"),
            "extent_deg": (extent, "theta2"),
            **_stroke(self.line_width),
        }  # fmt: skip


class Line(entries.Entry):
    """A stroke along the whole of the line, from start to end: middle, half length and angle."""

    line_width: Positive = 1.0
    start: Pair = Field([4.5, 4.5])
    end: Pair = Field([19.5, 19.5])

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Line:
        if self.start == self.end:
            raise ValueError(f"end must be another point than start; got {self.end}")
        return self

    def drawn(self, to: Conversion) -> Drawn:
        to.tell_missing(self, "start", "end", correction="middle")
        to.tell("line", self.at())
        (x0, y0), (x1, y1) = self.start, self.end
        turned = math.degrees(math.atan2(y1 - y0, x1 - x0)) % 180
        return "line", self, {
            **to.center([rounded((x0 + x1) / 2), rounded((y0 + y1) / 2)], "start", "end"),
            "radius_px": (rounded(math.hypot(x1 - x0, y1 - y0) / 2), "end"),
            "angle_deg": (rounded(turned), "end"),
            **_stroke(self.line_width),
        }  # fmt: skip


SHAPES: dict[str, type[Rectangle | Polygon | Arc | Line]] = {
    "rectangle": Rectangle, "polygon": Polygon, "arc": Arc, "line": Line, "ellipse": Ellipse,
}  # fmt: skip
"""DeepBench's shapes by their name in a file."""


def shapes(name: str, image: Any, objects: Any, to: Conversion) -> None:
    """Write the recipe of an image, ``image_parameters``, of shapes, ``object_parameters``."""
    frame = entries.Image.read(image, "image_parameters", to.problems)
    found = entries.objects_of(objects, SHAPES, to.problems)
    if frame is None or to.problems:
        return
    width, height = frame.image_shape
    level, poisson = frame.object_noise_level, frame.object_noise_type == "poisson"
    if level:
        sigma = rounded(math.sqrt(level)) if poisson else level
        to.put_noise({"kind": "gaussian", "sigma": sigma}, frame.at("object_noise_level"))
        to.tell("pedestal", frame.at("object_noise_level"), poisson)
    drawn = [shape.drawn(to) for shape in found]
    to.tell_all("object_parameters", "axes", "coverage", "object and instance")
    to.tell("union", "object_parameters", len(drawn) > 1)
    to.simulator = {"kind": "shapes", "image_size": [height, width]}
    if len(drawn) > 1:
        to.simulator |= {"kind": "shapes_scene", "max_objects": len(drawn)}
    to.put_objects(drawn, "label")


def _stroke(width: float) -> Priors:
    return {"stroke_width_px": (width, "line_width")}


def _radius(radius: float | None, less: float) -> Any:
    """The prior of a radius that is smaller by half a stroke; drawn if the file has none."""
    return given(radius, lambda r: r - less, rounded(RADII[0] - less), RADII[1] - RADII[0])
