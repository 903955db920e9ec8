"""A star, an elliptical and a Gaussian as astropy and GalSim draw them, from our parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from astropy.modeling.models import Gaussian2D, Moffat2D, Sersic2D
from numpy.typing import NDArray
from scipy.special import gamma, gammaincinv

from deepbench_hf.fields import Columns

galsim: Any = import_module("galsim") if find_spec("galsim") else None
"""Optional: its rows are left out where it is not installed."""

SIDE = 64
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """An object that all of them can draw.

    Args:
        name: what it is.
        config: whose parameters are drawn.
        model: astropy's class.
        settings: astropy's parameters, (n,) each, from our columns.
        profile: GalSim's profile without its flux, from a row of our columns.
        priors: what differs from the config's.
    """

    name: str
    config: str
    model: Any
    settings: Callable[[Columns], dict[str, Array]]
    profile: Callable[[Mapping[str, float]], Any]
    priors: Mapping[str, Any] = field(default_factory=dict)


def pixel_centres() -> tuple[Array, Array]:
    """The pixels' centres, x and y, (64, 64) each."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    return x, y


def galsim_image(kind: Kind, row: Mapping[str, float]) -> NDArray[np.float32]:
    """The mean over each pixel, blurred by a Gaussian: what our simulator gives."""
    psf = galsim.Gaussian(fwhm=row["psf_fwhm_px"])
    blurred = galsim.Convolve(kind.profile(row), psf).withFlux(row["flux_e_s"])
    middle = (SIDE - 1) / 2
    offset = (row["center_x_px"] - middle, row["center_y_px"] - middle)
    return blurred.drawImage(nx=SIDE, ny=SIDE, scale=1.0, offset=offset).array


def _place(rows: Columns) -> dict[str, Array]:
    return {"x_0": rows["center_x_px"], "y_0": rows["center_y_px"]}


def _moffat(rows: Columns) -> dict[str, Array]:
    """A = flux (beta - 1) / (pi gamma^2), FWHM = 2 gamma sqrt(2^(1 / beta) - 1)."""
    beta, flux = rows["beta"], rows["flux_e_s"]
    core = 0.5 * rows["fwhm_px"] / np.sqrt(2 ** (1 / beta) - 1)
    brightness = flux * (beta - 1) / (np.pi * core**2)
    return {"amplitude": brightness, "gamma": core, "alpha": beta, **_place(rows)}


def _sersic(rows: Columns) -> dict[str, Array]:
    """I_e = flux b^(2 n) / (2 pi r_e^2 q n e^b Gamma(2 n)), P(2 n, b) = 1/2."""
    n, radius, q = rows["sersic_index"], rows["half_light_radius_px"], rows["axis_ratio"]
    b = gammaincinv(2 * n, 0.5)
    area = 2 * np.pi * radius**2 * q * n * np.exp(b) * b ** (-2 * n) * gamma(2 * n)
    angle = np.radians(rows["angle_deg"])
    shape = {"r_eff": radius, "n": n, "ellip": 1 - q, "theta": angle}
    return {"amplitude": rows["flux_e_s"] / area, **shape, **_place(rows)}


def _gaussian(rows: Columns) -> dict[str, Array]:
    """Half of the light lies within sigma sqrt(2 ln 2): a Sersic profile with n = 1/2."""
    sigma, q = rows["half_light_radius_px"] / np.sqrt(2 * np.log(2)), rows["axis_ratio"]
    return {
        "amplitude": rows["flux_e_s"] / (2 * np.pi * sigma**2 * q),
        "x_mean": rows["center_x_px"],
        "y_mean": rows["center_y_px"],
        "x_stddev": sigma,
        "y_stddev": sigma * q,
        "theta": np.radians(rows["angle_deg"]),
    }


def _galsim_moffat(row: Mapping[str, float]) -> Any:
    return galsim.Moffat(beta=row["beta"], fwhm=row["fwhm_px"])


def _galsim_sersic(row: Mapping[str, float]) -> Any:
    radius = row["half_light_radius_px"] * np.sqrt(row["axis_ratio"])
    return _sheared(galsim.Sersic(n=row["sersic_index"], half_light_radius=radius), row)


def _galsim_gaussian(row: Mapping[str, float]) -> Any:
    radius = row["half_light_radius_px"] * np.sqrt(row["axis_ratio"])
    return _sheared(galsim.Gaussian(half_light_radius=radius), row)


def _sheared(profile: Any, row: Mapping[str, float]) -> Any:
    return profile.shear(q=row["axis_ratio"], beta=row["angle_deg"] * galsim.degrees)


KINDS = (
    Kind("star", "sky_stars", Moffat2D, _moffat, _galsim_moffat),
    Kind("elliptical", "sky_ellipticals", Sersic2D, _sersic, _galsim_sersic),
    Kind(
        "Gaussian", "sky_ellipticals", Gaussian2D, _gaussian, _galsim_gaussian,
        {"sersic_index": {"kind": "constant", "value": 0.5}},
    ),
)  # fmt: skip
