"""Shapes by exact area coverage: one in an image, grey or in colour, or several.

A pixel is the share of its unit square that the shape covers. Strokes lie half inside and half
outside the nominal outline and have mitred corners: a circle of radius r has the radii r +- w/2, an
ellipse the semi-axes a +- w/2 and b +- w/2, a rectangle the sides s +- w, a regular polygon the
circumradius R +- (w/2) / cos(pi / N), an arc the radii r +- w/2 with radial ends; a line is a
rectangle of length L and width w.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter, of_role, present
from deepbench_hf.simulators.images import MOST_OBJECTS, Frame, class_of, count_up_to
from deepbench_hf.simulators.inputs import filled, packed
from deepbench_hf.simulators.shapes.outline import ARC, KINDS, LINE, OUTLINE, SHAPE, measures
from deepbench_hf.simulators.shapes.painting import layers, paint
from deepbench_hf.simulators.shapes.slopes import ANSWERING, shape_slopes

MEASURES = {
    "area_px2": Field("pix2", "area of the shape, also outside the frame", low=0, role="label"),
    "perimeter_px": Field(
        "pix", "length of the nominal outline, the arc or the line", low=0, role="label"
    ),
    "angle_sin": Field(
        "1", "sin(N angle) for N-fold symmetry; 0 for a circle or a ring", role="label"
    ),
    "angle_cos": Field(
        "1", "cos(N angle) for N-fold symmetry; 0 for a circle or a ring", role="label"
    ),
    "visible_fraction": Field(
        "1",
        "share of the area that is inside the frame and not hidden by a later shape",
        low=0,
        role="label",
    ),
}


class _Coverage(Frame):
    """What one shape and a scene have in common."""

    kinds: ClassVar[tuple[str, ...]] = KINDS
    table: ClassVar[Mapping[str, Parameter]] = SHAPE

    @property
    def columns(self) -> Mapping[str, Field]:
        number = "number, from 1, of the shape that covers half the pixel or more"
        seen, size, stack = "coverage of what is not hidden of it", self.image_size, self.stack
        return {
            "image": Field("1", "area coverage of each pixel", size, "float32"),
            "mask": Field("1", "coverage of each shape alone", stack, "float32", role="layer"),
            "visible": Field("1", seen, stack, "float32", role="layer"),
            "segmentation": Field("1", number, size, "int16", role="layer"),
        }

    def shapes(self, inputs: Mapping[str, Any]) -> tuple[NDArray, NDArray[np.int64]]:
        """The shapes of a call, and how many there are of each row."""
        shapes, count = self.drawn(inputs)
        kind = shapes["kind"]
        stroked = (shapes["style"] == OUTLINE) | (kind == ARC) | (kind == LINE)
        used = present(count, self.most_objects)
        if np.any(used & stroked & (shapes["stroke_width_px"] <= 0)):
            raise ValueError("stroke_width_px must be above 0 for an outline, an arc or a line")
        return shapes, count

    def painted(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], Columns]:
        """The image ``(n, H, W)``, and what is told of each shape ``(n, most_objects)``."""
        shapes, count = self.shapes(inputs)
        image = np.empty((len(count), *self.image_size), np.float32)
        told = {name: np.empty(shapes.shape) for name in MEASURES}
        *measured, visible_fraction = told.values()
        measures(shapes, *measured)
        paint(shapes, count, image, visible_fraction)
        return image, told

    def separate(self, threshold: NDArray | None = None, **inputs: Any) -> Columns:
        shapes, count = self.shapes(inputs)
        found = {
            name: np.empty((len(count), *field.shape), field.dtype)
            for name, field in of_role(self.columns, "layer").items()
        }
        layers(shapes, count, *found.values())
        return found


class Shapes(_Coverage):
    """One shape: circle, ellipse, rectangle, regular polygon, arc or line.

    Args:
        label: kind, (n,): number into `KINDS`.
        center_x_px, center_y_px: centre, pixels, (n,); of an arc, that of its circle.
        radius_px: radius, semi-major axis, half the long side, circumradius or half the length.
        axis_ratio: short over long axis or side, (n,); ellipse and rectangle.
        angle_deg: of the long axis, of the first vertex, of the arc's start, degrees, (n,).
        extent_deg: what the arc spans, degrees, (n,).
        style: 0 filled, 1 outline, (n,); arcs and lines are strokes.
        stroke_width_px: width of outline, arc or line, pixels, (n,); filled shapes have none.

    Returns:
        image (n, H, W) float32, in [0, 1], with an error below 1e-3; area_px2, perimeter_px,
        angle_sin, angle_cos, visible_fraction, (n,) each.

    Source: areas by elementary geometry; coverage is the signed area between edges and pixels.

    >>> disc = {"label": [0], "center_x_px": [3.0], "center_y_px": [2.0], "radius_px": [2.0]}
    >>> image = Shapes(image_size=(5, 7))(**disc)["image"]
    >>> image.shape, round(float(image.sum()), 3)
    ((1, 5, 7), 12.566)
    """

    kind: Literal["shapes"] = "shapes"
    parameters: ClassVar[Mapping[str, Parameter]] = {"label": class_of(KINDS), **SHAPE}

    @property
    def columns(self) -> Mapping[str, Field]:
        return {**MEASURES, **super().columns}

    def __call__(self, **inputs: Any) -> Columns:
        image, told = self.painted(inputs)
        return {**{name: values[:, 0] for name, values in told.items()}, "image": image}

    @property
    def sensitive(self) -> tuple[str, ...]:
        return ANSWERING

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        shapes, count = self.shapes(inputs)
        slopes = np.empty((len(count), len(ANSWERING), *self.image_size))
        shape_slopes(shapes[:, 0].copy(), slopes)
        return {"image": dict(zip(ANSWERING, slopes.swapaxes(0, 1), strict=True))}


class ShapesScene(_Coverage):
    """Several shapes in painter's order: a later one hides what lies under it.

    The image is the coverage of their union, never above 1.

    Args:
        n_objects: number of shapes, (n,).
        objects: records of the parameters of `Shapes`, with ``kind`` for its label, (n, K).
        max_objects: K, the most that a row can have.

    Returns:
        image (n, H, W) float32; objects: records of the measures of `Shapes`, (n, K).

    Source: as `Shapes`.
    """

    kind: Literal["shapes_scene"] = "shapes_scene"
    parameters: ClassVar[Mapping[str, Parameter]] = {COUNT: count_up_to()}
    objects: ClassVar[Mapping[str, Parameter]] = {"kind": class_of(KINDS), **SHAPE}
    max_objects: Annotated[int, pydantic.Field(ge=1, le=MOST_OBJECTS)] = 6

    @property
    def object_fields(self) -> Mapping[str, Field]:
        return MEASURES

    def __call__(self, **inputs: Any) -> Columns:
        image, told = self.painted(inputs)
        return {"image": image, OBJECTS: packed(told)}


CHANNELS = ("red", "green", "blue")


class ColouredShapes(Shapes):
    """One shape of `Shapes` in colour: m c + (1 - m) b, with m the coverage of a pixel.

    Args:
        red, green, blue: c, the colour of the shape, (n,).
        background: b, the grey around it, (n,); 0 by default.
        label, center_x_px, ...: as for `Shapes`.

    Returns:
        image (n, 3, H, W) float32: red, green and blue, in [0, 1]; the rest as `Shapes`.

    Source: as `Shapes`; light of both adds up by area.
    """

    kind: Literal["shapes_colour"] = "shapes_colour"  # pyright: ignore[reportIncompatibleVariableOverride]
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **Shapes.parameters,
        **{k: Parameter("1", f"{k} of the shape", 0, 1, symbol=f"c_{k[0]}") for k in CHANNELS},
        "background": Parameter("1", "grey of the background", 0, 1, 0.0, symbol="b"),
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        told = "red, green and blue of each pixel"
        image = Field("1", told, (3, *self.image_size), "float32", channels=CHANNELS)
        return {**super().columns, "image": image}

    def __call__(self, **inputs: Any) -> Columns:
        found = super().__call__(**inputs)
        ground, ink = self._light(inputs)
        return {**found, "image": ground + found["image"][:, None] * (ink - ground)}

    @property
    def sensitive(self) -> tuple[str, ...]:
        return (*super().sensitive, *CHANNELS, "background")

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        ground, ink = (light.astype(np.float64) for light in self._light(inputs))
        moved = super().derivatives(**inputs)["image"]
        cover = super().__call__(**inputs)["image"][:, None].astype(np.float64)
        of_shape = {name: slope[:, None] * (ink - ground) for name, slope in moved.items()}
        each = np.eye(3)[:, None, :, None, None]
        of_colour = dict(zip(CHANNELS, each * cover, strict=True))
        rest = np.repeat(1.0 - cover, 3, axis=1)
        return {"image": {**of_shape, **of_colour, "background": rest}}

    def _light(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The light of the background, (n, 1, 1, 1), and of the shape, (n, 3, 1, 1)."""
        own = {name: self.parameters[name] for name in (*CHANNELS, "background")}
        row = filled(own, {name: inputs[name] for name in own if name in inputs})
        ink = np.stack([row[name] for name in CHANNELS], axis=1).astype(np.float32)
        ground = row["background"].astype(np.float32)
        return ground[:, None, None, None], ink[:, :, None, None]
