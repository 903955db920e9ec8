"""Write the Gaussians that make up Sersic profiles: python tools/sersic_mixture.py (a minute).

A Sersic profile of index n >= 1/2 is a mixture of round Gaussians, as it is completely monotone in
r^2 (Bernstein's theorem):

    exp(-b (r / r_e)^(1/n)) = E exp(-r^2 S b^(2n) / r_e^2),  1 / sigma^2 = 2 S b^(2n) / r_e^2,

S having the one-sided stable law of order a = 1/(2n), E exp(-t S) = exp(-t^a). The share of the
flux of a standard deviation is the density of ln sigma times sigma^2, over its mean. Two sums stand
for the integral over ln sigma:

- n below 0.6, where the mixture shrinks to a single Gaussian: Gauss' rule of 12 points, from the
  cumulants of ln S, weighted by sigma^2, k_j = (-1)^j ((2n)^j psi_(j-1)(1 + 2n) - psi_(j-1)(2));
- above, a trapezoidal sum, which converges exponentially; its steps widen from the sharp end of the
  density, at large sigma, inwards. The density is Zolotarev's integral.

Standard deviations and shares become polynomials in n, panel by panel.

Sources: V. M. Zolotarev, One-dimensional Stable Distributions (1986), theorem 2.4.1, for the
density; DLMF 5.15 for polygamma functions; W. Gautschi, Orthogonal Polynomials (2004), 2.1.7, for
Gauss' rule.
"""

from itertools import pairwise
from pathlib import Path

import mpmath
import numpy as np
from numpy.polynomial import chebyshev
from scipy import special

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "deepbench_hf/simulators/sky/sersic_mixture.csv"
PANELS = (0.5, 0.6, 0.75, 1.0, 1.3, 1.55, 2.0, 3.0, 4.5, 6.2, 8.0)
DEGREE = 11
GAUSS, STEP, NARROW_STEP, GROWTH = 12, 0.42, 0.2, 0.35
FAINTEST = 3e-6
"""Share of the flux that is left out at the wide end; at the narrow end nothing is."""
NARROWEST = -9.2
"""ln of the standard deviation, half-light radii, below which Gaussians are taken together."""


def cumulants(n, most):
    """Cumulants 1 to ``most`` of ln S under the weight sigma^2, with a leading 0."""
    n = mpmath.mpf(n)
    return [mpmath.mpf(0)] + [
        (-1) ** j * ((2 * n) ** j * mpmath.psi(j - 1, 1 + 2 * n) - mpmath.psi(j - 1, 2))
        for j in range(1, most + 1)
    ]


def gauss(n, points=GAUSS):
    """ln sigma and shares by Gauss' rule, by Chebyshev's algorithm from moments in 80 digits."""
    with mpmath.workdps(80):
        kappa = cumulants(n, 2 * points)
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
        log_s = np.array([float(kappa[1] + unit * node) for node in nodes])
        share = np.array([float(vectors[0, i] ** 2) for i in range(points)])
    return -0.5 * (log_s + log_scale(n)), share


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


def panel(low, high):
    """The function of n that gives ln sigma and shares, narrowest first, in a panel."""
    if high <= 0.6:
        return lambda n: tuple(part[np.argsort(gauss(n)[0])] for part in gauss(n))
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


def main():
    """Write the table: a line for each coefficient of each term of each panel."""
    rows = []
    for number, (low, high) in enumerate(pairwise(PANELS)):
        terms = panel(low, high)
        nodes = chebyshev.chebpts1(DEGREE + 1)
        values = [terms(low + (high - low) * (x + 1) / 2) for x in nodes]
        for which in range(2):
            fit = chebyshev.chebfit(nodes, np.array([pair[which] for pair in values]), DEGREE)
            for term, series in enumerate(fit.T):
                powers = np.zeros(DEGREE + 1)
                found = chebyshev.cheb2poly(series)
                powers[: len(found)] = found
                rows.append((number, term, which, *powers))
        print(f"n from {low} to {high}: {len(values[0][0])} Gaussians", flush=True)
    lines = [",".join(f"{x:.15g}" if i > 2 else str(x) for i, x in enumerate(row)) for row in rows]
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
