"""The curves that spiral arms follow, as angle over radius, and circles that touch them.

    logarithmic:          r = a exp(phi tan(pitch))
    Ringermacher and Mead: r = A / ln(B cot(phi / 2N)),  tan(pitch) = r / (A N sin(phi / N))

Source: H. I. Ringermacher, L. R. Mead, A new formula describing the scaffold structure of spiral
galaxies, MNRAS 397 (2009), 164; here with phi counted outwards, and the natural logarithm.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

ELEMENTS = 4096
"""The most pieces that an arm is made of."""
_BEND = 0.35  # rad, the most that half a piece may turn
_FIRST_ANGLE = 1e-24  # rad
_FIRST, _SHORTEST = 0.125, 1e-4  # steps of the radius, over the radius of the end
_RADIANS = 0.017453292519943295


@kernel
def _tangent(pitch_deg: float) -> float:
    s, c = exact.sincos(pitch_deg * _RADIANS)
    return s / c


@kernel
def arm_radius(
    phi: float, model: int, scale: float, pitch_deg: float, winding: float, sweep: float
) -> float:
    """Radius of an arm at an angle.

    Args:
        phi: angle from the start of the arm, rad, not below 0; for Ringermacher-Mead arms below
            2N atan(B), where the radius is infinite.
        model: 0 logarithmic, 1 Ringermacher-Mead.
        scale: a or A, px.
        pitch_deg: pitch angle of logarithmic arms, deg.
        winding, sweep: N and B of Ringermacher-Mead arms, dimensionless.

    Returns:
        The radius, px.
    """
    if model == 0:
        return scale * exact.exp(phi * _tangent(pitch_deg))
    if phi <= 0.0:
        return 0.0
    s, c = exact.sincos(0.5 * phi / winding)
    return scale / exact.log(sweep * c / s)


@kernel
def arm_angle(
    r: float, model: int, scale: float, pitch_deg: float, winding: float, sweep: float
) -> float:
    """Angle at which an arm reaches a radius; the inverse of `arm_radius`.

    Args:
        r: radius, px, above 0; of logarithmic arms not below `scale`.
        model, scale, pitch_deg, winding, sweep: as in `arm_radius`.

    Returns:
        The angle from the start of the arm, rad.
    """
    if model == 0:
        return exact.log(r / scale) / _tangent(pitch_deg)
    return 2.0 * winding * exact.atan2(sweep * exact.exp(max(-scale / r, -600.0)), 1.0)


@kernel
def arm_slant(
    r: float, phi: float, model: int, scale: float, pitch_deg: float, winding: float
) -> float:
    """Sine of the pitch, the angle between the arm and the circle, at a point of the arm.

    Args:
        r, phi: radius, px, and angle, rad, of a point of the arm.
        model, scale, pitch_deg, winding: as in `arm_radius`.

    Returns:
        The sine of the pitch.
    """
    if model == 0:
        return exact.sin(pitch_deg * _RADIANS)
    across = scale * winding * exact.sin(phi / winding)
    return r / np.sqrt(r * r + across * across)


@kernel
def arm_start(model: int, scale: float, winding: float, sweep: float) -> float:
    """Radius at which arms begin, px: a; or, of Ringermacher-Mead arms, that of phi = 1e-24 rad.

    In theory the latter begin at phi = 0 in the centre, but r falls like 1 / ln(1 / phi) only.
    """
    return scale if model == 0 else arm_radius(_FIRST_ANGLE, model, scale, 0.0, winding, sweep)


@kernel
def _point(r, arm) -> tuple[float, float]:
    """A point of the arm whose start lies on the +x axis, and which winds towards +y."""
    if r <= 0.0:
        return 0.0, 0.0
    s, c = exact.sincos(arm_angle(r, *arm))
    return r * c, r * s


@kernel
def trace_arm(
    start: float,
    end: float,
    model: int,
    scale: float,
    pitch_deg: float,
    winding: float,
    sweep: float,
    deviation: float,
    pieces,
) -> int:
    """Cut an arm into pieces, each a circle through three points of the arm.

    Args:
        start, end: radii of the ends, px.
        model, scale, pitch_deg, winding, sweep: as in `arm_radius`.
        deviation: distance of a circle from the arm, at most, px.
        pieces: output (ELEMENTS, 9), float64: the middle x, y, px; the direction there; the
            curvature, positive to the left, 1/px; and how far the piece goes back and forth:
            t / (1 - curvature n) of the ends in the frame of the middle; the angle, rad, by
            which its sector and that of a neighbour may gape; the radius of its outer end, px.

    Returns:
        The number of pieces.
    """
    arm = (model, scale, pitch_deg, winding, sweep)
    count, r, step = 0, start, _FIRST * end
    here = _point(r, arm)
    while r < end and count < ELEMENTS:
        step = step if step < end - r and count < ELEMENTS - 1 else end - r
        there = _point(r + step, arm)
        _set_piece(pieces[count], here, _point(r + 0.5 * step, arm), there)
        miss = _deviation(pieces[count], _point(r + 0.75 * step, arm)) / deviation
        if miss > 1.0 and step > _SHORTEST * end:
            step *= 0.5
            continue
        # The circles of neighbours meet under an angle of 2/3 of the change of curvature h^2.
        pieces[count, 7] = 12.0 * miss * deviation / pieces[count, 7]
        r, here = r + step, there
        pieces[count, 8] = r
        count += 1
        step *= 1.6 if miss < 0.2 else 1.0
    return count


@kernel
def _deviation(piece, point) -> float:
    """Distance of a point from the circle of a piece, px; more than allowed if it turns too far."""
    if abs(piece[4]) * piece[7] > _BEND:
        return 1e9
    x, y, kappa = point[0] - piece[0], point[1] - piece[1], piece[4]
    t, n = piece[2] * x + piece[3] * y, piece[2] * y - piece[3] * x
    opening, bent = 1.0 - kappa * n, kappa * t
    side = bent * t + (kappa * n - 2.0) * n
    return abs(side) / (1.0 + np.sqrt(opening * opening + bent * bent))


@kernel
def _set_piece(piece, first, middle, last) -> None:
    """Fill in the circle through three points. Inversion about the middle gives its tangent."""
    ax, ay = middle[0] - first[0], middle[1] - first[1]
    bx, by = last[0] - middle[0], last[1] - middle[1]
    a2, b2 = ax * ax + ay * ay, bx * bx + by * by
    tx, ty = ax / a2 + bx / b2, ay / a2 + by / b2
    length = np.sqrt(tx * tx + ty * ty)
    tx, ty = tx / length, ty / length
    # A point at (t, n) of a circle through the origin of the frame: curvature = 2n / (t^2 + n^2).
    kappa = 2.0 * (tx * by - ty * bx) / b2
    back = -(tx * ax + ty * ay) / (1.0 - kappa * (ty * ax - tx * ay))
    forth = (tx * bx + ty * by) / (1.0 - kappa * (tx * by - ty * bx))
    piece[0], piece[1], piece[2], piece[3] = middle[0], middle[1], tx, ty
    piece[4], piece[5], piece[6] = kappa, back, forth
    piece[7] = 0.5 * (np.sqrt(a2) + np.sqrt(b2))
