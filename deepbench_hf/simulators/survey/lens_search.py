"""Is there a lens? Ellipticals alone, before a galaxy that they lens, or before one by chance.

The three classes have the same galaxies: only bending of light tells a lens from a chance
alignment.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.images import Picture, class_of
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.survey.galaxies import SurveyGalaxy
from deepbench_hf.simulators.survey.instrument import offsets
from deepbench_hf.simulators.survey.objects import FIRST, INSTRUMENT, LENS, NOTHING_MAG, SECOND

ELLIPTICAL = 0
KINDS = ("elliptical", "chance", "lens")
_OF_TWO = {"label": KINDS[1:]}
_ALIGNED = {
    name: replace(parameter, only={"label": ("lens",)} if name.startswith("einstein") else _OF_TWO)
    for name, parameter in SECOND.items()
}
_ELLIPTICAL = (
    *("center_x_arcsec", "center_y_arcsec", "r_mag", "half_light_radius_arcsec"),
    *("sersic_index", "axis_ratio", "angle_deg"),
)


class LensSearch(Picture):
    """An elliptical galaxy, and in two classes another galaxy behind it, with and without bending.

    A lens is that of `SurveyGalaxy`, a singular isothermal ellipsoid of the shape of its light:
    beta = theta - alpha(theta). In a chance alignment the same galaxy is seen where it is and as it
    is, alpha = 0; what is not there in the class `elliptical` is left out.

    Args:
        label: 0 elliptical, 1 chance, 2 lens, (n,).
        center_x_arcsec to angle_deg: the elliptical, as in `SurveyGalaxy`, (n,).
        second_...: the galaxy behind, (n,); einstein_radius_arcsec: of a lens, (n,).
        pixel_scale_arcsec_px, psf_fwhm_arcsec, psf_beta, zero_point_mag: the instrument, (n,).

    Returns:
        magnification (n,): light of the galaxy behind that arrives in the frame over its flux
        without a lens, 0 without one behind; image (n, H, W) float32, electrons/s/pixel.

    Source: as `SurveyGalaxy`; R. B. Metcalf et al., The strong gravitational lens finding
    challenge, Astronomy and Astrophysics 625 (2019) A119, arXiv:1802.03609, for the question.
    """

    kind: Literal["lens_search"] = "lens_search"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "label": class_of(KINDS),
        **{name: FIRST[name] for name in _ELLIPTICAL},
        **_ALIGNED,
        **INSTRUMENT,
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        light = "light from behind in the frame over that without a lens; 0 without a galaxy there"
        image = SurveyGalaxy(image_size=self.image_size).columns["image"]
        return {"magnification": Field("1", light, low=0.0, role="label"), "image": image}

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Lengths must be within the limits that the sky family has in pixels."""
        return SurveyGalaxy(image_size=self.image_size).refuse(supports)

    def __call__(self, **inputs: Any) -> Columns:
        """The images: the elliptical's light, and that of what is behind it added."""
        row = filled(self.parameters, inputs)
        label = row.pop("label")
        # No galaxy here has a disc.
        row |= {name: np.zeros(len(label)) for name in SurveyGalaxy.parameters.keys() - row.keys()}
        survey, found = SurveyGalaxy(image_size=self.image_size), np.zeros(len(label))
        image = survey(**{**row, "label": np.full(len(label), float(ELLIPTICAL))})["image"]
        for number, behind in ((1, _unbent), (2, _bent)):
            here = label == number
            if here.any():
                seen = survey(**behind({name: values[here] for name, values in row.items()}))
                image[here] += seen["image"]
                found[here] = seen["flux_fraction"]
        return {"magnification": found, "image": image}


def _unbent(row: Columns) -> Columns:
    """The galaxy behind, as an elliptical of its own."""
    shift = offsets(row["second_distance_arcsec"], row["second_direction_deg"])
    places = {f"center_{axis}_arcsec": row[f"center_{axis}_arcsec"] for axis in "xy"}
    moved = {name: place + step for (name, place), step in zip(places.items(), shift, strict=True)}
    second = {name: row[f"second_{name}"] for name in _ELLIPTICAL if name not in places}
    return {**row, **moved, **second, "label": np.full(len(shift[0]), float(ELLIPTICAL))}


def _bent(row: Columns) -> Columns:
    """The galaxy behind a lens that has no light of its own."""
    dark = np.full(len(row["r_mag"]), NOTHING_MAG)
    return {**row, "r_mag": dark, "label": np.full(len(dark), float(LENS))}
