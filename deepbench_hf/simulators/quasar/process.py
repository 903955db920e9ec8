"""The damped random walk and its damped successor: exact steps of any length.

dx = -x dt / tau + noise,  dy = (x - y) dt / rho,  y the magnitude
k(dt) = <y(t) y(t + dt)> = s^2 (tau e^(-dt / tau) - rho e^(-dt / rho)) / (tau - rho)

With rho = 0 y is x, and k = s^2 e^(-dt / tau); at rho = tau k = s^2 (1 + dt / tau) e^(-dt / tau).
A step dt takes (x, y) to (a x, g x + b y), and normal noise is added to both; a = e^(-dt / tau),
b = e^(-dt / rho), g = tau (a - b) / (tau - rho).

The best prediction from what was observed: a Kalman filter forwards and its adjoint backwards give
what the dense formula gives, mean = k' (K + R)^-1 m and variance = s^2 - k' (K + R)^-1 k, in a time
that grows as the number of observations.

Source: G. J. Bierman, Fixed interval smoothing with discrete measurements, International Journal
of Control 18 (1973) 65; the form divides by no covariance, which at rho = 0 is singular.
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


LOG_TWO_PI = 1.8378770664093453


@kernel(allocates=True)
def predict(sigma, tau, rho, time, valid, target, observed, error, mean, variance, likelihood):
    """Fill in mean and variance of the targets (n, M), and the log-likelihood (n,).

    Of a process sigma, tau, rho (n,), given magnitudes and their standard deviations (n, T) at the
    times of observations that are there.
    """
    size = time.shape[1] + target.shape[1]
    order, steps, gains = np.empty(size, np.int64), np.empty((size, 6)), np.empty((size, 3))
    for row in range(sigma.size):
        count = merge(time[row], valid[row], target[row], order)
        when = np.empty(count)
        for step in range(count):
            place = order[step] - time.shape[1]
            when[step] = target[row, place] if place >= 0 else time[row, order[step]]
        process = sigma[row], tau[row], rho[row]
        given = order[:count], when, observed[row], error[row]
        likelihood[row] = _forwards(process, given, steps, gains)
        _backwards(order[:count], time.shape[1], steps, gains, mean[row], variance[row])


@kernel
def _forwards(process, given, steps, gains):
    """Filter the observations; the logarithm of their likelihood.

    ``steps`` gets a, b and g, the mean of y, and the covariances of x with y and of y before each
    time is looked at; ``gains`` surprise / S, error^2 / S and 1 / S of the observations.
    """
    (sigma, tau, rho), (order, when, observed, error) = process, given
    mean_x = mean_y = likelihood = 0.0
    xx, xy, yy = stationary(sigma, tau, rho), sigma * sigma, sigma * sigma
    a, b, g = 1.0, 1.0, 0.0
    for step in range(order.size):
        if step > 0:
            dt = when[step] - when[step - 1]
            a, b, g = transition(dt, tau, rho)
            of_x, shared, of_y = noise(sigma, tau, rho, dt, a, b, g)
            mean_x, mean_y = a * mean_x, g * mean_x + b * mean_y
            yy = g * g * xx + 2.0 * g * b * xy + b * b * yy + of_y
            xx, xy = a * a * xx + of_x, a * (g * xx + b * xy) + shared
        _keep(steps[step], (a, b, g, mean_y, xy, yy))
        if order[step] < observed.size:
            square = error[order[step]] * error[order[step]]
            total = yy + square
            surprise = observed[order[step]] - mean_y
            _keep(gains[step], (surprise / total, square / total, 1.0 / total))
            likelihood -= 0.5 * (surprise * surprise / total + exact.log(total) + LOG_TWO_PI)
            mean_x, mean_y = mean_x + xy * surprise / total, mean_y + yy * surprise / total
            xx = max(xx - xy * xy / total, 0.0)
            xy, yy = xy * square / total, yy * square / total
    return likelihood


@kernel
def _keep(place, numbers):
    """Put the numbers of a tuple into an array."""
    for i, number in enumerate(numbers):
        place[i] = number


@kernel
def _backwards(order, observations, steps, gains, mean, variance):
    """Carry what is learnt later, a vector and a matrix, back to each of the targets."""
    x = y = xx = xy = yy = 0.0
    for back in range(order.size):
        step = order.size - 1 - back
        a, b, g = steps[step, 0], steps[step, 1], steps[step, 2]
        mean_y, cov, var = steps[step, 3], steps[step, 4], steps[step, 5]
        if order[step] >= observations:
            place = order[step] - observations
            mean[place] = mean_y - (cov * x + var * y)
            learnt = cov * cov * xx + 2.0 * cov * var * xy + var * var * yy
            variance[place] = max(var - learnt, 0.0)
        else:
            surprise, left, inverse = gains[step, 0], gains[step, 1], gains[step, 2]
            kept = -cov * inverse
            y = kept * x + left * y - surprise
            yy = kept * kept * xx + 2.0 * kept * left * xy + left * left * yy + inverse
            xy = kept * xx + left * xy
        x, y = a * x + g * y, b * y
        xx = a * a * xx + 2.0 * a * g * xy + g * g * yy
        xy, yy = b * (a * xy + g * yy), b * b * yy
