"""How far the light of a point of an arm reaches: to where another point of the arms is as near.

Along a normal of an arm, or a ray from one of its ends, the point at the distance n is nearest to
where it came from, until the circle around it through that point touches another part of the arms.
Shrunk to a circle through both,

    n = |c|^2 / 2 d.c,  d the direction and c the way from the one to the other,

until none is nearer. So the plane is cut along its creases, and on each side all is smooth.

Source: J. Ma, S. W. Bae, S. Choi, 3D medial axis point approximation using nearest neighbors and
the normal field, The Visual Computer 28 (2012) 7.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.course import course, foot_between

INSIDE, START, END = range(3)
"""Where on an arm its nearest point lies."""
ALONE = -1
"""The mark of a ray that no other point of the arms cuts off."""
SAME = 1.5  # nodes from one that belong to it
TOUCHING = 1e-11  # px
_TWO_PI = 6.283185307179586


@kernel
def nearest(curve, x: float, y: float, reach: float, own: float):
    """The nearest of the local feet of a point on all arms.

    Args:
        curve: arm, nodes, number of arms, scratch of as many numbers as there are nodes.
        x, y: the point, px.
        reach: distance beyond which a foot does not matter, px.
        own: radius, px, of the point of the first arm whose foot does not count; or below 0.

    Returns:
        Squared distance, px^2; number of the arm, radius and kind of the foot.
    """
    _, nodes, arms, space = curve
    best, which, place, far = 1e300, 0, 0, np.sqrt(x * x + y * y)
    first = max(_number_below(nodes, far - reach) - 1, 0)
    last = min(_number_below(nodes, far + reach), nodes.shape[1] - 1)
    for m in range(arms):
        s, c = exact.sincos(_TWO_PI * m / arms)
        u, v = c * x + s * y, c * y - s * x
        for k in range(first, last + 1):
            dx, dy = nodes[1, k] - u, nodes[2, k] - v
            space[k] = dx * dx + dy * dy
        for k in range(first, last + 1):
            here = space[k]
            before, after = space[max(k - 1, first)], space[min(k + 1, last)]
            if here > before or here > after or (m == 0 and _is_own(nodes, k, own)):
                continue
            low = here
            if first < k < last and before + after > 2.0 * here:
                low -= (after - before) ** 2 / (8.0 * (before + after - 2.0 * here))
            if low < best:
                best, which, place = low, m, k
    if best == 1e300:
        return best, 0, 0.0, 0
    return _refined(curve, x, y, which, place)


@kernel
def _number_below(nodes, r: float) -> int:
    """How many nodes are nearer to the centre than a radius, by halving."""
    low, high = 0, nodes.shape[1]
    while low < high:
        middle = (low + high) // 2
        if nodes[0, middle] < r:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _is_own(nodes, k: int, own: float) -> bool:
    """Whether a node is next to a radius."""
    last = nodes.shape[1] - 1
    low, high = nodes[0, max(k - 1, 0)], nodes[0, min(k + 1, last)]
    middle, reach = nodes[0, k], 0.5 * SAME
    return middle - reach * (high - low) <= own <= middle + reach * (high - low)


@kernel
def _refined(curve, x, y, which, place):
    """The foot next to a node of an arm, to the last place."""
    arm, nodes, arms, _ = curve
    s, c = exact.sincos(_TWO_PI * which / arms)
    u, v = c * x + s * y, c * y - s * x
    last = nodes.shape[1] - 1
    r = foot_between(arm, u, v, nodes[0, max(place - 1, 0)], nodes[0, min(place + 1, last)])
    kind = INSIDE
    if r <= nodes[0, 0] * (1.0 + 1e-12):
        r, kind = nodes[0, 0], START
    if r >= nodes[0, last] * (1.0 - 1e-12):
        r, kind = nodes[0, last], END
    sine, cosine = exact.sincos(course(arm, r)[0])
    dx, dy = r * cosine - u, r * sine - v
    return dx * dx + dy * dy, which, r, kind


@kernel
def shrink(curve, ray, longest: float):
    """Length of a ray, px, to where another point of the arms is as near; its mark and radius.

    Args:
        curve: as in `nearest`.
        ray: x, y of its origin, px; its direction; the origin's radius and angle.
        longest: length to begin with, px.
    """
    x, y, dx, dy, own, own_angle = ray
    arm, arms = curve[0], curve[2]
    length, mark, other = longest, ALONE, 0.0
    for _ in range(60):
        u, v = x + length * dx, y + length * dy
        square, which, r, kind = nearest(curve, u, v, length, own)
        if square >= (length - TOUCHING) * (length - TOUCHING):
            break
        angle = course(arm, r)[0] + _TWO_PI * which / arms
        s, c = exact.sincos(angle)
        cx, cy = r * c - x, r * s - y
        other = r
        shorter = 0.5 * (cx * cx + cy * cy) / max(dx * cx + dy * cy, 1e-300)
        mark = kind + 3 * (which + arms * (int(np.rint((angle - own_angle) / _TWO_PI)) + 4000))
        if shorter >= length - TOUCHING:
            break
        length = shorter
    return length, mark, other
