"""Sums over the light of spiral arms and over its derivatives: along the arms, and across.

In the plane of a face-on disc the light of arms is exp(-r / h) A, A = exp(-n^2 / 2 w^2), at the
distance n from the nearest point of the arms. The plane is parted into what lies along the normals
of an arm, on its left and on its right, and what lies on rays from its start and its end; all rays
end where another part of the arms is as near (`balls.py`). On each ray the nearest point c stays:
so A follows what that point does, dA/dp = A n / w^2 (d . dc/dp), d the direction of the ray. The
light does not jump from ray to ray, so that it does not matter how their ends move.

Gauss-Legendre points in panels: along the arms from one change of the neighbour to the next, and
finer towards the centre, where exp(-r / h) has its cusp.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.balls import END, INSIDE, START, shrink
from deepbench_hf.simulators.sky.course import course, curvature
from deepbench_hf.simulators.sky.gains import GAINS, set_facing, set_gains
from deepbench_hf.simulators.sky.quadrature import NODES_12, WEIGHTS_12
from deepbench_hf.simulators.sky.spreading import spread_point

LEFT, RIGHT, FIRST, LAST = range(4)
"""Families of rays: along the normals to the left and the right; from the start; from the end."""
KINDS = (INSIDE, INSIDE, START, END)
REACH = 6.2
"""Widths of the arms beyond which there is no light."""
FINEST, NEARBY = 0.03, 0.7
"""Length of a panel next to the centre, px, and over its distance from there."""
LEAP = 0.1
"""Of the radius of the neighbour, over itself, from which on it is another part of an arm."""
HALVINGS = 34
_COUNT = NODES_12.size
_HALF_PI = 1.5707963267948966


@kernel
def add_arms(curve, light, view, flows, totals) -> None:
    """Add the arms' light and its derivatives to an image, and to their sums over the plane.

    Args:
        curve: as in `balls.nearest`.
        light: scale length and width, px; length of a panel where the frame is near, and
            elsewhere, px; radius up to which it is near, px.
        view, flows: as in `spreading.spread_point`.
        totals: sums over the plane of the light and of its derivatives by `GAINS`, (8,).
    """
    nodes = curve[1]
    start, end = nodes[0, 0], nodes[0, nodes.shape[1] - 1]
    for family in (LEFT, RIGHT):
        _add_family(curve, light, family, start, end, view, flows, totals)
    for family in (FIRST, LAST):
        middle = _towards_centre(curve, family)
        _add_family(curve, light, family, -_HALF_PI, middle, view, flows, totals)
        _add_family(curve, light, family, middle, _HALF_PI, view, flows, totals)


@kernel
def _towards_centre(curve, family) -> float:
    """The angle of the ray of an end that points to the centre, or of the one nearest to that."""
    x, y, dx, dy = _ray(curve, family, 0.0)[:4]
    turn = exact.atan2(dy * x - dx * y, -(dx * x + dy * y))
    return min(max(turn, -_HALF_PI), _HALF_PI)


@kernel
def _ray(curve, family, z):
    """The ray of a family: origin, direction, radius, angle; and its measure at n, a + b n.

    Args:
        curve: as in `balls.nearest`.
        family: which one.
        z: radius of the origin, px, or angle from where the arm would go on, rad.
    """
    arm, nodes = curve[0], curve[1]
    r = z
    if family == FIRST:
        r = nodes[0, 0]
    if family == LAST:
        r = nodes[0, nodes.shape[1] - 1]
    phi, slope, bend = course(arm, r)
    length, turn = curvature(r, slope, bend)
    s, c = exact.sincos(phi)
    tx, ty = (c - r * slope * s) / length, (s + r * slope * c) / length
    if family == LEFT:
        return r * c, r * s, -ty, tx, r, phi, length, -length * turn
    if family == RIGHT:
        return r * c, r * s, ty, -tx, r, phi, length, length * turn
    if family == FIRST:
        tx, ty = -tx, -ty
    sine, cosine = exact.sincos(z)
    return r * c, r * s, cosine * tx - sine * ty, sine * tx + cosine * ty, r, phi, 0.0, 1.0


@kernel
def _measured(curve, width, family, z):
    """A ray, its length, px, and mark and radius of the neighbour that cuts it off."""
    ray = _ray(curve, family, z)
    longest = REACH * width
    if ray[7] < 0.0:
        longest = min(longest, -ray[6] / ray[7])  # the centre of curvature
    length, mark, other = shrink(curve, ray[:6], longest)
    return ray, length, (mark, other)


@kernel
def _add_family(curve, light, family, low, high, view, flows, totals) -> None:
    """Add the light on the rays of a family from one to another."""
    z, width = low, light[1]
    while high - z > 1e-10 * (abs(high) + 1.0):
        ray, length, neighbour = _measured(curve, width, family, z + 1e-9 * (high - z))
        step = min(_step(ray, length, family, light), high - z)
        end = _change(curve, width, family, z, z + step, neighbour)
        for k in range(_COUNT):
            node = z + (end - z) * (0.5 + NODES_12[k])
            ray, length, _ = _measured(curve, width, family, node)
            share = (end - z) * WEIGHTS_12[k]
            _add_ray(curve, light, family, ray, length, share, view, flows, totals)
        z = end


@kernel
def _step(ray, length, family, light) -> float:
    """Size of a panel of rays: by their distance on the far side, and by that from the centre."""
    wide = max(ray[6] + ray[7] * length, ray[6], 1e-9)
    return _panel(ray, length, light, _from_centre(ray, length)) / wide


@kernel
def _panel(ray, length, light, away) -> float:
    """Length of a panel at a distance from the centre, px: longer where no frame is near."""
    largest = light[2] if ray[4] - length < light[4] else light[3]
    return min(largest, max(NEARBY * away, FINEST))


@kernel
def _from_centre(ray, length) -> float:
    """Distance of a ray from the centre, px."""
    x, y, dx, dy = ray[:4]
    n = min(max(-(x * dx + y * dy), 0.0), length)
    u, v = x + n * dx, y + n * dy
    return np.sqrt(u * u + v * v)


@kernel
def _change(curve, width, family, low, high, neighbour) -> float:
    """Where between two rays the neighbour changes first, or the latter."""
    before = low
    for k in range(_COUNT + 1):
        after = high - 1e-9 * (high - low)
        if k < _COUNT:
            after = low + (high - low) * (0.5 + NODES_12[k])
        found = _measured(curve, width, family, after)[2]
        if _is_other(neighbour, found):
            return _first_other(curve, width, family, before, after, neighbour)
        before, neighbour = after, found
    return high


@kernel
def _is_other(one, two) -> bool:
    """Whether two neighbours are not parts of one stretch of an arm."""
    return one[0] != two[0] or abs(one[1] - two[1]) > LEAP * max(one[1], two[1])


@kernel
def _first_other(curve, width, family, before, after, neighbour) -> float:
    """The first ray between two with another neighbour than the first, by halving."""
    for _ in range(HALVINGS):
        middle = 0.5 * (before + after)
        found = _measured(curve, width, family, middle)[2]
        if _is_other(neighbour, found):
            after = middle
        else:
            before, neighbour = middle, found
    return after


@kernel(allocates=True)
def _add_ray(curve, light, family, ray, length, share, view, flows, totals) -> None:
    """Add the light on a ray: panels that are finer towards its point next to the centre."""
    scale_length, width = light[0], light[1]
    x, y, dx, dy = ray[:4]
    facing, gains = np.empty(len(GAINS)), np.empty(len(GAINS))
    set_facing(curve[0], KINDS[family], dx, dy, ray[4], ray[5], view[5], facing)
    narrow = 1.0 / (width * width)
    foot = -(x * dx + y * dy)
    aside = abs(x * dy - y * dx)
    n = 0.0
    while n < length:
        off = np.sqrt(aside * aside + (n - foot) * (n - foot))
        step = _panel(ray, length, light, off)
        if n < foot - FINEST < n + step:
            step = max(min(step, 0.5 * (foot - n)), FINEST)
        step = min(step, length - n)
        for k in range(_COUNT):
            m = n + step * (0.5 + NODES_12[k])
            u, v = x + m * dx, y + m * dy
            r = np.sqrt(u * u + v * v)
            measure = share * step * WEIGHTS_12[k] * (ray[6] + ray[7] * m)
            unit = measure * exact.exp(-r / scale_length - 0.5 * m * m * narrow)
            set_gains(facing, m, r, scale_length, width, gains)
            totals[0] += unit
            for i in range(gains.size):
                totals[1 + i] += unit * gains[i]
            if r < light[4]:
                spread_point(u, v, unit, gains, view, flows)
        n += step
