"""Galaxies seen through a weak lens: a shear stretches each of them a little, in one direction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.images import Picture
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.sky import Elliptical

_OWN = {
    name: replace(Elliptical.parameters[name], only={})
    for name in ("center_x_px", "center_y_px", "sersic_index", "psf_fwhm_px", "psf_beta")
}
_ELLIPSE = ("flux_e_s", "half_light_radius_px", "axis_ratio", "angle_deg")
"""What the lens changes of an elliptical."""


class ShearedGalaxy(Picture):
    r"""A galaxy of complex ellipticity e behind a lens of reduced shear g and no convergence.

    With e = (1 - q) / (1 + q) exp(2 i theta), q the axis ratio and theta the position angle,

        e' = (e + g) / (1 + g* e),   area' = area / (1 - |g|^2),

    at the same surface brightness: the lensed galaxy is an elliptical again. The mean of e' over
    isotropic e is g.

    Args:
        center_x_px, center_y_px: centre, pixels, (n,).
        flux_e_s: flux without the lens, electrons/s, (n,).
        half_light_radius_px: of the circle with the area of the half-light ellipse without the
            lens, pixels, (n,).
        sersic_index: (n,).
        ellipticity, position_angle_deg: |e|, and theta from +x to +y, degrees, (n,).
        shear, shear_angle_deg: |g|, and half of its argument, degrees, (n,).
        psf_fwhm_px, psf_beta: of the point-spread function that blurs the image, (n,).
        psf: which point-spread function.

    Returns:
        shear_1, shear_2: real and imaginary part of g, (n,); ellipticity_1 and ellipticity_2: those
        of e', (n,); image (n, H, W) float32, electrons/s/pixel.

    Source: S. Seitz and P. Schneider, Steps towards nonlinear cluster inversion through
    gravitational distortions III, Astronomy and Astrophysics 318 (1997) 687,
    arXiv:astro-ph/9601079; after S. Bridle et al., Handbook for the GREAT08 challenge, Annals of
    Applied Statistics 3 (2009) 6, arXiv:0802.1214. The image as `sky.galaxies.Elliptical`.
    """

    kind: Literal["galaxy_shear"] = "galaxy_shear"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **{name: _OWN[name] for name in ("center_x_px", "center_y_px")},
        "flux_e_s": Parameter(
            "electron s-1", "flux without the lens, all of it", 0, 1e8, symbol="F"
        ),
        "half_light_radius_px": Parameter(
            "pix", "radius of the circle as large as the half-light ellipse without the lens",
            0.2, 100, symbol="r",
        ),
        "sersic_index": _OWN["sersic_index"],
        "ellipticity": Parameter("1", "ellipticity without the lens", 0, 0.8, symbol="|e|"),
        "position_angle_deg": Parameter(
            "deg", "of the major axis without the lens, from +x to +y", -360, 360,
            symbol=r"\theta",
        ),
        "shear": Parameter("1", "reduced shear", 0, 0.3, symbol="|g|"),
        "shear_angle_deg": Parameter(
            "deg", "direction in which the lens stretches, from +x to +y", -360, 360,
            symbol=r"\theta_g",
        ),
        "psf_fwhm_px": _OWN["psf_fwhm_px"],
        "psf_beta": _OWN["psf_beta"],
    }  # fmt: skip
    psf: Literal["none", "gaussian", "moffat"] = "gaussian"

    @property
    def columns(self) -> Mapping[str, Field]:
        along, across = "along +x (above 0) or +y", "along the diagonal (above 0) or across it"
        seen = self._elliptical.columns
        return {
            "shear_1": Field("1", f"shear {along}", role="label"),
            "shear_2": Field("1", f"shear {across}", role="label"),
            "ellipticity_1": Field("1", f"ellipticity as it is seen, {along}", role="label"),
            "ellipticity_2": Field("1", f"ellipticity as it is seen, {across}", role="label"),
            "image": seen["image"],
        }

    @property
    def _elliptical(self) -> Elliptical:
        return Elliptical(image_size=self.image_size, psf=self.psf)

    def __call__(self, **inputs: Any) -> Columns:
        """The images."""
        row = filled(self.parameters, inputs)
        own, shear = (
            components(row[size], row[angle])
            for size, angle in (("ellipticity", "position_angle_deg"), ("shear", "shear_angle_deg"))
        )
        seen, ellipse = sheared(row["flux_e_s"], row["half_light_radius_px"], own, shear)
        galaxy = {**{name: row[name] for name in _OWN}, **dict(zip(_ELLIPSE, ellipse, strict=True))}
        return {
            **{f"shear_{k + 1}": shear[k].copy() for k in range(2)},
            **{f"ellipticity_{k + 1}": seen[k].copy() for k in range(2)},
            "image": self._elliptical(**galaxy)["image"],
        }


@kernel(allocates=True)
def components(size: Array, angle_deg: Array) -> Array:
    """Real and imaginary part of size exp(2 i angle), (2, n)."""
    found = np.empty((2, size.size))
    for i in range(size.size):
        s, c = exact.sincosd(2.0 * angle_deg[i])
        found[0, i], found[1, i] = size[i] * c, size[i] * s
    return found


@kernel(allocates=True)
def sheared(flux: Array, radius: Array, own: Array, shear: Array) -> tuple[Array, Array]:
    """The ellipticity e' (2, n), and the ellipse that is seen (4, n).

    Args:
        flux, radius: without the lens, (n,).
        own, shear: e and g, (2, n).

    Returns:
        Real and imaginary part of e'; flux, half-light semi-major axis, axis ratio and angle, deg.
    """
    seen, ellipse = np.empty((2, flux.size)), np.empty((4, flux.size))
    for i in range(flux.size):
        e_1, e_2, g_1, g_2 = own[0, i], own[1, i], shear[0, i], shear[1, i]
        # (e + g) / (1 + g* e) = (e + g) (1 + g* e)* / |1 + g* e|^2
        down_1, down_2 = 1.0 + g_1 * e_1 + g_2 * e_2, g_1 * e_2 - g_2 * e_1
        square = down_1 * down_1 + down_2 * down_2
        up_1, up_2 = e_1 + g_1, e_2 + g_2
        seen[0, i] = (up_1 * down_1 + up_2 * down_2) / square
        seen[1, i] = (up_2 * down_1 - up_1 * down_2) / square
        size = np.sqrt(seen[0, i] * seen[0, i] + seen[1, i] * seen[1, i])
        larger = 1.0 / (1.0 - (g_1 * g_1 + g_2 * g_2))
        ratio = (1.0 - size) / (1.0 + size)
        ellipse[0, i] = flux[i] * larger
        ellipse[1, i] = radius[i] * np.sqrt(larger / ratio)
        ellipse[2, i] = ratio
        ellipse[3, i] = 0.5 * 57.29577951308232 * exact.atan2(seen[1, i], seen[0, i])
    return seen, ellipse
