"""The sky in NumPy and SciPy, float64: integrals by brute force, nothing of the library's own."""

from functools import lru_cache

import numpy as np
from scipy import special

FWHM = 2.3548200450309493
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)


@lru_cache
def stable_density(n, step=0.06):
    """ln sigma / r_e and shares of a Sersic profile, by Zolotarev's integral on a fine grid."""
    a = 1 / (2 * n)
    scale = np.log(2) + 2 * n * np.log(special.gammaincinv(2 * n, 0.5))
    t = np.linspace(-12, 12, 12001)
    small = np.pi / (1 + np.exp(2 * np.abs(t)))
    u, rest = np.where(t < 0, small, np.pi - small), np.where(t < 0, np.pi - small, small)
    measure = np.log(2 * (t[1] - t[0]) * u * rest / np.pi**2)
    sines = np.log(np.where(u < 2, np.sin(a * u), np.sin(rest + (1 - a) * u)) / np.sin(small))
    log_a = a / (1 - a) * sines + np.log(np.sin((1 - a) * u) / np.sin(small))
    y = np.arange(np.log(1e-5), np.log(3e4), min(step, 0.1 * (2 * n - 1)))
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
    y = np.arange(-60 / (beta - 1), np.log(beta + 60), 0.4 / np.sqrt(beta))
    share = (y[1] - y[0]) * np.exp((beta - 1) * y - np.exp(y) - special.gammaln(beta - 1))
    return 0.5 * np.exp(-y[share > 1e-12]), share[share > 1e-12]


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


def profile(shape, place, terms, scale, ratio, angle, optics):
    """A profile of unit flux under a point-spread function."""
    image = np.zeros(shape)
    for variance, share in zip(*terms, strict=True):
        for blur, part in zip(*psf_terms(*optics), strict=True):
            own = scale * scale * variance
            weight, spread = share * part, (own + blur, ratio * ratio * own + blur)
            if weight > 1e-11:
                image += weight * pixel_means(shape, *place, *spread, angle)
    return image


def azimuth(one, r):
    """phi and phi' of the arms."""
    if one["arm_model"] == 0:
        cot = 1 / np.tan(np.radians(one["pitch_deg"]))
        return cot * np.log(r / one["scale_length_px"]), cot / r
    if one["arm_model"] == 2:
        return r / one["arm_scale_px"], 1 / one["arm_scale_px"] + 0 * r
    e = one["sweep"] * np.exp(-one["arm_scale_px"] / r)
    turn = 2 * one["winding"]
    return turn * np.arctan(e), turn * e / (1 + e * e) * one["arm_scale_px"] / r**2


def disc_light(one, x, y):
    """Brightness of a disc of unit flux: without its wave, and with it."""
    angle, q, h = np.radians(one["angle_deg"]), one["axis_ratio"], one["scale_length_px"]
    dx, dy = x - one["center_x_px"], y - one["center_y_px"]
    u = np.cos(angle) * dx + np.sin(angle) * dy
    v = (np.cos(angle) * dy - np.sin(angle) * dx) / q
    r = np.maximum(np.hypot(u, v), 1e-9)
    phi, slope = azimuth(one, r)
    turned = one["handedness"] * (np.arctan2(v, u) - np.radians(one["arm_phase_deg"]))
    crowding = one["arms"] ** 2 * (1 / r**2 + slope**2)
    k = one["arm_strength"] * np.exp(-0.5 * one["arm_width_px"] ** 2 * crowding)
    plain = np.exp(-r / h) / (2 * np.pi * h * h * q)
    return plain, plain * np.exp(k * np.cos(one["arms"] * (turned - phi))) / special.i0(k)


def wave(shape, one, optics, fine=8, points=()):
    """What the wave adds to a disc of unit flux, from ``fine`` by ``fine`` points a pixel.

    Or from ``points``, each an offset along x and y from a pixel's centre, and a weight.
    """
    variances, shares = psf_terms(*optics)
    image = np.zeros(shape)
    for variance, share in zip(variances, shares, strict=True):
        if share < 1e-7:
            continue
        far = min(6 * np.sqrt(variance), 15 * one["scale_length_px"])
        margin = int(np.ceil(far)) + 1 if variance else 0
        if not points:
            axes = [(np.arange((n + 2 * margin) * fine) + 0.5) / fine - 0.5 - margin for n in shape]
            image += share / fine**2 * _spread(one, shape, axes, variance)
        for x, y, weight in points:
            sides = zip(shape, (y, x), strict=True)
            axes = [np.arange(n + 2 * margin) - margin + offset for n, offset in sides]
            image += share * weight * _spread(one, shape, axes, variance)
    return image


def _spread(one, shape, axes, variance):
    plain, waved = disc_light(one, *np.meshgrid(axes[1], axes[0]))
    taps = [_taps(n, axis, variance) for n, axis in zip(shape, axes, strict=True)]
    return taps[0] @ (waved - plain) @ taps[1].T


def _taps(count, axis, variance):
    x = np.arange(count)[:, None] - axis
    if variance == 0:
        return (np.abs(x) < 0.5).astype(float)
    sigma = np.sqrt(variance)
    return special.ndtr((x + 0.5) / sigma) - special.ndtr((x - 0.5) / sigma)


def picture(one, shape, psf=0, fwhm=1.0, beta=3.0, fine=8, points=()):
    """The image of one object: a mapping of the parameters' names, and its ``kind``."""
    place, optics = (one["center_x_px"], one["center_y_px"]), (psf, fwhm, beta)
    if one["kind"] == 0:
        gamma = gamma_of(one["fwhm_px"], one["beta"])
        terms = moffat_terms(one["beta"])
        return one["flux_e_s"] * profile(shape, place, terms, gamma, 1.0, 0.0, optics)
    q, angle = one["axis_ratio"], np.radians(one["angle_deg"])
    terms, radius = sersic_terms(one["sersic_index"]), one["half_light_radius_px"]
    share = 1.0 if one["kind"] == 1 else one["bulge_fraction"]
    image = share * profile(shape, place, terms, radius, q, angle, optics) if share else 0.0
    if share < 1:
        radius = special.gammaincinv(2, 0.5) * one["scale_length_px"]
        disc = profile(shape, place, sersic_terms(1.0), radius, q, angle, optics)
        image = image + (1 - share) * (disc + wave(shape, one, optics, fine, points))
    return one["flux_e_s"] * image
