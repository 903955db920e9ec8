"""The sky in NumPy and SciPy, float64: integrals by brute force, nothing of the library's own."""

from functools import lru_cache

import numpy as np
from scipy import special

from tests.support.sky_arms import wave as by_force
from tests.support.sky_arms import wave_at

FWHM = 2.3548200450309493
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)


@lru_cache(maxsize=1000)
def stable_density(n, step=0.12):
    """ln sigma / r_e and shares of a Sersic profile, by Zolotarev's integral on a fine grid."""
    a = 1 / (2 * n)
    scale = np.log(2) + 2 * n * np.log(special.gammaincinv(2 * n, 0.5))
    t = np.linspace(-12, 12, 6001)
    small = np.pi / (1 + np.exp(2 * np.abs(t)))
    u, rest = np.where(t < 0, small, np.pi - small), np.where(t < 0, np.pi - small, small)
    measure = np.log(2 * (t[1] - t[0]) * u * rest / np.pi**2)
    sines = np.log(np.where(u < 2, np.sin(a * u), np.sin(rest + (1 - a) * u)) / np.sin(small))
    log_a = a / (1 - a) * sines + np.log(np.sin((1 - a) * u) / np.sin(small))
    # From E S^-z = Gamma(1 + z / a) / Gamma(1 + z): mean and spread of ln S, weighted by 1 / S.
    mean = (special.digamma(2) - 2 * n * special.digamma(1 + 2 * n) - scale) / -2
    spread = np.sqrt(4 * n * n * special.polygamma(1, 1 + 2 * n) - special.polygamma(1, 2)) / 2
    low, high = np.log(1e-5), np.log(3e4)
    ends = max(low, mean - 200 * spread), min(high, mean + 20 * spread)
    y = np.arange(*ends, min(step, spread / 8))
    log_s = -scale - 2 * y
    z = log_a - np.exp(np.clip(log_a - a / (1 - a) * log_s[:, None], -700, 700)) + measure
    density = np.log(a / (1 - a)) + special.logsumexp(z, axis=1) - log_s / (1 - a)
    share = 2 * (y[1] - y[0]) * np.exp(density - special.gammaln(1 + 2 * n))
    keep = share > 1e-13
    return np.exp(2 * y[keep]), share[keep] / share.sum()


def sersic_terms(n):
    """Variances over r_e^2 and shares."""
    if n == 0.5:
        return np.array([0.5 / np.log(2)]), np.ones(1)
    return stable_density(n)


def moffat_terms(beta):
    """Variances over gamma^2 and shares, from equal small steps of ln t."""
    y = np.arange(-20 / (beta - 1), np.log(beta + 60), min(0.45, 0.75 / np.sqrt(beta)))
    share = (y[1] - y[0]) * np.exp((beta - 1) * y - np.exp(y) - special.gammaln(beta - 1))
    return 0.5 * np.exp(-y[share > 1e-10]), share[share > 1e-10]


def gamma_of(fwhm, beta):
    return fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))


def psf_terms(psf, fwhm, beta):
    """Variances, px^2, and shares of a point-spread function: 0 none, 1 Gaussian, 2 Moffat."""
    if psf == 2:
        variance, share = moffat_terms(beta)
        return gamma_of(fwhm, beta) ** 2 * variance, share
    return np.array([(fwhm / FWHM) ** 2 if psf else 0.0]), np.ones(1)


def pixel_means(shape, x0, y0, a2, b2, angle):
    """Means of Gaussians over pixels: error functions along x, Gauss-Legendre panels along y."""
    c, s = np.cos(angle), np.sin(angle)
    xx, xy, yy = c * c * a2 + s * s * b2, c * s * (a2 - b2), s * s * a2 + c * c * b2
    slope = xy / yy
    width, high = np.sqrt(xx - slope * xy), np.sqrt(yy)
    rows, columns = shape
    edges = np.arange(columns + 1) - 0.5 - x0
    image = np.zeros(shape)
    for j in range(rows):
        low, top = max(j - 0.5 - y0, -9 * high), min(j + 0.5 - y0, 9 * high)
        count = int(np.ceil((top - low) / (1.5 * np.sqrt(b2)))) if top > low else 0
        for panel in range(count):
            side = (top - low) / count
            dy = low + side * (panel + 0.5 + NODES / 2)
            weight = (
                side / 2 * WEIGHTS * np.exp(-0.5 * (dy / high) ** 2) / high / np.sqrt(2 * np.pi)
            )
            z = (edges - slope * dy[:, None]) / width
            share = np.where(z[:, 1:] < 0, np.diff(special.ndtr(z)), -np.diff(special.ndtr(-z)))
            image[j] += weight @ share
    return image


POINTS = ((6.0, 2), (2.0, 3), (0.9, 4), (0.5, 5), (0.35, 6))
"""Smallest standard deviation, px, from which so many Gauss-Legendre points along each side of a
pixel err by at most 1e-6 of a Gaussian's peak; narrower ones need `pixel_means`."""


def means_of_many(shape, x0, y0, angle, a2, b2, weight):
    """Means of a sum of Gaussians over pixels."""
    image, left = np.zeros(shape), np.sqrt(b2)
    for least, points in POINTS:
        some, left = left >= least, np.where(left >= least, 0, left)
        if some.any():
            image += _by_points(shape, x0, y0, angle, (a2[some], b2[some], weight[some]), points)
    for one in np.flatnonzero(left):
        image += weight[one] * pixel_means(shape, x0, y0, a2[one], b2[one], angle)
    return image


def _by_points(shape, x0, y0, angle, gaussians, points):
    a2, b2, weight = gaussians
    nodes, parts = np.polynomial.legendre.leggauss(points)
    c, s = np.cos(angle), np.sin(angle)
    y, x = (axis.reshape(-1, 1) for axis in np.indices(shape))
    top, image = weight / (2 * np.pi * np.sqrt(a2 * b2)), np.zeros(len(x))
    for i, j in np.ndindex(points, points):
        dx, dy = x + nodes[i] / 2 - x0, y + nodes[j] / 2 - y0
        u, v = (c * dx + s * dy) ** 2, (c * dy - s * dx) ** 2
        image = image + parts[i] * parts[j] / 4 * (np.exp(-0.5 * (u / a2 + v / b2)) @ top)
    return image.reshape(shape)


def flux_inside(shape, x0, y0, angle, a2, b2, weight):
    """Flux of a sum of Gaussians inside a frame: a single pixel, as large as the frame."""
    total = 0.0
    for one in range(len(weight)):
        total += weight[one] * _inside(shape, x0, y0, angle, a2[one], b2[one])
    return total


def _inside(shape, x0, y0, angle, a2, b2):
    c, s = np.cos(angle), np.sin(angle)
    xx, xy, yy = c * c * a2 + s * s * b2, c * s * (a2 - b2), s * s * a2 + c * c * b2
    slope, high = xy / yy, np.sqrt(yy)
    width = np.sqrt(xx - slope * xy)
    low, top = max(-0.5 - y0, -8 * high), min(shape[0] - 0.5 - y0, 8 * high)
    if top <= low:
        return 0.0
    # As many panels as there are of the narrower of the Gaussian and its edge at a column's end.
    count = int(np.ceil((top - low) / min(3 * high, 3 * width / (abs(slope) + 1e-9))))
    side = (top - low) / count
    dy = low + side * (np.arange(count)[:, None] + 0.5 + NODES / 2)
    part = side / 2 * WEIGHTS * np.exp(-0.5 * (dy / high) ** 2) / high / np.sqrt(2 * np.pi)
    ends = [special.ndtr((end - 0.5 - x0 - slope * dy) / width) for end in (0, shape[1])]
    return (part * (ends[1] - ends[0])).sum()


def blurred_terms(terms, scale, ratio, optics, least=1e-6):
    """Variances along both axes, and shares, of a profile under a point-spread function.

    What is nowhere bright and has a share below ``least`` is left out.
    """
    blur, part = psf_terms(*optics)
    variance, shares = terms[0] * scale * scale, terms[1]
    core = variance < blur.min() / 3000  # nothing tells these from one of their mean variance
    if core.sum() > 1:
        mean = shares[core] @ variance[core] / shares[core].sum()
        variance, shares = (
            np.append(variance[~core], mean),
            np.append(shares[~core], shares[core].sum()),
        )
    own, weight = variance[:, None], (shares[:, None] * part).ravel()
    a2, b2 = (own + blur).ravel(), (ratio * ratio * own + blur).ravel()
    bright = weight / (1 + 2 * np.pi * np.sqrt(a2 * b2))
    keep = (bright > 1e-9 * bright.sum()) | (weight > least)
    return a2[keep], b2[keep], weight[keep]


def wave(shape, one, optics, fine=8, points=()):
    """What the wave adds to a disc of unit flux: by force, or from points of each pixel."""
    psf = psf_terms(*optics)
    return wave_at(shape, one, psf, points) if points else by_force(shape, one, psf, fine)


def profiles(one):
    """Of each profile of an object: its share of the flux, Gaussians, size and axis ratio."""
    if one["kind"] == 0:
        return [(1.0, moffat_terms(one["beta"]), gamma_of(one["fwhm_px"], one["beta"]), 1.0)]
    q, share = one["axis_ratio"], 1.0 if one["kind"] == 1 else one["bulge_fraction"]
    disc = special.gammaincinv(2, 0.5) * one.get("scale_length_px", 1.0)
    both = (share, one["sersic_index"], one["half_light_radius_px"]), (1 - share, 1.0, disc)
    return [(part, sersic_terms(n), radius, q) for part, n, radius in both if part > 0]


def view(one):
    """Place and angle."""
    angle = np.radians(one["angle_deg"]) if one["kind"] else 0.0
    return one["center_x_px"], one["center_y_px"], angle


def smooth(one, shape, optics):
    """The image of one object without its arms, of unit flux."""
    image = np.zeros(shape)
    for share, terms, scale, ratio in profiles(one):
        found = blurred_terms(terms, scale, ratio, optics)
        image += share * means_of_many(shape, *view(one), *found)
    return image


def fraction(one, shape, *optics):
    """The share of the flux in the frame; of a spiral, in one that holds all of its wave."""
    total = 0.0
    for share, terms, scale, ratio in profiles(one):
        found = blurred_terms(terms, scale, ratio, optics, 1e-9)
        total += share * flux_inside(shape, *view(one), *found)
    return total


def picture(one, shape, psf=0, fwhm=1.0, beta=3.0, fine=8, points=()):
    """The image of one object: a mapping of the parameters' names, and its ``kind``."""
    image = smooth(one, shape, (psf, fwhm, beta))
    disc = 1 - one["bulge_fraction"] if one["kind"] == 2 else 0.0
    if disc > 0 and one["arm_strength"] > 0:
        image = image + disc * wave(shape, one, (psf, fwhm, beta), fine, points)
    return one["flux_e_s"] * image


def converged(one, shape, psf, fwhm, beta, tolerance, most=1024):
    """The image of a spiral, from points so dense that half of them do, to a share of the peak."""
    plain = smooth(one, shape, (psf, fwhm, beta))
    disc, fine, image = 1 - one["bulge_fraction"], 4, np.inf
    while True:
        before, image = image, plain + disc * wave(shape, one, (psf, fwhm, beta), fine)
        if np.abs(image - before).max() < tolerance * image.max() and fine >= 16:
            return one["flux_e_s"] * image
        assert fine < most, "the wave is finer than the points"
        fine *= 2
