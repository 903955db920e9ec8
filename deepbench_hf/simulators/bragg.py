"""The Bragg curve: the dose that protons leave in water along their way."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import ROOT_TWO_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.differences import slopes
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.inputs import filled

Depth = Annotated[float, pydantic.Field(ge=0.0, le=100.0)]

EXPONENT = 1.77
"""p of the range R0 = alpha E^p."""
ALPHA = 0.0022
"""alpha of the range, cm MeV^-p, in water."""
STRAGGLING, STRAGGLING_EXPONENT = 0.012, 0.935
"""sigma = 0.012 R0^0.935 of the range of one energy, both in cm."""
PEAK_SIGMA, PEAK_DOSE = 0.896804186255269, 0.5427958988581306
"""The peak lies so many sigma before R0, and is so high in units of sigma^(1/p - 1) / alpha^(1/p).

With zeta = (R0 - z) / sigma the curve is a function of zeta alone, whose largest value this is.
"""
_REACH = 9.0  # sigma: beyond, the normal distribution is below 1e-18 of its peak
_SHORTEST = 1e-300  # cm: what logarithms take instead of nothing
_NODES = 48


class Bragg(Grid, Simulator):
    r"""Dose of a proton beam in water against depth, with range straggling.

    A proton of energy E has the range R0 = alpha E^p and loses, at depth z,

        -dE/dz = (R0 - z)^(1/p - 1) / (p alpha^(1/p));

    ranges are normal about R0 with sigma^2 = (0.012 R0^0.935)^2 + (p R0 s)^2, s the relative spread
    of the energy, and the dose is the mean over them:

        D(z) = int N(R; R0, sigma) (R - z)^(1/p - 1) / (p alpha^(1/p)) dR
             = alpha^(-1/p) int N(z + v^p; R0, sigma) dv.

    Args:
        energy_MeV: E, MeV, (n,).
        energy_spread: s, (n,); 0 by default.
        depth_cm: depths, cm, (n, T).
        start, stop: the first and the last depth, cm.
        samples: T, how many there are.

    Returns:
        dose_MeV_cm (n, T), MeV/cm for one proton; range_cm R0, peak_depth_cm and peak_to_entrance,
        (n,).

    Accuracy: 1e-9 of the peak. The integral over all depths is the mean of (R / alpha)^(1/p),
    which straggling makes smaller than E by a part in 10^5, and a spread by 0.4 s^2 of it.

    Source: T. Bortfeld, An analytical approximation of the Bragg curve for therapeutic proton
    beams, Medical Physics 24 (1997) 2024, doi:10.1118/1.598116; without its nuclear interactions.
    """

    kind: Literal["bragg"] = "bragg"
    parameters: ClassVar[Parameters] = {
        "energy_MeV": Parameter("MeV", "energy of the protons", 10, 300, symbol="E_0"),
        "energy_spread": Parameter(
            "1", "standard deviation of the energy over the energy", 0, 0.1, 0.0, symbol="s"
        ),
    }
    sensitive: ClassVar[tuple[str, ...]] = tuple(parameters)
    start: Depth = 0.0
    stop: Depth = 35.0
    samples: Annotated[int, pydantic.Field(ge=2, le=65536)] = 256

    @property
    def columns(self) -> Fields:
        size = (self.samples,)
        accepts = {"role": "coordinate", "accepts": (-1e3, 1e3)}
        return {
            "depth_cm": Field("cm", "depth in water", size, **accepts),
            "range_cm": Field("cm", "mean range of the protons", role="label"),
            "peak_depth_cm": Field("cm", "depth of the Bragg peak", role="label"),
            "peak_to_entrance": Field("1", "dose at the peak over the entrance's", role="label"),
            "dose_MeV_cm": Field("MeV cm-1", "dose of a proton", size, low=0.0),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        return {"depth_cm": self.rows(len(parameters["energy_MeV"]))}

    def __call__(self, *, depth_cm: NDArray, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        reach, sigma = ranges(row["energy_MeV"], row["energy_spread"])
        quadrature = gauss_legendre(_NODES)
        dose = doses(reach, sigma, np.ascontiguousarray(depth_cm), *quadrature)
        peak = reach - PEAK_SIGMA * sigma
        entrance = doses(reach, sigma, np.zeros((len(reach), 1)), *quadrature)[:, 0]
        return {
            "dose_MeV_cm": dose,
            "range_cm": reach,
            "peak_depth_cm": peak,
            "peak_to_entrance": peak_doses(sigma) / entrance,
        }

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the dose by differences, 1e-6 of the largest."""
        return slopes(self, {"energy_MeV": -1e-3, "energy_spread": 1e-3}, inputs, ["dose_MeV_cm"])


@kernel(allocates=True)
def ranges(energy: Array, spread: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of the range, cm, (n,) each."""
    reach, sigma = np.empty_like(energy), np.empty_like(energy)
    for i in range(energy.size):
        reach[i] = ALPHA * exact.power(energy[i], EXPONENT)
        straggling = STRAGGLING * exact.power(reach[i], STRAGGLING_EXPONENT)
        beam = EXPONENT * reach[i] * spread[i]
        sigma[i] = np.sqrt(straggling * straggling + beam * beam)
    return reach, sigma


@kernel(allocates=True)
def peak_doses(sigma: Array) -> Array:
    """The highest dose, MeV/cm, (n,)."""
    out = np.empty_like(sigma)
    for i in range(sigma.size):
        power = exact.power(sigma[i], 1.0 / EXPONENT - 1.0)
        out[i] = PEAK_DOSE * power / exact.power(ALPHA, 1.0 / EXPONENT)
    return out


@kernel(allocates=True)
def doses(reach: Array, sigma: Array, depth: Array, nodes: Array, weights: Array) -> Array:
    """The dose (n, T), MeV/cm, at depths (n, T), by Gauss-Legendre over the ranges."""
    out, scratch = np.zeros_like(depth), np.empty(nodes.size)
    first, last = np.empty(depth.shape[1]), np.empty(depth.shape[1])
    unit = 1.0 / exact.power(ALPHA, 1.0 / EXPONENT)
    for i in range(depth.shape[0]):
        scale = unit / (ROOT_TWO_PI * sigma[i])
        for j in range(depth.shape[1]):  # short loops vectorise
            low = (reach[i] - depth[i, j]) - _REACH * sigma[i]
            first[j] = exact.power(max(low, _SHORTEST), 1.0 / EXPONENT) if low > 0.0 else 0.0
            high = (reach[i] - depth[i, j]) + _REACH * sigma[i]
            last[j] = exact.power(max(high, _SHORTEST), 1.0 / EXPONENT)
        for j in range(depth.shape[1]):
            rest = reach[i] - depth[i, j]
            if rest + _REACH * sigma[i] <= 0.0:
                continue
            half = 0.5 * (last[j] - first[j])
            for k in range(nodes.size):
                scratch[k] = exact.power(first[j] + half * (1.0 + nodes[k]), EXPONENT)
            for k in range(nodes.size):
                zeta = (scratch[k] - rest) / sigma[i]
                scratch[k] = exact.exp(-0.5 * zeta * zeta)
            total = 0.0
            for k in range(nodes.size):
                total += weights[k] * scratch[k]
            out[i, j] = scale * half * total
    return out
