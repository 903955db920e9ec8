"""Cutouts of the millimetre sky round a cluster, or round none, in three bands."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import ARCMIN, FWHM, LN_10
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, one_of
from deepbench_hf.simulators.cmb.maps import beam_factor
from deepbench_hf.simulators.images import Picture, Size
from deepbench_hf.simulators.inputs import REALIZATION, filled
from deepbench_hf.simulators.kappa.modes import unit_modes
from deepbench_hf.simulators.sz.beam import RADII, add_cluster, cluster_slopes
from deepbench_hf.simulators.sz.profiles import PROFILES, Cluster
from deepbench_hf.simulators.sz.sky import add_modes, add_sources, background_power, point_sources

CLASSES = ("empty", "cluster")
CLUSTER = ("log10_m500_Msun", "redshift", "x_arcmin", "y_arcmin")
"""What decides a cluster and its place."""
T_CMB_UK = 2.7255e6
BANDS: Mapping[int, tuple[float, float, float]] = {
    90: (-1.5979476, 0.00493297, 1.7),
    148: (-0.9784687, 0.00254228, 1.2),
    219: (0.0229136, 0.00206778, 1.0),
}
"""By frequency, GHz: dT / (T_CMB y) = x coth(x / 2) - 4 with x = h nu / k T_CMB; temperature for 1
Jy / sr, uK; full width at half maximum of the beam, arcmin, which is ours."""
_PER_GHZ = 0.01760867023799751
"""h / k T_CMB for 1 GHz."""
_JANSKY = 0.010092093101051176
"""1 Jy / sr over 2 k^3 T_CMB^2 / (h c)^2, uK."""
WIDEST_ARCMIN = 32.0
"""Largest side of a cutout: half of the patch, whose opposite edges meet."""


class ClusterCutout(Picture):
    r"""A patch of sky in three bands, in units of the background's temperature.

    dT = T_CMB (x coth(x/2) - 4) y + background + dust + point sources, behind a Gaussian beam;

        y(theta) = (sigma_T / m_e c^2) P500 R500 F(theta / theta500)

    with F the pressure profile along a line of sight, by default the universal one, x = h nu / k T.
    All but the cluster is random, and the same for equal realizations.

    Args:
        realization: number of the realization of all that is not the cluster, (n,).
        label: whether there is a cluster, (n,).
        log10_m500_Msun: decimal logarithm of M500 over the Sun's mass, (n,).
        redshift: z, (n,).
        x_arcmin, y_arcmin: where it is, from the middle of the image, arcmin, (n,).
        dust_uK2: D_3000 of dust, the same temperatures in all bands, uK^2, (n,).
        image_size: height and width, pixels; up to 32 arcmin.
        pixel_arcmin: side of a pixel, arcmin.
        profile: one of `profiles.PROFILES`.
        threshold_msun: M500 from which on a cluster counts as massive.
        band_offset_ghz: how far the instrument's bands lie above 90, 148 and 219 GHz.

    Returns:
        map_90_uK, map_148_uK and map_219_uK (n, H, W) float32; compton_y0 in the middle,
        theta500_arcmin and compton_Y500_arcmin2, within theta500, all of the unblurred cluster and
        0 where there is none, and massive: whether there is one above the threshold, (n,).

    Accuracy: the profile blurred by a beam of sigma to 3e-4 of its middle where theta500 is above
    2 sigma, to 5e-3 down to the smallest cluster; derivatives to 1e-3 and 2e-2 of their largest.

    Source: bands, pixel, classes and the question are those of Z. Lin et al., DeepSZ, MNRAS 507
    (2021) 4149, arXiv:2102.13123; pressure as in `pressure`; spectra as in `cmb.spectra`.
    """

    kind: Literal["sz_cutout"] = "sz_cutout"
    parameters: ClassVar[Parameters] = {
        "realization": REALIZATION,
        "label": one_of("whether there is a cluster", CLASSES, symbol="k"),
        "log10_m500_Msun": Parameter(
            "1", "decimal logarithm of the mass within R500 over that of the Sun", 12, 16,
            only={"label": ("cluster",)}, symbol=r"\log_{10} M_{500}",
        ),
        "redshift": Parameter(
            "1", "redshift of the cluster", 0.05, 5, only={"label": ("cluster",)}, symbol="z"
        ),
        "x_arcmin": Parameter(
            "arcmin", "where the cluster is, along x", -20, 20, 0.0, only={"label": ("cluster",)},
            symbol="x",
        ),
        "y_arcmin": Parameter(
            "arcmin", "where the cluster is, along y", -20, 20, 0.0, only={"label": ("cluster",)},
            symbol="y",
        ),
        "dust_uK2": Parameter("uK2", "power of dust at l = 3000", 0, 1000, 1.0, symbol="D_{3000}"),
    }  # fmt: skip
    sensitive: ClassVar[tuple[str, ...]] = CLUSTER  # what is behind it is a random field
    image_size: Size = (32, 32)
    pixel_arcmin: Annotated[float, pydantic.Field(ge=0.05, le=0.5)] = 0.25
    profile: Literal["arnaud", "battaglia", "beta"] = "arnaud"
    threshold_msun: Annotated[float, pydantic.Field(ge=1e12, le=1e16)] = 2e14
    band_offset_ghz: Annotated[float, pydantic.Field(ge=-30, le=30)] = 0.0

    @pydantic.model_validator(mode="after")
    def _has_a_sky(self) -> Self:
        wide = max(self.image_size) * self.pixel_arcmin
        if wide > WIDEST_ARCMIN:
            got = f"image_size and pixel_arcmin make {wide:g} arcmin"
            raise ValueError(f"{got}; accepted are up to {WIDEST_ARCMIN:g}")
        return self

    def resized(self, size: tuple[int, int]) -> Self:
        """The same patch of sky in other pixels."""
        ratio = min(new / old for new, old in zip(size, self.image_size, strict=True))
        changed = {"image_size": size, "pixel_arcmin": self.pixel_arcmin / ratio}
        return self.model_copy(update=changed)

    @property
    def columns(self) -> Fields:
        maps = {
            f"map_{band}_uK": Field(
                "uK", f"temperature at {band} GHz", self.image_size, "float32", signed=True
            )
            for band in BANDS
        }
        return {
            "compton_y0": Field(
                "1", "Compton parameter in the middle of the cluster", low=0.0, role="label"
            ),
            "theta500_arcmin": Field("arcmin", "angle of R500", low=0.0, role="label"),
            "compton_Y500_arcmin2": Field(
                "arcmin2", "Compton parameter within theta500", low=0.0, role="label"
            ),
            "massive": Field(
                "1",
                f"whether there is a cluster with M500 of at least {self.threshold_msun:g} Msun",
                dtype="bool",
                low=0,
                role="label",
            ),
            **maps,
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        there = row["label"] == 1.0
        maps = [np.empty((len(there), *self.image_size), np.float32) for _ in BANDS]
        told = np.zeros((3, len(there)))
        for i, realization in enumerate(row["realization"]):
            cluster = None
            if there[i]:
                cluster = PROFILES[self.profile](row["log10_m500_Msun"][i], row["redshift"][i])
                told[:, i] = cluster.y0, cluster.theta500, cluster.y500
            place = row["x_arcmin"][i], row["y_arcmin"][i]
            drawn = self._bands(np.array([realization]), row["dust_uK2"][i], cluster, place)
            for image, values in zip(maps, drawn, strict=True):
                image[i] = values
        least = exact.log(self.threshold_msun) / LN_10
        massive = there & (row["log10_m500_Msun"] >= least)
        return dict(zip(self.columns, (*told, massive, *maps), strict=True))

    @property
    def bands(self) -> Mapping[int, tuple[float, float, float]]:
        """`BANDS` of the instrument, whose frequencies may lie elsewhere."""
        if self.band_offset_ghz == 0.0:
            return BANDS
        found = {}
        for band, (_, _, fwhm) in BANDS.items():
            x = _PER_GHZ * (band + self.band_offset_ghz)
            grown = exact.exp(x)
            square = (grown - 1.0) * (grown - 1.0) / (x * x * x * x * grown)
            found[band] = x * (grown + 1.0) / (grown - 1.0) - 4.0, _JANSKY * square, fwhm
        return found

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the maps by the cluster, 0 where there is none."""
        row = filled(self.parameters, inputs)
        found = {
            f"map_{band}_uK": {n: np.zeros((len(row["label"]), *self.image_size)) for n in CLUSTER}
            for band in BANDS
        }
        for i in np.flatnonzero(row["label"] == 1.0):
            mass, redshift, x, y = (float(row[name][i]) for name in CLUSTER)
            for (response, _, fwhm), maps in zip(self.bands.values(), found.values(), strict=True):
                cluster, frame = (mass, redshift, x, y), (self.image_size, self.pixel_arcmin)
                profile = PROFILES[self.profile]
                slopes = cluster_slopes(profile, *cluster, fwhm / FWHM, *frame)
                for name, slope in zip(CLUSTER, slopes, strict=True):
                    maps[name][i] = T_CMB_UK * response * slope
        return found

    def _bands(
        self, realization: NDArray, dust: float, cluster: Cluster | None, place: tuple[float, float]
    ) -> list[Array]:
        """The three bands of an example, float64."""
        power, dusty, multipole = background_power()
        sky, dusts = (
            unit_modes(power.shape, realization, purpose)
            for purpose in ("microwave background", "dust")
        )
        modes = [
            np.sqrt(power) * a + np.sqrt(dust * dusty) * b for a, b in zip(sky, dusts, strict=True)
        ]
        side = max(self.image_size) * self.pixel_arcmin
        sources, found = point_sources(realization, side), []
        for band, (response, unit, fwhm) in self.bands.items():
            field, sigma = np.zeros(self.image_size), fwhm / FWHM
            beam = beam_factor(multipole * multipole, sigma * ARCMIN)
            add_modes(field, beam * modes[0], beam * modes[1], self.pixel_arcmin)
            ratio = (band + self.band_offset_ghz) / 148.0
            add_sources(field, sources, ratio, unit, sigma, self.pixel_arcmin)
            if cluster is not None:
                add_cluster(
                    field, T_CMB_UK * response * cluster.scale, cluster.theta500, *place, sigma,
                    self.pixel_arcmin, cluster.logs, cluster.values, *gauss_legendre(RADII),
                )  # fmt: skip
            found.append(field)
        return found
