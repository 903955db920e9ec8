"""Round profiles and point-spread functions as positive mixtures of Gaussians.

    I(r) = sum over k of share_k / (2 pi sigma_k^2) exp(-r^2 / (2 sigma_k^2))

Moffat functions are such mixtures for every beta above 1, Sersic profiles for every n >= 1/2. Their
standard deviations and shares are tabulated as polynomials in beta and n (`tools/mixtures.py` says
how). Under a point-spread function each pair of Gaussians is again a Gaussian, the sum of the two
variances; those much narrower than what blurs them count as one.

Source: S. N. Bernstein's theorem on completely monotone functions, DLMF 1.4.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import FWHM, TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, STAR_KIND
from deepbench_hf.simulators.sky.profiles import DISC_HALF_LIGHT, moffat_gamma, moffat_widening

MOFFAT_LAW, SERSIC_LAW = range(2)
"""Laws of profiles, of scale gamma and shape beta, and of scale r_e and shape n."""
NONE, GAUSSIAN, MOFFAT = range(3)
"""Kinds of point-spread function."""
TERMS = 40
"""The most Gaussians of a profile or of a point-spread function."""
PROFILE = 4
"""Numbers of a Gaussian of a profile: variance over the squared scale, share of the flux, and the
derivatives of both with respect to n or beta."""
PSF = 5
"""Of one of a point-spread function: variance, px^2; share; d variance / d FWHM; and the
derivatives of variance and share with respect to beta."""
PAIR = 13
"""Of a blurred one: share; variances along the profile's major and minor axis, px^2; then what its
share and its two variances, times the share, change by: the variances by the scale (3, 4), the
minor one by the axis ratio (5), their difference (6), share and variances by n or beta (7 to 9),
both variances by the FWHM of the point-spread function (10), share and both by its beta (11, 12).
"""

Precision = tuple[float, float, float, float, float, float, float]
"""Which Gaussians count as one: the narrowest up to a share of the brightest pixel; those whose
variance is less than a share of that of what blurs them; and those whose variance is less than
this, px^2. Then the standard deviations, px, from which one and 2 x 2 points stand for a pixel, and
that of squares of 3 x 3 points, times their number to a pixel's side. Then minus twice the exponent
where a Gaussian ends."""
DRAWN: Precision = (2.5e-4, 1 / 24, 4e-6, 2.6, 0.8, 0.5, 24.0)
DIFFERENTIATED: Precision = (0.0, 1 / 250, 1e-8, 5.0, 1.3, 0.7, 32.0)

Tables = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]
"""By law and panel: coefficients (2, panels, 2, powers, TERMS) of ln of sigma over the scale and of
the share; the number of terms; and the ends of the panels, (2, panels + 1)."""
TABLE = Path(__file__).with_name("mixtures.csv")
FARTHEST = 10.0  # standard deviation over the frame's side beyond which nothing is seen
LARGEST = 4096.0  # px; galaxies may be so much larger than the frame that theirs still is
WIDEST = 30.0  # standard deviation over the scale that is not left out
LEAST = 1e-12  # share, so that variances can be averaged


@lru_cache
def mixture_tables() -> Tables:
    """The Gaussians of the two laws."""
    rows = np.loadtxt(TABLE, delimiter=",")
    law, panel, term, which = rows[:, [0, 1, 4, 5]].astype(np.int64).T
    panels = panel.max() + 1
    table = np.zeros((2, panels, 2, rows.shape[1] - 6, TERMS))
    table[law, panel, which, :, term] = rows[:, 6:]
    sizes, ends = np.zeros((2, panels), np.int64), np.full((2, panels + 1), np.inf)
    np.maximum.at(sizes, (law, panel), term + 1)
    ends[law, panel + 1] = rows[:, 3]
    ends[law, panel] = rows[:, 2]
    return table, sizes, ends


@kernel
def mixture(law: int, shape: float, tables: Tables, widest: float, profile) -> int:
    """Fill in the Gaussians of a profile, narrowest first; return their number.

    Args:
        law: `MOFFAT_LAW` or `SERSIC_LAW`.
        shape: beta, 1.5 to 20, or n, 0.5 to 8.
        tables: of `mixture_tables`.
        widest: standard deviation over the scale above which Gaussians may be left out.
        profile: output (PROFILE, TERMS), the scale being gamma or r_e.
    """
    table, sizes, ends = tables
    panel, count = 0, 0
    while shape >= ends[law, panel + 1] and panel + 2 < ends.shape[1] and sizes[law, panel + 1] > 0:
        panel += 1
    low, high = ends[law, panel], ends[law, panel + 1]
    slope = 2.0 / (high - low)
    x = (shape - low) * slope - 1.0
    widest = max(widest, WIDEST)
    found = sizes[law, panel]
    for which in range(2):
        value, change, powers = profile[which], profile[which + 2], table[law, panel, which]
        for k in range(found):
            value[k], change[k] = 0.0, 0.0
        for power in range(powers.shape[0] - 1, -1, -1):
            for k in range(found):
                change[k] = change[k] * x + value[k]
                value[k] = value[k] * x + powers[power, k]
    variance, share, by_shape, share_by_shape = profile[0], profile[1], profile[2], profile[3]
    for k in range(found):
        variance[k] = exact.exp(2.0 * variance[k])
        by_shape[k] *= 2.0 * slope * variance[k]
        share_by_shape[k] *= slope
        share[k] = max(share[k], LEAST)
    for k in range(found):
        count += 1 if variance[k] <= widest * widest else 0
    return count


@kernel
def psf_mixture(
    optics: tuple[int, float, float], side: float, tables: Tables, profile, terms
) -> int:
    """Fill in the Gaussians of a point-spread function, narrowest first; return their number.

    Args:
        optics: NONE, GAUSSIAN or MOFFAT (without one there is one Gaussian, of no width); full
            width at half maximum, px; exponent of a Moffat function.
        side: longer side of the frame, px.
        tables: of `mixture_tables`.
        profile: scratch (PROFILE, TERMS).
        terms: output (TERMS, PSF).
    """
    psf, fwhm, beta = optics
    if psf != MOFFAT:
        sigma = fwhm / FWHM if psf == GAUSSIAN else 0.0
        terms[0, 0], terms[0, 1] = sigma * sigma, 1.0
        terms[0, 2], terms[0, 3], terms[0, 4] = 2.0 * sigma * sigma / fwhm, 0.0, 0.0
        return 1
    gamma, widening = moffat_gamma(fwhm, beta), moffat_widening(beta)
    widest = max(FARTHEST * side, LARGEST) / gamma
    count = mixture(MOFFAT_LAW, beta, tables, widest, profile)
    for k in range(count):
        variance = gamma * gamma * profile[0, k]
        terms[k, 0], terms[k, 1] = variance, profile[1, k]
        terms[k, 2] = 2.0 * variance / fwhm
        terms[k, 3] = 2.0 * variance * widening + gamma * gamma * profile[2, k]
        terms[k, 4] = profile[3, k]
    return count


@kernel
def blurred(
    profile, count: int, scale: float, ratio: float, psf, precision: Precision, pairs
) -> int:
    """Fill in the Gaussians of a profile under a point-spread function; return their number.

    Args:
        profile: of `mixture`, (PROFILE, K or more).
        count: their number K.
        scale: r_e or gamma, px.
        ratio: axis ratio.
        psf: of `psf_mixture`, (G, PSF).
        precision: which Gaussians count as one.
        pairs: output (TERMS * TERMS, PAIR).
    """
    found, square, terms = 0, scale * scale, psf.shape[0]
    least, alike, sharpest = precision[:3]
    faint, seen = 0, 0.0
    least *= _brightest_pixel(profile, count, square * ratio, psf[0, 0])
    while faint < count and seen + profile[1, faint] <= least:
        seen += profile[1, faint]
        faint += 1
    for g in range(terms):
        core = 0
        limit = max(alike * psf[g, 0], sharpest)
        while core < count and (square * profile[0, core] < limit or core < faint):
            core += 1
        if core > 0:
            found = _pair(profile, 0, core, scale, ratio, psf, g, g + 1, pairs, found)
    for k in range(count):
        first, variance = 0, square * profile[0, k]
        while first < terms and psf[first, 0] < alike * ratio * ratio * variance:
            first += 1
        if first > 0 and k >= faint and variance >= sharpest:
            found = _pair(profile, k, k + 1, scale, ratio, psf, 0, first, pairs, found)
        for g in range(first, terms):
            if variance >= max(alike * psf[g, 0], sharpest) and k >= faint:
                found = _pair(profile, k, k + 1, scale, ratio, psf, g, g + 1, pairs, found)
    return found


@kernel
def _brightest_pixel(profile, count, square, blur) -> float:
    """About the share of the flux that the brightest pixel has."""
    total = 0.0
    for k in range(count):
        total += profile[1, k] / (1.0 + TWO_PI * (square * profile[0, k] + blur))
    return total


@kernel
def _pair(profile, first, last, scale, ratio, psf, narrow, wide, pairs, found) -> int:
    """Add one Gaussian for some of the profile under some of the psf: shares and mean variances."""
    share, own, by_shape, own_by_shape = 0.0, 0.0, 0.0, 0.0
    for k in range(first, last):
        s, v, dv, ds = profile[1, k], profile[0, k], profile[2, k], profile[3, k]
        share, own = share + s, own + s * v
        by_shape, own_by_shape = by_shape + ds, own_by_shape + ds * v + s * dv
    part, blur, by_fwhm, by_beta, part_by_beta = 0.0, 0.0, 0.0, 0.0, 0.0
    for g in range(narrow, wide):
        s, v, ds = psf[g, 1], psf[g, 0], psf[g, 4]
        part, blur, by_fwhm = part + s, blur + s * v, by_fwhm + s * psf[g, 2]
        by_beta, part_by_beta = by_beta + ds * v + s * psf[g, 3], part_by_beta + ds
    if share <= 0.0 or part <= 0.0:
        return found
    own, blur, square, flat = own / share, blur / part, scale * scale, ratio * ratio
    both, one = share * part, pairs[found]
    one[0], one[1], one[2] = both, square * own + blur, flat * square * own + blur
    one[3], one[4] = both * 2.0 * scale * own, both * 2.0 * scale * own * flat
    one[5], one[6] = both * 2.0 * ratio * square * own, both * square * own * (1.0 - flat)
    one[7], one[8] = by_shape * part, part * square * (own_by_shape - own * by_shape)
    one[9], one[10] = flat * one[8], share * by_fwhm
    one[11], one[12] = share * part_by_beta, share * (by_beta - blur * part_by_beta)
    return found + 1


@kernel
def profile_of(one, number: int) -> tuple[float, tuple[int, float], tuple[float, float]]:
    """Share, law (and beta or n) and size (gamma or r_e, px; axis ratio) of a profile.

    Args:
        one: the object.
        number: 0 for a star, an elliptical or a bulge, 1 for a disc.
    """
    if one.kind == STAR_KIND:
        return 1.0, (MOFFAT_LAW, one.beta), (moffat_gamma(one.fwhm_px, one.beta), 1.0)
    share = 1.0 if one.kind == ELLIPTICAL else one.bulge_fraction
    if number == 0:
        size = one.half_light_radius_px, one.axis_ratio
        return share, (SERSIC_LAW, one.sersic_index), size
    size = DISC_HALF_LIGHT * one.scale_length_px, one.axis_ratio
    return 1.0 - share, (SERSIC_LAW, 1.0), size
