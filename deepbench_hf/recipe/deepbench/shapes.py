"""DeepBench's images of shapes: rectangles, ellipses, regular polygons, arcs and lines."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field, model_validator

from deepbench_hf.recipe.deepbench.conversion import Conversion, Priors, classes, rounded, uniform
from deepbench_hf.recipe.deepbench.entries import Entry, Number, Pair, Positive
from deepbench_hf.recipe.deepbench.images import Image, objects_of
from deepbench_hf.simulators.shapes.objects import KINDS

# From where DeepBench draws what a file leaves out: pixels and degrees.
SIDES = tuple(float(side) for side in range(10, 16))
RADII, ANGLES, STARTS, ENDS = (8.0, 12.0), (20.0, 90.0), (0.0, 45.0), (85.0, 120.0)

Drawn = tuple[str, Priors]  # a shape's kind and its priors


class Shape(Entry):
    """What all shapes but the line have."""

    center: Pair | None = None
    line_width: Positive = 1.0

    def place(self, to: Conversion) -> Priors:
        """The priors of the centre."""
        if self.center is not None:
            return to.center(self.center, "center")
        to.tell_missing(self, "center")
        anywhere = {"kind": "choice", "values": list(SIDES)}
        return {"center_x_px": (anywhere, "center"), "center_y_px": (anywhere, "center")}

    def style(self, filled: bool) -> Priors:
        """The priors of what is filled or outlined."""
        if filled:
            return {"style": (classes("filled"), "fill")}
        width = {"stroke_width_px": (self.line_width, "line_width")}
        return {"style": (classes("outline"), "fill"), **width}


class Rectangle(Shape):
    """Its stroke lies half on each side, as ours does."""

    width: Positive | None = None
    height: Positive | None = None
    angle: Number = 0.0
    fill: bool = False

    def drawn(self, to: Conversion) -> Drawn:
        """A rectangle, which turns about its centre."""
        to.tell("turned", self.at("angle"), self.angle)
        to.tell("filled", self.at(), self.fill)
        sides = self.sides(0.0, to)
        return "rectangle", {**self.place(to), **sides, **self.style(self.fill)}

    def sides(self, less: float, to: Conversion) -> Priors:
        """Half the long side, the ratio of the sides, and the angle of the long one."""
        missing = self.missing("width", "height")
        if len(missing) == 2:
            to.tell_missing(self, *missing)
            radii = [rounded((side - less) / 2) for side in SIDES]
            low = rounded((SIDES[0] - less) / (SIDES[-1] - less))
            angles = [self.angle % 180, (self.angle + 90) % 180]
            return {
                "radius_px": ({"kind": "choice", "values": radii}, "width"),
                "axis_ratio": ({"kind": "uniform", "low": low, "high": 1.0}, "height"),
                "angle_deg": ({"kind": "choice", "values": angles}, "angle"),
            }
        for key in missing:
            to.tell("middle", self.at(key))
        width, height = self.width or 12.0, self.height or 12.0
        (short, across), (long, along) = sorted([(height, "height"), (width, "width")])
        turned = (self.angle + (90 if height > width else 0)) % 180
        return {
            "radius_px": (rounded((long - less) / 2), along),
            "axis_ratio": (rounded((short - less) / (long - less)), across),
            "angle_deg": (rounded(turned), "angle"),
        }


class Ellipse(Rectangle):
    """Its stroke lies inside: ours about a smaller ellipse is the same ring."""

    def drawn(self, to: Conversion) -> Drawn:
        """An ellipse, or a circle where its axes are equal."""
        axes = self.width or SIDES[0], self.height or SIDES[0]
        filled = self.fill or self.line_width >= min(axes)
        to.tell("thick", self.at("line_width"), filled and not self.fill)
        to.tell("real axes", self.at(), not all(axis.is_integer() for axis in axes))
        sides = self.sides(0.0 if filled else self.line_width, to)
        priors = {**self.place(to), **sides, **self.style(filled)}
        if sides["axis_ratio"][0] != 1.0:
            return "ellipse", priors
        return "circle", {n: p for n, p in priors.items() if n not in ("axis_ratio", "angle_deg")}


class Polygon(Shape):
    """Its outline lies inside the outer polygon; ours half on each side of the nominal one."""

    radius: Positive | None = None
    vertices: int = Field(3, ge=3, le=12)
    angle: Number | None = None
    fill: bool = False

    def drawn(self, to: Conversion) -> Drawn:
        """A polygon whose first vertex is above its centre at 0 degrees."""
        wall = rounded(0.5 * self.line_width / math.cos(math.pi / self.vertices))
        filled = self.fill or wall >= (self.radius or RADII[0])
        to.tell("thick", self.at("line_width"), filled and not self.fill)
        to.tell_missing(self, "radius", "angle")
        to.tell("polygon", self.at("center"))
        to.tell("degrees", self.at("angle"), self.angle)
        to.tell("wall", self.at("line_width"), not filled)
        size = _radius(self.radius, 0.0 if filled else wall)
        angle = uniform(ANGLES[0] + 90, ANGLES[1] - ANGLES[0])
        if self.angle is not None:
            angle = rounded((90 + self.angle) % (360 / self.vertices))
        priors = {"radius_px": (size, "radius"), "angle_deg": (angle, "angle")}
        return KINDS[self.vertices + 2], {**self.place(to), **priors, **self.style(filled)}


class Arc(Shape):
    """Its stroke lies inside the radius; ours half on each side."""

    radius: Positive | None = None
    theta1: Number = sum(STARTS) / 2
    theta2: Number = sum(ENDS) / 2

    def drawn(self, to: Conversion) -> Drawn:
        """An arc from theta1 to theta2; a whole circle where they differ by whole turns."""
        to.tell_missing(self, "radius")
        missing = self.missing("theta1", "theta2")
        for key in missing:
            to.tell("default" if len(missing) == 2 else "middle", self.at(key))
        whole_turn = 360.0 if self.theta1 != self.theta2 else 0.0
        angle: Any = rounded(self.theta1 % 360)
        extent: Any = rounded((self.theta2 - self.theta1) % 360) or whole_turn
        if len(missing) == 2:
            angle = uniform(STARTS[0], STARTS[1] - STARTS[0])
            extent = uniform(ENDS[0] - STARTS[1], ENDS[1] - ENDS[0] + STARTS[1] - STARTS[0])
        return "arc", {
            **self.place(to),
            "radius_px": (_radius(self.radius, self.line_width / 2), "radius"),
            "angle_deg": (angle, "theta1"),
            "extent_deg": (extent, "theta2"),
            "stroke_width_px": (self.line_width, "line_width"),
        }


class Line(Entry):
    """A stroke along the whole of the line, from start to end."""

    line_width: Positive = 1.0
    start: Pair = Field([4.5, 4.5])
    end: Pair = Field([19.5, 19.5])

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Line:
        if self.start == self.end:
            raise ValueError(f"end must be another point than start; got {self.end}")
        return self

    def drawn(self, to: Conversion) -> Drawn:
        """A line by its middle, half its length and its angle."""
        for key in self.missing("start", "end"):
            to.tell("middle", self.at(key))
        to.tell("line", self.at())
        (x0, y0), (x1, y1) = self.start, self.end
        turned = math.degrees(math.atan2(y1 - y0, x1 - x0)) % 180
        return "line", {
            **to.center([rounded((x0 + x1) / 2), rounded((y0 + y1) / 2)], "start", "end"),
            "radius_px": (rounded(math.hypot(x1 - x0, y1 - y0) / 2), "end"),
            "angle_deg": (rounded(turned), "end"),
            "stroke_width_px": (self.line_width, "line_width"),
        }


SHAPES: dict[str, type[Rectangle | Polygon | Arc | Line]] = {
    "rectangle": Rectangle, "polygon": Polygon, "arc": Arc, "line": Line, "ellipse": Ellipse,
}  # fmt: skip
"""DeepBench's shapes by their name in a file."""


def shapes(name: str, image: Any, objects: Any, to: Conversion) -> None:
    """Write the recipe of an image, ``image_parameters``, of shapes, ``object_parameters``."""
    frame = Image.read(image, "image_parameters", to.problems)
    found = objects_of(objects, SHAPES, to.problems)
    if frame is None or to.problems:
        return
    width, height = frame.image_shape
    level, poisson = frame.object_noise_level, frame.object_noise_type == "poisson"
    if level:
        sigma = rounded(math.sqrt(level)) if poisson else level
        to.put_noise({"kind": "gaussian", "sigma": sigma}, frame.at("object_noise_level"))
        to.tell("pedestal", frame.at("object_noise_level"), poisson)
    drawn = [(shape, *shape.drawn(to)) for _, shape in found]
    for correction in ("axes", "coverage", "object and instance"):
        to.tell(correction, "object_parameters")
    to.tell("union", "object_parameters", len(drawn) > 1)
    to.simulator = {"kind": "shapes", "image_size": [height, width]}
    if len(drawn) > 1:
        to.simulator |= {"kind": "shapes_scene", "max_objects": len(drawn)}
    to.put_objects([(kind, shape, priors) for shape, kind, priors in drawn], "label")


def _radius(radius: float | None, less: float) -> Any:
    """The prior of a radius that is smaller by half a stroke; drawn if the file has none."""
    if radius is not None:
        return rounded(radius - less)
    return uniform(rounded(RADII[0] - less), RADII[1] - RADII[0])
