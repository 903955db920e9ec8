"""Stars and ellipticals by mixtures of Gaussians and quadrature, in NumPy and SciPy."""

import numpy as np
from scipy.integrate import quad
from scipy.special import gammainc, gammaincinv, gammaln, ndtr

SIZE = (13, 15)
FWHM = 2.3548200450309493


def shares(middle, size, sigma):
    """Share of Gaussians in each pixel of a line, (..., size)."""
    edges = (np.arange(size + 1) - 0.5 - np.asarray(middle)[..., None]) / np.asarray(sigma)[
        ..., None
    ]
    return np.diff(ndtr(edges), axis=-1)


def mixture(beta, low=-40.0, step=0.05):
    """A Moffat function as Gaussians: 2 sigma^2 / gamma^2, and their shares; DLMF 5.9.1."""
    log = np.arange(low, 7, step)
    return np.exp(-log), step * np.exp((beta - 1) * log - np.exp(log) - gammaln(beta - 1))


def core(fwhm, beta):
    """gamma of a Moffat function."""
    return fwhm / 2 / np.sqrt(2 ** (1 / beta) - 1)


def star(center_x_px, center_y_px, flux_e_s, fwhm_px, beta, psf_fwhm_px=0.0):
    """A Moffat star under a Gaussian, or under nothing."""
    wide, share = mixture(beta)
    sigma = np.sqrt(0.5 * core(fwhm_px, beta) ** 2 * wide + (psf_fwhm_px / FWHM) ** 2)
    across, up = (
        shares(c, n, sigma) for c, n in zip((center_x_px, center_y_px), SIZE[::-1], strict=True)
    )
    return flux_e_s * np.einsum("t,tj,ti->ji", share, up, across)


def double_star(center_x_px, center_y_px, flux_e_s, fwhm_px, beta, psf_fwhm_px, psf_beta):
    """A Moffat star under a Moffat function."""
    (a, p), (b, q) = mixture(beta, -14, 0.25), mixture(psf_beta, -14, 0.25)
    variance = core(fwhm_px, beta) ** 2 * a[:, None] + core(psf_fwhm_px, psf_beta) ** 2 * b
    sigma, share = np.sqrt(0.5 * variance).ravel(), np.outer(p, q).ravel()
    across, up = (
        shares(c, n, sigma) for c, n in zip((center_x_px, center_y_px), SIZE[::-1], strict=True)
    )
    return flux_e_s * (share[:, None] * up).T @ across


def exponential(center_x_px, center_y_px, flux_e_s, half_light_radius_px, axis_ratio, psf_fwhm_px):
    """An upright elliptical with n = 1: e^(-b r) is a mixture of Gaussians, by Levy's density."""
    b, log = gammaincinv(2, 0.5), np.arange(-6, 50, 0.05)
    share = 0.05 * b**3 / (4 * np.sqrt(np.pi)) * np.exp(-1.5 * log - b * b / 4 * np.exp(-log))
    sigma = half_light_radius_px * np.sqrt(0.5 * np.exp(-log))
    blur = (psf_fwhm_px / FWHM) ** 2
    across = shares(center_x_px, SIZE[1], np.sqrt(sigma**2 + blur))
    up = shares(center_y_px, SIZE[0], np.sqrt((axis_ratio * sigma) ** 2 + blur))
    return flux_e_s * np.einsum("t,tj,ti->ji", share, up, across)


def place(row, u, v):
    """A point of the galaxy's own axes, in pixels from its centre."""
    s, c = np.sin(np.deg2rad(row["angle_deg"])), np.cos(np.deg2rad(row["angle_deg"]))
    return c * u - s * v, s * u + c * v


def steep(pixels, **row):
    """Some pixels of any elliptical under a Gaussian: along its own ellipses, by Gauss-Legendre."""
    n, b = row["sersic_index"], gammaincinv(2 * row["sersic_index"], 0.5)
    nodes, weights = np.polynomial.legendre.leggauss(14)
    ends = np.concatenate([np.exp(np.linspace(-22, 0, 12)), np.arange(1.5, 11, 0.5)])
    lengths = np.diff(ends, prepend=0)[:, None]
    r = (ends[:, None] - 0.5 * lengths * (1 - nodes)).ravel()
    ring = (
        np.exp(2 * n * np.log(b) - gammaln(2 * n) - b * r ** (1 / n))
        / n
        * r
        * (0.5 * lengths * weights).ravel()
    )
    turn = 2 * np.pi * np.arange(288) / 288
    radius = row["half_light_radius_px"] * r[:, None]
    dx, dy = place(row, radius * np.cos(turn), row["axis_ratio"] * radius * np.sin(turn))
    sigma, found = row["psf_fwhm_px"] / FWHM, []
    for j, i in pixels:
        x, y = i - row["center_x_px"] - dx, j - row["center_y_px"] - dy
        seen = [ndtr((z + 0.5) / sigma) - ndtr((z - 0.5) / sigma) for z in (x, y)]
        found.append((ring[:, None] * seen[0] * seen[1]).sum() / len(turn))
    return row["flux_e_s"] * np.array(found)


def central(**row):
    """The pixel that holds the centre of an elliptical that is not blurred: rays to its sides."""
    n, q, b = row["sersic_index"], row["axis_ratio"], gammaincinv(2 * row["sersic_index"], 0.5)
    x, y = row["center_x_px"], row["center_y_px"]
    sides = (
        {1: np.rint(x) + 0.5 - x, -1: x + 0.5 - np.rint(x)},
        {1: np.rint(y) + 0.5 - y, -1: y + 0.5 - np.rint(y)},
    )

    def ray(turn):
        c, s = np.cos(turn), np.sin(turn)
        reach = min(sides[0][1 if c > 0 else -1] / abs(c), sides[1][1 if s > 0 else -1] / abs(s))
        along = turn - np.deg2rad(row["angle_deg"])
        flat = np.hypot(np.cos(along), np.sin(along) / q)
        inside = gammainc(2 * n, b * (reach * flat / row["half_light_radius_px"]) ** (1 / n))
        return inside / (2 * np.pi * q * flat**2)

    corners = sorted(np.arctan2(sides[1][v] * v, sides[0][u] * u) for u in (1, -1) for v in (1, -1))
    ends = [*corners, corners[0] + 2 * np.pi]
    parts = [quad(ray, *ends[k : k + 2], epsabs=1e-14, epsrel=1e-13)[0] for k in range(4)]
    return row["flux_e_s"] * np.array([sum(parts)])


def by_amplitude(reference, **row):
    """A reference by its flux, for a brightness at the half-light radius."""
    n, b = row["sersic_index"], gammaincinv(2 * row["sersic_index"], 0.5)
    shape = 2 * np.pi * n * np.exp(b + gammaln(2 * n) - 2 * n * np.log(b))
    size = row["half_light_radius_px"] ** 2 * row["axis_ratio"]
    return reference(flux_e_s=row.pop("amplitude_e_s_px") * size * shape, **row)


def around(side, flux_e_s, **row):
    """Means over all pixels by 10 x 10 Gauss-Legendre points."""
    nodes, weights = np.polynomial.legendre.leggauss(10)
    axis = (np.arange(side)[:, None] + nodes / 2).ravel()
    x, y = axis - row["center_x_px"], axis[:, None] - row["center_y_px"]
    s, c = np.sin(np.deg2rad(row["angle_deg"])), np.cos(np.deg2rad(row["angle_deg"]))
    n, b = row["sersic_index"], gammaincinv(2 * row["sersic_index"], 0.5)
    r = np.hypot(c * x + s * y, (c * y - s * x) / row["axis_ratio"]) / row["half_light_radius_px"]
    light = np.exp(-b * r ** (1 / n) + 2 * n * np.log(b) - gammaln(2 * n)) / (2 * np.pi * n)
    share = np.tile(weights / 2, side)
    cells = (share[:, None] * share * light).reshape(side, 10, side, 10).sum(axis=(1, 3))
    return flux_e_s * cells / (row["half_light_radius_px"] ** 2 * row["axis_ratio"])
