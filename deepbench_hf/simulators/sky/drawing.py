"""Images of the sky, and how they answer to the parameters of single objects.

Stars and ellipticals are one profile, spirals are two, bulge and disc, and a wave. Every profile is
a mixture of Gaussians; the wave is sampled and spread by the point-spread function. What an object
has in the frame is the sum of its pixels. Light is float32, derivatives are float64, by the same
code; images that are sampled at the centres of pixels have the closed forms of `profiles.py`.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import DEGREE
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import padded
from deepbench_hf.fields import Columns, present
from deepbench_hf.simulators.sky.arms import OF_LAWS, PLANES
from deepbench_hf.simulators.sky.gaussian import add_profile, scratch_for
from deepbench_hf.simulators.sky.mixtures import (
    MOFFAT_LAW,
    PROFILE,
    PSF,
    TERMS,
    mixture_tables,
    profile_of,
    psf_mixture,
)
from deepbench_hf.simulators.sky.objects import SPIRAL, STAR_KIND
from deepbench_hf.simulators.sky.profiles import (
    DISC_HALF_LIGHT,
    moffat_widening,
    sampled_slopes,
    sersic_constants,
)
from deepbench_hf.simulators.sky.slopes import SLOPES
from deepbench_hf.simulators.sky.waves import add_wave

OF_WAVES = {
    "arm_phase_deg": ("phase", DEGREE),
    "pitch_deg": ("pitch", DEGREE),
    "winding": ("winding", 1.0),
    "sweep": ("sweep", 1.0),
    "arm_scale_px": ("length", 1.0),
    "arm_strength": ("strength", 1.0),
    "arm_width_px": ("width", 1.0),
}
"""The parameters of arms: what the wave calls them, and one of their unit in the wave's."""

PointSpread = tuple[int, NDArray[np.float64], NDArray[np.float64]]
"""0 none, 1 Gaussian, 2 Moffat; full width at half maximum, px, and exponent, (n,) each."""
Optics = tuple[int, float, float]
"""The same of one row."""


def draw(
    objects: NDArray,
    count: NDArray[np.int64],
    optics: PointSpread,
    sampled: bool,
    image: NDArray[np.float32],
    flux_fraction: NDArray[np.float64],
) -> None:
    """Draw a batch of scenes: the sum of the objects under the point-spread function.

    Args:
        objects: records (n, K) with the fields `kind` and those of `objects.py`.
        count: how many objects of each row there are, (n,).
        optics: the point-spread function of each row.
        sampled: the brightness at the centres of pixels, not blurred, instead of means.
        image: output (n, H, W), electrons / s / px.
        flux_fraction: output (n, K): share of each object's flux that falls inside the frame.
    """
    if not sampled:
        _draw(objects, count, *optics, mixture_tables(), image, flux_fraction)
        return
    image[:], flux_fraction[:] = 0.0, 0.0
    for row, k in zip(*np.nonzero(present(count, objects.shape[1])), strict=True):
        one = objects[row, k]
        light = slopes_of(one, image.shape[1:], (0, 1.0, 2.0), True)["flux_e_s"]
        image[row] += one["flux_e_s"] * light
        flux_fraction[row, k] = np.add.accumulate(light.ravel())[-1]  # in order


def draw_components(
    objects: NDArray,
    count: NDArray[np.int64],
    optics: PointSpread,
    sampled: bool,
    component: NDArray[np.float32],
) -> None:
    """Draw each object of a batch of scenes alone.

    Args:
        objects, count, optics, sampled: as in `draw`.
        component: output (n, K, H, W), C-contiguous, electrons / s / px; zero for objects that are
            not there.
    """
    n, most, rows, columns = component.shape
    there = present(count, most).astype(np.int64).reshape(-1)
    each = optics[0], np.repeat(optics[1], most), np.repeat(optics[2], most)
    image = component.reshape(n * most, rows, columns)
    draw(objects.reshape(n * most, 1), there, each, sampled, image, np.empty((n * most, 1)))


@kernel(allocates=True)
def _draw(objects, count, psf, fwhm, beta, tables, image, fraction) -> None:
    n, rows, columns = image.shape
    alone = np.empty((1, rows, padded(columns)), np.float32)
    scratch, optics = scratch_for(alone), np.empty((TERMS, PSF))
    sums = np.empty(columns)
    for row in range(n):
        image[row] = np.float32(0.0)
        seen = psf, fwhm[row], beta[row]
        terms = psf_mixture(seen, max(rows, columns), tables, scratch[0], optics)
        for k in range(fraction.shape[1]):
            fraction[row, k] = 0.0
        for k in range(count[row]):
            one = objects[row, k]
            if one.flux_e_s > 0.0:
                alone[:] = np.float32(0.0)
                _add_object(one, optics[:terms], tables, alone, scratch)
                fraction[row, k] = _add_up(alone, one.flux_e_s, image[row], sums)


@kernel
def _add_up(alone, flux, image, sums) -> float:
    """Add an object of unit flux to the image; return the sum of its pixels, column by column."""
    factor = np.float32(flux)
    sums[:] = 0.0
    for j in range(image.shape[0]):
        line, light = image[j], alone[0, j]
        for i in range(sums.size):
            line[i] += factor * light[i]
            sums[i] += light[i]
    total = 0.0
    for i in range(sums.size):
        total += sums[i]
    return total


@kernel(allocates=True)
def _add_object(one, optics, tables, image, scratch) -> None:
    """Add an object of unit flux to an image."""
    rest = 0.0
    for number in range(2 if one.kind == SPIRAL else 1):
        rest, law, size = profile_of(one, number)
        if rest > 0.0:
            add_profile(image, rest, law, place_of(one), size, optics, tables, None, scratch)
    if one.kind == SPIRAL and rest > 0.0 and one.arm_strength > 0.0:
        add_wave(image, rest, one, False, optics, None)


@kernel
def place_of(one) -> tuple[float, float, float, float]:
    """Centre, px, and cosine and sine of the angle of an object."""
    sine, cosine = exact.sincosd(one.angle_deg)
    return one.center_x_px, one.center_y_px, cosine, sine


def slopes_of(one: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The derivatives of the image of an object by parameter, (H, W) each; 0 by what is left out.

    Args:
        one: one record.
        size: height and width of the image, px.
        optics: of the point-spread function.
        sampled: pixel centres instead of means.
    """
    flux, view = float(one["flux_e_s"]), (size, optics, sampled)
    unit = first = _profile(one, 0, *view)
    if one["kind"] == STAR_KIND:
        _, (_, beta), (gamma, _) = profile_of(one, 0)
        own = {
            "fwhm_px": first["scale"] * gamma / float(one["fwhm_px"]),
            "beta": first["shape"] + gamma * moffat_widening(beta) * first["scale"],
        }
    else:
        share, own = 1.0, {}
        if one["kind"] == SPIRAL:
            share = float(one["bulge_fraction"])
            disc, wave = _profile(one, 1, *view), _wave(one, *view)
            disc |= {"scale": disc["scale"] * DISC_HALF_LIGHT, "shape": 0.0}
            disc = {name: slope + wave.get(name, 0.0) for name, slope in disc.items()}
            unit = {name: share * first[name] + (1.0 - share) * disc[name] for name in SLOPES}
            arms = {k: wave[name] * to for k, (name, to) in OF_WAVES.items() if name in wave}
            own = {
                k: (1.0 - share) * v for k, v in {"scale_length_px": disc["scale"], **arms}.items()
            }
            own["bulge_fraction"] = first["flux"] - disc["flux"]
        own |= {
            "half_light_radius_px": share * first["scale"],
            "sersic_index": share * first["shape"],
            "axis_ratio": unit["ratio"],
            "angle_deg": unit["angle"] * DEGREE,
        }
    names = {
        "center_x_px": "x",
        "center_y_px": "y",
        "psf_fwhm_px": "psf_fwhm",
        "psf_beta": "psf_beta",
    }
    own |= {name: unit[slope] for name, slope in names.items()}
    return {name: flux * slope for name, slope in own.items()} | {"flux_e_s": unit["flux"]}


def _profile(
    one: NDArray, number: int, size: tuple[int, int], optics: Optics, sampled: bool
) -> Columns:
    """The derivatives of a profile of unit flux, by `SLOPES`."""
    _, law, extent = profile_of(one, number)
    planes = np.zeros((len(SLOPES), size[0], padded(size[1])))
    if sampled:
        constants = sersic_constants(np.array([max(law[1], 0.5)]))[:, 0]
        star = law[0] == MOFFAT_LAW
        sampled_slopes(star, place_of(one), extent, law[1], constants, planes)
    else:
        _add_profile(planes, law, place_of(one), extent, optics, mixture_tables())
    return dict(zip(SLOPES, planes[:, :, : size[1]], strict=True))


@kernel(allocates=True)
def _add_profile(planes, law, place, extent, optics, tables) -> None:
    terms = _psf(optics, max(planes.shape[1], planes.shape[2]), tables)
    add_profile(planes, 1.0, law, place, extent, terms, tables, True, scratch_for(planes))


def _wave(one: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The derivatives of the wave of a disc of unit flux."""
    names = (*PLANES, *OF_LAWS[one["arm_model"]], "psf_fwhm", "psf_beta")
    planes = np.zeros((len(names), size[0], padded(size[1])))
    _add_wave(planes, one.reshape(1), optics, mixture_tables(), sampled)
    return dict(zip(names, planes[:, :, : size[1]], strict=True))


@kernel(allocates=True)
def _add_wave(planes, one, optics, tables, sampled) -> None:
    terms = _psf(optics, max(planes.shape[1], planes.shape[2]), tables)
    add_wave(planes, 1.0, one[0], sampled, terms, True)


@kernel(allocates=True)
def _psf(optics, side, tables):
    """The Gaussians of a point-spread function."""
    terms = np.empty((TERMS, PSF))
    count = psf_mixture(optics, side, tables, np.empty((PROFILE, TERMS)), terms)
    return terms[:count]
