"""The damped random walk and its damped successor: exact steps of any length.

dx = -x dt / tau + noise,  dy = (x - y) dt / rho,  y the magnitude
k(dt) = <y(t) y(t + dt)> = s^2 (tau e^(-dt / tau) - rho e^(-dt / rho)) / (tau - rho)

With rho = 0 y is x, and k = s^2 e^(-dt / tau); at rho = tau k = s^2 (1 + dt / tau) e^(-dt / tau).
A step dt takes (x, y) to (a x, g x + b y), and normal noise is added to both; a = e^(-dt / tau),
b = e^(-dt / rho), g = tau (a - b) / (tau - rho).
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

NEAR = 0.5
"""1 - e^-u comes from its series below it."""
SERIES = (
    1.0, -1 / 2, 1 / 6, -1 / 24, 1 / 120, -1 / 720, 1 / 5040, -1 / 40320, 1 / 362880,
    -1 / 3628800, 1 / 39916800, -1 / 479001600, 1 / 6227020800, -1 / 87178291200,
)  # fmt: skip
"""(1 - e^-u) / u in powers of u; the first one left out is below 1e-16 up to `NEAR`."""


@kernel
def transition(dt, tau, rho):
    """What a step ``dt`` >= 0 does: a, b and g."""
    a = exact.exp(-dt / tau)
    if rho == 0.0:
        return a, 0.0, a
    b = exact.exp(-dt / rho)
    u = dt / rho * (abs(tau - rho) / tau)
    if u < NEAR:  # a - b loses its digits here
        return a, b, dt / rho * max(a, b) * exact.horner(u, SERIES)
    return a, b, tau * (a - b) / (tau - rho)


@kernel
def stationary(sigma, tau, rho):
    """The variance of x; that of y, and their covariance, is s^2."""
    return sigma * sigma * (1.0 + rho / tau)


@kernel
def noise(sigma, tau, rho, dt, a, b, g):
    """Covariance of a step's noise: of x, of x with y, and of y.

    It is what the step takes away of the stationary covariance, never below zero.
    """
    variance, square = stationary(sigma, tau, rho), sigma * sigma
    u = 2.0 * dt / tau
    lost = u * exact.horner(u, SERIES) if u < NEAR else 1.0 - a * a
    of_x = variance * lost
    shared = square * (1.0 - a * b) - variance * a * g
    of_y = square * (1.0 - 2.0 * g * b - b * b) - variance * g * g
    return of_x, shared, max(of_y, 0.0)


@kernel
def merge(time, valid, target, order):
    """Observations and targets of an example in order of time; how many they are.

    ``order`` gets the number of the observation, or the length of ``time`` plus that of the target;
    of two at one time the observation is the first.
    """
    count, j = 0, 0
    for i in range(time.size):
        if valid[i]:
            while j < target.size and target[j] < time[i]:
                order[count] = time.size + j
                count, j = count + 1, j + 1
            order[count] = i
            count += 1
    for later in range(j, target.size):
        order[count] = time.size + later
        count += 1
    return count


@kernel(allocates=True)
def sample(sigma, tau, rho, time, valid, target, z, seen, dense):
    """Fill in magnitudes of one path, at times of observations (n, T) and at targets (n, M).

    Of a process sigma, tau, rho (n,) and standard normal numbers z (n, 2 (T + M)); 0 where there is
    no observation.
    """
    order = np.empty(time.shape[1] + target.shape[1], np.int64)
    for row in range(sigma.size):
        s, t, r = sigma[row], tau[row], rho[row]
        seen[row] = 0.0
        y = s * z[row, 0]
        x = y + np.sqrt(max(stationary(s, t, r) - s * s, 0.0)) * z[row, 1]
        before = 0.0
        for step in range(merge(time[row], valid[row], target[row], order)):
            place = order[step] - time.shape[1]
            now = target[row, place] if place >= 0 else time[row, order[step]]
            if step > 0:
                first, second = z[row, 2 * step], z[row, 2 * step + 1]
                x, y = _moved(x, y, s, t, r, now - before, first, second)
            before = now
            if place >= 0:
                dense[row, place] = y
            else:
                seen[row, order[step]] = y


@kernel
def _moved(x, y, sigma, tau, rho, dt, first, second):
    """The state after a step that two standard normal numbers drive."""
    a, b, g = transition(dt, tau, rho)
    of_x, shared, of_y = noise(sigma, tau, rho, dt, a, b, g)
    root = np.sqrt(of_x)
    slope = shared / root if root > 0.0 else 0.0
    rest = np.sqrt(max(of_y - slope * slope, 0.0))
    return a * x + root * first, g * x + b * y + slope * first + rest * second
