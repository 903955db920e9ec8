"""Random walks of the smoothed density that cross a spherical or ellipsoidal barrier."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_10, PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.quantiles import logarithm
from deepbench_hf.fields import Columns, Field, Fields, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.collapse.sphere import CRITICAL, ratios
from deepbench_hf.simulators.inputs import REALIZATION, filled, laid_out, uniform, white

FIRST, LAST = 0.25, 16.0
"""The variances of the first and the last step of a walk."""
LOG10_MASS = 13.0
"""log10 of M*, solar masses, at which the variance is 1."""
FARTHEST = 1.8
"""A barrier is at most this times that of a sphere: what has no root below does not collapse."""
ATTEMPTS = 400


class ExcursionSet(Simulator):
    r"""The density round a point, smoothed on ever smaller scales, until it crosses a barrier.

    The six numbers of the deformation tensor walk in independent steps (Doroshkevich): with y of
    variance S,

        T_11 = (y0 - a) / 3, T_22 = (y0 - b) / 3, T_33 = (y0 + a + b) / 3,  T_ij = y_k / sqrt(15),
        a = 3 y1 / sqrt(15) + y2 / sqrt(5),  b = -2 y2 / sqrt(5),

    so that the trace is delta, of variance S. With eigenvalues l1 >= l2 >= l3 the ellipticity is
    e = (l1 - l3) / 2 delta and the prolateness p = (l1 + l3 - 2 l2) / 2 delta. The barrier is
    delta_c = 1.6865 (``spherical``), or, times it, the root b of

        b = 1 + 0.47 (5 (e^2 -+ p^2) b^2)^0.615,  minus for p > 0,      (``ellipsoidal``).

    Between two scales the walk has crossed with the chance of a Brownian bridge,
    e^(-2 (B - delta) (B' - delta') / (S' - S)): for the spherical barrier the chance to have
    crossed by S is then erfc(delta_c / sqrt(2 S)) without an error of the steps.

    Args:
        realization: number of the walk, (n,).
        barrier: spherical or ellipsoidal.
        slope: alpha of S = (M / M*)^-alpha, M* = 1e13 solar masses.
        crossed_by: walks are drawn again, at most 400 times, until they cross by this variance,
            one of the scales' or above; 0 for any walk.
        scales: m, how many scales are seen.

    Raises:
        ValueError: none of 400 walks crosses by ``crossed_by``.

    Returns:
        delta, elongation = e delta and prolateness = p delta, (n, m), at variances S from 0.25 to
        16 in equal ratios; bound: whether it crossed; crossed_at: the number of the scale by which
        it had, 1 to m, 0 for never; log10_mass of that scale, solar masses, 0 for never.

    Source: J. R. Bond, S. Cole, G. Efstathiou and N. Kaiser, ApJ 379 (1991) 440,
    doi:10.1086/170520; R. K. Sheth, H. J. Mo and G. Tormen, MNRAS 323 (2001) 1,
    arXiv:astro-ph/9907024, for the ellipsoidal barrier. The question is that of L. Lucie-Smith et
    al., Deep learning insights into cosmological structure formation (2020), arXiv:2011.10577.
    """

    kind: Literal["excursion_set"] = "excursion_set"
    parameters: ClassVar[Parameters] = {"realization": REALIZATION}
    barrier: Literal["spherical", "ellipsoidal"] = "spherical"
    slope: Annotated[float, pydantic.Field(gt=0.1, le=3)] = 0.5
    crossed_by: Annotated[float, pydantic.Field(ge=0, le=LAST)] = 0.0
    scales: Annotated[int, pydantic.Field(ge=2, le=256)] = 24

    @pydantic.field_validator("crossed_by")
    @classmethod
    def _is_seen(cls, variance: float) -> float:
        if 0.0 < variance < FIRST:
            raise ValueError(f"got {variance:g}; no walk is seen before {FIRST:g}, 0 is for any")
        return variance

    @property
    def columns(self) -> Fields:
        size = (self.scales,)
        walk: Any = {"shape": size, "along": "variance"}
        at = "number of the scale by which the walk has crossed; 0 for never"
        mass = "log10 of the mass of the halo, solar masses; 0 for none"
        accepts = {"accepts": (FIRST, LAST), "rising": True}
        return {
            "variance": Field(
                "1", "variance of the smoothed density", size, role="coordinate", **accepts
            ),
            "bound": Field("1", "whether there is a halo", dtype="bool", low=0, role="label"),
            "crossed_at": Field("1", at, dtype="int64", low=0, role="label"),
            "log10_mass": Field("1", mass, low=0.0, role="label"),
            "delta": Field("1", "linear overdensity", **walk),
            "elongation": Field("1", "ellipticity of the tide times delta", **walk),
            "prolateness": Field("1", "prolateness of the tide times delta", **walk),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        variances = ratios(FIRST, LAST, self.scales)
        return {"variance": np.repeat(variances[None], len(parameters["realization"]), axis=0)}

    def __call__(self, *, variance: Any, **inputs: Any) -> Columns:
        number, variance = filled(self.parameters, inputs)["realization"], laid_out(variance)
        walks, at = np.empty((3, *variance.shape)), np.zeros(len(number), np.int64)
        todo = np.arange(len(number))
        for attempt in range(ATTEMPTS if self.crossed_by else 1):
            z = white(number[todo], f"walk {attempt}", 6 * variance.shape[1])
            u = uniform(number[todo], f"crossing {attempt}", variance.shape[1])
            part, crossed = np.empty((3, *u.shape)), np.zeros(len(todo), np.int64)
            _walk(variance[todo], z, u, self.barrier == "ellipsoidal", part, crossed)
            walks[:, todo], at[todo] = part, crossed
            last = np.take_along_axis(variance[todo], np.maximum(crossed - 1, 0)[:, None], axis=1)
            todo = todo[(crossed == 0) | (last[:, 0] > self.crossed_by)]
            if not len(todo):
                break
        if self.crossed_by and len(todo):
            told = f"no walk in {ATTEMPTS} crosses by a variance of {self.crossed_by:g}"
            raise ValueError(f"crossed_by: {told}; give a larger one, or 0 for any walk")
        last = np.take_along_axis(variance, np.maximum(at - 1, 0)[:, None], axis=1)[:, 0]
        log10_mass = LOG10_MASS - logarithm(last) / (LN_10 * self.slope)
        return {
            "bound": at > 0,
            "crossed_at": at,
            "log10_mass": log10_mass * (at > 0),
            "delta": walks[0],
            "elongation": walks[1],
            "prolateness": walks[2],
        }


@kernel
def _eigenvalues(a, b, c, d, e, f):
    """The eigenvalues of ((a, d, e), (d, b, f), (e, f, c)), the largest first.

    Source: O. K. Smith, Communications of the ACM 4 (1961) 168: the roots of a cubic by cosines.
    """
    middle = (a + b + c) / 3.0
    x, y, z = a - middle, b - middle, c - middle
    square = (x * x + y * y + z * z + 2.0 * (d * d + e * e + f * f)) / 6.0
    size = np.sqrt(square)
    if size == 0.0:
        return middle, middle, middle
    determinant = x * (y * z - f * f) - d * (d * z - f * e) + e * (d * f - y * e)
    half = min(max(0.5 * determinant / (square * size), -1.0), 1.0)
    turn = exact.atan2(np.sqrt((1.0 - half) * (1.0 + half)), half) / 3.0
    first = middle + 2.0 * size * exact.cos(turn)
    last = middle + 2.0 * size * exact.cos(turn + 2.0 * PI / 3.0)
    return first, 3.0 * middle - first - last, last


@kernel
def ellipsoidal_barrier(e, p):
    """The barrier over delta_c for a tide of ellipticity e and prolateness p; 0 for none.

    Newton's steps from 1: b^1.23 is convex, so that they rise to the lowest root.
    """
    sign = -1.0 if p > 0.0 else 1.0
    factor = 0.47 * exact.power(max(5.0 * (e * e + sign * p * p), 1e-300), 0.615)
    b = 1.0
    for _ in range(30):
        raised = factor * exact.power(b, 1.23)
        slope = 1.23 * raised / b - 1.0
        if slope >= 0.0 or b > FARTHEST:
            return 0.0
        b -= (1.0 + raised - b) / slope
    return b


@kernel
def _walk(variance, z, u, ellipsoidal, walks, at):
    """Fill in the walks (3, n, m) and the numbers of the scales of the first crossings, (n,)."""
    for i in range(at.size):
        y = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        before, delta, wall = 0.0, 0.0, CRITICAL
        for k in range(variance.shape[1]):
            step = np.sqrt(variance[i, k] - before)
            w = z[i, 6 * k : 6 * k + 6]
            y = (
                y[0] + step * w[0], y[1] + step * w[1], y[2] + step * w[2],
                y[3] + step * w[3], y[4] + step * w[4], y[5] + step * w[5],
            )  # fmt: skip
            a = 3.0 * y[1] / np.sqrt(15.0) + y[2] / np.sqrt(5.0)
            b = -2.0 * y[2] / np.sqrt(5.0)
            root = np.sqrt(15.0)
            first, second, third = _eigenvalues(
                (y[0] - a) / 3.0, (y[0] - b) / 3.0, (y[0] + a + b) / 3.0,
                y[3] / root, y[4] / root, y[5] / root,
            )  # fmt: skip
            long, flat = 0.5 * (first - third), 0.5 * (first + third) - second
            walks[0, i, k], walks[1, i, k], walks[2, i, k] = y[0], long, flat
            new = CRITICAL
            if ellipsoidal:
                new = 0.0
                if y[0] > 0.0 and at[i] == 0:
                    new = CRITICAL * ellipsoidal_barrier(long / y[0], flat / y[0])
            if at[i] == 0 and new > 0.0:
                chance = 0.0
                if y[0] >= new:
                    chance = 1.0
                elif wall > 0.0:
                    gap = 2.0 * (wall - delta) * (new - y[0]) / (step * step)
                    chance = exact.exp(max(-gap, -700.0))
                if u[i, k] < chance:
                    at[i] = k + 1
            before, delta, wall = variance[i, k], y[0], new
