"""Write the Gaussians that make up Moffat and Sersic profiles: python tools/mixtures.py (a minute).

Both are mixtures of round Gaussians, as they are completely monotone in r^2 (Bernstein's theorem):

    (1 + r^2 / gamma^2)^-beta = E exp(-T r^2 / gamma^2),          1 / sigma^2 = 2 T / gamma^2
    exp(-b (r / r_e)^(1/n))   = E exp(-S b^(2n) r^2 / r_e^2),     1 / sigma^2 = 2 S b^(2n) / r_e^2

T having the Gamma law of shape beta, and S, for n >= 1/2, the one-sided stable law of order
a = 1/(2n), E exp(-t S) = exp(-t^a). The share of the flux of a standard deviation is the density of
ln sigma times sigma^2, over its mean. Two sums stand for the integral over ln sigma:

- Gauss' rule, where the density is narrow: for beta from 2.5 on, from the cumulants of ln T,
  k_j = psi_(j-1)(beta); for n below 0.6, from those of ln S weighted by sigma^2,
  k_j = (-1)^j ((2n)^j psi_(j-1)(1 + 2n) - psi_(j-1)(2));
- elsewhere a trapezoidal sum, which converges exponentially; for Sersic profiles its steps widen
  from the sharp end of the density, at large sigma, inwards. The density is Zolotarev's integral.

Standard deviations and shares become polynomials in beta or n, panel by panel.

Sources: V. M. Zolotarev, One-dimensional Stable Distributions (1986), theorem 2.4.1, for the
density; DLMF 5.9.1 and 5.15 for Gamma and polygamma functions; W. Gautschi, Orthogonal Polynomials
(2004), 2.1.7, for Gauss' rule.
"""

from itertools import pairwise
from pathlib import Path

import mpmath
import numpy as np
from numpy.polynomial import chebyshev
from scipy import special

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "deepbench_hf/simulators/sky/mixtures.csv"
MOFFAT = {1.5: 0, 1.9: 0, 2.5: 12, 3.0: 9, 4.0: 7, 6.0: 5, 10.0: 4}
"""Lower ends of the panels of beta, and the points of Gauss' rule; 0: the trapezoidal sum."""
SERSIC = (0.5, 0.6, 0.75, 1.0, 1.2, 1.45, 2.0, 3.0, 4.5, 6.2)
LAST = 20.0, 8.0
DEGREE = 11
GAUSS, STEP, GROWTH = 10, 0.5, 0.7
NARROW_STEP = STEP / 1.9  # so that it is a step where n is 1.45, the end of a panel
MOFFAT_STEP, MOST_T = 0.68, 14.0
FAINTEST = 1e-5
"""Share of the flux that is left out at the wide end; at the narrow end nothing is."""
NARROWEST = -12.2
"""ln of the standard deviation, half-light radii, below which Gaussians are taken together."""


def cumulants(n, most):
    """Cumulants 1 to ``most`` of ln S under the weight sigma^2, with a leading 0."""
    n = mpmath.mpf(n)
    return [mpmath.mpf(0)] + [
        (-1) ** j * ((2 * n) ** j * mpmath.psi(j - 1, 1 + 2 * n) - mpmath.psi(j - 1, 2))
        for j in range(1, most + 1)
    ]


def moffat_cumulants(beta, most):
    """Those of ln T under the weight 1 / sigma^2, which is that of the brightness."""
    return [mpmath.mpf(0)] + [mpmath.psi(j - 1, mpmath.mpf(beta)) for j in range(1, most + 1)]


def gauss(cumulants, x, points):
    """Nodes and weights of Gauss' rule of a law of given cumulants, by Chebyshev's algorithm."""
    with mpmath.workdps(80):
        kappa = cumulants(x, 2 * points)
        unit = mpmath.sqrt(kappa[2])
        scaled = [k / unit**j for j, k in enumerate(kappa)]
        moment = [mpmath.mpf(1), mpmath.mpf(0)]
        for j in range(2, 2 * points):
            terms = (
                mpmath.binomial(j - 1, i - 1) * scaled[i] * moment[j - i] for i in range(2, j + 1)
            )
            moment.append(mpmath.fsum(terms))
        matrix = mpmath.matrix(points, points)
        before, now = [mpmath.mpf(0)] * (2 * points), moment
        for k in range(1, points):
            centre, square = matrix[k - 1, k - 1], matrix[k - 1, k - 2] ** 2 if k > 1 else 1
            after = [mpmath.mpf(0)] * (2 * points)
            for i in range(k, 2 * points - k):
                after[i] = now[i + 1] - centre * now[i] - square * before[i]
            matrix[k, k] = after[k + 1] / after[k] - now[k] / now[k - 1]
            matrix[k, k - 1] = matrix[k - 1, k] = mpmath.sqrt(after[k] / now[k - 1])
            before, now = now, after
        nodes, vectors = mpmath.eigsy(matrix)
        found = np.array([float(kappa[1] + unit * node) for node in nodes])
        weights = np.array([float(vectors[0, i] ** 2) for i in range(points)])
    return found, weights


def moffat(low, points):
    """The function of beta that gives ln of sigma / gamma and shares, narrowest first, in a panel.

    Args:
        low: lower end of the panel.
        points: of Gauss' rule.
    """
    least = np.log(FAINTEST) / (low - 1)
    numbers = np.arange(np.log(MOST_T), least, -MOFFAT_STEP)

    def terms(beta):
        if points:
            log_t, weights = gauss(moffat_cumulants, beta, points)
            log_t, share = log_t[::-1], (weights * (beta - 1) / np.exp(log_t))[::-1]
        else:
            log_t, norm = numbers, special.gammaln(beta - 1)
            share = MOFFAT_STEP * np.exp((beta - 1) * log_t - np.exp(log_t) - norm)
        return -0.5 * (np.log(2) + log_t), share

    return terms


def log_scale(n):
    """ln(2 b^(2n)): 1 / sigma^2 over S."""
    return np.log(2) + 2 * n * np.log(special.gammaincinv(2 * n, 0.5))


def density(n, log_sigma):
    """Share of the flux per ln sigma, by Zolotarev's integral."""
    a = 1 / (2 * n)
    power = a / (1 - a)
    t = np.linspace(-9, 9, 20001)  # u = pi / (1 + exp(-2 t)), dense at both ends
    small = np.pi / (1 + np.exp(2 * np.abs(t)))
    u, rest = np.where(t < 0, small, np.pi - small), np.where(t < 0, np.pi - small, small)
    weight = np.log(2 * (t[1] - t[0]) * u * rest / np.pi)
    turned = np.where(u < 2, np.sin(a * u), np.sin(rest + (1 - a) * u))
    log_a = power * (np.log(turned) - np.log(np.sin(small))) + np.log(
        np.sin((1 - a) * u) / np.sin(small)
    )
    found = []
    for log_s in -log_scale(n) - 2 * log_sigma:
        z = log_a - np.exp(np.clip(log_a - power * log_s, -700, 700)) + weight
        total = special.logsumexp(z) - np.log(np.pi)
        found.append(np.log(power) + total - log_s * (1 / (1 - a)))
    return 2 * np.exp(np.array(found) - special.gammaln(1 + 2 * n))


def sharp_end(n):
    """ln sigma about which the density is cut off."""
    a = 1 / (2 * n)
    return -0.5 * ((1 - a) / a * np.log(1 - a) + np.log(a) + log_scale(n))


def trapezoidal(n, numbers):
    """ln sigma and shares at the given numbers of steps from the sharp end, or from r_e."""
    first = NARROW_STEP * (2 * n - 1)
    if first >= STEP:  # the end is not that sharp: the same standard deviations for all n
        return -STEP * numbers, density(n, -STEP * numbers) * STEP
    rise = special.expit(GROWTH * numbers)
    steps = first * numbers + (STEP - first) * np.logaddexp(0, GROWTH * numbers) / GROWTH
    log_sigma = sharp_end(n) - steps
    return log_sigma, density(n, log_sigma) * (first + (STEP - first) * rise)


def sersic(low, high):
    """The function of n that gives ln of sigma / r_e and shares, narrowest first, in a panel."""
    if high <= 0.6:

        def few(n):
            log_s, share = gauss(cumulants, n, GAUSS)
            return -0.5 * (log_s[::-1] + log_scale(n)), share[::-1]

        return few
    numbers = np.arange(80, -160, -1)
    ends = [trapezoidal(n, numbers) for n in (low, high)]
    wide = min(np.flatnonzero(np.cumsum(p[::-1]) > FAINTEST)[0] for _, p in ends)
    narrow = max(np.flatnonzero(y > NARROWEST)[0] for y, _ in ends)

    def terms(n):
        y, share = (part[: len(numbers) - wide] for part in trapezoidal(n, numbers))
        y[narrow] = 0.5 * np.log(
            (share[: narrow + 1] @ np.exp(2 * y[: narrow + 1])) / share[: narrow + 1].sum()
        )
        share[narrow] = share[: narrow + 1].sum()
        return y[narrow:], share[narrow:] / share[narrow:].sum()

    return terms


def polynomials(law, number, low, high, terms):
    """The lines of a panel: one for ln sigma and one for the share of each Gaussian."""
    nodes = chebyshev.chebpts1(DEGREE + 1)
    values = [terms(low + (high - low) * (x + 1) / 2) for x in nodes]
    print(f"{('beta', 'n')[law]} from {low} to {high}: {len(values[0][0])} Gaussians", flush=True)
    for which in range(2):
        fit = chebyshev.chebfit(nodes, np.array([pair[which] for pair in values]), DEGREE)
        for term, series in enumerate(fit.T):
            powers = np.zeros(DEGREE + 1)
            found = chebyshev.cheb2poly(series)
            powers[: len(found)] = found
            yield law, number, low, high, term, which, *powers


def main():
    """Write the table: law, panel, its ends, term, ln sigma or share, powers from the middle."""
    rows = []
    for number, (low, high) in enumerate(pairwise([*MOFFAT, LAST[0]])):
        rows += polynomials(0, number, low, high, moffat(low, MOFFAT[low]))
    for number, (low, high) in enumerate(pairwise([*SERSIC, LAST[1]])):
        rows += polynomials(1, number, low, high, sersic(low, high))
    lines = [",".join(f"{x:.15g}" for x in row) for row in rows]
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
