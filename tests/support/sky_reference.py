"""The sky by brute force, in NumPy and SciPy: fine grids, adaptive at cusps, convolution by FFT."""

from functools import lru_cache

import numpy as np
from scipy import signal, special
from scipy.spatial import cKDTree

from deepbench_hf.simulators.sky import objects
from deepbench_hf.simulators.sky.drawing import draw, draw_components

NAMES = {**objects.PLACE, **objects.STAR, **objects.SERSIC, **objects.DISC}
RECORD = np.dtype([("kind", "i8"), *((n, p.dtype) for n, p in NAMES.items())])
STAR, ELLIPTICAL, SPIRAL = range(3)
USUAL = {
    **{"flux_e_s": 1000.0, "fwhm_px": 3.0, "beta": 2.5, "half_light_radius_px": 5.0},
    **{"sersic_index": 1.0, "axis_ratio": 1.0, "scale_length_px": 6.0, "arms": 2, "handedness": 1},
    **{"arm_scale_px": 3.0, "arm_extent_px": 25.0, "pitch_deg": 20.0, "winding": 4.0},
    **{"sweep": 1.0, "arm_width_px": 2.0, "arm_contrast": 0.5},
}
GAUSSIAN, MOFFAT = 1, 2
FWHM = 2.3548200450309493


def thing(kind, x, y, **values):
    """One object, with usual values for what is not given."""
    record = np.zeros((), RECORD)
    record["kind"], record["center_x_px"], record["center_y_px"] = kind, x, y
    for name, value in {**USUAL, **values}.items():
        record[name] = value
    return record


def batch(scenes, psf=0, fwhm=1.0, beta=3.0):
    """Arguments of `draw` for lists of objects, all under the same PSF."""
    most = max(1, *(len(scene) for scene in scenes))
    records = np.zeros((len(scenes), most), RECORD)
    for row, scene in enumerate(scenes):
        for k, item in enumerate(scene):
            records[row, k] = item
    count = np.array([len(scene) for scene in scenes])
    size = len(scenes)
    return records, count, psf, np.full(size, float(fwhm)), np.full(size, float(beta))


def picture(scene, shape, psf=0, fwhm=1.0, beta=3.0, sampled=False):
    """Image and shares of the flux in the frame of one scene."""
    arguments = batch([scene], psf, fwhm, beta)
    image = np.full((1, *shape), np.nan, np.float32)
    fraction = np.full(arguments[0].shape, np.nan)
    draw(*arguments, sampled, image, fraction)
    return image[0].astype(float), fraction[0]


def components(scene, shape, psf=0, fwhm=1.0, beta=3.0):
    """Images of the objects of one scene alone."""
    arguments = batch([scene], psf, fwhm, beta)
    out = np.full((1, len(scene), *shape), np.nan, np.float32)
    draw_components(*arguments, False, out)
    return out[0].astype(float)


def sersic(r, n, radius, q, flux):
    """Brightness at elliptical radii."""
    b = special.gammaincinv(2 * n, 0.5)
    whole = 2 * np.pi * n * radius**2 * q * special.gamma(2 * n) * b ** (-2 * n)
    return flux / whole * np.exp(-b * (r / radius) ** (1 / n))


def plane(record, x, y):
    """Coordinates in the plane of the disc."""
    angle = np.radians(record["angle_deg"])
    dx, dy = x - record["center_x_px"], y - record["center_y_px"]
    u = dx * np.cos(angle) + dy * np.sin(angle)
    return u, (dy * np.cos(angle) - dx * np.sin(angle)) / record["axis_ratio"]


def smooth_light(record, x, y):
    """Brightness of all but a spiral's arms."""
    if record["kind"] == STAR:
        beta = record["beta"]
        gamma = record["fwhm_px"] / (2 * np.sqrt(2 ** (1 / beta) - 1))
        r2 = (x - record["center_x_px"]) ** 2 + (y - record["center_y_px"]) ** 2
        return record["flux_e_s"] * (beta - 1) / (np.pi * gamma**2) * (1 + r2 / gamma**2) ** -beta
    r, q = np.hypot(*plane(record, x, y)), record["axis_ratio"]
    shape = record["sersic_index"], record["half_light_radius_px"], q
    if record["kind"] == ELLIPTICAL:
        return sersic(r, *shape, record["flux_e_s"])
    bulge = sersic(r, *shape, record["flux_e_s"] * record["bulge_fraction"])
    h, centre = record["scale_length_px"], disc_centre(record)
    return bulge + centre * (1 - record["arm_contrast"]) * np.exp(-r / h)


def arm_points(record):
    """Points along all arms in the plane of the disc, 0.02 px apart or less, (m, 2)."""
    a, end, turn = record["arm_scale_px"], record["arm_extent_px"], record["arm_phase_deg"]
    if record["arm_model"] == objects.LOGARITHMIC:
        r = np.linspace(a, max(a, end), 4000)
        phi = np.log(r / a) / np.tan(np.radians(record["pitch_deg"]))
    else:
        r = np.linspace(1e-3 * end, end, 4000)
        phi = 2 * record["winding"] * np.arctan(record["sweep"] * np.exp(-a / r))
    angles = record["handedness"] * phi + np.radians(turn)
    spokes = 2 * np.pi * np.arange(int(record["arms"]))[:, None] / int(record["arms"])
    return np.stack([r * np.cos(angles + spokes), r * np.sin(angles + spokes)], -1).reshape(-1, 2)


def arms_profile(record, u, v):
    """exp(-r / h - d^2 / 2 w^2) at points of the disc's plane."""
    d, _ = cKDTree(arm_points(record)).query(np.stack([u, v], -1))
    h, w = record["scale_length_px"], record["arm_width_px"]
    return np.exp(-np.hypot(u, v) / h - 0.5 * (d / w) ** 2)


def disc_centre(record):
    """Central brightness of the disc, from a fine sum over its plane."""
    return _disc_centre(record.tobytes())


@lru_cache
def _disc_centre(content):
    record = np.frombuffer(content, RECORD)[0]
    h, w, c = record["scale_length_px"], record["arm_width_px"], record["arm_contrast"]
    end = min(record["arm_extent_px"] + 6 * w, 14 * h)
    step = min(w, h) / 5
    axis = np.arange(-end, end, step) + step / 3
    u, v = np.meshgrid(axis, axis)
    arms = arms_profile(record, u, v).sum() * step**2
    whole = (1 - c) * 2 * np.pi * h**2 + c * arms
    rest = record["flux_e_s"] * (1 - record["bulge_fraction"])
    return rest / (record["axis_ratio"] * whole)


def all_light(record, x, y):
    """Brightness."""
    light = smooth_light(record, x, y)
    if record["kind"] == SPIRAL and record["arm_contrast"] > 0:
        scale = disc_centre(record) * record["arm_contrast"]
        light = light + scale * arms_profile(record, *plane(record, x, y))
    return light


def inner_mean(record, x, y, side, depth):
    """Mean over a square cell: Gauss-Legendre; parted in nine while it is next to the centre."""
    cx, cy = record["center_x_px"], record["center_y_px"]
    near = max(abs(x - cx), abs(y - cy)) < 2 * side
    if depth > 0 and near:
        offsets = (-side / 3, 0.0, side / 3)
        parts = [(x + a, y + b) for a in offsets for b in offsets]
        return np.mean([inner_mean(record, *part, side / 3, depth - 1) for part in parts])
    t, w = np.polynomial.legendre.leggauss(6)
    gx, gy = np.meshgrid(x + t * side / 2, y + t * side / 2)
    return np.sum(smooth_light(record, gx, gy) * np.outer(w, w)) / 4


def fine_cells(record, shape, fine, margin):
    """Means over the cells of a grid, `fine` a side in each pixel of the frame and its margin."""
    rows, columns = ((n + 2 * margin) * fine for n in shape)
    x = (np.arange(columns) + 0.5) / fine - 0.5 - margin
    y = (np.arange(rows) + 0.5) / fine - 0.5 - margin
    gx, gy = np.meshgrid(x, y)
    total = np.zeros((rows, columns))
    for a in (-1, 1):
        for b in (-1, 1):
            shift = 0.5 / fine / np.sqrt(3)
            total += all_light(record, gx + a * shift, gy + b * shift) / 4
    i0 = round((record["center_x_px"] + 0.5 + margin) * fine - 0.5)
    j0 = round((record["center_y_px"] + 0.5 + margin) * fine - 0.5)
    for j in range(max(j0 - 4, 0), min(j0 + 5, rows)):
        for i in range(max(i0 - 4, 0), min(i0 + 5, columns)):
            where = (x[i], y[j])
            shifts = [(a * shift, b * shift) for a in (-1, 1) for b in (-1, 1)]
            plain = [smooth_light(record, where[0] + a, where[1] + b) for a, b in shifts]
            total[j, i] += inner_mean(record, *where, 1 / fine, 9) - np.mean(plain)
    return total


def pixel_means(record, shape, fine=8):
    """Means over the pixels without a PSF."""
    rows, columns = shape
    return fine_cells(record, shape, fine, 0).reshape(rows, fine, columns, fine).mean((1, 3))


def psf_kernel(psf, fwhm, beta, fine, margin):
    """Mean of the PSF over a pixel at fine points; the variance of the cells left out."""
    t = np.arange(-margin * fine, margin * fine + 1) / fine
    if psf == GAUSSIAN:
        sigma = np.sqrt((fwhm / FWHM) ** 2 - 1 / fine**2 / 12)
        line = np.diff(special.ndtr(np.stack([t - 0.5, t + 0.5]) / sigma), axis=0)[0]
        return np.outer(line, line)
    gamma = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    total = 0.0
    for a, p in zip(nodes, weights, strict=True):
        for b, q in zip(nodes, weights, strict=True):
            r2 = (t[:, None] + a / 2) ** 2 + (t[None, :] + b / 2) ** 2
            total = total + p * q / 4 * (1 + r2 / gamma**2) ** -beta
    return total * (beta - 1) / (np.pi * gamma**2)


def convolved(record, shape, psf, fwhm, beta=3.0, fine=8, margin=None):
    """Means over the pixels under a PSF."""
    margin = margin or int(np.ceil(6 * fwhm / FWHM + 1))
    cells = fine_cells(record, shape, fine, margin) / fine**2
    kernel = psf_kernel(psf, fwhm, beta, fine, margin)
    full = signal.fftconvolve(cells, kernel, mode="same")
    # Pixel centres lie between fine points when `fine` is even: cells are seen from there.
    start = margin * fine + fine // 2
    assert fine % 2 == 1
    return full[start : -margin * fine : fine, start : -margin * fine : fine]
