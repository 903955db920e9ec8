"""An elliptical galaxy that is selected so that the total of its image is even."""

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pydantic

from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports
from deepbench_hf.simulators.images import Picture
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.sky.frame import PSF, UNIT
from deepbench_hf.simulators.sky.objects import PLACE, SERSIC
from deepbench_hf.simulators.sky.total import AMPLITUDE, EllipticalTotal, flux_of

Positive = Annotated[float, pydantic.Field(gt=0, le=1e3)]

TOTAL = Parameter(
    "electron s-1", "sum over the pixels that the image is to have", 0, 1e6, symbol="T"
)
SHARE = Parameter("1", "where the radius lies among those that fit", 0, 1, symbol="u")


class SelectedElliptical(Picture):
    """An exponential galaxy behind a Gaussian point-spread function, selected by its total.

    Of galaxies with even amplitude I_e up to I_max and even radius r_e in [r_min, r_max] those of
    one flux F = s q I_e r_e^2 have a radius whose density goes as 1 / r_e^2 from
    low = max(r_min, sqrt(F / (s q I_max))) on:

        1 / r_e = (1 - u) / low + u / r_max,  I_e = T / (total of the image at I_e = 1),

    with s of the Sersic profile, and F = T in ``low``.

    Args:
        selected_total_e_s: T, electrons/s, (n,).
        share: u, from 0 to 1, (n,).
        center_x_px, center_y_px, axis_ratio, angle_deg, psf_fwhm_px: as `Elliptical`.
        smallest_px, largest_px, brightest_e_s_px: r_min, r_max and I_max.

    Returns:
        amplitude_e_s_px I_e, half_light_radius_px r_e, flux_e_s, total_e_s = T (n,); image
        (n, H, W) float32.

    Source: the selection of R. Nevin et al., DeepUQ: assessing the aleatoric uncertainties from two
    deep learning methods (2024), arXiv:2411.08587, whose labels are kept even. There the totals of
    drawn images are counted; that the frame holds less than the flux of large galaxies is left
    out of the density of r_e here, so that their I_e may be above I_max by that share.
    """

    kind: Literal["sky_elliptical_selected"] = "sky_elliptical_selected"
    parameters: ClassVar[Parameters] = {
        "selected_total_e_s": TOTAL,
        "share": SHARE,
        **{name: PLACE[name] for name in ("center_x_px", "center_y_px")},
        **{name: SERSIC[name] for name in ("axis_ratio", "angle_deg")},
        "psf_fwhm_px": PSF["psf_fwhm_px"],
    }
    smallest_px: Positive = 1.0
    largest_px: Positive = 10.0
    brightest_e_s_px: Positive = 0.01

    @property
    def columns(self) -> Fields:
        """What was selected, and the image."""
        radius = "semi-major axis of the half-light ellipse"
        flux = "flux, all of it, also outside the frame"
        return {
            "amplitude_e_s_px": Field(UNIT, "surface brightness at that radius", role="label"),
            "half_light_radius_px": Field("pix", radius, low=0.0, role="label"),
            "flux_e_s": Field("electron s-1", flux, low=0.0, role="label"),
            "total_e_s": Field(
                "electron s-1", "sum over the pixels of the clean image", role="label"
            ),
            "image": Field(UNIT, "surface brightness", self.image_size, "float32"),
        }

    def resized(self, size: tuple[int, int]) -> Self:
        """The same galaxies through other pixels."""
        ratio = min(new / old for new, old in zip(size, self.image_size, strict=True))
        change = {
            "smallest_px": self.smallest_px * ratio,
            "largest_px": self.largest_px * ratio,
            "brightest_e_s_px": self.brightest_e_s_px / (ratio * ratio),
        }
        return self.model_copy(update={"image_size": size, **change})

    def refuse(self, supports: Supports) -> str | None:
        """The largest and brightest galaxy must reach every total."""
        flattest = np.array([supports["axis_ratio"][0]])
        (most,) = _fluxes(np.full(1, self.brightest_e_s_px), np.full(1, self.largest_px), flattest)
        asked = supports["selected_total_e_s"][1]
        if asked <= most and self.smallest_px < self.largest_px:
            return None
        return f"selected_total_e_s reaches {asked:g}; the largest galaxy has {most:g}"

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        total, share, ratio = (row.pop(n) for n in ("selected_total_e_s", "share", "axis_ratio"))
        one = np.ones_like(total)
        least = np.sqrt(total / _fluxes(self.brightest_e_s_px * one, one, ratio))
        low = np.maximum(self.smallest_px, least)
        radius = 1.0 / ((1.0 - share) / low + share / self.largest_px)
        shape = {"half_light_radius_px": radius, "sersic_index": one, "axis_ratio": ratio}
        galaxy = EllipticalTotal(image_size=self.image_size, psf="gaussian")
        unit = galaxy(amplitude_e_s_px=one, **shape, **row)
        held = unit["total_e_s"]
        if np.any((held <= 0.0) | (total > AMPLITUDE.high * held)):
            raise ValueError("the frame holds nothing of a galaxy; its centre must lie in it")
        amplitude = total / held
        image = (unit["image"] * amplitude[:, None, None]).astype(np.float32)
        found = {"amplitude_e_s_px": amplitude, "half_light_radius_px": radius}
        flux = unit["flux_e_s"] * amplitude
        return {**found, "flux_e_s": flux, "total_e_s": total.copy(), "image": image}


def _fluxes(amplitude: Any, radius: Any, ratio: Any) -> Any:
    """Fluxes of exponential galaxies, electrons/s, (n,)."""
    return flux_of(amplitude, radius, np.ones_like(radius), ratio)
