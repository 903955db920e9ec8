"""The functions themselves, on boxes that are [-1, 1]^d, with bounds of their slopes."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import PI
from deepbench_hf.exact.kernel import kernel

BASES = ("branin", "camel", "rastrigin", "ackley", "rosenbrock", "hartmann", "exposure")
_SIGNALS = np.array([4.242640687119285, 1.4142135623730951])
"""Of exposure: F / sqrt(F + B) of two bands, with signals F of 30 and 10 electrons in the time that
there is and backgrounds B of 20 and 40. With a share sin^2(pi v / 2) of the time in the first band
both ratios of signal to noise add up to 4.24 sin(pi v / 2) + 1.41 cos(pi v / 2), at most sqrt(20),
for 90 % of the time."""
_HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_WIDTHS = np.array(
    [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ]
)
_CENTRES = 1e-4 * np.array(
    [
        [1312.0, 1696.0, 5569.0, 124.0, 8283.0, 5886.0],
        [2329.0, 4135.0, 8307.0, 3736.0, 1004.0, 9991.0],
        [2348.0, 1451.0, 3522.0, 2883.0, 3047.0, 6650.0],
        [4047.0, 8828.0, 8732.0, 5743.0, 1091.0, 381.0],
    ]
)
_BOX = np.array([[-5.0, 10], [-2, 2], [-5.12, 5.12], [-32.768, 32.768], [-5, 10], [0, 1], [0, 1]])
HALF = 0.5 * (_BOX[:, 1] - _BOX[:, 0])
MIDDLE = np.repeat(0.5 * (_BOX[:, :1] + _BOX[:, 1:]), 6, axis=1)
MIDDLE[0, 1] = 7.5  # branin's box begins at 0 along its second coordinate
"""Half the width of each base's box, and its middle along each coordinate."""
MINIMA = np.array(
    [0.39788735772973816, -1.0316284534898774, 0, 0, 0, -3.3223680114155147, -4.47213595499958]
)
PLACES = np.array(
    [
        [PI, 2.275, 0, 0, 0, 0],
        [0.08984201, -0.71265641, 0, 0, 0, 0],
        [0.0, 0, 0, 0, 0, 0],
        [0.0, 0, 0, 0, 0, 0],
        [1.0, 1, 1, 1, 1, 1],
        [0.20168951, 0.15001069, 0.47687397, 0.27533243, 0.31165162, 0.65730053],
        [0.7951672353008665, 0, 0, 0, 0, 0],
    ]
)
"""Where each base has its minimum, in its own box."""


@kernel
def base(label, low, u):
    """The value of a function at u (d,), its box being [-1, 1]^d."""
    middle, half = MIDDLE[label], HALF[label]
    a, b = middle[0] + half * u[0], middle[1] + half * u[1]
    if label == 6:
        s, c = exact.sincos(0.5 * PI * a)
        return -(_SIGNALS[0] * s + _SIGNALS[1] * c)
    if label == 0:
        bent = b - 5.1 / (4.0 * PI * PI) * a * a + 5.0 / PI * a - 6.0
        return bent * bent + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * exact.cos(a) + 10.0
    if label == 1:
        square = a * a
        first = (4.0 - 2.1 * square + square * square / 3.0) * square
        return first + a * b + (4.0 * b * b - 4.0) * b * b
    total, waves = 0.0, 0.0
    if label == 5:
        for k in range(4):
            inner = 0.0
            for j in range(low):
                gap = middle[j] + half * u[j] - _CENTRES[k, j]
                inner += _WIDTHS[k, j] * gap * gap
            total -= _HEIGHTS[k] * exact.exp(max(-inner, -700.0))
        return total
    for j in range(low):
        v = middle[j] + half * u[j]
        if label == 2:
            total += 10.0 + v * v - 10.0 * exact.cos(2.0 * PI * v)
        elif label == 3:
            total += v * v / low
            waves += exact.cos(2.0 * PI * v) / low
        elif j + 1 < low:
            gap = middle[j + 1] + half * u[j + 1] - v * v
            total += 100.0 * gap * gap + (1.0 - v) * (1.0 - v)
    if label == 3:
        depth = 20.0 * exact.exp(-0.2 * np.sqrt(total)) + exact.exp(waves)
        return 20.0 + 2.718281828459045 - depth
    return total


@kernel
def steepest(label, low, reach):
    """A bound of the gradient's length where no coordinate of u exceeds ``reach`` in size.

    Each partial derivative is bounded by the sizes of its terms, with |v| up to |c| + h reach in
    the box of middle c and half width h; those of ackley and hartmann are bounded anywhere, as
    w t e^(-w t^2 / 2) is at most sqrt(w / e).
    """
    half = HALF[label]
    v, square = abs(MIDDLE[label, 0]) + half * reach, 0.0
    if label == 0:
        b = MIDDLE[label, 1] + half * reach
        curve, slope = 5.1 / (4.0 * PI * PI), 5.0 / PI
        bent = b + curve * v * v + slope * v + 6.0
        first = 2.0 * bent * (2.0 * curve * v + slope) + 10.0 * (1.0 - 1.0 / (8.0 * PI))
        return half * np.sqrt(first * first + 4.0 * bent * bent)
    if label == 1:
        cube = v * v * v
        first, second = 9.0 * v + 8.4 * cube + 2.0 * cube * v * v, 9.0 * v + 16.0 * cube
        return half * np.sqrt(first * first + second * second)
    if label == 6:
        total = _SIGNALS[0] * _SIGNALS[0] + _SIGNALS[1] * _SIGNALS[1]
        return half * 0.5 * PI * np.sqrt(total)
    if label == 3:
        return half * (4.0 + 2.0 * PI * 2.718281828459045) / np.sqrt(1.0 * low)
    for j in range(low):
        size = 0.0
        if label == 2:
            size = 2.0 * v + 20.0 * PI
        elif label == 4:
            gap = v + v * v
            size += 400.0 * v * gap + 2.0 * (1.0 + v) if j + 1 < low else 0.0
            size += 200.0 * gap if j > 0 else 0.0
        else:
            for k in range(4):
                size += _HEIGHTS[k] * np.sqrt(2.0 * _WIDTHS[k, j] / 2.718281828459045)
        square += size * size
    return half * np.sqrt(square)
