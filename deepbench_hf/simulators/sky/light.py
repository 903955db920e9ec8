"""How the light of a star or an elliptical is spread over the radius, and how that answers.

For a flux of 1, in the plane where the profile is round and its scale length (gamma or r_e) is 1,

    star        g = (beta - 1) / pi (1 + r^2)^-beta,  inside r: 1 - (1 + r^2)^(1 - beta)
    elliptical  g = exp(-b_n r^(1 / n)) / f(n),       inside r: P(2 n, b_n r^(1 / n))

with the incomplete gamma function
P(a, z) = z^a e^-z / Gamma(a + 1) sum_k z^k / (a + 1) ... (a + k).

Sources: as `Star` and `Elliptical` in `simulators.sky.galaxies`; NIST Digital Library of
Mathematical Functions, 5.11.2, 8.5.1 and 8.7.1.
"""

from deepbench_hf import exact
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import kernel

Law = tuple[float, float, float, float, float, float]
"""Sersic index n, or 0 for a star; b_n, or beta; ln f(n); their derivatives; psi(2 n)."""

PI = 3.141592653589793
ALL_INSIDE = 80.0
"""Where P(a, z) is 1 to the last place for all indices up to 8."""
LAST = 1e-17
# B_2k / 2k, the asymptotic series of psi(x) in 1 / x^2.
DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132)


@kernel
def digamma(x: float) -> float:
    """psi(x) for x above 0: the asymptotic series at x + 8, less 1 / (x + k)."""
    y, below = x + 8.0, 0.0
    for k in range(8):
        below += 1.0 / (x + k)
    square = 1.0 / (y * y)
    return exact.log(y) - 0.5 / y - square * horner(square, DIGAMMA) - below


@kernel
def density(law, r: float) -> tuple[float, float]:
    """g(r) and its derivative with respect to the index, or to beta; r above 0."""
    n, b, log_flux, b_n, log_flux_n = law[0], law[1], law[2], law[3], law[4]
    if n == 0.0:
        log = exact.log(1.0 + r * r)
        g = (b - 1.0) / PI * exact.exp(-b * log)
        return g, g * (1.0 / (b - 1.0) - log)
    log = exact.log(r)
    z = exact.exp(log / n)
    g = exact.exp(-b * z - log_flux)
    return g, g * (z * (b * log / (n * n) - b_n) - log_flux_n)


@kernel
def enclosed(law, r: float) -> tuple[float, float]:
    """The flux inside r, and its derivative with respect to the index, or to beta; r above 0."""
    n, b, b_n, psi = law[0], law[1], law[3], law[5]
    if n == 0.0:
        log = exact.log(1.0 + r * r)
        outside = exact.exp((1.0 - b) * log)
        return 1.0 - outside, log * outside
    log, a = exact.log(r), 2.0 * n
    power = exact.exp(log / n)
    z = b * power
    if z > ALL_INSIDE:
        return 1.0, 0.0
    total, total_a, term, term_a, k = 1.0, 0.0, 1.0, 0.0, 1.0
    while term > LAST * total:
        factor = 1.0 / (a + k)
        term *= z * factor
        term_a = term_a * z * factor - term * factor
        total, total_a, k = total + term, total_a + term_a, k + 1.0
    log_z = exact.log(z)
    top = exact.exp(a * log_z - z - exact.log_gamma(a + 1.0))
    by_a = top * (total * (log_z - psi - 1.0 / a) + total_a)
    by_z = top * a / z
    return top * total, 2.0 * by_a + by_z * (power * b_n - z * log / (n * n))


@kernel
def ring_step(law) -> float:
    """A step of ln r in which sums over rings are right to 1e-8."""
    if law[0] == 0.0:
        return 0.3
    return min(0.8, 0.5 * law[0])
