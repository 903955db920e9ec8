"""An elliptical galaxy by its surface brightness, and how bright the image is in total."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.inputs import laid_out
from deepbench_hf.simulators.sky.frame import TOLD, UNIT
from deepbench_hf.simulators.sky.galaxies import Elliptical
from deepbench_hf.simulators.sky.profiles import sersic_b, sersic_constants, sersic_flux

AMPLITUDE = Parameter(UNIT, "surface brightness at the half-light radius", 0.0, 1e6, symbol="I_e")
AMPLITUDE_NAME = "amplitude_e_s_px"
SIZES = ("half_light_radius_px", "sersic_index", "axis_ratio")


class EllipticalTotal(Elliptical):
    """An elliptical galaxy of a given surface brightness; what is asked is its total.

    flux = 2 pi r_e^2 q I_e n e^b_n b_n^(-2 n) Gamma(2 n); the total is what the frame holds of it.

    Args:
        amplitude_e_s_px: I_e, electrons/s/pixel, (n,).
        half_light_radius_px, sersic_index, axis_ratio, angle_deg: as `Elliptical`.
        center_x_px, center_y_px, psf_fwhm_px, psf_beta: likewise.

    Returns:
        flux_e_s (n,), all of it; total_e_s (n,), the sum over the pixels; image (n, H, W) float32.

    Source: as `Elliptical`.
    """

    kind: Literal["sky_elliptical_total"] = "sky_elliptical_total"  # type: ignore[assignment]
    parameters: ClassVar[Mapping[str, Parameter]] = {
        (AMPLITUDE_NAME if name == "flux_e_s" else name): parameter
        for name, parameter in {**Elliptical.parameters, "flux_e_s": AMPLITUDE}.items()
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        """The flux and what the frame holds of it, beside the image."""
        flux = "flux, all of it, also outside the frame"
        told = {"role": "label", "bounded": True}
        return {
            "flux_e_s": Field("electron s-1", flux, low=0.0, **told),
            "total_e_s": Field("electron s-1", "sum over the pixels of the clean image", **told),
            **{name: field for name, field in super().columns.items() if name not in TOLD},
        }

    def drawn(self, given: Mapping[str, Any]) -> tuple[NDArray, NDArray[np.int64]]:
        """The objects as the kernels take them: by their flux."""
        objects, count = super().drawn(given)
        amplitude = laid_out(given[AMPLITUDE_NAME])
        sizes = (np.ascontiguousarray(objects[name][:, 0]) for name in SIZES)
        objects["flux_e_s"][:, 0] = flux_of(amplitude, *sizes)
        return objects, count

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All of the galaxy, by its amplitude, and the width of what blurs it."""
        return tuple(AMPLITUDE_NAME if n == "flux_e_s" else n for n in super().sensitive)

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the image, of the flux and of the total, by the chain rule.

        The parameters are those of the simulator: where the size, the index or the axis ratio
        changes, the amplitude is held, and the flux F follows. With J_p and J_F of an `Elliptical`,
        where F is held,

            dI/dp = J_p + J_F dF/dp,  dF/d ln I_e = dF/d ln q = F,  dF/d ln r_e = 2 F,
            dF/dn = F (b_n + ln f(n))',

        f as in `profiles`; d(total)/dp is the sum of dI/dp over the pixels. So the answer to F or
        to the total at a given shape is dI/d ln I_e over it, I / F or I / total.
        """
        galaxies = self.drawn(inputs)[0][:, 0]
        rest = {name: values for name, values in inputs.items() if name != AMPLITUDE_NAME}
        plain = Elliptical(**self.model_dump(exclude={"kind"}))
        # Light is proportional to its flux, which may be beyond what an elliptical accepts.
        held = plain.derivatives(**rest, flux_e_s=np.ones(len(galaxies)))["image"]
        light, growth = held["flux_e_s"], self._growth(galaxies)
        flux, image = galaxies["flux_e_s"][:, None, None], {}
        for name in self.sensitive:
            follows = growth[name][:, None, None] * light
            image[name] = flux * held[name] + follows if name in held else follows
        totals = {name: _sums(slope) for name, slope in image.items()}
        return {"image": image, "flux_e_s": growth, "total_e_s": totals}

    def _growth(self, galaxies: NDArray) -> Columns:
        """dF/dp (n,) by `sensitive` parameter, from records (n,)."""
        flux, radius, index, ratio = (galaxies[name].copy() for name in ("flux_e_s", *SIZES))
        _, _, b_n, log_flux_n = sersic_constants(index)
        return {name: np.zeros_like(flux) for name in self.sensitive} | {
            AMPLITUDE_NAME: flux_of(np.ones_like(flux), radius, index, ratio),
            "half_light_radius_px": 2.0 * flux / radius,
            "sersic_index": flux * (b_n + log_flux_n),
            "axis_ratio": flux / ratio,
        }

    def __call__(self, **inputs: Any) -> Columns:
        """The image and its total."""
        image, told = self.seen(inputs)
        flux = np.ascontiguousarray(self.drawn(inputs)[0]["flux_e_s"][:, 0])
        return {"flux_e_s": flux, "total_e_s": flux * told["flux_fraction"][:, 0], "image": image}


@kernel(allocates=True)
def flux_of(amplitude, radius, index, ratio):
    """Flux of Sersic profiles by their brightness at the half-light radius, ``(n,)`` each."""
    out = np.empty_like(amplitude)
    for i in range(out.size):
        n = index[i]
        shape = exact.exp(sersic_b(n)) * sersic_flux(n)
        out[i] = amplitude[i] * radius[i] * radius[i] * ratio[i] * shape
    return out


@kernel(allocates=True)
def _sums(images):
    """Sums over the pixels of images (n, H, W), row after row: (n,)."""
    out = np.zeros(images.shape[0])
    for n in range(out.size):
        for j in range(images.shape[1]):
            for i in range(images.shape[2]):
                out[n] += images[n, j, i]
    return out
