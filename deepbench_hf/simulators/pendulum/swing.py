"""The undamped pendulum in closed form: orbit elements, Fourier coefficients, samples.

theta'' = -w0^2 sin(theta). With k^2 = sin^2(theta0 / 2) + (omega0 / 2 w0)^2 the pendulum

- librates for k < 1: sin(theta / 2) = k sn(w0 t + u0 | k^2), period 4 K(k) / w0, and
  theta = 8 sum_(n odd) q^(n/2) / (n (1 + q^n)) sin(n y);
- rotates for k > 1: theta = 2 am(k w0 t + u0 | 1 / k^2), one turn in 2 K(1/k) / (k w0), and
  theta = y + 4 sum_(n > 0) q^n / (n (1 + q^(2n))) sin(n y),

with y = 2 pi (t / period + phase); omega is the derivative, term by term.

Sources: L. D. Landau, E. M. Lifshitz, Mechanics, section 11; DLMF 22.11 and 22.16 (series), 22.19
(pendulum); C. W. Clenshaw, A note on the summation of Chebyshev series, Math. Comp. 9 (1955), 118.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import PI, TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.pendulum.elliptic import agm, incomplete_f, root_nome

TWO_PI_HIGH = 6.283185303211212  # 27 bits, so that multiples up to 2^26 are exact
TWO_PI_LOW = 3.968374318722162e-09
ROUND = 6755399441055744.0  # 1.5 * 2^52: adding and taking it away rounds to the nearest integer
GAP = 1e-14  # smallest |1 - k^2|
CUT = 1e-13  # what is left out of a series, relative to its first term
TERMS = 128  # enough for CUT at GAP
BLOCK = 512  # samples that stay in the first-level cache


@kernel
def unwind(angle: float) -> tuple[float, float]:
    """Whole turns of an angle, and the rest between -pi and pi, rad."""
    turns = (angle / TWO_PI + ROUND) - ROUND
    return turns, (angle - turns * TWO_PI_HIGH) - turns * TWO_PI_LOW


@kernel
def orbit(w0: float, theta0: float, omega0: float) -> tuple[float, float, float, float, bool]:
    """Direction (+-1), frequency (1/s), phase at t = 0 (turns), sqrt(nome), whether it rotates.

    From w0 = sqrt(g / L), rad/s, and angle (rad, |theta0| < pi) and angular velocity (rad/s) at t =
    0. The orbit is mirrored so that omega0 > 0 (or theta0 > 0 from rest); nearer to the separatrix
    than |1 - k^2| = 1e-14 its elements are those at that distance.
    """
    sign = -1.0 if omega0 < 0.0 or (omega0 == 0.0 and theta0 < 0.0) else 1.0
    s, c = exact.sincos(0.5 * sign * theta0)
    v = 0.5 * abs(omega0) / w0
    big = max(abs(s), v)
    if big == 0.0:
        return sign, w0 / TWO_PI, 0.25, 0.0, False
    k = big * np.sqrt((s / big) * (s / big) + (v / big) * (v / big))
    gap = (c - v) * (c + v)  # 1 - k^2 without cancellation
    if abs(gap) < GAP:
        gap = GAP if gap >= 0.0 else -GAP
    if gap < 0.0:
        k1 = np.sqrt(-gap) / k
        rate = agm(1.0, k1) / PI
        phase = incomplete_f(s, c, v / k) * rate
        return sign, k * w0 * rate, phase, root_nome(1.0 / k, k1), True
    k1 = np.sqrt(gap)
    rate = agm(1.0, k1) / TWO_PI
    phase = 0.25 if v == 0.0 else incomplete_f(s / k, v / k, c) * rate
    return sign, w0 * rate, phase, root_nome(k, k1), False


@kernel
def _coefficients(root: float, rotates: bool, angle: np.ndarray, speed: np.ndarray) -> int:
    """Fill in the coefficients of theta and of omega / (2 pi frequency); an even number of them."""
    q = root * root
    first = q if rotates else root
    p, count = first, 0
    while count == 0 or (p > CUT * (1.0 - q) * first and count < TERMS):
        n = count + 1 if rotates else 2 * count + 1
        speed[count] = (4.0 if rotates else 8.0) * p / (1.0 + p * p)
        angle[count] = speed[count] / n
        p *= q
        count += 1
    angle[count] = speed[count] = 0.0
    return count + count % 2


@kernel
def _phases(t, rate, phase, rotates, whole, part, s, c, x):
    """Y = 2 pi (t rate + phase): its whole turns, the rest, sin(y), cos(y), Clenshaw's factor."""
    for i in range(t.size):
        turns = t[i] * rate + phase
        nearest = (turns + ROUND) - ROUND
        rest = TWO_PI * (turns - nearest)
        whole[i], part[i] = nearest, rest
        s[i], c[i] = exact.sincos(rest)
    if rotates:
        for i in range(t.size):
            x[i] = 2.0 * c[i]
    else:
        for i in range(t.size):
            x[i] = 4.0 * c[i] * c[i] - 2.0


@kernel
def _clenshaw(size, count, coefficient, x, b0, b1):
    """b[j] = x b[j + 1] - b[j + 2] + c[j], down to b0 = b[0] and b1 = b[1]; two terms a pass."""
    for i in range(size):
        b0[i] = b1[i] = 0.0
    for j in range(count - 2, -1, -2):
        upper, lower = coefficient[j + 1], coefficient[j]
        for i in range(size):
            odd = (x[i] * b0[i] - b1[i]) + upper
            b0[i] = (x[i] * odd - b0[i]) + lower
            b1[i] = odd


@kernel
def _librate(sign, top, s, c, p0, p1, r0, r1, theta, omega, sine):
    """Series in the odd multiples of y: sin(y) (b0 + b1) and cos(y) (b0 - b1)."""
    for i in range(theta.size):
        theta[i] = sign * s[i] * (p0[i] + p1[i])
    for i in range(theta.size):
        omega[i] = top * c[i] * (r0[i] - r1[i])
    for i in range(theta.size):
        sine[i] = exact.sin(theta[i])


@kernel
def _rotate(sign, top, whole, part, s, c, p0, r0, r1, theta, omega, sine):
    """Series in all multiples of y: sin(y) b0 and cos(y) b0 - b1, on top of steady rotation."""
    for i in range(theta.size):
        rest = sign * (part[i] + s[i] * p0[i])
        theta[i] = sign * TWO_PI * whole[i] + rest
        sine[i] = exact.sin(rest)
    for i in range(theta.size):
        omega[i] = top * (1.0 + (c[i] * r0[i] - r1[i]))


@kernel(allocates=True)
def swing(w0, theta0, omega0, time, period, theta, omega, sine):
    """Fill in period (n,), s, and theta, omega, sin(theta) (n, T) of n undamped pendulums.

    Of w0, theta0 and omega0 (n,) as in `orbit`, at times (n, T), s. In rotation the period is the
    time of one turn, and theta is unwrapped.
    """
    size = min(BLOCK, time.shape[1])
    whole, part, s = np.empty(size), np.empty(size), np.empty(size)
    c, x, p0 = np.empty(size), np.empty(size), np.empty(size)
    p1, r0, r1 = np.empty(size), np.empty(size), np.empty(size)
    angle, speed = np.empty(TERMS + 1), np.empty(TERMS + 1)
    for row in range(w0.size):
        sign, rate, phase, root, rotates = orbit(w0[row], theta0[row], omega0[row])
        count = _coefficients(root, rotates, angle, speed)
        period[row] = 1.0 / rate
        top = sign * TWO_PI * rate
        for start in range(0, time.shape[1], size):
            stop = min(start + size, time.shape[1])
            out = theta[row, start:stop], omega[row, start:stop], sine[row, start:stop]
            _phases(time[row, start:stop], rate, phase, rotates, whole, part, s, c, x)
            _clenshaw(stop - start, count, angle, x, p0, p1)
            _clenshaw(stop - start, count, speed, x, r0, r1)
            if rotates:
                _rotate(sign, top, whole, part, s, c, p0, r0, r1, *out)
            else:
                _librate(sign, top, s, c, p0, p1, r0, r1, *out)


@kernel
def small_swing(w0, theta0, omega0, time, theta, omega, sine):
    """As `swing`, for theta = theta0 cos(w0 t) + omega0 / w0 sin(w0 t)."""
    for row in range(w0.size):
        rate, angle, speed = w0[row] / TWO_PI, theta0[row], omega0[row]
        for i in range(time.shape[1]):
            turns = time[row, i] * rate
            s, c = exact.sincos(TWO_PI * (turns - ((turns + ROUND) - ROUND)))
            theta[row, i] = angle * c + speed / w0[row] * s
            omega[row, i] = speed * c - angle * w0[row] * s
        for i in range(time.shape[1]):
            sine[row, i] = exact.sin(unwind(theta[row, i])[1])


@kernel
def lift(theta, height):
    """Fill in 1 - cos(theta) = 2 sin^2(theta / 2), without cancellation, for theta (n, T), rad."""
    for row in range(theta.shape[0]):
        for i in range(theta.shape[1]):
            s = exact.sin(0.5 * unwind(theta[row, i])[1])
            height[row, i] = 2.0 * s * s
