"""Which rule the mean over a pixel needs: the nearer to the centre, the finer.

Where the brightness falls like r^-L and the nearest singularity is D = ratio r away, the error of a
rule of the order k is about f c_k L (L + 1) ... (L + k - 1) / D^k: what decides where the next rule
takes over.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.profile import HALF, INDEX, PEAK, RATE, RATIO, SCALE, brightness

RULES_MEAN = 6
"""Centre, Laplacian, and the 2, 3, 5 and 8 points a side of `quadrature.ORDERS`."""
_ORDERS = np.array([2, 4, 4, 6, 10, 16])
_ERRORS = np.array([1 / 24, 1 / 350, 1 / 4320, 1 / 2016000, 1 / 2.534954e12, 1 / 5.891e22])
_EXACT = 3  # the rule that is not enough at the centre where exact cells are needed
_STEP, _STEPS = 1.4142135623730951, 24
_NEAREST = 0.35  # px
_LN2 = 0.6931471805599453
_CUSP = 0.06  # error of three points a side over a cusp, over its drop


@kernel
def set_zones(p, tolerance: float, radii) -> bool:
    """Fill in the semi-major axis, px, of the ellipse inside which each rule is not enough.

    Args:
        p: the vector of the profile.
        tolerance: the most error of a pixel, over the brightness near the centre.
        radii: output (RULES_MEAN,).

    Returns:
        Whether the pixels at the centre need exact integrals.
    """
    for k in range(radii.size):
        radii[k] = 0.0
    scale = p[SCALE]
    least = tolerance * _near_centre(p)
    m, r2 = _NEAREST, _NEAREST * _NEAREST / (scale * scale)
    moffat = p[INDEX] == 0.0
    power = 1.0 if moffat else exact.power(r2, p[HALF])
    growth = 1.0 if moffat else exact.exp2(p[HALF])
    for _ in range(_STEPS):
        if moffat:
            slope = max(2.0 * p[RATE] * r2 / (1.0 + r2), np.sqrt(2.0 * p[RATE]))
            distance = scale * np.sqrt(1.0 + r2)
            value = 2.0 * brightness(p, r2)  # the errors of both axes add at the peak
        else:
            slope, distance = 2.0 * _LN2 * p[RATE] * p[HALF] * power, p[RATIO] * m
            value = p[PEAK] * exact.exp2(-p[RATE] * power)
        _reach(radii, m * _STEP, slope, 1.0 / (distance * distance), value / least)
        m, r2, power = m * _STEP, r2 * 2.0, power * growth
    exactly = radii[_EXACT] > 0.0 and _CUSP * _drop(p) > tolerance
    if not exactly:
        radii[_EXACT:] = 0.0
    return exactly


@kernel
def _near_centre(p) -> float:
    """Brightness at the mean distance of a pixel's points from its middle."""
    near = 0.38 / np.sqrt(p[RATIO]) / p[SCALE]
    return brightness(p, near * near)


@kernel
def _drop(p) -> float:
    """How much brighter the centre is than its surroundings, over their brightness."""
    return p[PEAK] / _near_centre(p) - 1.0


@kernel
def _reach(radii, m, slope, step, error) -> None:
    """Move the radii of the rules that are not enough at a radius out to m, the next one."""
    order = 0
    for k in range(RULES_MEAN):
        while order < _ORDERS[k]:
            error *= (slope + order) * (slope + order + 1) * step
            order += 2
        if error * _ERRORS[k] > 1.0:
            radii[k] = m
