"""Round profiles and point-spread functions as positive mixtures of Gaussians.

    I(r) = sum over k of share_k / (2 pi sigma_k^2) exp(-r^2 / (2 sigma_k^2))

A Moffat function is one exactly: sigma^2 = gamma^2 / 2t with t of the density
t^(beta - 2) e^-t / Gamma(beta - 1); equal steps of ln t sum it to 1e-6. A Sersic profile is one for
every n >= 1/2; its shares are tabulated (`tools/sersic_mixture.py` says how). Under a point-spread
function each pair of Gaussians is again a Gaussian, the sum of the two variances; those much
narrower than what blurs them count as one.

Sources: S. N. Bernstein's theorem on completely monotone functions, DLMF 1.4; DLMF 5.9.1.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.profiles import digamma, moffat_gamma, moffat_widening

NONE, GAUSSIAN, MOFFAT = range(3)
"""Kinds of point-spread function."""
TERMS = 64
"""The most Gaussians of a profile or of a point-spread function."""
PROFILE = 4
"""Numbers of a Gaussian of a profile: variance over the squared scale, share of the flux, and the
derivatives of both with respect to n or beta."""
PSF = 5
"""Of one of a point-spread function: variance, px^2; share; d variance / d FWHM; and the
derivatives of variance and share with respect to beta."""
PAIR = 9
"""Of a blurred one: share; variances along the profile's major and minor axis, px^2; the profile's
part of the first, px^2; derivatives of share and that by n or beta; d variance / d FWHM of the
point-spread function, and the derivatives of variance and share by its beta."""

Merging = tuple[float, float, float]
"""Which Gaussians count as one: the narrowest up to a share of the
brightest pixel; those whose variance is less
than a share of that of what blurs them; and those whose variance is less than this, px^2."""
DRAWN: Merging = (1e-3, 1 / 16, 1e-4)
DIFFERENTIATED: Merging = (0.0, 1 / 250, 1e-8)

TABLE = Path(__file__).with_name("sersic_mixture.csv")
PANELS = (0.5, 0.6, 0.75, 1.0, 1.3, 1.55, 2.0, 3.0, 4.5, 6.2, 8.0)
"""The Sersic indices between which the table holds polynomials."""
FWHM = 2.3548200450309493
"""Of a Gaussian, in standard deviations."""
STEP, NARROW_STEP = 0.45, 1.1  # of ln t: the first, or the second over sqrt(beta)
RAREST = 3e-8  # share of the flux of the Gaussians that are left out at either end
FARTHEST = 10.0  # standard deviation over the frame's side beyond which nothing is seen
WIDEST = 30.0  # standard deviation over gamma that is not left out
LEAST = 1e-12  # share, so that variances can be averaged


@lru_cache
def sersic_table() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Coefficients (panels, 2, TERMS, powers) of ln sigma / r_e and share, and terms (panels,)."""
    rows = np.loadtxt(TABLE, delimiter=",")
    panel, term, which = rows[:, :3].astype(np.int64).T
    table = np.zeros((len(PANELS) - 1, 2, TERMS, rows.shape[1] - 3))
    table[panel, which, term] = rows[:, 3:]
    return table, np.array([term[panel == k].max() + 1 for k in range(len(table))])


@kernel
def sersic_mixture(n: float, table, sizes, profile) -> int:
    """Fill in the Gaussians of a Sersic profile, narrowest first; return their number.

    Args:
        n: Sersic index, 0.5 to 8.
        table, sizes: as `sersic_table` gives them.
        profile: output (TERMS, PROFILE), the scale being r_e.
    """
    panel = 0
    for k in range(1, sizes.size):
        panel = k if n >= PANELS[k] else panel
    slope = 2.0 / (PANELS[panel + 1] - PANELS[panel])
    x = (n - PANELS[panel]) * slope - 1.0
    for k in range(sizes[panel]):
        for which in range(2):
            value, change = 0.0, 0.0
            for power in range(table.shape[3] - 1, -1, -1):
                change = change * x + value
                value = value * x + table[panel, which, k, power]
            profile[k, which], profile[k, which + 2] = value, change * slope
        profile[k, 0] = exact.exp(2.0 * profile[k, 0])
        profile[k, 2] *= 2.0 * profile[k, 0]
        profile[k, 1] = max(profile[k, 1], LEAST)
    return sizes[panel]


@kernel
def moffat_mixture(beta: float, widest: float, profile) -> int:
    """Fill in the Gaussians of a Moffat function, narrowest first; return their number.

    Args:
        beta: exponent, above 1.
        widest: standard deviation over gamma above which Gaussians may be left out.
        profile: output (TERMS, PROFILE), the scale being gamma.
    """
    step = min(STEP, NARROW_STEP / np.sqrt(beta))
    norm, mean = exact.log_gamma(beta - 1.0), digamma(beta - 1.0)
    log_t, count = exact.log(beta + 6.0 * np.sqrt(beta) + 12.0), 0
    t = exact.exp(log_t)
    widest = max(widest, WIDEST)
    while count < TERMS and 0.5 / t <= widest * widest:
        share = step * exact.exp((beta - 1.0) * log_t - t - norm)
        if share > RAREST or share * t > RAREST * beta:
            profile[count, 0], profile[count, 1] = 0.5 / t, share
            profile[count, 2], profile[count, 3] = 0.0, share * (log_t - mean)
            count += 1
        elif t < beta - 1.0:
            break
        log_t -= step
        t = exact.exp(log_t)
    return count


@kernel
def psf_mixture(psf: int, fwhm: float, beta: float, side: float, profile, terms) -> int:
    """Fill in the Gaussians of a point-spread function, narrowest first; return their number.

    Args:
        psf: NONE, GAUSSIAN or MOFFAT; without one there is one Gaussian, of no width.
        fwhm: full width at half maximum, px.
        beta: exponent of a Moffat function.
        side: longer side of the frame, px.
        profile: scratch (TERMS, PROFILE).
        terms: output (TERMS, PSF).
    """
    if psf != MOFFAT:
        sigma = fwhm / FWHM if psf == GAUSSIAN else 0.0
        terms[0, 0], terms[0, 1] = sigma * sigma, 1.0
        terms[0, 2], terms[0, 3], terms[0, 4] = 2.0 * sigma * sigma / fwhm, 0.0, 0.0
        return 1
    gamma, widening = moffat_gamma(fwhm, beta), moffat_widening(beta)
    count = moffat_mixture(beta, FARTHEST * side / gamma, profile)
    for k in range(count):
        variance = gamma * gamma * profile[k, 0]
        terms[k, 0], terms[k, 1] = variance, profile[k, 1]
        terms[k, 2], terms[k, 3] = 2.0 * variance / fwhm, 2.0 * variance * widening
        terms[k, 4] = profile[k, 3]
    return count


@kernel
def blurred(profile, scale: float, ratio: float, psf, merging: Merging, pairs) -> int:
    """Fill in the Gaussians of a profile under a point-spread function; return their number.

    Args:
        profile: of `sersic_mixture` or `moffat_mixture`, (K, PROFILE).
        scale: r_e or gamma, px.
        ratio: axis ratio.
        psf: of `psf_mixture`, (G, PSF).
        merging: which Gaussians count as one.
        pairs: output (TERMS * TERMS, PAIR).
    """
    found, square, count, terms = 0, scale * scale, profile.shape[0], psf.shape[0]
    least, alike, sharpest = merging
    faint, seen = 0, 0.0
    least *= _brightest_pixel(profile, square * ratio, psf[0, 0])
    while faint < count and seen + profile[faint, 1] <= least:
        seen += profile[faint, 1]
        faint += 1
    for g in range(terms):
        core = 0
        limit = max(alike * psf[g, 0], sharpest)
        while core < count and (square * profile[core, 0] < limit or core < faint):
            core += 1
        if core > 0:
            found = _pair(profile, 0, core, square, ratio, psf, g, g + 1, pairs, found)
    for k in range(count):
        first, variance = 0, square * profile[k, 0]
        while first < terms and psf[first, 0] < alike * ratio * ratio * variance:
            first += 1
        if first > 0 and k >= faint and variance >= sharpest:
            found = _pair(profile, k, k + 1, square, ratio, psf, 0, first, pairs, found)
        for g in range(first, terms):
            if variance >= max(alike * psf[g, 0], sharpest) and k >= faint:
                found = _pair(profile, k, k + 1, square, ratio, psf, g, g + 1, pairs, found)
    return found


@kernel
def _brightest_pixel(profile, square, blur) -> float:
    """About the share of the flux that the brightest pixel has."""
    total = 0.0
    for k in range(profile.shape[0]):
        total += profile[k, 1] / (1.0 + 6.283185307179586 * (square * profile[k, 0] + blur))
    return total


@kernel
def _pair(profile, first, last, square, ratio, psf, narrow, wide, pairs, found) -> int:
    """Add one Gaussian for some of the profile under some of the psf: shares and mean variances."""
    share, own, by_shape, own_by_shape = 0.0, 0.0, 0.0, 0.0
    for k in range(first, last):
        s, v, dv, ds = profile[k, 1], profile[k, 0], profile[k, 2], profile[k, 3]
        share, own = share + s, own + s * v
        by_shape, own_by_shape = by_shape + ds, own_by_shape + ds * v + s * dv
    part, blur, by_fwhm, by_beta, part_by_beta = 0.0, 0.0, 0.0, 0.0, 0.0
    for g in range(narrow, wide):
        s, v, ds = psf[g, 1], psf[g, 0], psf[g, 4]
        part, blur, by_fwhm = part + s, blur + s * v, by_fwhm + s * psf[g, 2]
        by_beta, part_by_beta = by_beta + ds * v + s * psf[g, 3], part_by_beta + ds
    if share <= 0.0 or part <= 0.0:
        return found
    own, blur = own / share, blur / part
    one = pairs[found]
    one[0] = share * part
    one[1], one[2] = square * own + blur, square * ratio * ratio * own + blur
    one[3], one[4] = square * own, by_shape * part
    one[5] = square * (own_by_shape - own * by_shape) / share
    one[6], one[7] = by_fwhm / part, (by_beta - blur * part_by_beta) / part
    one[8] = share * part_by_beta
    return found + 1
