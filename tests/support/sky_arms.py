"""Arms of spirals in NumPy and SciPy, float64, by brute force: nothing of the library's own."""

from collections import defaultdict

import numpy as np
from scipy import special

FAR = 15.0
"""Scale lengths beyond which there is no light of a disc: 3e-7 of that of its centre."""
CELLS, SIGMAS = 8, 6.0
"""Cells that light is put into before it is blurred, to a standard deviation of what blurs it (or to
a pixel), and where a Gaussian ends."""


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


def wave_at(shape, one, psf, points):
    """What the wave adds to a disc of unit flux, from points of each pixel.

    Args:
        shape, one: of the picture, and the parameters.
        psf: variances, px^2, and shares of the point-spread function.
        points: each an offset along x and y from a pixel's centre, and a weight.
    """
    image = np.zeros(shape)
    for variance, share in zip(*psf, strict=True):
        if share < 1e-7:
            continue
        far = min(SIGMAS * np.sqrt(variance), FAR * one["scale_length_px"])
        margin = int(np.ceil(far)) + 1 if variance else 0
        for x, y, weight in points:
            sides = zip(shape, (y, x), strict=True)
            axes = [np.arange(n + 2 * margin) - margin + offset for n, offset in sides]
            plain, waved = disc_light(one, *np.meshgrid(axes[1], axes[0]))
            image += share * weight * _spread(shape, axes, variance, waved - plain)
    return image


def wave(shape, one, psf, fine=8):
    """The same from `fine` by `fine` points a pixel, or a standard deviation of what blurs it.

    Wide Gaussians blur coarse cells, each of which has the mean of its points; their variance is
    that of the Gaussian less that of a cell.
    """
    image, alike = np.zeros(shape), defaultdict(list)
    for variance, share in zip(*psf, strict=True):
        sigma = np.sqrt(variance)
        size = 2.0 ** np.floor(np.log2(max(sigma, 1 / 8))) if variance else 1.0
        if share > 1e-7 and sigma < 30 * FAR * one["scale_length_px"]:
            alike[size].append((variance, share))
    for size, some in alike.items():
        side, margin = size / CELLS, SIGMAS * np.sqrt(max(variance for variance, _ in some))
        axes = _axes(shape, one, side, margin)
        light, offsets = 0.0, (np.arange(fine // CELLS) + 0.5) / (fine // CELLS) - 0.5
        for x in offsets * side:
            for y in offsets * side:
                plain, waved = disc_light(one, axes[1][None] + x, axes[0][:, None] + y)
                light = light + (waved - plain) * (side / len(offsets)) ** 2
        for variance, share in some:
            image += share * _spread(shape, axes, variance and variance - side**2 / 12, light)
    return image


def _axes(shape, one, side, margin):
    """Middles of cells along y and x: of those of the frame and its margin that the disc is in."""
    far, found = FAR * one["scale_length_px"], []
    for count, place in zip(shape, (one["center_y_px"], one["center_x_px"]), strict=True):
        low, high = max(-margin, place + 0.5 - far), min(count + margin, place + 0.5 + far)
        cells = np.arange(np.floor(low / side), max(np.ceil(high / side), np.floor(low / side) + 1))
        found.append((cells + 0.5) * side - 0.5)
    return found


def _spread(shape, axes, variance, light):
    taps = [_taps(n, axis, variance) for n, axis in zip(shape, axes, strict=True)]
    return taps[0] @ light @ taps[1].T


def _taps(count, axis, variance):
    x = np.arange(count)[:, None] - axis
    if variance == 0:
        return (np.abs(x) < 0.5).astype(float)
    sigma = np.sqrt(variance)
    return special.ndtr((x + 0.5) / sigma) - special.ndtr((x - 0.5) / sigma)
