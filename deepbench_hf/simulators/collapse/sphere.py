"""The collapse of a sphere of uniform density, and the critical overdensity."""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quantiles import exponential
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled, laid_out

CRITICAL = 1.686470199841145
"""Linear overdensity at which a sphere collapses: (3 / 20) (12 pi)^(2/3)."""


def ratios(first: float, last: float, count: int) -> Array:
    """Numbers in equal ratios, the ends as they are."""
    inner = exponential(exact.log(last / first) * np.arange(count - 1) / (count - 1))
    return np.append(first * inner, last)


MOMENTS, EARLIEST = 50, 1e-4
"""Times of a series, and the first of them, in ages."""


class TopHat(Simulator):
    r"""The radius of a sphere of uniform density in an Einstein-de Sitter universe.

        r = A (1 - cos theta),  t = B (theta - sin theta),  A = 2 R (B / 6)^(2/3),

    with R the radius that its mass has in the mean density today and times in ages of the universe,
    so that the scale factor is t^(2/3). The linear overdensity
    (3 / 20) (6 (theta - sin theta))^(2/3) is ``overdensity`` at the scale factor 1e-3 and 1.6865 at
    the collapse, t = 2 pi B; from then on the radius is A, half of the largest, as the virial
    theorem has it.

    Args:
        overdensity: linear overdensity at the scale factor 1e-3, (n,).
        lagrangian_radius_Mpc: R, Mpc, (n,).
        time: times, in ages of the universe, (n, 50).

    Returns:
        radius_Mpc (n, 50), Mpc; collapse_time, in ages, and turnaround_radius_Mpc, (n,).

    Source: J. E. Gunn and J. R. Gott, ApJ 176 (1972) 1, doi:10.1086/151605.
    """

    kind: Literal["tophat"] = "tophat"
    parameters: ClassVar[Parameters] = {
        "overdensity": Parameter(
            "1", "linear overdensity at the scale factor 1e-3", 1e-4, 0.5, symbol=r"\delta_i"
        ),
        "lagrangian_radius_Mpc": Parameter(
            "Mpc", "radius that the mass has in the mean density today", 0.01, 100, symbol="R"
        ),
    }

    @property
    def columns(self) -> Fields:
        shape, age = (MOMENTS,), "time of the collapse, in ages of the universe"
        turn = "largest radius"
        time: Any = {"role": "coordinate", "accepts": (1e-8, 1e4), "rising": True}
        return {
            "time": Field("1", "time, in ages of the universe", shape, **time),
            "collapse_time": Field("1", age, low=0.0, role="label"),
            "turnaround_radius_Mpc": Field("Mpc", turn, low=0.0, role="label"),
            "radius_Mpc": Field("Mpc", "radius of the sphere", shape, along="time"),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        times = ratios(EARLIEST, 1.0, MOMENTS)
        return {"time": np.repeat(times[None], len(parameters["overdensity"]), axis=0)}

    def __call__(self, *, time: Any, **inputs: Any) -> Columns:
        row, time = filled(self.parameters, inputs), laid_out(time)
        radius, collapse, turn = np.empty(time.shape), np.empty(len(time)), np.empty(len(time))
        _sphere(*row.values(), time, radius, collapse, turn)
        return {"collapse_time": collapse, "turnaround_radius_Mpc": turn, "radius_Mpc": radius}


@kernel(allocates=True)
def _sphere(overdensity, lagrangian, time, radius, collapse, turn):
    """Fill in radii (n, m), times of collapse and largest radii, (n,)."""
    low, high = np.empty(time.shape[1]), np.empty(time.shape[1])
    for i in range(overdensity.size):
        scale = 1e-3 * CRITICAL / overdensity[i]
        collapse[i] = scale * np.sqrt(scale)
        base = collapse[i] / (2.0 * PI)
        size = 2.0 * lagrangian[i] * exact.power(base / 6.0, 2.0 / 3.0)
        turn[i] = 2.0 * size
        _enclose(time[i], base, low, high)
        for k in range(low.size):
            sine = exact.sin(0.25 * (low[k] + high[k]))
            radius[i, k] = size if time[i, k] >= collapse[i] else 2.0 * size * sine * sine


@kernel
def _enclose(time, base, low, high) -> None:
    """Fill in angles below and above that of B (theta - sin theta) = t, by halving, (m,)."""
    low[:], high[:] = 0.0, 2.0 * PI
    for _ in range(54):
        for k in range(time.size):
            theta = 0.5 * (low[k] + high[k])
            early = base * (theta - exact.sin(theta)) < time[k]
            low[k], high[k] = theta if early else low[k], high[k] if early else theta
