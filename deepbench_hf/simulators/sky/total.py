"""An elliptical galaxy by its surface brightness, and how bright the image is in total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.base import Columns, Field, Parameter
from deepbench_hf.simulators.images import scalars
from deepbench_hf.simulators.sky.frame import UNIT
from deepbench_hf.simulators.sky.models import Elliptical
from deepbench_hf.simulators.sky.sersic import sersic_b, sersic_flux

__all__ = ["EllipticalTotal"]

AMPLITUDE = Parameter(UNIT, "surface brightness at the half-light radius", 0.0, 1e6, symbol="I_e")
SIZES = ("half_light_radius_px", "sersic_index", "axis_ratio")


class EllipticalTotal(Elliptical):
    """An elliptical galaxy of a given surface brightness; what is asked is its total.

    flux = 2 pi r_e^2 q I_e n e^b_n b_n^(-2 n) Gamma(2 n); the total is what the frame holds of it.

    Args:
        amplitude_e_s_px: I_e, electrons/s/pixel, (n,).
        center_x_px, center_y_px, half_light_radius_px, sersic_index, axis_ratio, angle_deg,
            psf_fwhm_px, psf_beta: as `Elliptical`.

    Returns:
        flux_e_s (n,), all of it; total_e_s (n,), the sum over the pixels; image (n, H, W) float32.

    Source: as `Elliptical`.
    """

    kind: Literal["sky_elliptical_total"] = "sky_elliptical_total"  # type: ignore[assignment]
    parameters: ClassVar[Mapping[str, Parameter]] = {
        ("amplitude_e_s_px" if name == "flux_e_s" else name): parameter
        for name, parameter in {**Elliptical.parameters, "flux_e_s": AMPLITUDE}.items()
    }

    @property
    def fields(self) -> Mapping[str, Field]:
        """The flux, what the frame holds of it, and the image."""
        return {
            "flux_e_s": Field("electron s-1", "flux, all of it, also outside the frame", low=0.0),
            "total_e_s": Field("electron s-1", "sum over the pixels of the clean image"),
            **self.image,
        }

    def drawn(self, given: Mapping[str, Any]) -> tuple[NDArray, NDArray[np.int64]]:
        """The objects as the kernels take them: by their flux."""
        objects, count = super().drawn(given)
        (amplitude,) = scalars({"amplitude_e_s_px": AMPLITUDE}, given).values()
        sizes = (np.ascontiguousarray(objects[name][:, 0]) for name in SIZES)
        objects["flux_e_s"][:, 0] = _flux(amplitude, *sizes)
        return objects, count

    @property
    def sensitive(self) -> tuple[str, ...]:
        """None: what is asked is the total, not how each pixel answers."""
        return ()

    def __call__(self, **inputs: Any) -> Columns:
        """The image and its total."""
        image, told = self.seen(inputs)
        flux = np.ascontiguousarray(self.drawn(inputs)[0]["flux_e_s"][:, 0])
        return {"flux_e_s": flux, "total_e_s": flux * told["flux_fraction"][:, 0], "image": image}


@kernel(allocates=True)
def _flux(amplitude, radius, index, ratio):
    """Flux of Sersic profiles by their brightness at the half-light radius, ``(n,)`` each."""
    out = np.empty_like(amplitude)
    for i in range(out.size):
        n = index[i]
        shape = exact.exp(sersic_b(n)) * sersic_flux(n)
        out[i] = amplitude[i] * radius[i] * radius[i] * ratio[i] * shape
    return out
