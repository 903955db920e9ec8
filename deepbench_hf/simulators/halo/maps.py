"""Maps of the surface density of halos whose contours are ellipses, and their derivatives."""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import DEGREE, LN_10
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.halo.density import RHO_M, mass_within, surface
from deepbench_hf.simulators.halo.profiles import LABELS, Halo
from deepbench_hf.simulators.images import Picture

WIDE = 4.0
"""The longer side of the image, in units of R200m."""
_BY_MASS = -0.081
"""d ln c / d ln M of `density.concentrations`."""


class HaloMap(Halo, Picture):
    """Surface density of a halo whose contours are ellipses, over a square of 4 R200m.

    Sigma of `HaloNFW` at R^2 = q x^2 + y^2 / q, with x and y along the axes of the ellipse, at the
    middle of each pixel, but at a quarter of a pixel where R is less; the halo lies in the middle
    of the image, between four pixels.

    Args:
        log10_mass_Msun, concentration_offset_dex: as in `HaloProfile`.
        axis_ratio: q, (n,); 1 by default.
        angle_deg: of the long axis from +x towards +y, degrees, (n,); 0 by default.

    Returns:
        image (n, H, W) float32, Sigma in solar masses / kpc^2; concentration and radius_200m_kpc
        (n,).

    Source: as `HaloNFW`.
    """

    kind: Literal["halo_map"] = "halo_map"
    parameters: ClassVar[Parameters] = {
        **Halo.parameters,
        "axis_ratio": Parameter(
            "1", "short over long axis of the contours", 0.1, 1, 1.0, symbol="q"
        ),
        "angle_deg": Parameter(
            "deg", "angle of the long axis", 0, 180, 0.0, symbol=r"\theta", period=180
        ),
    }
    sensitive: ClassVar[tuple[str, ...]] = tuple(parameters)

    @property
    def columns(self) -> Fields:
        unit, meaning = "Msun kpc-2", "surface density"
        return {**LABELS, "image": Field(unit, meaning, self.image_size, "float32")}

    def __call__(self, **inputs: Any) -> Columns:
        row, halo, labels = self.placed(inputs)
        image = np.empty((len(halo), *self.image_size), np.float32)
        surface_maps(halo, row["axis_ratio"], row["angle_deg"], image)
        return {**labels, "image": image}

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the map in closed form, as `surface_slopes`."""
        row, halo, _ = self.placed(inputs)
        found = np.empty((len(self.parameters), len(halo), *self.image_size))
        surface_slopes(halo, row["axis_ratio"], row["angle_deg"], found)
        return {"image": dict(zip(self.parameters, found, strict=True))}


@kernel
def _axes(x: int, y: int, shape: tuple[int, int], angle: tuple[float, float]):
    """A pixel's distances along the long axis and across it, in units of R200m."""
    rows, columns = shape
    s, c = angle
    step = WIDE / max(rows, columns)
    dx, dy = (x - 0.5 * (columns - 1)) * step, (y - 0.5 * (rows - 1)) * step
    return c * dx + s * dy, c * dy - s * dx


@kernel
def _least(shape: tuple[int, int]) -> float:
    """The square of a quarter of a pixel, in units of R200m."""
    side = 0.25 * WIDE / max(shape[0], shape[1])
    return side * side


@kernel(allocates=True)
def surface_maps(halo: Array, ratio: Array, angle: Array, image: NDArray) -> None:
    """Fill in the surface density at the middle of every pixel, (n, H, W).

    It is the same on the other side of the middle.
    """
    n, rows, columns = image.shape
    line = np.empty(columns, np.float32)
    for i in range(n):
        turn = exact.sincosd(angle[i])
        for y in range((rows + 1) // 2):
            _fill_line(y, (rows, columns), turn, ratio[i], halo[i], line)
            for x in range(columns):
                image[i, y, x] = image[i, rows - 1 - y, columns - 1 - x] = line[x]


@kernel
def _fill_line(y: int, shape: tuple[int, int], turn, ratio: float, halo, line) -> None:
    """Fill in a row of pixels, (W,)."""
    scale = 2.0 * RHO_M * halo[3] * halo[2]
    for x in range(line.size):
        along, across = _axes(x, y, shape, turn)
        square = ratio * along * along + across * across / ratio
        near = np.sqrt(max(square, _least(shape))) * halo[1]
        line[x] = scale * surface(near)


@kernel
def surface_slopes(halo: Array, ratio: Array, angle: Array, slopes: Array) -> None:
    """Fill in the derivatives of the map by the four parameters, (4, n, H, W).

    Sigma = 2 rho_s r_s f(X) with X = c R / R200m, whose map is the same for all masses, and

        d ln f / d ln X     = (1 / f - 3 X^2) / (X^2 - 1),
        d ln rho_s / d ln c = 3 - (c / (1 + c))^2 / m(c),  r_s = R200m / c.
    """
    _, n, rows, columns = slopes.shape
    shape = rows, columns
    for i in range(n):
        turn = exact.sincosd(angle[i])
        q, c = ratio[i], halo[i, 1]
        scale = 2.0 * RHO_M * halo[i, 3] * halo[i, 2]
        share = c / (1.0 + c)
        steeper = 2.0 - share * share / mass_within(c)
        for y in range(rows):
            for x in range(columns):
                along, across = _axes(x, y, shape, turn)
                square = q * along * along + across * across / q
                inside = square < _least(shape)
                square = max(square, _least(shape))
                near = np.sqrt(square) * c
                f = surface(near)
                falling = _falling(near, f)
                sigma = scale * f
                by_c = sigma * (steeper + falling)  # by ln c
                half = 0.0 if inside else 0.5 * sigma * falling / square
                slopes[0, i, y, x] = LN_10 * (_BY_MASS * by_c + sigma / 3.0)
                slopes[1, i, y, x] = LN_10 * by_c
                slopes[2, i, y, x] = half * (along * along - across * across / (q * q))
                slopes[3, i, y, x] = 2.0 * DEGREE * half * (q - 1.0 / q) * along * across


@kernel
def _falling(x: float, f: float) -> float:
    """D ln f / d ln x; by the series of f near x = 1, where it is 0 / 0."""
    d = x - 1.0
    if abs(d) < 2e-3:
        return x / f * (-2 / 5 + d * (26 / 35 + d * (-20 / 21 + d * 1180 / 1155)))
    return (1.0 / f - 3.0 * x * x) / ((x - 1.0) * (x + 1.0))
