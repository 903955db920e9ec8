"""What all images of the sky have in common: the point-spread function, units, layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pydantic
from numpy.typing import NDArray
from pydantic import model_validator

from deepbench_hf.fields import Columns, Field, Parameter, present
from deepbench_hf.simulators.base import sensitive
from deepbench_hf.simulators.images import Frame
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.sky.drawing import PointSpread, draw, draw_components, slopes_of
from deepbench_hf.simulators.sky.objects import DISC, KINDS, PLACE, SERSIC, SPIRAL, STAR

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
TOLD = {
    "flux_fraction": Field(
        "1", "share of the blurred object's flux inside the frame", low=0, role="label"
    )
}


class SkyFrame(Frame):
    """What one object and a scene have in common.

    Args:
        psf: point-spread function of the whole scene.
        sampled: pixel centres instead of means over pixels; without a point-spread function only.
            The flux_fraction is then the sum of the samples over the flux: above 1 where a cusp is
            at the centre of a pixel.
        threshold_e_s_px: brightness from which on a pixel is an object's where a row has no noise;
            with noise it is three standard deviations of an empty pixel.
    """

    kinds: ClassVar[tuple[str, ...]] = KINDS
    table: ClassVar[Mapping[str, Parameter]] = {**PLACE, **STAR, **SERSIC, **DISC}

    psf: Literal["none", "gaussian", "moffat"] = "gaussian"
    sampled: bool = False
    threshold_e_s_px: Annotated[float, pydantic.Field(gt=0)] = 1.0

    @model_validator(mode="after")
    def _samples_points(self) -> SkyFrame:
        if self.sampled and self.psf != "none":
            raise ValueError("sampled is for psf: none, as a point-spread function covers pixels")
        return self

    def resized(self, size: tuple[int, int]) -> Self:
        """The same sky through other pixels."""
        ratio = min(new / old for new, old in zip(size, self.image_size, strict=True))
        threshold = self.threshold_e_s_px / (ratio * ratio)
        return self.model_copy(update={"image_size": size, "threshold_e_s_px": threshold})

    @property
    def columns(self) -> Mapping[str, Field]:
        """The image; every object alone, and the brightest one of each pixel."""
        number = "number, from 1, of the brightest object where the sum is above the threshold"
        alone, size = "image of each object alone", self.image_size
        return {
            "image": Field(UNIT, "surface brightness", size, "float32"),
            "component": Field(UNIT, alone, self.stack, "float32", role="layer"),
            "segmentation": Field("1", number, size, "int16", role="layer"),
        }

    def blurred(self, inputs: Mapping[str, Any]) -> tuple[NDArray, NDArray[np.int64], PointSpread]:
        """The objects of a call, their number, and the point-spread function."""
        fwhm, beta = filled(PSF, inputs).values()
        objects, count = self.drawn(inputs)
        unwound = (objects["kind"] == SPIRAL) & (objects["handedness"] == 0)
        if np.any(unwound & present(count, self.most_objects)):
            raise ValueError("handedness of a spiral must be 1 or -1; got 0")
        return objects, count, (PSFS.index(self.psf), fwhm, beta)

    def seen(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], Columns]:
        """The image ``(n, H, W)``, and what is told of each object ``(n, most_objects)``."""
        objects, count, optics = self.blurred(inputs)
        image = np.empty((len(count), *self.image_size), np.float32)
        fraction = np.empty(objects.shape)
        draw(objects, count, optics, self.sampled, image, fraction)
        return image, {"flux_fraction": fraction}

    def separate(self, threshold: NDArray | None = None, **inputs: Any) -> Columns:
        """Single objects and the segmentation."""
        objects, count, optics = self.blurred(inputs)
        component = np.empty((len(count), *self.stack), np.float32)
        draw_components(objects, count, optics, self.sampled, component)
        noise = np.zeros(len(count)) if threshold is None else threshold
        level = np.where(noise > 0, noise, self.threshold_e_s_px)
        total = component[:, 0].copy()
        for k in range(1, self.most_objects):
            total += component[:, k]
        seen = total > level.astype(np.float32)[:, None, None]
        number = np.where(seen, component.argmax(axis=1) + 1, 0).astype(np.int16)
        return {"component": component, "segmentation": number}


class SingleObject(SkyFrame):
    """One object."""

    @property
    def columns(self) -> Mapping[str, Field]:
        """How much of the flux the image holds, beside it."""
        return {**TOLD, **super().columns}

    def __call__(self, **inputs: Any) -> Columns:
        """The image of the one object."""
        image, told = self.seen(inputs)
        return {**{name: values[:, 0] for name, values in told.items()}, "image": image}

    @property
    def optics(self) -> tuple[str, ...]:
        """The parameters of the point-spread function that the image depends on."""
        return tuple(PSF)[: PSFS.index(self.psf)]

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the means over pixels, or of a sampled image; 0 by what is not in force.

        They are those of the model that is drawn.
        """
        objects, _, (psf, fwhm, beta) = self.blurred(inputs)
        found = {n: np.empty((len(objects), *self.image_size)) for n in sensitive(self)}
        for row, one in enumerate(objects[:, 0]):
            optics = psf, float(fwhm[row]), float(beta[row])
            answers = slopes_of(one, self.image_size, optics, self.sampled)
            for name, values in found.items():
                values[row] = answers.get(name, 0.0)
        return {"image": found}
