"""The arms of spirals by brute force: nearest points by a tree and Newton, sums over a fine grid.

Independent of the package. ``python -m tests.support.spiral_reference`` fills
`tests/oracles/arms.npz`, in a minute or two. Light and flux are those of
exp(-r / h) exp(-d^2 / 2 w^2) in the plane of the disc.
"""

import numpy as np
from scipy.spatial import cKDTree

from tests.support.blurred_reference import FWHM, SIZE, shares
from tests.support.paths import ORACLES

STEP = 0.01  # px, of the grid
ORACLE = ORACLES / "arms.npz"
LOGARITHMIC, RINGERMACHER_MEAD = 0, 1
USUAL = {
    **{"center_x_px": 6.8, "center_y_px": 5.7, "flux_e_s": 300.0, "axis_ratio": 0.7},
    **{"angle_deg": 0.0, "scale_length_px": 3.0, "arm_model": LOGARITHMIC, "arms": 2},
    **{"handedness": 1, "arm_phase_deg": 20.0, "arm_scale_px": 1.3, "arm_extent_px": 7.0},
    **{"pitch_deg": 17.0, "winding": 0.0, "sweep": 0.0, "arm_width_px": 0.8, "psf_fwhm_px": 1.7},
}
SPIRALS = {
    "two logarithmic arms": USUAL,
    "one left-handed arm": USUAL
    | {"arms": 1, "handedness": -1, "arm_width_px": 0.6, "axis_ratio": 1.0, "angle_deg": 37.0},
    "three bent arms": USUAL
    | {"arm_model": RINGERMACHER_MEAD, "arms": 3, "arm_scale_px": 4.0, "pitch_deg": 0.0}
    | {"winding": 2.5, "sweep": 1.3},
    "five arms, cut off by the frame": USUAL
    | {"arms": 5, "pitch_deg": 30.0, "arm_width_px": 1.0, "arm_extent_px": 9.0, "center_x_px": 1.2},
}


def angle(row, r):
    """Angle of the arm at a radius, and its first two derivatives."""
    if row["arm_model"] == LOGARITHMIC:
        t = np.tan(np.radians(row["pitch_deg"]))
        return np.log(r / row["arm_scale_px"]) / t, 1 / (r * t), -1 / (r * r * t)
    a, n, b = row["arm_scale_px"], row["winding"], row["sweep"]
    z = b * np.exp(-a / r)
    first = 2 * n * z / (1 + z * z) * a / r**2
    return 2 * n * np.arctan(z), first, first * ((1 - z * z) / (1 + z * z) * a / r**2 - 2 / r)


def ends(row):
    """Radii of an arm's ends; a bent arm starts where its angle is 1e-24."""
    if row["arm_model"] == LOGARITHMIC:
        return row["arm_scale_px"], row["arm_extent_px"]
    cot = 2 * row["winding"] / 1e-24
    return row["arm_scale_px"] / np.log(row["sweep"] * cot), row["arm_extent_px"]


def squared_distance(row, u, v):
    """To the nearest arm, of points of the disc's plane with the first arm's start on +x."""
    low, high = ends(row)
    r = np.geomspace(low, high, 3000)
    spokes = 2 * np.pi * np.arange(row["arms"])[:, None] / row["arms"]
    turned = angle(row, r)[0] + spokes
    nodes = np.stack([r * np.cos(turned), r * np.sin(turned)], -1).reshape(-1, 2)
    found = cKDTree(nodes).query(np.stack([u, v], -1), k=2)[1]
    best = np.full(u.shape, np.inf)
    for one in found.T:
        best = np.minimum(best, foot(row, u, v, r[one % r.size], spokes[one // r.size, 0]))
    return best


def foot(row, u, v, r, spoke):
    """Squared distance to an arm near a radius of it, by Newton's method between its ends."""
    low, high = ends(row)
    far, towards = np.hypot(u, v), np.arctan2(v, u) - spoke
    for _ in range(4):
        phi, first, second = angle(row, r)
        s, c = np.sin(phi - towards), np.cos(phi - towards)
        slope = r - far * c + r * far * first * s
        bend = 1 + far * (2 * first * s + r * second * s + r * first**2 * c)
        better = np.clip(r - slope / np.where(bend > 0, bend, np.inf), low, high)
        r = better
    delta = angle(row, r)[0] - towards
    return r * r + far * far - 2 * r * far * np.cos(delta)


def arms(row):
    """Image of the arms under a Gaussian, (H, W), and their flux, both times q."""
    wide = row["arm_extent_px"] + 6.5 * row["arm_width_px"]
    count = int(np.ceil(wide / STEP))
    axis = (np.arange(-count, count) + 0.37) * STEP
    image, total = np.zeros(SIZE), 0.0
    across = shares(row["center_x_px"] + axis, SIZE[1], row["psf_fwhm_px"] / FWHM)
    for part in np.array_split(axis, 40):
        light = brightness(row, axis[None, :], part[:, None])
        up = shares(row["center_y_px"] + part, SIZE[0], row["psf_fwhm_px"] / FWHM)
        image += up.T @ (light @ across)
        total += light.sum()
    return image * STEP**2 / row["axis_ratio"], total * STEP**2 / row["axis_ratio"]


def brightness(row, dx, dy):
    """Light of the arms at distances in x and y from the centre."""
    c, s = np.cos(np.radians(row["angle_deg"])), np.sin(np.radians(row["angle_deg"]))
    u, v = c * dx + s * dy, (c * dy - s * dx) / row["axis_ratio"]
    c, s = np.cos(np.radians(row["arm_phase_deg"])), np.sin(np.radians(row["arm_phase_deg"]))
    u, v = c * u + s * v, row["handedness"] * (c * v - s * u)
    near = np.hypot(u, v) < row["arm_extent_px"] + 6.5 * row["arm_width_px"]
    light, w = np.zeros(u.shape), row["arm_width_px"]
    r = np.hypot(u[near], v[near])
    square = squared_distance(row, u[near], v[near])
    light[near] = np.exp(-r / row["scale_length_px"] - 0.5 * square / w**2)
    return light


def main():
    """Fill the oracle: image and flux of the arms."""
    found = {}
    for name, row in SPIRALS.items():
        found[f"{name}/image"], found[f"{name}/flux"] = arms(row)
    np.savez_compressed(ORACLE, **found)


if __name__ == "__main__":
    main()
