"""What a galaxy is on the sky, in arcseconds and magnitudes, and what an instrument is.

The parameters are those of the sky family with lengths in arcseconds; some kinds have a second
galaxy beside or behind the first.
"""

from collections.abc import Mapping
from dataclasses import replace

from deepbench_hf.fields import Parameter
from deepbench_hf.simulators.sky import objects as sky
from deepbench_hf.simulators.sky.frame import PSF

KINDS = ("elliptical", "spiral", "merger", "lens")
_, SPIRAL, MERGER, LENS = range(len(KINDS))

OF_DISCS = {"label": ("spiral", "merger")}
OF_PAIRS = {"label": ("merger", "lens")}
NOTHING_MAG = 99.0
"""The magnitude of a galaxy that is not there: the custom of catalogues."""


def _place(axis: str, symbol: str) -> Parameter:
    meaning = f"{axis} of the (first) galaxy's centre from the middle of the frame"
    return Parameter("arcsec", meaning, -100, 100, symbol=symbol)


def _magnitude(whose: str, symbol: str) -> Parameter:
    return Parameter("mag", f"magnitude of {whose}, all of its light", -5, 40, symbol=symbol)


def _on_sky(parameter: Parameter, only: Mapping[str, tuple[str, ...]]) -> Parameter:
    """A parameter of the sky family for other kinds, and in arcseconds where it is in pixels."""
    if parameter.unit == "pix":
        parameter = replace(parameter, unit="arcsec", low=0.01, high=200)
    models = {name: of for name, of in parameter.only.items() if name != "kind"}
    return replace(parameter, only={**only, **models})


def _named(name: str) -> str:
    """The column of a parameter of the sky family: ``arm_width_px`` is ``arm_width_arcsec``."""
    return f"{name.removesuffix('_px')}_arcsec" if name.endswith("_px") else name


FIRST = {
    "center_x_arcsec": _place("distance along a row", "x_c"),
    "center_y_arcsec": _place("distance along a column", "y_c"),
    "r_mag": _magnitude("the (first) galaxy", "m"),
    **{_named(name): _on_sky(parameter, {}) for name, parameter in sky.SERSIC.items()},
    **{_named(name): _on_sky(parameter, OF_DISCS) for name, parameter in sky.DISC.items()},
}

SECOND = {
    "second_distance_arcsec": Parameter(
        "arcsec",
        "from the first galaxy's centre to the second's; behind a lens, as it is without it",
        *(0, 100),
        only=OF_PAIRS,
        symbol="d_2",
    ),
    "second_direction_deg": Parameter(
        *("deg", "from the first to the second", -360, 360),
        only=OF_PAIRS,
        symbol=r"\phi_2",
        period=360,
    ),
    "second_r_mag": replace(
        _magnitude("the second galaxy, without a lens", "m_2"), only=OF_PAIRS, absent=NOTHING_MAG
    ),
    **{
        f"second_{_named(name)}": replace(
            _on_sky(parameter, OF_PAIRS),
            meaning=f"second galaxy: {parameter.meaning}",
            symbol=f"{{{parameter.symbol}}}_2" if "_" not in parameter.symbol else "r_{e,2}",
        )
        for name, parameter in sky.SERSIC.items()
    },
    "einstein_radius_arcsec": Parameter(
        "arcsec",
        "Einstein radius of the lens, the geometric mean of its ellipse's axes",
        *(1e-4, 100),
        only={"label": ("lens",)},
        symbol=r"\theta_E",
    ),
}
"""A merger's companion, or the galaxy behind a lens."""

INSTRUMENT = {
    "pixel_scale_arcsec_px": Parameter(
        "arcsec pix-1", "side of a pixel on the sky", 0.05, 10, symbol="p"
    ),
    "psf_fwhm_arcsec": Parameter(
        "arcsec", PSF["psf_fwhm_px"].meaning, 0.03, 60, symbol=PSF["psf_fwhm_px"].symbol
    ),
    "psf_beta": PSF["psf_beta"],
    "zero_point_mag": Parameter(
        "mag", "magnitude of one electron a second: the throughput", 0, 40, symbol="m_0"
    ),
}

COLUMNS = (
    {name: _named(name) for name in (*sky.SERSIC, *sky.DISC)},
    {name: f"second_{_named(name)}" for name in sky.SERSIC},
)
"""For the first and the second galaxy: the column of each parameter of the sky family."""

LENGTHS = {
    column: {**sky.SERSIC, **sky.DISC}[name]
    for columns in COLUMNS
    for name, column in columns.items()
    if name.endswith("_px")
} | {"psf_fwhm_arcsec": PSF["psf_fwhm_px"]}
"""What every length in arcseconds is in pixels, with its limits there."""
