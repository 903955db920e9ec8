"""DeepBench's images of shapes: rectangles, ellipses, regular polygons, arcs and lines."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field, model_validator

from deepbench_hf.recipe.deepbench import entries
from deepbench_hf.recipe.deepbench.conversion import Conversion, Priors, rounded, uniform
from deepbench_hf.recipe.deepbench.entries import Number, Pair, Positive
from deepbench_hf.simulators.shapes.outline import KINDS

# From where DeepBench draws what a file leaves out: pixels and degrees.
SIDES = tuple(float(side) for side in range(10, 16))
MIDDLE = 12.0  # of the sides that DeepBench draws from, one that it can draw
RADII, ANGLES, STARTS, ENDS = (8.0, 12.0), (20.0, 90.0), (0.0, 45.0), (85.0, 120.0)

Drawn = tuple[str, Priors]
"""The kind of a shape and its priors."""


class Shape(entries.Entry):
    """A shape but a line."""

    center: Pair | None = None
    line_width: Positive = 1.0

    def place(self) -> Priors:
        if self.center is not None:
            return self.centred(self.center, "center")
        self.lacks("center")
        anywhere = {"kind": "choice", "values": list(SIDES)}, "center"
        return {"center_x_px": anywhere, "center_y_px": anywhere}

    def style(self, filled: bool, asked: bool) -> Priors:
        """Filled or an outline; filled without being asked where the stroke leaves no inside."""
        self.tell("line_width", "thick", when=filled and not asked)
        style = {"kind": "classes", "names": ["filled" if filled else "outline"]}
        width = {} if filled else {"stroke_width_px": (self.line_width, "line_width")}
        return {"style": (style, "fill")} | width

    def radius_less(self, less: float) -> Priors:
        """The prior of a radius that is smaller, by half a stroke; drawn if the file has none."""
        low, high = RADII
        return {"radius_px": self.given("radius", lambda r: r - less, low - less, high - low)}


class Rectangle(Shape):
    """Its stroke lies half on each side, as ours does, and it turns about its centre."""

    width: Positive | None = None
    height: Positive | None = None
    angle: Number = 0.0
    fill: bool = False

    def drawn(self) -> Drawn:
        self.tell("angle", "turned", when=self.angle)
        self.tell("", "filled", when=self.fill)
        return "rectangle", self.place() | self.sides(0.0) | self.style(self.fill, self.fill)

    def sides(self, less: float) -> Priors:
        """Half the long side, the ratio of the sides, and the angle of the long one."""
        if self.lacks("width", "height"):
            radii = [rounded((side - less) / 2) for side in SIDES]
            angles = [self.angle % 180, (self.angle + 90) % 180]
            flattest = rounded((SIDES[0] - less) / (SIDES[-1] - less))
            return {
                "radius_px": ({"kind": "choice", "values": radii}, "width"),
                "axis_ratio": ({"kind": "uniform", "low": flattest, "high": 1.0}, "height"),
                "angle_deg": ({"kind": "choice", "values": angles}, "angle"),
            }
        width, height = self.width or MIDDLE, self.height or MIDDLE
        (short, across), (long, along) = sorted([(height, "height"), (width, "width")])
        turned = (self.angle + (90 if height > width else 0)) % 180
        return {
            "radius_px": (rounded((long - less) / 2), along),
            "axis_ratio": (rounded((short - less) / (long - less)), across),
            "angle_deg": (rounded(turned), "angle"),
        }


class Ellipse(Rectangle):
    """Its stroke lies inside: ours about a smaller ellipse, or circle, is the same ring."""

    def drawn(self) -> Drawn:
        axes = self.width or SIDES[0], self.height or SIDES[0]
        filled = self.fill or self.line_width >= min(axes)
        style = self.style(filled, self.fill)
        self.tell("", "real axes", when=not all(axis.is_integer() for axis in axes))
        place, sides = self.place(), self.sides(0.0 if filled else self.line_width)
        if sides["axis_ratio"][0] == 1.0:
            return "circle", place | {"radius_px": sides["radius_px"]} | style
        return "ellipse", place | sides | style


class Polygon(Shape):
    """Its outline lies inside the outer polygon; ours half on each side of the nominal one.

    At 0 degrees its first vertex is above its centre.
    """

    radius: Positive | None = None
    vertices: int = Field(3, ge=3, le=12)
    angle: Number | None = None
    fill: bool = False

    def drawn(self) -> Drawn:
        wall = rounded(0.5 * self.line_width / math.cos(math.pi / self.vertices))
        filled = self.fill or wall >= (self.radius or RADII[0])
        style = self.style(filled, self.fill)
        self.tell("center", "polygon")
        self.tell("angle", "degrees", when=self.angle)
        self.tell("line_width", "wall", when=not filled)
        turn, (low, high) = 360 / self.vertices, ANGLES
        angle = self.given("angle", lambda x: (90 + x) % turn, low + 90, high - low)
        size = self.radius_less(0.0 if filled else wall)
        return KINDS[self.vertices + 2], self.place() | size | {"angle_deg": angle} | style


class Arc(Shape):
    """Its stroke lies inside the radius; ours half on each side.

    From theta1 to theta2; a whole circle where they differ by whole turns.
    """

    radius: Positive | None = None
    theta1: Number = sum(STARTS) / 2
    theta2: Number = sum(ENDS) / 2

    def drawn(self) -> Drawn:
        if self.lacks("theta1", "theta2"):
            angle = uniform(STARTS[0], STARTS[1] - STARTS[0])
            extent = uniform(ENDS[0] - STARTS[1], ENDS[1] - ENDS[0] + STARTS[1] - STARTS[0])
        else:
            whole_turn = 360.0 if self.theta1 != self.theta2 else 0.0
            angle = rounded(self.theta1 % 360)
            extent = rounded((self.theta2 - self.theta1) % 360) or whole_turn
        return "arc", self.place() | self.radius_less(self.line_width / 2) | {
            "angle_deg": (angle, "theta1"),
            "extent_deg": (extent, "theta2"),
            "stroke_width_px": (self.line_width, "line_width"),
        }


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

    def drawn(self) -> Drawn:
        for key in self.missing("start", "end"):
            self.tell(key, "middle")
        self.tell("", "line")
        (x0, y0), (x1, y1) = self.start, self.end
        middle = [rounded((x0 + x1) / 2), rounded((y0 + y1) / 2)]
        turned = math.degrees(math.atan2(y1 - y0, x1 - x0)) % 180
        return "line", self.centred(middle, "start", "end") | {
            "radius_px": (rounded(math.hypot(x1 - x0, y1 - y0) / 2), "end"),
            "angle_deg": (rounded(turned), "end"),
            "stroke_width_px": (self.line_width, "line_width"),
        }


SHAPES: dict[str, type[Rectangle | Polygon | Arc | Line]] = {
    "rectangle": Rectangle, "polygon": Polygon, "arc": Arc, "line": Line, "ellipse": Ellipse,
}  # fmt: skip
"""DeepBench's shapes by their name in a file."""


def shapes(image: Any, objects: Any, to: Conversion) -> None:
    """Write the recipe of an image, ``image_parameters``, of shapes, ``object_parameters``."""
    if (read := entries.read_image(entries.Image, SHAPES, image, objects, to)) is None:
        return
    frame, found = read
    drawn = [(shape, *shape.drawn()) for shape in found]
    if len(found) == 1:
        to.priors["label"] = {"kind": "classes", "names": [drawn[0][1]]}
    entries.put_objects(drawn, "shapes", "shapes_scene", to)
    to.simulator["image_size"] = frame.image_shape[::-1]
    to.tell("object_parameters", "axes", "coverage", "object and instance")
    to.tell("object_parameters", "union", when=len(found) > 1)
    poisson, where = frame.object_noise_type == "poisson", frame.at("object_noise_level")
    if level := frame.object_noise_level:
        to.put_noise(where, kind="gaussian", sigma=rounded(math.sqrt(level)) if poisson else level)
        to.tell(where, "pedestal", when=poisson)
