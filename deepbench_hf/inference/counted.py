"""The likelihood of many images, given one image of counted photons.

Of one observation, ln p(e | mu) is a function of the mean mu alone at each pixel. The sum over
counts is done at the nodes of Chebyshev, between the smallest and the largest mean that the images
have there, and the polynomial through them answers for all images. Most pixels change little, and
theirs has a low degree:

    ln L = sum over pixels of ln p(e | mu),  ln p(e | mu) = sum_n a_n x^n,  |x| <= 1

The search for peaks has no need of the sum over counts. It makes the likelihood large that a count
of mean mu + sigma^2 has at e + sigma^2. Mean and variance are those of counts and read noise, its
slope is (e - mu) / (mu + sigma^2), and without read noise it is the same likelihood.

Source: L. N. Trefethen, Approximation Theory and Approximation Practice, chapters 3 and 8;
D. L. Snyder et al., J. Opt. Soc. Am. A 10 (1993) 1014, for the shifted count.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array, Int64s, kernel
from deepbench_hf.fields import Columns
from deepbench_hf.noise.count_density import log_density
from deepbench_hf.noise.detector import Detector, Poisson
from deepbench_hf.recipe.steps import Measure

NODES = (6, 12, 24)
"""Of a polynomial; the next number where one does not follow the function."""

FOLLOWS = 1e-10
"""How small the terms are that are left out at a pixel, in nats."""

SPARE = 0.15
"""How much wider than the means so far a polynomial is made, on each side."""


def _powers(size: int) -> tuple[Array, Array]:
    """Chebyshev's coefficients from values at the nodes, and powers of x from coefficients."""
    nodes = np.arange(size, dtype=np.float64)
    cosines = np.cos(np.pi * np.outer(nodes, nodes + 0.5) / size)
    cosines *= np.where(nodes > 0, 2.0, 1.0)[:, None] / size
    powers = np.zeros((size, size))
    for n in range(size):
        powers[n, : n + 1] = np.polynomial.chebyshev.cheb2poly(np.eye(size)[n, : n + 1])
    return np.asarray(cosines, np.float64), powers


TABLES = {size: _powers(size) for size in NODES}


@kernel
def _at_nodes(electrons, sigma: float, middle, half, nodes, value) -> None:
    """Ln p(e | mu) at some pixels ``(p,)`` and the nodes ``(k,)`` of each, ``(p, k)``."""
    for j in range(electrons.size):
        for k in range(nodes.size):
            value[j, k] = log_density(electrons[j], middle[j] + half[j] * nodes[k], sigma)


@kernel(allocates=True)
def _add_polynomials(clean, place, floor: float, middle, scale, begin, series, total) -> None:
    """Add up polynomials of the pixels of each image, by Horner's rule.

    Args:
        clean: images, (n, m).
        place: their pixels, those with the lowest degree first, (p,).
        floor: what smaller values count as.
        middle, scale: of what x = (value - middle) scale is made, (p,).
        begin: of each degree, its first pixel in this order, (degrees,).
        series: coefficients of the powers of x, (degrees, p).
        total: what they are added to, (n,).
    """
    size = place.size
    x, value = np.empty(size), np.empty(size)
    for i in range(clean.shape[0]):
        for p in range(begin[1], size):
            x[p] = (max(np.float64(clean[i, place[p]]), floor) - middle[p]) * scale[p]
            value[p] = 0.0
        for degree in range(begin.size - 1, 0, -1):
            for p in range(begin[degree], size):
                value[p] = (value[p] + series[degree, p]) * x[p]
        # Of four sums beside each other none waits for the other.
        a = b = c = d = 0.0
        p = begin[1]
        while p + 3 < size:
            a += value[p]
            b += value[p + 1]
            c += value[p + 2]
            d += value[p + 3]
            p += 4
        while p < size:
            a += value[p]
            p += 1
        total[i] += (a + b) + (c + d)


@kernel
def _add_sums(clean, place, exposure: float, sky: float, electrons, sigma: float, total) -> None:
    """Add up the sums over counts at some pixels ``(p,)`` of each image."""
    for i in range(clean.shape[0]):
        for p in range(place.size):
            mean = exposure * max(np.float64(clean[i, place[p]]) + sky, 0.0)
            total[i] += log_density(electrons[p], mean, sigma)


@dataclass
class Counted:
    """The likelihood of many images of one observation.

    Args:
        electrons: what was counted, the sky included, ``(m,)``.
        exposure, sky, sigma: t, B and the read noise.
        constant: what is added for an image, as the unit of what is measured is not an electron.
    """

    electrons: Array
    exposure: float
    sky: float
    sigma: float
    constant: float
    _low: Array = field(init=False)
    _high: Array = field(init=False)
    _degree: Int64s = field(init=False)
    _series: Array = field(init=False)

    def __post_init__(self) -> None:
        size = self.electrons.size
        self._low, self._high = np.full(size, np.inf), np.full(size, -np.inf)
        self._degree, self._series = np.zeros(size, np.int64), np.zeros((NODES[-1], size))

    def log_likelihood(self, clean: NDArray) -> Array:
        """Of images ``(n, ...)``, ``(n,)``."""
        clean = np.ascontiguousarray(clean.reshape(len(clean), -1))
        total = np.full(len(clean), self.constant)
        self._reach(clean)
        known = self._degree >= 0
        order = np.flatnonzero(known)
        order = order[np.argsort(self._degree[order], kind="stable")]
        begin = np.searchsorted(self._degree[order], np.arange(NODES[-1]))
        half = 0.5 * (self._high - self._low)[order]
        middle = 0.5 * (self._high + self._low)[order]
        scale = np.divide(1.0, half, out=np.zeros(len(order)), where=half > 0.0)
        series = np.ascontiguousarray(self._series[: max(self._degree.max(), 0) + 1, order])
        total += series[0].sum()
        begin = begin[: len(series)] if len(series) > 1 else np.array([0, len(order)])
        _add_polynomials(clean, order, -self.sky, middle, scale, begin, series, total)
        if not known.all():
            rest = np.flatnonzero(~known)
            seen = self.electrons[rest]
            _add_sums(clean, rest, self.exposure, self.sky, seen, self.sigma, total)
        return total

    def near(self, clean: NDArray) -> Array:
        """What the search makes large instead, but for a constant, of images ``(n, ...)``."""
        square = self.sigma * self.sigma
        mean = np.add(clean.reshape(len(clean), -1), self.sky, dtype=np.float64)
        np.maximum(mean, 0.0, out=mean)
        mean *= self.exposure
        mean += square
        total = -mean.sum(axis=1)
        np.log(np.maximum(mean, 1e-300, out=mean), out=mean)
        return total + mean @ (self.electrons + square)

    def _reach(self, clean: NDArray) -> None:
        """Make polynomials where images have means beyond those so far."""
        low, high = (np.maximum(f(axis=0), -self.sky) for f in (clean.min, clean.max))
        low, high = low.astype(np.float64), high.astype(np.float64)
        new = np.flatnonzero((low < self._low) | (high > self._high))
        low, high = np.minimum(low, self._low)[new], np.maximum(high, self._high)[new]
        spare = SPARE * (high - low)
        self._low[new], self._high[new] = np.maximum(low - spare, -self.sky), high + spare
        self._degree[new] = -1
        for size in NODES:
            if not len(new):
                break
            degree, series = self._fitted(new, size)
            good = degree >= 0
            self._degree[new[good]] = degree[good]
            self._series[:, new[good]] = 0.0
            self._series[:size, new[good]] = series[:, good]
            new = new[~good]

    def _fitted(self, pixels: Int64s, size: int) -> tuple[Int64s, Array]:
        """Degrees of polynomials, -1 where they do not follow, and their powers, ``(size, p)``."""
        low, high = (self.exposure * (v[pixels] + self.sky) for v in (self._low, self._high))
        fit, powers = TABLES[size]
        nodes = np.cos(np.pi * (np.arange(size) + 0.5) / size)
        value = np.empty((len(pixels), size))
        seen, middle, half = self.electrons[pixels], 0.5 * (high + low), 0.5 * (high - low)
        _at_nodes(seen, self.sigma, middle, half, nodes, value)
        series = fit @ value.T
        follows = np.abs(series[-2:]).sum(axis=0) <= FOLLOWS  # not where a value is infinite
        # Of the terms that are left out the largest come first.
        rest = np.cumsum(np.abs(series[::-1]), axis=0)[::-1]
        degree = np.where(follows, np.maximum((rest > FOLLOWS).sum(axis=0) - 1, 0), -1)
        return degree, powers.T @ np.where(np.arange(size)[:, None] <= degree, series, 0.0)


def counted(step: Measure, drawn: Columns, rows: Columns) -> Counted | None:
    """The likelihood of a measurement, if it is a count whose noise does not follow the truth.

    Args:
        step: the measurement.
        drawn: the draws of its settings, of one row.
        rows: what was measured in that row.
    """
    measurement = step.measurement
    noise, seen = measurement.noise, np.asarray(rows[measurement.column], np.float64)
    names = dict(zip(("exposure", "sky", "sigma"), noise.SETTINGS, strict=False))
    if not isinstance(noise, Detector | Poisson) or noise.divisor or len(seen) != 1:
        return None
    setting = {word: float(drawn[name][0]) for word, name in names.items() if name in drawn}
    t, b, sigma = setting["exposure"], setting["sky"], setting.get("sigma", 0.0)
    gain = float(np.reshape(1.0 / noise.response(drawn), -1)[0])
    constant = seen.size * np.log(t * gain) if sigma > 0.0 else 0.0
    return Counted((t * (gain * seen + b)).ravel(), t, b, sigma, float(constant))
