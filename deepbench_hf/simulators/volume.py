"""Lognormal density fields in a periodic cube."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact import quantiles
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, white

CELLS, SIDE_MPC = 32, 100.0
"""Cells along an edge of the cube, and its length."""


class LognormalVolume(Simulator):
    r"""A positive random field whose logarithm is Gaussian, with a Gaussian correlation function.

        rho / mean rho = e^(g - s^2 / 2),  <g(x) g(x + r)> = s^2 e^(-r^2 / 4 l^2)

    so that 1 + xi(r) = exp(s^2 e^(-r^2 / 4 l^2)), the variance is e^(s^2) - 1 and the skewness
    (e^(s^2) + 2) sqrt(e^(s^2) - 1). g is white noise behind a Gaussian of width l along each axis,
    across the periodic edges; the variance of g is s^2 whatever the cells, its correlation that of
    the sampled Gaussian, within 1e-4 s^2 of the formula for l from one cell to a tenth of the side.

    Args:
        log_sigma: s, (n,).
        scale_Mpc: l, Mpc, (n,).
        realization: number of the realization, (n,).

    Returns:
        density (n, 32, 32, 32) float32, over its mean, [z, y, x] in cells of 3.125 Mpc; variance
        and skewness, over all realizations, (n,).

    Source: P. Coles and B. Jones, A lognormal model for the cosmological mass distribution, MNRAS
    248 (1991) 1, doi:10.1093/mnras/248.1.1; the correlation function is ours.
    """

    kind: Literal["lognormal_volume"] = "lognormal_volume"
    parameters: ClassVar[Parameters] = {
        "log_sigma": Parameter(
            "1", "standard deviation of the logarithm of the density", 0.01, 2, symbol="s"
        ),
        "scale_Mpc": Parameter("Mpc", "width of the smoothing", 3.125, 25, symbol=r"\ell"),
        "realization": REALIZATION,
    }

    @property
    def columns(self) -> Fields:
        size = (CELLS, CELLS, CELLS)
        return {
            "variance": Field("1", "variance of the density", low=0.0, role="label"),
            "skewness": Field("1", "skewness of the density", low=0.0, role="label"),
            "density": Field("1", "density over its mean", size, "float32", low=0.0),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        s, n = row["log_sigma"], len(row["log_sigma"])
        density = np.empty((n, CELLS, CELLS, CELLS), np.float32)
        for i in range(n):  # the white noise of one field at a time
            noise = white(row["realization"][i : i + 1], "volume", CELLS**3)[0]
            _fill(
                noise.astype(np.float64), s[i], row["scale_Mpc"][i] * CELLS / SIDE_MPC, density[i]
            )
        growth = quantiles.exponential(s * s)
        root = np.sqrt(growth - 1.0)
        return {"variance": growth - 1.0, "skewness": (growth + 2.0) * root, "density": density}


@kernel
def _weights(width, weights):
    """Fill in a periodic Gaussian whose squares sum to 1."""
    n, total = weights.size, 0.0
    for i in range(n):
        weights[i] = 0.0
        for image in range(-2, 3):
            distance = (i + image * n) / width
            weights[i] += exact.exp(max(-0.5 * distance * distance, -700.0))
        total += weights[i] * weights[i]
    for i in range(n):
        weights[i] /= np.sqrt(total)


@kernel(allocates=True)
def _fill(field, sigma, width, density):
    """Smooth white noise (n^3,) along each axis in turn, and take its exponential."""
    n = density.shape[0]
    weights, smooth = np.empty(n), np.empty(n * n * n)
    _weights(width, weights)
    for _ in range(3):
        # Along the first axis, which then becomes the last one: three times is once for each.
        for i in range(n):
            for rest in range(n * n):
                smooth[i * n * n + rest] = 0.0
            for k in range(n):
                weight = weights[(i - k) % n]
                for rest in range(n * n):
                    smooth[i * n * n + rest] += weight * field[k * n * n + rest]
        for i in range(n):
            for rest in range(n * n):
                field[rest * n + i] = smooth[i * n * n + rest]
    for z in range(n):
        for y in range(n):
            for x in range(n):
                g = sigma * field[(z * n + y) * n + x]
                density[z, y, x] = np.float32(exact.exp(g - 0.5 * sigma * sigma))
