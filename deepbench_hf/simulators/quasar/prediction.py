"""The best that can be known of a light curve: its Gaussian process, given what was observed.

A Kalman filter forwards and its adjoint backwards give what the dense formula gives,
mean = k' (K + R)^-1 m and variance = s^2 - k' (K + R)^-1 k, in a time that grows as the number of
observations.

Source: G. J. Bierman, Fixed interval smoothing with discrete measurements, International Journal
of Control 18 (1973) 65; the form divides by no covariance, which at rho = 0 is singular.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.quasar.process import merge, noise, stationary, transition

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
