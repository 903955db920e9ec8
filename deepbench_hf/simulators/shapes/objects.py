"""What a drawn shape is: its kinds and the parameters of each."""

from __future__ import annotations

from deepbench_hf.simulators.base import Parameter, one_of

__all__ = ["ARC", "CIRCLE", "ELLIPSE", "FILLED", "KINDS", "LINE", "RECTANGLE", "SHAPE", "STYLES"]

CIRCLE, ELLIPSE, RECTANGLE, ARC, LINE = range(5)
KINDS = (
    *("circle", "ellipse", "rectangle", "arc", "line"),
    *("triangle", "square", "pentagon", "hexagon", "heptagon"),
    *("octagon", "nonagon", "decagon", "hendecagon", "dodecagon"),
)
"""From 5 on, kind k is the regular polygon with k - 2 sides."""

FILLED, OUTLINE = range(2)
STYLES = ("filled", "outline")

FAR_PX = 1e4
"""Beyond, nothing is drawn: positions in pixels."""

SHAPE = {
    "center_x_px": Parameter("pix", "centre, along a row: column i is x = i", -FAR_PX, FAR_PX),
    "center_y_px": Parameter("pix", "centre, along a column: row j is y = j", -FAR_PX, FAR_PX),
    "radius_px": Parameter(
        "pix",
        "half of the longest extent: radius, semi-major axis, half the long side, circumradius",
        0.05,
        4096,
    ),
    "axis_ratio": Parameter("1", "short over long axis or side of ellipse, rectangle", 0.01, 1, 1),
    "angle_deg": Parameter(
        "deg",
        "from +x to +y: of the long axis, of the first vertex, of the start of the arc",
        -360,
        360,
        0,
    ),
    "extent_deg": Parameter("deg", "angle that the arc spans; 0 for all others", 0, 360, 0),
    "style": one_of("filled, or the outline alone", STYLES, FILLED),
    "stroke_width_px": Parameter("pix", "width of the outline; 0 where filled", 0, 1000, 0),
}
"""The parameters of one shape, its kind left out."""
