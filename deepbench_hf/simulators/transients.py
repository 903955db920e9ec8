"""Transients on the sky: stars that flare up once, seen in six bands through the seasons."""

from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_2, OCTAVES
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.quantiles import logarithm
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports, one_of
from deepbench_hf.priors import Normal
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, laid_out
from deepbench_hf.simulators.quasar.cadence import YEAR_D, waiting

BANDS = ("u", "g", "r", "i", "z", "y")
WAVELENGTHS_NM = (368.0, 480.0, 622.0, 754.0, 868.0, 971.0)
"""The middle of each band, in the manner of the Rubin observatory's; declared here."""
TINTS = np.array(
    [
        (1 / wave - 1 / WAVELENGTHS_NM[2]) / (1 / WAVELENGTHS_NM[1] - 1 / WAVELENGTHS_NM[2])
        for wave in WAVELENGTHS_NM
    ]
)
"""By how many times the colour g - r a band's magnitude differs from that in r."""
CLASSES = ("sn_ia", "sn_ibc", "sn_ii", "superluminous", "kilonova")
GAP_D = Normal(mean=72.0, sigma=25.0, low=0.0, high=150.0)
"""Days without observations at either end of a year."""
_STEEPEST = 300.0


class Transient(Simulator):
    r"""A light curve in six bands that rises and falls exponentially, at nights of a survey.

        f_b(t) = A_b e^(-(t - t_0) / tau_f) / (1 + e^(-(t - t_0) / tau_r)) + B,
        A_b    = A 10^(-0.4 (g - r) (1 / l_b - 1 / l_r) / (1 / l_g - 1 / l_r)),

    l_b the wavelength of band b: magnitudes are linear in 1 / l, as those of a hot body are.

    Args:
        label: the class; what it changes are the priors alone, (n,).
        amplitude: A, of band r, (n,).
        start_d: t_0, days, (n,).
        rise_d, fall_d: tau_r and tau_f, days, tau_f the longer one, (n,).
        colour_mag: g - r, mag, (n,).
        background: B, (n,).
        realization: number of the nights, (n,).
        time_d: times of observations, days, rising, (n, T).
        valid: which of them are there, (n, T); times and fluxes of the others are 0.
        years: length of the survey; epochs: T, observations that a row has room for.
        cadence_d, rest_d: mean waiting time for a night once one is possible, and the shortest
            time between two, days.

    Returns:
        flux_u to flux_y (n, T), in units of that of 25 mag; peak_time_d, when they are largest,
        t_0 + tau_r ln(tau_f / tau_r - 1), and peak_flux, A_r and B there, (n,).

    Source: G. Bazin et al., The core-collapse rate from the Supernova Legacy Survey, Astronomy and
    Astrophysics 499 (2009) 653, arXiv:0904.1066, for the form; after PLAsTiCC, arXiv:1810.00001.
    """

    kind: Literal["transient"] = "transient"
    parameters: ClassVar[Parameters] = {
        "label": one_of("what flares up", CLASSES, decoy=True, symbol="k"),
        "amplitude": Parameter("1", "amplitude in band r, 25 mag being 1", 0, 1e9, symbol="A"),
        "start_d": Parameter("d", "time about which it rises", -1e5, 1e5, symbol="t_0"),
        "rise_d": Parameter("d", "time of the rise", 0.01, 1e3, symbol=r"\tau_r"),
        "fall_d": Parameter("d", "time of the fall", 0.02, 1e4, symbol=r"\tau_f"),
        "colour_mag": Parameter("mag", "colour g - r", -3, 5, 0.0, symbol="g - r"),
        "background": Parameter("1", "light of what is behind it", -1e6, 1e6, 0.0, symbol="B"),
        "realization": replace(REALIZATION, meaning="number of the nights", decoy=True),
    }
    sensitive: ClassVar[tuple[str, ...]] = tuple(parameters)[1:7]
    years: Annotated[int, pydantic.Field(ge=1, le=100)] = 3
    epochs: Annotated[int, pydantic.Field(ge=2, le=8192)] = 160
    cadence_d: Annotated[float, pydantic.Field(gt=0, le=YEAR_D)] = 2.0
    rest_d: Annotated[float, pydantic.Field(gt=0, le=YEAR_D)] = 3.0

    @property
    def columns(self) -> Fields:
        size = (self.epochs,)
        there = "whether there is an observation, or padding"
        seen = {"shape": size, "along": "time_d", "valid": "valid"}
        return {
            "time_d": Field(
                "d", "time of each observation", size, valid="valid", role="coordinate",
                accepts=(-1e6, 1e6), rising=True,
            ),
            "valid": Field("1", there, size, "bool", low=0, role="coordinate"),
            "peak_time_d": Field("d", "when it is brightest", role="label"),
            "peak_flux": Field("1", "flux in band r then, 25 mag being 1", role="label"),
            **{
                f"flux_{band}": Field("1", f"flux in band {band}, 25 mag being 1", **seen)
                for band in BANDS
            },
        }  # fmt: skip

    def refuse(self, supports: Supports) -> str | None:
        """A light curve that rises more slowly than it falls has no peak."""
        rise, fall = supports["rise_d"][1], supports["fall_d"][0]
        if rise < fall:
            return None
        return f"rise_d reaches {rise:g} d and fall_d begins at {fall:g} d; it must fall slower"

    def locate(self, **parameters: NDArray) -> Columns:
        number = laid_out(parameters["realization"])
        purposes, size = ("transient seasons", "transient nights"), (self.years, self.epochs)
        time, valid = waiting(number, purposes, GAP_D, *size, self.cadence_d, self.rest_d)
        return {"time_d": time, "valid": valid}

    def __call__(self, **inputs: Any) -> Columns:
        row, time = filled(self.parameters, inputs), laid_out(inputs["time_d"])
        valid = np.asarray(inputs["valid"]) != 0
        shape = [row[name] for name in list(self.parameters)[1:7]]
        flux = np.empty((len(BANDS), *time.shape))
        flare(*shape, time, valid, flux)
        ratio = np.maximum(row["fall_d"] / row["rise_d"] - 1.0, 1e-300)
        peak = row["start_d"] + row["rise_d"] * logarithm(ratio)
        top = np.empty((len(BANDS), len(peak), 1))
        flare(*shape, peak[:, None], np.ones((len(peak), 1), bool), top)
        found = {"peak_time_d": peak, "peak_flux": top[2, :, 0].copy()}
        return {**found, **{f"flux_{band}": flux[k] for k, band in enumerate(BANDS)}}

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the flux in closed form."""
        row, time = filled(self.parameters, inputs), laid_out(inputs["time_d"])
        valid = np.asarray(inputs["valid"]) != 0
        shape = [row[name] for name in self.sensitive]
        slopes = np.empty((len(BANDS), len(self.sensitive), *time.shape))
        flare_slopes(*shape, time, valid, slopes)
        return {
            f"flux_{band}": dict(zip(self.sensitive, slopes[k], strict=True))
            for k, band in enumerate(BANDS)
        }


@kernel
def _form(x: float, rise: float, fall: float) -> tuple[float, float]:
    """e^(-x / fall) / (1 + e^(-x / rise)), and the share e^(-x / rise) / (1 + e^(-x / rise))."""
    steep = min(max(-x / rise, -_STEEPEST), _STEEPEST)
    # Divided by e^(-x / rise) before the rise, so that nothing overflows.
    if steep > 0.0:
        decayed = exact.exp(-steep)
        share = 1.0 / (1.0 + decayed)
        return exact.exp(max(x / rise - x / fall, -700.0)) * share, share
    grown = exact.exp(steep)
    return exact.exp(max(-x / fall, -700.0)) / (1.0 + grown), grown / (1.0 + grown)


@kernel(allocates=True)
def flare(amplitude, start, rise, fall, colour, background, time, valid, flux) -> None:
    """Fill in the flux, (bands, n, T), 0 where nothing is observed."""
    form = np.empty(time.shape[1])
    for i in range(time.shape[0]):
        for k in range(form.size):
            form[k], _ = _form(time[i, k] - start[i], rise[i], fall[i])
        for band in range(flux.shape[0]):
            tint = amplitude[i] * exact.exp2(-OCTAVES * colour[i] * TINTS[band])
            for k in range(form.size):
                flux[band, i, k] = tint * form[k] + background[i] if valid[i, k] else 0.0


@kernel(allocates=True)
def flare_slopes(amplitude, start, rise, fall, colour, background, time, valid, slopes) -> None:
    """Fill in the derivatives by the six parameters, (bands, 6, n, T)."""
    forms, shares = np.empty(time.shape[1]), np.empty(time.shape[1])
    for i in range(time.shape[0]):
        for k in range(forms.size):
            forms[k], shares[k] = _form(time[i, k] - start[i], rise[i], fall[i])
        for band in range(slopes.shape[0]):
            per_mag = -OCTAVES * TINTS[band]
            tint = exact.exp2(per_mag * colour[i])
            out = slopes[band, :, i]
            for k in range(forms.size):
                out[:, k] = 0.0
                if valid[i, k]:
                    x, share = time[i, k] - start[i], shares[k]
                    flux = amplitude[i] * tint * forms[k]
                    out[0, k] = tint * forms[k]
                    out[1, k] = flux * (1.0 / fall[i] - share / rise[i])
                    out[2, k] = -flux * share * x / (rise[i] * rise[i])
                    out[3, k] = flux * x / (fall[i] * fall[i])
                    out[4, k] = flux * per_mag * LN_2
                    out[5, k] = 1.0
