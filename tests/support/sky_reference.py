"""Single objects and scenes as the library's kernels take them."""

import numpy as np

from deepbench_hf.simulators.sky import objects
from deepbench_hf.simulators.sky.drawing import draw, draw_components
from deepbench_hf.simulators.sky.mixtures import PROFILE, SERSIC_LAW, TERMS, mixture, mixture_tables

NAMES = {**objects.PLACE, **objects.STAR, **objects.SERSIC, **objects.DISC}
RECORD = np.dtype([("kind", "i8"), *((n, p.dtype) for n, p in NAMES.items())])
STAR, ELLIPTICAL, SPIRAL = range(3)
USUAL = {
    **{"flux_e_s": 1000.0, "fwhm_px": 3.0, "beta": 2.5, "half_light_radius_px": 5.0},
    **{"sersic_index": 1.0, "axis_ratio": 1.0, "scale_length_px": 6.0, "arms": 2, "handedness": 1},
    **{"arm_scale_px": 12.0, "pitch_deg": 20.0, "winding": 2.0, "sweep": 1.0},
    **{"arm_width_px": 2.0, "arm_strength": 1.5},
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
    return records, count, (psf, np.full(size, float(fwhm)), np.full(size, float(beta)))


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


def table_terms(shape, law=SERSIC_LAW):
    """The tabulated Gaussians of a profile: variances over the squared scale, and shares."""
    profile = np.empty((PROFILE, TERMS))
    count = mixture(law, shape, mixture_tables(), np.inf, profile)
    return profile[0, :count], profile[1, :count]
