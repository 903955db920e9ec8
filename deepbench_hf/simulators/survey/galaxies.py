"""Galaxies on the sky as the instrument of a survey sees them.

The truth is in arcseconds and magnitudes; pixel scale, point-spread function and zero point turn it
into electrons a second and pixel. The same truth through two instruments is a pair of domains.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import reach
from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter, one_of
from deepbench_hf.simulators.images import Frame, class_of
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.sky.frame import UNIT
from deepbench_hf.simulators.sky.galaxies import SkyScene
from deepbench_hf.simulators.sky.mixtures import MOFFAT, mixture_tables
from deepbench_hf.simulators.sky.objects import ELLIPTICAL
from deepbench_hf.simulators.sky.objects import SPIRAL as SKY_SPIRAL
from deepbench_hf.simulators.survey.arcs import add_arcs
from deepbench_hf.simulators.survey.instrument import electrons, offsets
from deepbench_hf.simulators.survey.lensing import LENSED
from deepbench_hf.simulators.survey.objects import (
    COLUMNS,
    FIRST,
    INSTRUMENT,
    KINDS,
    LENGTHS,
    LENS,
    MERGER,
    SECOND,
    SPIRAL,
)

LABELLED = one_of(
    "whether a learner may know the class",
    ("withheld", "given"),
    default=1,
    decoy=True,
    symbol=r"\ell",
)
LENSED_OF = (
    {"x": "center_x_px", "y": "center_y_px", "axis_ratio": "axis_ratio", "angle_deg": "angle_deg"},
    {
        "source_x": "center_x_px",
        "source_y": "center_y_px",
        "source_radius": "half_light_radius_px",
        "source_index": "sersic_index",
        "source_ratio": "axis_ratio",
        "source_angle_deg": "angle_deg",
    },
)
"""What `lensing` calls the parameters of the first galaxy and of the second."""
WITHHELD = -1
"""The number of a class that is not told: that of a missing label in `datasets`."""


class SurveyGalaxy(Frame):
    """A galaxy, two that merge, or one that lenses another, through an instrument.

    flux = 10^(-0.4 (m - m_0)) electrons/s, x = (W - 1) / 2 + x_c / s, lengths over s in pixels;
    then as the sky family, under a Moffat point-spread function. A merger is a spiral and
    an elliptical, their light added; a lens is an elliptical whose mass, a singular isothermal
    ellipsoid of its shape, bends the light of the second galaxy: beta = theta - alpha(theta).

    Args:
        label: 0 elliptical, 1 spiral, 2 merger, 3 lens, (n,).
        labelled: 1 where a learner may know the label, else 0, (n,).
        center_x_arcsec, center_y_arcsec: the first galaxy, from the middle of the frame, (n,).
        r_mag, second_r_mag: m, magnitudes of all light, without a lens, (n,).
        second_distance_arcsec, second_direction_deg: of the second galaxy from the first, (n,).
        einstein_radius_arcsec: theta_E, (n,).
        pixel_scale_arcsec_px: s, (n,); psf_fwhm_arcsec, psf_beta: point-spread function, (n,).
        zero_point_mag: m_0, magnitude of one electron a second, (n,).
        half_light_radius_arcsec and the others: as `sky.galaxies.Spiral`, lengths in arcseconds;
            with second_ those of the second galaxy, (n,).

    Returns:
        label_given (n,): the label, -1 where it is withheld; flux_e_s (n,): of both galaxies,
        without a lens; flux_fraction (n,): light in the frame over that; image (n, H, W) float32,
        electrons/s/pixel.

    Source: as `sky.galaxies` and `survey.lensing`; after A. Ciprijanovic et al., DeepAstroUDA:
    semi-supervised universal domain adaptation for cross-survey galaxy morphology (2023).
    """

    kind: Literal["survey_galaxy"] = "survey_galaxy"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "label": class_of(KINDS),
        "labelled": LABELLED,
        **FIRST,
        **SECOND,
        **INSTRUMENT,
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        """The label as it is told, the flux and how much of it is seen, and the image."""
        given, flux = "the class; -1 where it is withheld", "flux of the galaxies, without a lens"
        light = "light in the frame over the flux; a lens makes it more"
        return {
            "label_given": Field("1", given, dtype="int64", names=KINDS, role="label"),
            "flux_e_s": Field("electron s-1", flux, low=0.0, role="label"),
            "flux_fraction": Field("1", light, low=0.0, role="label"),
            "image": Field(UNIT, "surface brightness", self.image_size, "float32"),
        }

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Lengths must be within the limits that the sky family has in pixels."""
        finest, coarsest = supports["pixel_scale_arcsec_px"]
        for name, limits in LENGTHS.items():
            if name in supports:
                low, high = supports[name][0] / coarsest, supports[name][1] / finest
                if not (limits.low <= low and high <= limits.high):
                    accepted = f"[{limits.low:g}, {limits.high:g}]"
                    return f"{name} {reach(low, high, 'pixels')}; accepted: {accepted}"
        return None

    def __call__(self, **inputs: Any) -> Columns:
        """The images."""
        row = filled(self.parameters, inputs)
        galaxies = self._galaxies(row)
        both = (row["label"] == MERGER) & _has_second(row)
        psf = {"psf_fwhm_px": _pixels(row, "psf_fwhm_arcsec"), "psf_beta": row["psf_beta"]}
        scene = SkyScene(image_size=self.image_size, max_objects=2, psf="moffat")
        seen = scene(**{COUNT: np.where(both, 2, 1), OBJECTS: galaxies, **psf})
        lensed, arcs = _lensed(row, galaxies), np.empty(len(galaxies))
        add_arcs(lensed, MOFFAT, *psf.values(), mixture_tables(), seen["image"], arcs)
        first, second = (galaxies["flux_e_s"][:, k] for k in range(2))
        share = seen[OBJECTS]["flux_fraction"]
        flux = first + second
        light = first * share[:, 0] + second * share[:, 1] + arcs
        return {
            "label_given": np.where(row["labelled"] > 0, row["label"], WITHHELD).astype(np.int64),
            "flux_e_s": flux,
            "flux_fraction": light / flux,
            "image": seen["image"],
        }

    def _galaxies(self, row: Columns) -> NDArray:
        """Both galaxies of each example as objects of a scene, (n, 2)."""
        label = row["label"]
        found = np.zeros((len(label), 2), [(n, p.dtype) for n, p in SkyScene.objects.items()])
        found["kind"] = ELLIPTICAL
        found["kind"][(label == SPIRAL) | (label == MERGER), 0] = SKY_SPIRAL
        shift = offsets(row["second_distance_arcsec"], row["second_direction_deg"])
        for axis, side, move in zip("xy", self.image_size[::-1], shift, strict=True):
            first = row[f"center_{axis}_arcsec"]
            places = np.stack([first, first + move], axis=1)
            scale = row["pixel_scale_arcsec_px"][:, None]
            found[f"center_{axis}_px"] = 0.5 * (side - 1) + places / scale
        for k, columns in enumerate(COLUMNS):
            for name, column in columns.items():
                found[name][:, k] = _pixels(row, column) if name.endswith("_px") else row[column]
        found["flux_e_s"][:, 0] = electrons(row["r_mag"], row["zero_point_mag"])
        second = electrons(row["second_r_mag"], row["zero_point_mag"])
        found["flux_e_s"][:, 1] = np.where(_has_second(row), second, 0.0)
        return found


def _has_second(row: Columns) -> NDArray[np.bool_]:
    """Whether an example has a second galaxy."""
    of_pairs = (row["label"] == MERGER) | (row["label"] == LENS)
    return of_pairs & (row["second_half_light_radius_arcsec"] > 0)


def _pixels(row: Columns, name: str) -> NDArray[np.float64]:
    """A length in pixels."""
    return row[name] / row["pixel_scale_arcsec_px"]


def _lensed(row: Columns, galaxies: NDArray) -> NDArray:
    """The lenses and what is behind them, (n,), for `arcs.add_arcs`."""
    found = np.zeros(len(galaxies), LENSED)
    for k, names in enumerate(LENSED_OF):
        for name, column in names.items():
            found[name] = galaxies[column][:, k]
    found["einstein_radius"] = _pixels(row, "einstein_radius_arcsec")
    found["source_flux"] = np.where(row["label"] == LENS, galaxies["flux_e_s"][:, 1], 0.0)
    return found
