"""How the undamped pendulum answers to its start, in closed form.

Along a solution the linearised equation d'' = -w0^2 cos(theta) d has the solutions omega (another
start in time) and e = d theta / dE (another energy E = omega^2 / 2 - w0^2 cos(theta)). Their
Wronskian omega e' - omega' e is -1, so

    d theta / d theta0 = w0^2 sin(theta0) e(t) + e'(0) omega(t),
    d theta / d omega0 = omega0 e(t) - e(0) omega(t).

E = w0^2 (2 k^2 - 1), and d theta / dk is the derivative of the series in `swing`, term by term,
with d ln q / dk = pi^2 / (2 k k'^2 K^2) and dK / dk = (E(k) - k'^2 K) / (k k'^2) from the
arithmetic-geometric mean; rotation has the modulus 1 / k.

Sources: DLMF 19.4.1, 19.8.6 and 22.11; L. D. Landau, E. M. Lifshitz, Mechanics, section 11.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.pendulum.swing import CUT, GAP, ROUND, TERMS, orbit, unwind

TINY = 1e-30  # rad: at rest all slopes are those of the smallest swing


@kernel
def _mean_and_excess(k: float, k1: float) -> tuple[float, float]:
    """M(1, k'), and E(k) / K(k) - k'^2 without cancellation."""
    a, b, c, weight, excess = 1.0, k1, k, 0.5, 0.5 * k * k
    while c > 1e-9 * a:
        a, b, c = 0.5 * (a + b), np.sqrt(a * b), 0.5 * (a - b)
        weight *= 2.0
        excess -= weight * c * c
    return a, excess


@kernel
def _modulus_slopes(w0: float, theta0: float, omega0: float) -> tuple[float, float, float]:
    """The modulus k of a motion, d ln(frequency) / dk and d ln(nome) / dk."""
    s, c = exact.sincos(0.5 * abs(theta0))
    v = 0.5 * abs(omega0) / w0
    big = max(s, v)
    k = big * np.sqrt((s / big) * (s / big) + (v / big) * (v / big))
    gap = (c - v) * (c + v)
    gap = max(abs(gap), GAP) if gap >= 0.0 else -max(abs(gap), GAP)
    if gap > 0.0:
        mean, excess = _mean_and_excess(k, np.sqrt(gap))
        return k, -excess / (k * gap), 2.0 * mean * mean / (k * gap)
    k12 = -gap / (k * k)
    mean, excess = _mean_and_excess(1.0 / k, np.sqrt(k12))
    return k, 1.0 / k + excess / (k * k12), -2.0 * mean * mean / (k * k12)


@kernel
def _terms(root: float, rotates: bool, terms: np.ndarray) -> int:
    """Derivatives of the coefficients of theta with respect to ln(nome); how many there are."""
    q = root * root
    first = q if rotates else root
    p, count = first, 0
    while count == 0 or (p > CUT * (1.0 - q) * first and count < TERMS):
        terms[count] = 4.0 * p * (1.0 - p * p) / ((1.0 + p * p) * (1.0 + p * p))
        p *= q
        count += 1
    return count


@kernel
def _sums(terms, count: int, rotates: bool, turns: float) -> tuple[float, float]:
    """Sums of terms sin(n y) and of n terms cos(n y) at y = 2 pi turns."""
    s, c = exact.sincos(TWO_PI * (turns - ((turns + ROUND) - ROUND)))
    s1, c1 = (s, c) if rotates else (2.0 * s * c, c * c - s * s)
    up, along, n = 0.0, 0.0, 1.0
    for j in range(count):
        up += terms[j] * s
        along += n * terms[j] * c
        s, c = s * c1 + c * s1, c * c1 - s * s1
        n += 1.0 if rotates else 2.0
    return up, along


@kernel(allocates=True)
def start_slopes(w0, theta0, omega0, time, omega, sine, slopes):
    """Fill in the derivatives of theta and omega with respect to theta0 and omega0.

    Of the motion of `swing` with its omega and sine; slopes (4, n, T) gets d theta / d theta0,
    d omega / d theta0, d theta / d omega0 and d omega / d omega0, in 1, 1/s, s and 1.
    """
    terms = np.empty(TERMS + 1)
    for row in range(w0.size):
        start, speed, pull = theta0[row], omega0[row], w0[row] * w0[row]
        if start == 0.0 and speed == 0.0:
            start = TINY
        sign, rate, phase, root, rotates = orbit(w0[row], start, speed)
        k, rate_k, nome_k = _modulus_slopes(w0[row], start, speed)
        count = _terms(root, rotates, terms)
        per_energy = 1.0 / (4.0 * k * pull)
        sine0 = exact.sin(start)
        up, along = _sums(terms, count, rotates, phase)
        e0 = per_energy * sign * up * nome_k
        v0 = per_energy * (speed * rate_k + sign * TWO_PI * rate * along * nome_k)
        for i in range(time.shape[1]):
            t, v, a = time[row, i], omega[row, i], -pull * sine[row, i]
            if start == TINY:
                v, a = _smallest(w0[row], t)
            up, along = _sums(terms, count, rotates, t * rate + phase)
            e = per_energy * (sign * up * nome_k + v * t * rate_k)
            dv = sign * TWO_PI * rate * along * nome_k
            e_t = per_energy * (v * rate_k + dv + t * a * rate_k)
            slopes[0, row, i] = pull * sine0 * e + v * v0
            slopes[1, row, i] = pull * sine0 * e_t + a * v0
            slopes[2, row, i] = speed * e - v * e0
            slopes[3, row, i] = speed * e_t - a * e0


@kernel
def _smallest(w0: float, t: float) -> tuple[float, float]:
    """Velocity and acceleration of the smallest swing from rest."""
    turns = t * w0 / TWO_PI
    s, c = exact.sincos(TWO_PI * (turns - ((turns + ROUND) - ROUND)))
    return -TINY * w0 * s, -TINY * w0 * w0 * c


@kernel
def cosines(theta, cosine):
    """Fill in cos(theta) for theta (n, T), rad."""
    for row in range(theta.shape[0]):
        for i in range(theta.shape[1]):
            cosine[row, i] = exact.cos(unwind(theta[row, i])[1])
