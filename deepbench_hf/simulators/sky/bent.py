"""The arms of spirals alone: their light and its derivatives, blurred or at the pixels' centres.

Of the light exp(-r / h) A in the plane of the disc, with nothing in front; in float64.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns
from deepbench_hf.simulators.sky.arms import arm_start
from deepbench_hf.simulators.sky.balls import nearest
from deepbench_hf.simulators.sky.bands import add_arms
from deepbench_hf.simulators.sky.blurred import GAUSSIANS, set_gaussians, widen
from deepbench_hf.simulators.sky.course import course, nodes_of
from deepbench_hf.simulators.sky.flows import (
    ANSWERS,
    FLOWS,
    LIGHT,
    X_DX,
    X_DY,
    Y_DX,
    Y_DY,
    X,
    Y,
    answer,
)
from deepbench_hf.simulators.sky.gains import GAINS, set_facing, set_gains
from deepbench_hf.simulators.sky.psf import MOFFAT
from deepbench_hf.simulators.sky.rings import REACH
from deepbench_hf.simulators.sky.spreading import CHANNELS

DARK = 24.0
"""Scale lengths beyond which there is no light."""
PANEL, LONG = 6.0, 2.0
"""Length of a panel over the width of what is summed up; and over the scale length, at most."""
_TWO_PI = 6.283185307179586


def arms_answers(
    spirals: NDArray, size: tuple[int, int], psf: int, psf_fwhm: NDArray, psf_beta: NDArray
) -> tuple[Columns, Columns]:
    """The derivatives of the light of arms, and of its sums over the plane.

    Args:
        spirals: records, (n,).
        size: height and width of the images, px.
        psf, psf_fwhm, psf_beta: 0 none, 1 Gaussian, 2 Moffat; px, exponent, (n,).

    Returns:
        Images (n, H, W) by what moves them and by `GAINS`; ``flux_e_s`` is the light itself. Sums
        (n, 1, 1), of the light and by `GAINS`.
    """
    n = len(spirals)
    slopes = np.empty((len(ANSWERS) + len(GAINS), n, *size))
    totals = np.empty((n, 1 + len(GAINS)))
    _set_slopes(spirals, psf, psf_fwhm, psf_beta, slopes, totals)
    found = dict(zip((*ANSWERS, *GAINS), slopes, strict=True))
    found["psf_fwhm_px"] = found.pop("log_width") / psf_fwhm[:, None, None]
    names = ("flux_e_s", *GAINS)
    return found, {name: totals[:, k, None, None] for k, name in enumerate(names)}


@kernel(allocates=True)
def _set_slopes(spirals, psf, psf_fwhm, psf_beta, slopes, totals) -> None:
    """Do the work of `arms_answers`."""
    flows, known = np.empty((*slopes.shape[2:], CHANNELS)), len(ANSWERS)
    for row in range(spirals.size):
        spiral = spirals[row]
        flows[:] = 0.0
        totals[row] = 0.0
        start = arm_start(spiral.arm_model, spiral.arm_scale_px, spiral.winding, spiral.sweep)
        end = min(spiral.arm_extent_px, DARK * spiral.scale_length_px)
        if start < end:
            _add_spiral(spiral, start, end, psf, psf_fwhm[row], psf_beta[row], flows, totals[row])
        s, c = exact.sincosd(spiral.angle_deg)
        place = (spiral.center_x_px, spiral.center_y_px, 1.0, spiral.axis_ratio, c, s)
        answer(place, 1.0, flows, slopes[:known, row])
        for k in range(len(GAINS)):
            slopes[known + k, row] = flows[:, :, FLOWS + k]


@kernel(allocates=True)
def _add_spiral(spiral, start, end, psf, psf_fwhm, psf_beta, flows, totals) -> None:
    """Add the light of one spiral's arms."""
    model, number = int(spiral.arm_model), int(spiral.arms)
    arm = (model, spiral.arm_scale_px, spiral.pitch_deg, spiral.winding, spiral.sweep)
    nodes = nodes_of(arm, start, end, spiral.arm_width_px)
    curve = (arm, nodes, number, np.empty(nodes.shape[1]))
    spins = np.empty((number, 2))
    for m in range(number):
        s, c = exact.sincosd(spiral.arm_phase_deg + 360.0 * m / number)
        spins[m, 0], spins[m, 1] = c, s
    terms = np.empty((3, GAUSSIANS))
    count = set_gaussians(psf, psf_fwhm, psf_beta, terms)
    for g in range(max(count, 1)):
        totals[:] = 0.0
        _add_blurred(spiral, curve, spins, terms[:, g], count > 0, flows, totals)
    for k in range(totals.size):
        totals[k] *= number
    if psf == MOFFAT:
        widen(flows, psf_beta)
    if count == 0:
        _sample(spiral, curve, spins, flows)


@kernel(allocates=True)
def _view(spiral, spins, term, size):
    """What `spreading.spread_point` takes."""
    s, c = exact.sincosd(spiral.angle_deg)
    hand = 1.0 if spiral.handedness >= 0.0 else -1.0
    place = (spiral.center_x_px, spiral.center_y_px, spiral.axis_ratio, c, s, hand)
    return (*place, spins, term[0], term[1], term[2], np.empty((6, size + 2)))


@kernel(allocates=True)
def _add_blurred(spiral, curve, spins, term, seen, flows, totals) -> None:
    """Add the light under one Gaussian; or the sums alone, if nothing is to be seen."""
    rows, columns = flows.shape[0], flows.shape[1]
    width, scale_length, sigma = spiral.arm_width_px, spiral.scale_length_px, term[0]
    largest = min(0.5 * PANEL * width, LONG * scale_length)
    fine, near = largest, 0.0
    if seen:
        fine = min(PANEL / np.sqrt(1.0 / (sigma * sigma) + 1.0 / (width * width)), largest)
        reach = REACH * sigma + 0.5
        wide = max(abs(spiral.center_x_px), abs(columns - 1 - spiral.center_x_px)) + reach
        high = max(abs(spiral.center_y_px), abs(rows - 1 - spiral.center_y_px)) + reach
        near = np.sqrt(wide * wide + high * high) / spiral.axis_ratio
    light = (scale_length, width, fine, largest, near)
    add_arms(curve, light, _view(spiral, spins, term, max(rows, columns)), flows, totals)


@kernel(allocates=True)
def _sample(spiral, curve, spins, flows) -> None:
    """Fill in the light at the pixels' centres."""
    facing, gains = np.empty(len(GAINS)), np.empty(len(GAINS))
    for j in range(flows.shape[0]):
        for i in range(flows.shape[1]):
            _sample_point(spiral, curve, spins, i, j, facing, gains, flows[j, i])


@kernel
def _sample_point(spiral, curve, spins, i, j, facing, gains, flows) -> None:
    """Fill in the light at one pixel's centre."""
    arm, number = curve[0], curve[2]
    h, width, q = spiral.scale_length_px, spiral.arm_width_px, spiral.axis_ratio
    hand = 1.0 if spiral.handedness >= 0.0 else -1.0
    s, c = exact.sincosd(spiral.angle_deg)
    dx, dy = i - spiral.center_x_px, j - spiral.center_y_px
    # Into the plane of the disc; there to where the first arm starts on the +x axis.
    u, v = _back(c, s, dx, dy)
    u, v = _back(spins[0, 0], spins[0, 1], u, v / q)
    square, which, r, kind = nearest(curve, u, hand * v, 1e9, -1.0)
    sine, cosine = exact.sincos(_TWO_PI * which / number)
    u, v = _back(cosine, sine, u, hand * v)
    phi, far, n = course(arm, r)[0], np.sqrt(u * u + v * v), np.sqrt(square)
    south, east = exact.sincos(phi)
    away = 1.0 / n if n > 0.0 else 0.0
    wayx, wayy = (u - r * east) * away, (v - r * south) * away
    set_facing(arm, kind, wayx, wayy, r, phi, hand, facing)
    set_gains(facing, n, far, h, width, gains)
    light = exact.exp(-far / h - 0.5 * square / (width * width)) / q
    steep, flat = n / (width * width), 1.0 / (far * h) if far > 0.0 else 0.0
    gx, gy = _back(cosine, -sine, -steep * wayx - flat * u, -steep * wayy - flat * v)
    gx, gy = _back(spins[0, 0], -spins[0, 1], gx, hand * gy)
    gx, gy = _back(c, -s, gx, gy / q)
    flows[LIGHT], flows[X], flows[Y] = light, light * gx, light * gy
    flows[X_DX], flows[X_DY] = light * (1.0 + dx * gx), light * dy * gx
    flows[Y_DX], flows[Y_DY] = light * dx * gy, light * (1.0 + dy * gy)
    for k in range(gains.size):
        flows[FLOWS + k] = light * gains[k]


@kernel
def _back(c: float, s: float, x: float, y: float) -> tuple[float, float]:
    """A vector turned back by an angle."""
    return c * x + s * y, c * y - s * x
