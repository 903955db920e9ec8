"""The course of a spiral arm as angle over radius, its nodes, and its point nearest to another.

    logarithmic:           phi = ln(r / a) / tan(pitch)
    Ringermacher and Mead: phi = 2 N atan(B exp(-A / r))

All in float64, for one face-on arm that starts on the +x axis and winds towards +y; the others are
the same, turned by 2 pi / M.

Source: as `arms.py`.
"""

from __future__ import annotations

import numpy as np

from deepbench_hf import exact
from deepbench_hf.kernel import kernel

__all__ = [
    "Arm",
    "answers",
    "course",
    "curvature",
    "foot_between",
    "nodes_of",
    "start_answers",
]

Arm = tuple[int, float, float, float, float]
"""Model, a or A (px), tangent of the pitch, N, B."""

CLOSE = 0.25
"""Distance of the nodes over the width of the arms, at most."""
ROUND = 0.1
"""And over the radius."""
ENOUGH = 60  # steps of Newton's method or halvings
_RADIAN = 0.017453292519943295


@kernel
def course(arm, r: float) -> tuple[float, float, float]:
    """Angle of an arm at a radius, rad, and its first and second derivative with respect to it."""
    model, scale, tangent, winding, sweep = arm
    if model == 0:
        slope = 1.0 / (r * tangent)
        return exact.log(r / scale) / tangent, slope, -slope / r
    z = sweep * exact.exp(max(-scale / r, -600.0))
    steep = scale / (r * r)
    slope = 2.0 * winding * z / (1.0 + z * z) * steep
    bend = steep * (1.0 - z * z) / (1.0 + z * z) - 2.0 / r
    return 2.0 * winding * exact.atan2(z, 1.0), slope, slope * bend


@kernel
def curvature(r: float, slope: float, bend: float) -> tuple[float, float]:
    """Length of arm over radius, and curvature, positive to the left, 1/px.

    Args:
        r, slope, bend: radius, px, and the derivatives of `course` there.
    """
    around = r * slope
    square = 1.0 + around * around
    length = np.sqrt(square)
    return length, (slope + (slope + r * bend) / square) / length


@kernel(allocates=True)
def nodes_of(arm, start: float, end: float, width: float):
    """Points along an arm, from its start to its end: radius, x and y, px, (3, K)."""
    nodes = np.empty((3, 256))
    r, count, last = start, 0, False
    while not last:
        last = r >= end
        r = min(r, end)
        if count == nodes.shape[1]:
            more = np.empty((3, 2 * count))
            more[:, :count] = nodes
            nodes = more
        phi, slope, bend = course(arm, r)
        s, c = exact.sincos(phi)
        nodes[0, count], nodes[1, count], nodes[2, count] = r, r * c, r * s
        count += 1
        length, turn = curvature(r, slope, bend)
        r += min(CLOSE * width, ROUND * r, ROUND / max(abs(turn), 1e-9)) / length
    return nodes[:, :count].copy()


@kernel
def foot_between(arm, x: float, y: float, low: float, high: float) -> float:
    """The radius, between two others, of the point of the arm that is nearest to (x, y).

    Newton's method for the zero of the derivative of the squared distance, kept in the bracket.
    """
    far, turn = np.sqrt(x * x + y * y), exact.atan2(y, x)
    first, last = low, high
    r = 0.5 * (low + high)
    for _ in range(ENOUGH):
        phi, slope, bend = course(arm, r)
        s, c = exact.sincos(phi - turn)
        s, c = far * s, far * c
        rise = r - c + r * slope * s
        if rise > 0.0:
            last = r
        else:
            first = r
        curve = 1.0 + 2.0 * slope * s + r * bend * s + r * slope * slope * c
        better = r - rise / curve if curve > 0.0 else 0.5 * (first + last)
        if not first <= better <= last:
            better = 0.5 * (first + last)
        if abs(better - r) <= 1e-14 * high:
            return better
        r = better
    return r


@kernel
def answers(arm, r: float, phi: float) -> tuple[float, float, float]:
    """Derivatives of the angle at a radius by a or A (px), by pitch (deg) or N, and by B."""
    model, scale, tangent, winding, sweep = arm
    if model == 0:
        square = tangent * tangent
        return -1.0 / (scale * tangent), -phi * (1.0 + square) / tangent * _RADIAN, 0.0
    z = sweep * exact.exp(max(-scale / r, -600.0))
    turn = 2.0 * winding * z / (1.0 + z * z)
    return -turn / r, phi / winding, turn / sweep


@kernel
def start_answers(arm, start: float) -> tuple[float, float, float]:
    """The same of the radius where the arm starts, whose angle stays."""
    model, scale, _, winding, sweep = arm
    if model == 0:
        return 1.0, 0.0, 0.0
    inward = -start * start / scale
    return start / scale, inward / winding, inward / sweep
