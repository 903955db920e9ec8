"""Arms of spirals in NumPy and SciPy, float64, by brute force: nothing of the library's own."""

from collections import defaultdict

import numpy as np
from scipy import special

FAR = 15.0
"""Scale lengths beyond which there is no light of a disc: 3e-7 of that of its centre."""
SIGMAS, SHARPEST, MOST = 6.0, 1 / 32, 4e6
"""Where a Gaussian ends; the least standard deviation, px, that grids are made for; most points."""


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


def wave_light(one, x, y):
    """What the wave adds to the brightness of a disc of unit flux."""
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
    return plain * (np.exp(k * np.cos(one["arms"] * (turned - phi))) / special.i0(k) - 1)


def wave_at(shape, one, psf, points):
    """What the wave adds to a disc of unit flux, from points that recur.

    Args:
        shape, one: of the picture, and the parameters.
        psf: variances, px^2, and shares of the point-spread function.
        points: each x and y of a point, a weight, and after how many rows of pixels it recurs.
    """
    image = np.zeros(shape)
    for variance, share in zip(*psf, strict=True):
        if share < 1e-7:
            continue
        far = min(SIGMAS * np.sqrt(variance), FAR * one["scale_length_px"])
        margin = int(np.ceil(far)) + 1 if variance else 0
        for x, y, weight, rows in points:
            sides = zip(shape, (y, x), (rows, 1), strict=True)
            axes = [
                step * np.arange((-margin - at) // step, (n + margin - at) // step + 2) + at
                for n, at, step in sides
            ]
            light = wave_light(one, *np.meshgrid(axes[1], axes[0]))
            image += share * weight * _spread(shape, axes, variance, light)
    return image


def wave(shape, one, psf, fine=8):
    """The same from grids: `fine` points to a pixel, or a standard deviation where that is wider.

    There are at least an eighth as many to the width that the wave is smoothed over.
    """
    image, alike = np.zeros(shape), defaultdict(list)
    for variance, share in zip(*psf, strict=True):
        if share > 1e-7 and np.sqrt(variance) < 30 * FAR * one["scale_length_px"]:
            size = 2.0 ** np.floor(np.log2(max(np.sqrt(variance), SHARPEST))) if variance else 1.0
            alike[size].append((variance, share))
    least = min(one["arm_width_px"], one["scale_length_px"])
    for size, some in alike.items():
        density = max(fine / max(1.0, size), fine / (8 * least), 1.5 / size)
        margin = SIGMAS * np.sqrt(max(variance for variance, _ in some))
        axes = _axes(shape, one, np.ceil(density) if density > 1 else density, margin)
        area = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
        light = wave_light(one, axes[1][None], axes[0][:, None]) * area
        for variance, share in some:
            image += share * _spread(shape, axes, variance, light)
    return image


def _axes(shape, one, density, margin):
    """Points along y and x: those of the frame and its margin that the disc is in."""
    far, spans = FAR * one["scale_length_px"], []
    for count, place in zip(shape, (one["center_y_px"], one["center_x_px"]), strict=True):
        low, high = max(-margin, place + 0.5 - far), min(count + margin, place + 0.5 + far)
        spans.append((low, max(high, low)))
    area = np.prod([high - low for low, high in spans])
    most = np.sqrt(MOST / max(area, 1.0))
    density = min(density, np.floor(most) if most > 1 else most)
    ends = [(np.floor(low * density), np.ceil(high * density) + 2) for low, high in spans]
    return [(np.arange(*end) + 0.5) / density - 0.5 for end in ends]


def _spread(shape, axes, variance, light):
    taps = [_taps(n, axis, variance) for n, axis in zip(shape, axes, strict=True)]
    return taps[0] @ light @ taps[1].T


def _taps(count, axis, variance):
    x = np.arange(count)[:, None] - axis
    if variance == 0:
        return (np.abs(x) < 0.5).astype(float)
    sigma = np.sqrt(variance)
    return special.ndtr((x + 0.5) / sigma) - special.ndtr((x - 0.5) / sigma)
