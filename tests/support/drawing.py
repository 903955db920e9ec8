"""Shapes to draw, and the same ones in shapely's hands."""

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import Polygon, box

from deepbench_hf.simulators.shapes.outline import FILLED, KINDS, OUTLINE, SHAPE, measures
from deepbench_hf.simulators.shapes.painting import layers, paint

DTYPE = np.dtype([("kind", "int64"), *((name, p.dtype) for name, p in SHAPE.items())])
DEFAULTS = {"axis_ratio": 1.0}
STROKED = ("arc", "line")
VERTICES = 4096


def scene(*shapes):
    """One row of objects, shape (1, K), from dictionaries with the names of parameters."""
    rows = np.zeros((1, len(shapes)), DTYPE)
    for k, given in enumerate(shapes):
        for name, value in {**DEFAULTS, **given}.items():
            rows[name][0, k] = KINDS.index(value) if name == "kind" else value
    return rows


def shape(kind, x, y, radius, angle=0.0, ratio=1.0, stroke=0.0, extent=0.0):
    """The parameters of one shape; an outline if it has a stroke."""
    return {
        "kind": kind, "center_x_px": x, "center_y_px": y, "radius_px": radius,
        "axis_ratio": ratio, "angle_deg": angle, "extent_deg": extent,
        "style": OUTLINE if stroke else FILLED, "stroke_width_px": stroke,
    }  # fmt: skip


def counts(objects):
    """Every object of every row."""
    return np.full(len(objects), objects.shape[1])


def painted(objects, height=64, width=64, count=None):
    """Images (n, H, W) and visible fractions (n, K)."""
    image = np.full((len(objects), height, width), np.nan, np.float32)
    fraction = np.full(objects.shape, np.nan)
    paint(objects, counts(objects) if count is None else count, image, fraction)
    return image, fraction


def drawn(height=64, width=64, **parameters):
    """The image (H, W) of one shape, in float64."""
    return painted(scene(shape(**parameters)), height, width)[0][0].astype(float)


def layered(objects, height=64, width=64, count=None):
    """Masks and visible parts (n, K, H, W), segmentation (n, H, W)."""
    mask = np.full((*objects.shape, height, width), np.nan, np.float32)
    visible, segmentation = mask.copy(), np.full((len(objects), height, width), -9, np.int16)
    layers(objects, counts(objects) if count is None else count, mask, visible, segmentation)
    return mask, visible, segmentation


def measured(objects):
    """Area, perimeter, sine and cosine, (n, K) each."""
    outputs = [np.full(objects.shape, np.nan) for _ in range(4)]
    measures(objects, *outputs)
    return outputs


def some_objects(n, k, seed=0, height=64, width=64, margin=4.0):
    """Random objects of all kinds and styles, some partly outside the frame."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((n, k), DTYPE)
    size = rows.shape
    rows["kind"] = rng.integers(0, len(KINDS), size)
    rows["center_x_px"] = rng.uniform(-margin, width + margin, size)
    rows["center_y_px"] = rng.uniform(-margin, height + margin, size)
    rows["radius_px"] = np.exp(rng.uniform(np.log(0.3), np.log(30), size))
    rows["axis_ratio"] = rng.uniform(0.05, 1, size)
    rows["angle_deg"] = rng.uniform(-360, 360, size)
    rows["extent_deg"] = np.where(rng.random(size) < 0.1, 360, rng.uniform(1, 360, size))
    rows["style"] = rng.integers(0, 2, size)
    rows["stroke_width_px"] = np.exp(rng.uniform(np.log(0.2), np.log(12), size))
    return rows


def turned(a, b, extent=360.0):
    """Points on an ellipse around the origin, pushed out so that their polygon has its area."""
    steps = max(8, int((VERTICES + 60 * a) * extent / 360))
    t = np.radians(extent * np.arange(steps + 1) / steps)
    grow = np.sqrt(t[1] / np.sin(t[1]))
    return np.column_stack([a * grow * np.cos(t), b * grow * np.sin(t)])


def sector(outer, inner, extent):
    """Part of a ring around the origin, from angle 0 on; without an inner radius, of a disc."""
    if extent == 360:
        hole = [turned(inner, inner)[:-1]] if inner > 0 else []
        return Polygon(turned(outer, outer)[:-1], hole)
    back = turned(inner, inner, extent)[::-1] if inner > 0 else [[0.0, 0.0]]
    return Polygon(np.vstack([turned(outer, outer, extent), back]))


def regular(n, radius):
    """Regular polygon around the origin with its first vertex at angle 0."""
    t = 2 * np.pi * np.arange(n) / n
    return Polygon(np.column_stack([radius * np.cos(t), radius * np.sin(t)]))


def geometry(o):
    """The region that a record describes, as a shapely geometry."""
    kind, r, w = KINDS[o["kind"]], o["radius_px"], o["stroke_width_px"]
    if kind not in STROKED and o["style"] == FILLED:
        w = 0.0
    b = r * o["axis_ratio"] if kind in ("ellipse", "rectangle") else r
    if kind == "line":
        outer, inner = box(-r, -w / 2, r, w / 2), None
    elif kind == "arc":
        outer, inner = sector(r + w / 2, r - w / 2, o["extent_deg"]), None
    elif kind in ("circle", "ellipse"):
        outer = Polygon(turned(r + w / 2, b + w / 2)[:-1])
        inner = Polygon(turned(r - w / 2, b - w / 2)[:-1]) if 0 < w / 2 < b else None
    elif kind == "rectangle":
        outer = box(-r - w / 2, -b - w / 2, r + w / 2, b + w / 2)
        inner = box(-r + w / 2, -b + w / 2, r - w / 2, b - w / 2) if 0 < w / 2 < b else None
    else:
        n = KINDS.index(kind) - 2
        mitre = w / 2 / np.cos(np.pi / n)
        outer = regular(n, r + mitre)
        inner = regular(n, r - mitre) if 0 < mitre < r else None
    region = outer if inner is None else outer.difference(inner)
    region = affinity.rotate(region, o["angle_deg"], origin=(0, 0))
    return affinity.translate(region, o["center_x_px"], o["center_y_px"])


def pixels(height, width):
    """The squares of a frame, shape (H, W)."""
    y, x = np.mgrid[:height, :width]
    return shapely.box(x - 0.5, y - 0.5, x + 0.5, y + 0.5)


def true_coverage(region, height=64, width=64):
    """Area of a region in every pixel."""
    region = region.intersection(box(-0.5, -0.5, width - 0.5, height - 0.5))
    out = np.zeros((height, width))
    if not region.is_empty:
        x0, y0, x1, y1 = (round(v) for v in region.bounds)
        part = np.s_[max(0, y0) : y1 + 1, max(0, x0) : x1 + 1]
        shapely.prepare(region)
        squares = pixels(height, width)[part]
        inside = shapely.contains_properly(region, squares)
        edge = shapely.intersects(region, squares) & ~inside
        out[part][inside] = 1.0
        out[part][edge] = shapely.area(shapely.intersection(squares[edge], region))
    return out
