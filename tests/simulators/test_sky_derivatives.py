"""Derivatives of stars and galaxies against differences of a model that is not the library's."""

import numpy as np
import pytest

from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.sky import Elliptical, Spiral, Star
from tests.support import sky_model

SHAPE = (11, 13)
STAR = {"center_x_px": 6.3, "center_y_px": 5.1, "flux_e_s": 300.0, "fwhm_px": 3.0, "beta": 2.7}
GALAXY = {
    "center_x_px": 6.3, "center_y_px": 5.1, "flux_e_s": 300.0, "half_light_radius_px": 3.0,
    "sersic_index": 2.2, "axis_ratio": 0.6, "angle_deg": 37.0,
}  # fmt: skip
ARMS = {
    **GALAXY, "scale_length_px": 3.0, "bulge_fraction": 0.2, "arm_model": 0, "arms": 2,
    "handedness": 1, "arm_phase_deg": 25.0, "pitch_deg": 24.0, "winding": 1.5, "sweep": 0.9,
    "arm_scale_px": 3.0, "arm_strength": 1.7, "arm_width_px": 1.6,
}  # fmt: skip
CASES = {
    "star": (Star, STAR),
    "flat star": (Star, STAR | {"beta": 1.6, "fwhm_px": 1.3}),
    "elliptical": (Elliptical, GALAXY),
    "gaussian": (Elliptical, GALAXY | {"sersic_index": 0.55}),
    "disc": (Elliptical, GALAXY | {"sersic_index": 1.2, "axis_ratio": 0.25}),
    "steep": (Elliptical, GALAXY | {"sersic_index": 5.5, "half_light_radius_px": 6.0}),
    "logarithmic": (Spiral, ARMS),
    "bar": (Spiral, ARMS | {"arm_model": 1, "handedness": -1}),
    "archimedean": (Spiral, ARMS | {"arm_model": 2, "arms": 3}),
}
OPTICS = {"none": {}, "gaussian": {"psf_fwhm_px": 2.1}, "moffat": {"psf_fwhm_px": 2.4, "psf_beta": 3.1}}  # fmt: skip
KINDS = {Star: 0, Elliptical: 1, Spiral: 2}


@pytest.mark.parametrize("psf", OPTICS)
@pytest.mark.parametrize("case", CASES)
def test_derivatives_are_the_differences_of_another_model(case, psf):
    kind, row = CASES[case]
    row = row | OPTICS[psf]
    model = kind(image_size=SHAPE, psf=psf)
    found = model.derivatives(**{name: np.array([value]) for name, value in row.items()})["image"]
    assert list(found) == list(model.sensitive)

    def image(name, value):
        one = row | {name: value, "kind": KINDS[kind]}
        optics = list(OPTICS).index(psf), one.get("psf_fwhm_px", 1.0), one.get("psf_beta", 3.0)
        return sky_model.picture(one, SHAPE, *optics)

    for name in model.sensitive:
        value = np.array([row[name]])
        step = 0.02 * np.maximum(np.abs(value), 1.0) if "center" in name else 0.02 * value
        (expected,) = richardson(lambda v, n=name: (image(n, v[0])[None],), value, step)
        size = np.abs(expected).max()
        assert np.abs(found[name] - expected).max() <= 1e-5 * size + 1e-9, (
            name,
            np.abs(found[name] - expected).max() / size,
        )
