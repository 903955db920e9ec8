"""How images of single stars and galaxies answer to their parameters: the model that is drawn.

Profiles and waves are those of `drawing.py`, with their derivatives, in float64; images that are
sampled at the centres of pixels have the closed forms of `profiles.py`.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns
from deepbench_hf.simulators.sky.arms import wave_of
from deepbench_hf.simulators.sky.arms_slopes import OF_LAWS, PLANES
from deepbench_hf.simulators.sky.gaussian import SLOPES, add_profile, padded, scratch_for
from deepbench_hf.simulators.sky.mixtures import (
    MOFFAT_LAW,
    PROFILE,
    PSF,
    SERSIC_LAW,
    TERMS,
    mixture_tables,
    psf_mixture,
)
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, STAR_KIND
from deepbench_hf.simulators.sky.profiles import (
    DISC_HALF_LIGHT,
    moffat_gamma,
    moffat_widening,
    sampled_slopes,
    sersic_constants,
)
from deepbench_hf.simulators.sky.waves import add_wave

RADIAN = 0.017453292519943295
OF_WAVES = {
    "arm_phase_deg": ("phase", RADIAN),
    "pitch_deg": ("pitch", RADIAN),
    "winding": ("winding", 1.0),
    "sweep": ("sweep", 1.0),
    "arm_scale_px": ("length", 1.0),
    "arm_strength": ("strength", 1.0),
    "arm_width_px": ("width", 1.0),
}
"""The parameters of arms: what the wave calls them, and one of their unit in the wave's."""
Optics = tuple[int, float, float]
"""Kind of the point-spread function, its full width at half maximum, px, and its exponent."""


def slopes_of(one: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The derivatives of the image of an object by parameter, (H, W) each; 0 by what is left out.

    Args:
        one: one record.
        size: height and width of the image, px.
        optics: of the point-spread function.
        sampled: pixel centres instead of means.
    """
    flux, x, y = (float(one[name]) for name in ("flux_e_s", "center_x_px", "center_y_px"))
    view = size, optics, sampled
    if one["kind"] == STAR_KIND:
        fwhm, beta = float(one["fwhm_px"]), float(one["beta"])
        gamma = moffat_gamma(fwhm, beta)
        star = _profile((MOFFAT_LAW, beta), (x, y, 1.0, 0.0), (gamma, 1.0), *view)
        return _of_all(star, flux) | {
            "fwhm_px": flux * star["scale"] * gamma / fwhm,
            "beta": flux * (star["shape"] + gamma * moffat_widening(beta) * star["scale"]),
        }
    q, radius, n = (float(one[k]) for k in ("axis_ratio", "half_light_radius_px", "sersic_index"))
    sine, cosine = exact.sincosd(float(one["angle_deg"]))
    place, share = (x, y, cosine, sine), 1.0
    unit = bulge = _profile((SERSIC_LAW, n), place, (radius, q), *view)
    of_spirals = {}
    if one["kind"] != ELLIPTICAL:
        share = float(one["bulge_fraction"])
        length = DISC_HALF_LIGHT * float(one["scale_length_px"])
        disc, wave = _profile((SERSIC_LAW, 1.0), place, (length, q), *view), _wave(one, *view)
        disc |= {"scale": disc["scale"] * DISC_HALF_LIGHT, "shape": 0.0}
        disc = {name: slope + wave.get(name, 0.0) for name, slope in disc.items()}
        unit = {name: share * bulge[name] + (1.0 - share) * disc[name] for name in SLOPES}
        rest = (1.0 - share) * flux
        of_spirals = {
            "bulge_fraction": flux * (bulge["flux"] - disc["flux"]),
            "scale_length_px": rest * disc["scale"],
            **{k: rest * wave[own] * to for k, (own, to) in OF_WAVES.items() if own in wave},
        }
    return _of_all(unit, flux) | {
        "half_light_radius_px": share * flux * bulge["scale"],
        "sersic_index": share * flux * bulge["shape"],
        "axis_ratio": flux * unit["ratio"],
        "angle_deg": flux * unit["angle"] * RADIAN,
        **of_spirals,
    }


def _of_all(unit: Columns, flux: float) -> Columns:
    """What all objects have, by the parameters' names."""
    return {
        "center_x_px": flux * unit["x"],
        "center_y_px": flux * unit["y"],
        "flux_e_s": unit["flux"],
        "psf_fwhm_px": flux * unit["psf_fwhm"],
        "psf_beta": flux * unit["psf_beta"],
    }


def _profile(
    law: tuple[int, float],
    place: tuple[float, float, float, float],
    extent: tuple[float, float],
    size: tuple[int, int],
    optics: Optics,
    sampled: bool,
) -> Columns:
    """The derivatives of a profile of unit flux, by `SLOPES`; arguments as in `add_profile`."""
    planes = np.zeros((size[0], len(SLOPES), padded(size[1])))
    if sampled:
        constants = sersic_constants(np.array([max(law[1], 0.5)]))[:, 0]
        sampled_slopes(law[0] == MOFFAT_LAW, place, extent, law[1], constants, planes)
    else:
        _add_profile(planes, law, place, extent, optics, mixture_tables())
    return dict(zip(SLOPES, planes[:, :, : size[1]].transpose(1, 0, 2), strict=True))


@kernel(allocates=True)
def _add_profile(planes, law, place, extent, optics, tables) -> None:
    terms = _psf(optics, max(planes.shape[0], planes.shape[2]), tables)
    add_profile(planes, 1.0, law, place, extent, terms, tables, True, scratch_for(planes))


def _wave(one: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The derivatives of the wave of a disc of unit flux."""
    names = (*PLANES, *OF_LAWS[one["arm_model"]], "psf_fwhm", "psf_beta")
    planes = np.zeros((len(names), *size))
    _add_wave(planes, one.reshape(1), optics, mixture_tables(), sampled)
    return dict(zip(names, planes, strict=True))


@kernel(allocates=True)
def _add_wave(planes, one, optics, tables, sampled) -> None:
    terms = _psf(optics, max(planes.shape[1], planes.shape[2]), tables)
    add_wave(planes, 1.0, wave_of(one[0]), sampled, terms, True)


@kernel(allocates=True)
def _psf(optics, side, tables):
    """The Gaussians of a point-spread function."""
    terms = np.empty((TERMS, PSF))
    psf, fwhm, beta = optics
    count = psf_mixture(psf, fwhm, beta, side, tables, np.empty((TERMS, PROFILE)), terms)
    return terms[:count]
