"""The course of a spiral arm as angle over radius, its nodes, and its point nearest to another.

    logarithmic:           phi = ln(r / a) / tan(pitch)
    Ringermacher and Mead: phi = 2 N atan(B exp(-A / r))

All in float64, for one face-on arm that starts on the +x axis and winds towards +y; the others are
the same, turned by 2 pi / M.

Source: as `arms.py`.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.arms import arm_angle

Arm = tuple[int, float, float, float, float]
"""Model, a or A (px), pitch (deg), N, B, as `arm_angle` takes them."""

CLOSE = 0.25
"""Distance of the nodes over the width of the arms, at most."""
ROUND = 0.1
"""And over the radius."""
ENOUGH = 60  # steps of Newton's method or halvings
_RADIAN = 0.017453292519943295


@kernel
def course(arm, r: float) -> tuple[float, float, float]:
    """Angle of an arm at a radius, rad, and its first and second derivative with respect to it."""
    model, scale, pitch_deg, winding, _ = arm
    phi = arm_angle(r, *arm)
    if model == 0:
        s, c = exact.sincosd(pitch_deg)
        slope = c / (r * s)
        return phi, slope, -slope / r
    s, c = exact.sincos(phi / winding)
    steep = scale / (r * r)
    slope = winding * s * steep
    return phi, slope, slope * (steep * c - 2.0 / r)


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
    model, scale, pitch_deg, winding, sweep = arm
    if model == 0:
        sine, cosine = exact.sincosd(pitch_deg)
        return -cosine / (scale * sine), -phi / (sine * cosine) * _RADIAN, 0.0
    turn = winding * exact.sin(phi / winding)
    return -turn / r, phi / winding, turn / sweep


@kernel
def start_answers(arm, start: float) -> tuple[float, float, float]:
    """The same of the radius where the arm starts, whose angle stays."""
    model, scale, _, winding, sweep = arm
    if model == 0:
        return 1.0, 0.0, 0.0
    inward = -start * start / scale
    return start / scale, inward / winding, inward / sweep
