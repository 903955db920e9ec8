"""Stars and galaxies, blurred by a point-spread function: one in an image, or a scene of several.

Pixels are electrons a second: the mean of the blurred surface brightness over the unit square.

    star        I = A (1 + r^2 / gamma^2)^-beta,  FWHM = 2 gamma sqrt(2^(1 / beta) - 1)
    elliptical  I = I_e exp(-b_n ((r / r_e)^(1 / n) - 1)),  r^2 = u^2 + (v / q)^2
    spiral      I = exp(-r / h) (1 - C + C exp(-d^2 / (2 w^2))), d the distance to the nearest arm,
                both in the plane of the disc, plus a Sersic bulge
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pydantic
from numpy.typing import NDArray
from pydantic import model_validator

from deepbench_hf.simulators.base import COUNT, OBJECTS, Columns, Field, Parameter
from deepbench_hf.simulators.images import (
    MOST_OBJECTS,
    Frame,
    class_of,
    count_up_to,
    packed,
    scalars,
)
from deepbench_hf.simulators.sky.drawing import draw, draw_components
from deepbench_hf.simulators.sky.objects import DISC, KINDS, PLACE, SERSIC, STAR
from deepbench_hf.simulators.sky.slopes import elliptical_slopes, sersic_constants, star_slopes

__all__ = ["Elliptical", "Galaxy", "SkyScene", "Spiral", "Star"]

PSFS = ("none", "gaussian", "moffat")
PSF = {
    "psf_fwhm_px": Parameter(
        "pix",
        "full width at half maximum of the point-spread function",
        0.5,
        64,
        1.65,
        symbol=r"\mathrm{FWHM}_{\mathrm{psf}}",
    ),
    "psf_beta": Parameter(
        "1",
        "exponent of a Moffat point-spread function",
        1.5,
        20,
        4.765,
        symbol=r"\beta_{\mathrm{psf}}",
    ),
}
UNIT = "electron s-1 pix-1"
TOLD = {"flux_fraction": Field("1", "share of the blurred object's flux inside the frame", low=0)}


class _Sky(Frame):
    """What one object and a scene have in common.

    Args:
        psf: point-spread function of the whole scene.
        sampled: pixel centres instead of means over pixels; without a point-spread function only.
        threshold_e_s_px: brightness from which on a pixel is an object's where a row has no noise;
            with noise it is three standard deviations of an empty pixel.
    """

    kinds: ClassVar[tuple[str, ...]] = KINDS
    table: ClassVar[Mapping[str, Parameter]] = {**PLACE, **STAR, **SERSIC, **DISC}

    psf: Literal["none", "gaussian", "moffat"] = "gaussian"
    sampled: bool = False
    threshold_e_s_px: Annotated[float, pydantic.Field(gt=0)] = 1.0

    @model_validator(mode="after")
    def _samples_points(self) -> _Sky:
        if self.sampled and self.psf != "none":
            raise ValueError("sampled is for psf: none, as a point-spread function covers pixels")
        return self

    def resized(self, size: tuple[int, int]) -> Self:
        """The same sky through other pixels."""
        ratio = min(new / old for new, old in zip(size, self.image_size, strict=True))
        threshold = self.threshold_e_s_px / (ratio * ratio)
        return self.model_copy(update={"image_size": size, "threshold_e_s_px": threshold})

    @property
    def image(self) -> dict[str, Field]:
        """The image's field."""
        return {"image": Field(UNIT, "surface brightness", self.image_size, "float32")}

    @property
    def layers(self) -> Mapping[str, Field]:
        """Every object alone, and the brightest one of each pixel."""
        number = "number, from 1, of the brightest object where the sum is above the threshold"
        return {
            "component": Field(UNIT, "image of each object alone", self.stack, "float32"),
            "segmentation": Field("1", number, self.image_size, "int16"),
        }

    def blurred(self, inputs: Mapping[str, Any]) -> tuple[Any, ...]:
        """The checked objects of a call, their number, and the point-spread function."""
        objects, count = self.drawn(inputs)
        given = {name: inputs[name] for name in (*PSF, COUNT, "center_x_px") if name in inputs}
        psf = scalars(PSF, given)
        return objects, count, PSFS.index(self.psf), *psf.values(), self.sampled

    def seen(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], Columns]:
        """The image ``(n, H, W)``, and what is told of each object ``(n, most_objects)``."""
        objects, count, psf, fwhm, beta, sampled = self.blurred(inputs)
        image = np.empty((len(count), *self.image_size), np.float32)
        fraction = np.empty(objects.shape)
        draw(objects, count, psf, fwhm, beta, sampled, image, fraction)
        return image, {"flux_fraction": fraction}

    def separate(self, threshold: NDArray | None = None, **inputs: Any) -> Columns:
        """Single objects and the segmentation."""
        objects, count, psf, fwhm, beta, sampled = self.blurred(inputs)
        component = np.empty((len(count), *self.stack), np.float32)
        draw_components(objects, count, psf, fwhm, beta, sampled, component)
        level = np.full(len(count), self.threshold_e_s_px) if threshold is None else threshold
        total = component[:, 0].copy()
        for k in range(1, self.most_objects):
            total += component[:, k]
        seen = total > level.astype(np.float32)[:, None, None]
        number = np.where(seen, component.argmax(axis=1) + 1, 0).astype(np.int16)
        return {"component": component, "segmentation": number}


class _Single(_Sky):
    """One object."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """The image and how much of the flux it holds."""
        return {**TOLD, **self.image}

    def __call__(self, **inputs: Any) -> Columns:
        """The image of the one object."""
        image, told = self.seen(inputs)
        return {**{name: values[:, 0] for name, values in told.items()}, "image": image}

    def answered(
        self, fill: Callable[..., None], inputs: Mapping[str, Any], *more: NDArray
    ) -> dict[str, Columns]:
        """The image's derivatives with respect to the `sensitive` parameters, by a kernel."""
        objects, count = self.drawn(inputs)
        slopes = np.empty((len(self.sensitive), len(count), *self.image_size))
        fill(*(objects[name][:, 0].copy() for name in self.sensitive), *more, slopes)
        return {"image": dict(zip(self.sensitive, slopes, strict=True))}


class Star(_Single):
    """A star with a Moffat profile.

    I = A (1 + r^2 / gamma^2)^-beta, flux = pi gamma^2 A / (beta - 1).

    Args:
        center_x_px, center_y_px: centre, pixels, (n,).
        flux_e_s: flux, electrons/s, (n,).
        fwhm_px: full width at half maximum, 2 gamma sqrt(2^(1 / beta) - 1), pixels, (n,).
        beta: exponent, (n,).
        psf_fwhm_px, psf_beta: of the point-spread function that blurs the image, (n,).

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: A. F. J. Moffat, Astronomy and Astrophysics 3 (1969) 455.
    """

    kind: Literal["sky_star"] = "sky_star"
    only_kind: ClassVar[str] = "star"
    parameters: ClassVar[Mapping[str, Parameter]] = {**PLACE, **STAR, **PSF}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All of the star, where pixels are ``sampled``."""
        return (*PLACE, *STAR) if self.sampled else ()

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of a sampled image."""
        return self.answered(star_slopes, inputs)


class Elliptical(_Single):
    """An elliptical galaxy with a Sersic profile, integrated over its cusp.

    I = I_e exp(-b_n ((r / r_e)^(1 / n) - 1)), P(2 n, b_n) = 1/2,
    flux = 2 pi r_e^2 q I_e n e^b_n b_n^(-2 n) Gamma(2 n).

    Args:
        center_x_px, center_y_px, flux_e_s, psf_fwhm_px, psf_beta: as `Star`.
        half_light_radius_px: r_e, semi-major axis of the half-light ellipse, pixels, (n,).
        sersic_index: n, (n,).
        axis_ratio: q, minor over major axis, (n,).
        angle_deg: of the major axis, degrees, (n,).

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: A. W. Graham, S. P. Driver, Publications of the Astronomical Society of Australia 22
    (2005) 118, equations 1 to 4.
    """

    kind: Literal["sky_elliptical"] = "sky_elliptical"
    only_kind: ClassVar[str] = "elliptical"
    parameters: ClassVar[Mapping[str, Parameter]] = {**PLACE, **SERSIC, **PSF}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All of the galaxy, where pixels are ``sampled``."""
        return (*PLACE, *SERSIC) if self.sampled else ()

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of a sampled image."""
        index = self.drawn(inputs)[0]["sersic_index"][:, 0].copy()
        return self.answered(elliptical_slopes, inputs, np.stack(sersic_constants(index)))


class Spiral(_Single):
    """A spiral galaxy: an exponential disc with arms and a bulge, seen at an angle.

    Arms are logarithmic, r = a exp(phi tan(pitch)) from r = a on, or follow Ringermacher and Mead,
    r = A / ln(B cot(phi / 2 N)); arm m starts at handedness phi + phase + 2 pi m / M.

    Args:
        center_x_px, center_y_px, flux_e_s, psf_fwhm_px, psf_beta: as `Star`.
        half_light_radius_px, sersic_index: of the bulge; axis_ratio, angle_deg: of the whole.
        scale_length_px: h of the disc, pixels, (n,).
        bulge_fraction: share of the bulge in the flux, (n,).
        arm_model: 0 logarithmic, 1 Ringermacher-Mead, (n,).
        arms, handedness, arm_phase_deg: M, 1 or -1, degrees, (n,).
        arm_scale_px, arm_extent_px: a or A, and the radius where arms end, pixels, (n,).
        pitch_deg, winding, sweep: pitch angle, N and B, (n,).
        arm_width_px, arm_contrast: w, pixels, and C, (n,).

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: H. I. Ringermacher, L. R. Mead, Monthly Notices of the Royal Astronomical Society 397
    (2009) 164, equation 7, with phi counted outwards and the natural logarithm.
    """

    kind: Literal["sky_spiral"] = "sky_spiral"
    only_kind: ClassVar[str] = "spiral"
    parameters: ClassVar[Mapping[str, Parameter]] = {**PLACE, **SERSIC, **DISC, **PSF}


class Galaxy(_Single):
    """A galaxy that is elliptical or spiral: what `Elliptical` or `Spiral` gives.

    Args:
        label: 0 elliptical, 1 spiral, (n,); the parameters are those of both.

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: as `Elliptical` and `Spiral`.
    """

    kind: Literal["sky_galaxy"] = "sky_galaxy"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "label": class_of(KINDS[1:]),
        **Spiral.parameters,
    }


class SkyScene(_Sky):
    """Several stars and galaxies: the sum of their light.

    Args:
        n_objects: number of objects, (n,).
        objects: records of ``kind`` and of the parameters of `Star`, `Elliptical` and `Spiral`,
            (n, K).
        psf_fwhm_px, psf_beta: as `Star`.

    Returns:
        image (n, H, W) float32, electrons/s/pixel; objects: records of flux_fraction, (n, K).

    Source: as the single objects.
    """

    kind: Literal["sky_scene"] = "sky_scene"
    parameters: ClassVar[Mapping[str, Parameter]] = {COUNT: count_up_to(), **PSF}
    objects: ClassVar[Mapping[str, Parameter]] = {
        "kind": class_of(KINDS),
        **PLACE,
        **STAR,
        **SERSIC,
        **DISC,
    }
    max_objects: Annotated[int, pydantic.Field(ge=1, le=MOST_OBJECTS)] = 8

    @property
    def most_objects(self) -> int:
        return self.max_objects

    @property
    def fields(self) -> Mapping[str, Field]:
        """The image."""
        return self.image

    @property
    def object_fields(self) -> Mapping[str, Field]:
        """How much of each object's flux the image holds."""
        return TOLD

    def __call__(self, **inputs: Any) -> Columns:
        """The image of the scene."""
        image, told = self.seen(inputs)
        return {"image": image, OBJECTS: packed(told)}
