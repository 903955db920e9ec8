"""The damped pendulum by Taylor series: theta'' = -b theta' - w0^2 sin(theta).

In units of the step h, with theta, v = h theta', s = sin(theta) and c = cos(theta) as power series:

    (k + 1) theta[k + 1] = v[k],  (k + 1) v[k + 1] = -b h v[k] - (w0 h)^2 s[k],
    k s[k] = sum_(j < k) v[j] c[k - 1 - j],  k c[k] = -sum_(j < k) v[j] s[k - 1 - j].

The step is one for the whole row: 1 / h = 3 w0 max(1, k0) + b, k0^2 = sin^2(theta0 / 2) +
(omega0 / 2 w0)^2. Without damping theta has no singularity nearer in complex time than
pi / (2 w0 max(1, k0)), almost five steps off, so order 20 leaves out about 1e-15; h b < 1 keeps
heavy damping stable. Samples are values of a step's polynomial: none depends on the others.

Sources: E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, section
I.8; A. Jorba, M. Zou, A software package for the numerical integration of ODEs by means of
high-order Taylor methods, Experimental Mathematics 14 (2005), 99-117.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.pendulum.swing import unwind

ORDER = 20
LANES = 32  # pendulums in flight at once, side by side in the vector registers
FOREVER = 1e18  # steps: a pendulum at rest stays there
TINY = 1e-130  # a smaller motion counts as rest, rad: squares stay normal numbers


@kernel
def _convolve(k, v, s, c):
    """Coefficient k > 0 of sine and cosine, two terms a pass; coefficient k is in row k + 1."""
    sk, ck = s[k + 1], c[k + 1]
    for i in range(LANES):
        sk[i] = ck[i] = 0.0
    for j in range(0, k, 2):
        v0, v1 = v[j], v[j + 1]
        s0, s1, c0, c1 = s[k - j], s[k - j - 1], c[k - j], c[k - j - 1]
        for i in range(LANES):
            sk[i] += v0[i] * c0[i] + v1[i] * c1[i]
        for i in range(LANES):
            ck[i] -= v0[i] * s0[i] + v1[i] * s1[i]
    for i in range(LANES):
        sk[i] /= k
        ck[i] /= k


@kernel
def _expand(theta, v, s, c, friction, pull):
    """Fill in the series (row, lane) from rows 0 of theta and v; row 0 of s and c stays zero."""
    for i in range(LANES):
        s[1, i], c[1, i] = exact.sincos(theta[0, i])
    for k in range(ORDER):
        if k > 0:
            _convolve(k, v, s, c)
        above, here, up, sk = theta[k + 1], v[k], v[k + 1], s[k + 1]
        for i in range(LANES):
            up[i] = -(friction[i] * here[i] + pull[i] * sk[i]) / (k + 1)
        for i in range(LANES):
            above[i] = here[i] / (k + 1)


@kernel
def _ahead(series, total):
    """Values of all lanes' series one step later, smallest terms first."""
    for i in range(LANES):
        total[i] = series[ORDER, i]
    for k in range(ORDER - 1, -1, -1):
        term = series[k]
        for i in range(LANES):
            total[i] += term[i]


@kernel
def _start(lane, w0, damping, theta0, omega0, theta, v, friction, pull):
    """Put a pendulum into a lane; the inverse of its step, 1/s."""
    s, u = exact.sin(0.5 * theta0), 0.5 * omega0 / w0
    rate = 3.0 * w0 * np.sqrt(max(1.0, s * s + u * u)) + damping
    friction[lane] = damping / rate
    pull[lane] = (w0 / rate) * (w0 / rate)
    theta[0, lane], v[0, lane] = theta0, omega0 / rate
    return rate


@kernel
def _move(lane, angle, slope, theta, v):
    """Make a state the lane's next start; the whole turns that it loses."""
    turns, theta[0, lane] = unwind(angle)
    v[0, lane] = slope
    if abs(theta[0, lane]) < TINY and abs(slope) < TINY:
        theta[0, lane] = v[0, lane] = 0.0
    return turns


@kernel
def _sample(lane, first, step, rate, turns, series, time, theta, omega, sine):
    """Write a row's samples inside a step, from number ``first``; the number of the next one."""
    i = first
    while i < time.size and time[i] * rate < step + 1.0:
        x = time[i] * rate - step
        angle, slope = series[ORDER, lane], 0.0
        for k in range(ORDER - 1, -1, -1):
            slope = slope * x + angle
            angle = angle * x + series[k, lane]
        theta[i], omega[i], sine[i] = TWO_PI * turns + angle, slope * rate, exact.sin(angle)
        i += 1
    return i


@kernel(allocates=True)
def damped_swing(w0, damping, theta0, omega0, time, theta, omega, sine):
    """Fill in theta, omega and sin(theta) (n, T) of n damped pendulums.

    Of w0, theta0, omega0 as in `swing.orbit` and the damping b, 1/s, (n,), at times (n, T), s, that
    are not below zero and do not decrease.
    """
    shape = (ORDER + 1, LANES)
    a, v, s, c = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    friction, pull, rate, step = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    turns, angle, slope = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    row, done = np.full(LANES, -1), np.zeros(LANES, np.int64)
    waiting, busy = 0, 0
    while waiting < w0.size or busy > 0:
        for i in range(LANES):
            if row[i] < 0 and waiting < w0.size:
                n = row[i] = waiting
                rate[i] = _start(i, w0[n], damping[n], theta0[n], omega0[n], a, v, friction, pull)
                step[i], turns[i], done[i] = 0.0, 0.0, 0
                waiting, busy = waiting + 1, busy + 1
        _expand(a, v, s, c, friction, pull)
        _ahead(a, angle)
        _ahead(v, slope)
        for i in range(LANES):
            n = row[i]
            if n >= 0:
                place = i, done[i], step[i], rate[i], turns[i]
                done[i] = _sample(*place, a, time[n], theta[n], omega[n], sine[n])
                turns[i] += _move(i, angle[i], slope[i], a, v)
                rests = a[0, i] == 0.0 and v[0, i] == 0.0
                step[i] += FOREVER if rests else 1.0
                if done[i] == time.shape[1]:
                    row[i], busy = -1, busy - 1
