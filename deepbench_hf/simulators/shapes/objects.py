"""What a drawn shape is: its kinds and the parameters of each."""

from deepbench_hf.fields import Parameter, one_of

CIRCLE, ELLIPSE, RECTANGLE, ARC, LINE = range(5)
CLOSED = ("circle", "ellipse", "rectangle")
STROKES = ("arc", "line")
POLYGONS = (
    *("triangle", "square", "pentagon", "hexagon", "heptagon"),
    *("octagon", "nonagon", "decagon", "hendecagon", "dodecagon"),
)
KINDS = (*CLOSED, *STROKES, *POLYGONS)
"""From 5 on, kind k is the regular polygon with k - 2 sides."""

FILLED, OUTLINE = range(2)
STYLES = ("filled", "outline")

FAR_PX = 1e4
"""Positions in pixels beyond which nothing may lie."""

SHAPE = {
    "center_x_px": Parameter(
        "pix", "centre along a row; column i is x = i", -FAR_PX, FAR_PX, symbol="x_c"
    ),
    "center_y_px": Parameter(
        "pix", "centre along a column; row j is y = j", -FAR_PX, FAR_PX, symbol="y_c"
    ),
    "radius_px": Parameter(
        "pix", "half the longest extent: radius, semi-major axis, half the long side, circumradius",
        0.05, 4096, symbol="R",
    ),
    "axis_ratio": Parameter(
        "1", "short over long axis or side", 0.01, 1, 1, only={"kind": CLOSED[1:]}, absent=1,
        symbol="q",
    ),
    "angle_deg": Parameter(
        "deg", "from +x to +y: of the long axis, the first vertex, the start of the arc",
        -360, 360, 0, only={"kind": KINDS[1:]}, symbol=r"\phi",
    ),
    "extent_deg": Parameter(
        "deg", "angle that the arc spans", 0, 360, 180, only={"kind": ("arc",)},
        symbol=r"\Delta\phi",
    ),
    "style": one_of(
        "filled, or the outline alone", STYLES, default=FILLED,
        only={"kind": (*CLOSED, *POLYGONS)}, absent=OUTLINE, symbol="s",
    ),
    "stroke_width_px": Parameter(
        "pix", "width of the outline", 0, 1000, 1, only={"style": ("outline",)}, symbol="w"
    ),
}  # fmt: skip
"""The parameters of one shape, its kind left out."""
