"""Galaxies seen through a weak lens: a shear stretches each of them a little, in one direction."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.images import Picture
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.sky import Elliptical

_OWN = {
    name: replace(Elliptical.parameters[name], only={})
    for name in ("center_x_px", "center_y_px", "sersic_index", "psf_fwhm_px", "psf_beta")
}
_ELLIPSE = ("flux_e_s", "half_light_radius_px", "axis_ratio", "angle_deg")
"""What the lens changes of an elliptical."""
_CHANGING = (
    *("flux_e_s", "half_light_radius_px", "ellipticity", "position_angle_deg"),
    *("shear", "shear_angle_deg"),
)
"""The parameters that decide it."""
ROUND = 1e-6
_DEGREE = 57.29577951308232


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
    parameters: ClassVar[Parameters] = {
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
            symbol=r"\theta", period=180,
        ),
        "shear": Parameter("1", "reduced shear", 0, 0.3, symbol="|g|"),
        "shear_angle_deg": Parameter(
            "deg", "direction in which the lens stretches, from +x to +y", -360, 360,
            symbol=r"\theta_g", period=180,
        ),
        "psf_fwhm_px": _OWN["psf_fwhm_px"],
        "psf_beta": _OWN["psf_beta"],
    }  # fmt: skip
    psf: Literal["none", "gaussian", "moffat"] = "gaussian"

    @property
    def columns(self) -> Fields:
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
        row = filled(self.parameters, inputs)
        own, shear = _both(row)
        seen, ellipse = sheared(row["flux_e_s"], row["half_light_radius_px"], own, shear)
        galaxy = {**{name: row[name] for name in _OWN}, **dict(zip(_ELLIPSE, ellipse, strict=True))}
        return {
            **{f"shear_{k + 1}": shear[k].copy() for k in range(2)},
            **{f"ellipticity_{k + 1}": seen[k].copy() for k in range(2)},
            "image": self._elliptical(**galaxy)["image"],
        }

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All of the galaxy and the lens, and the width of what blurs the image."""
        return (*tuple(self.parameters)[:-2], *self._elliptical.optics)

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the image: those of the elliptical that is seen, by the chain rule.

        What looks rounder than `ROUND` is taken for as round as that: a circle has no angle.
        """
        row = filled(self.parameters, inputs)
        factors = np.empty((len(_CHANGING), len(_ELLIPSE), len(row["shear"])))
        angles = np.stack([row["position_angle_deg"], row["shear_angle_deg"]])
        light = row["flux_e_s"], row["half_light_radius_px"]
        ellipse = sheared_slopes(*light, *_both(row), angles, factors)
        galaxy = {**{name: row[name] for name in _OWN}, **dict(zip(_ELLIPSE, ellipse, strict=True))}
        image = self._elliptical.derivatives(**galaxy)["image"]
        found = {name: slope for name, slope in image.items() if name not in _ELLIPSE}
        for name, changes in zip(_CHANGING, factors, strict=True):
            found[name] = np.zeros_like(image["flux_e_s"])
            for own, change in zip(_ELLIPSE, changes, strict=True):
                found[name] += change[:, None, None] * image[own]
        return {"image": {name: found[name] for name in self.sensitive}}


def _both(row: Columns) -> tuple[Array, Array]:
    """The galaxy's own ellipticity and the shear, (2, n) each."""
    own = components(row["ellipticity"], row["position_angle_deg"])
    return own, components(row["shear"], row["shear_angle_deg"])


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
        ellipse[3, i] = 0.5 * _DEGREE * exact.atan2(seen[1, i], seen[0, i])
    return seen, ellipse


@kernel
def _times(a, b):
    """The product of complex numbers."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


@kernel(allocates=True)
def sheared_slopes(flux, radius, own, shear, angles, factors) -> Array:
    """The ellipse that is seen, (4, n), as `sheared`; fill in its derivatives, (6, 4, n).

    By flux, radius, |e|, its angle, |g| and its angle, from

        de' = ((1 - |g|^2) de + (1 + g* e) dg - e (e + g) dg*) / (1 + g* e)^2,

    and d ln |e'| + 2 i d theta = de' / e'.
    """
    _, ellipse = sheared(flux, radius, own, shear)
    for i in range(flux.size):
        e, g = (own[0, i], own[1, i]), (shear[0, i], shear[1, i])
        sizes = np.sqrt(e[0] * e[0] + e[1] * e[1]), np.sqrt(g[0] * g[0] + g[1] * g[1])
        left = 1.0 - sizes[1] * sizes[1]
        ellipse[2, i] = min(ellipse[2, i], (1.0 - ROUND) / (1.0 + ROUND))
        ratio, large = ellipse[2, i], ellipse[1, i]
        size = (1.0 - ratio) / (1.0 + ratio)
        s, c = exact.sincosd(2.0 * ellipse[3, i])
        product = _times((g[0], -g[1]), e)
        down = (1.0 + product[0], product[1])
        square = _times(down, down)
        weight = square[0] * square[0] + square[1] * square[1]
        inverse = (square[0] / weight, -square[1] / weight)
        up = _times(e, (e[0] + g[0], e[1] + g[1]))
        factors[:, :, i] = 0.0
        factors[0, 0, i] = 1.0 / left
        factors[1, 1, i] = large / radius[i]
        for j in range(4):
            across, along = exact.sincosd(2.0 * angles[j // 2, i])
            turn = 2.0 / _DEGREE * sizes[j // 2]
            step = (along, across) if j % 2 == 0 else (-turn * across, turn * along)
            if j < 2:
                change = left * step[0], left * step[1]
            else:
                direct, back = _times(down, step), _times(up, (step[0], -step[1]))
                change = direct[0] - back[0], direct[1] - back[1]
            change = _times(_times(change, inverse), (c, -s))  # along e' and across it
            by_ratio = -0.5 * (1.0 + ratio) * (1.0 + ratio) * change[0]
            larger = 2.0 * sizes[1] / left if j == 2 else 0.0
            factors[2 + j, 0, i] = flux[i] / left * larger
            factors[2 + j, 1, i] = 0.5 * large * (larger - by_ratio / ratio)
            factors[2 + j, 2, i] = by_ratio
            factors[2 + j, 3, i] = 0.5 * _DEGREE * change[1] / size
    return ellipse
