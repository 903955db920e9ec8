"""A straight line, a step and an arc sine: simple relations between an input and an output."""

from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.quantiles import exponential, logarithm
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.inputs import filled

Place = Annotated[float, pydantic.Field(ge=-1e6, le=1e6)]

SLOPE = Parameter("1", "slope of the line", -1e6, 1e6, symbol="m")
INTERCEPT = Parameter("1", "y at x = 0", -1e6, 1e6, default=0.0, symbol="b")
X = Parameter("1", "where the relation is looked at", -1e6, 1e6, symbol="x")


class Line(Grid, Simulator):
    """Points on a straight line, y = m x + b, at equally spaced x.

    Args:
        slope: m, (n,).
        intercept: b, (n,); 0 by default.
        x: places, (n, T).
        start, stop: the first and the last x.
        samples: T, how many there are; 2 to 65536.

    Returns:
        y (n, T).

    Source: elementary; the priors of the shipped config are those of R. Nevin et al., DeepUQ:
    assessing the aleatoric uncertainties from two deep learning methods (2024).
    """

    kind: Literal["line"] = "line"
    parameters: ClassVar[Parameters] = {"slope": SLOPE, "intercept": INTERCEPT}
    start: Place = 0.0
    stop: Place = 10.0

    @property
    def columns(self) -> Fields:
        shape = (self.samples,)
        return {
            "x": Field("1", "where the line is looked at", shape, role="coordinate"),
            "y": Field("1", "height of the line", shape),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        return {"x": self.rows(len(parameters["slope"]))}

    def __call__(self, *, x: NDArray, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        return {"y": row["slope"][:, None] * np.asarray(x) + row["intercept"][:, None]}


class LinePoint(Simulator):
    """One point of a straight line, y = m x + b.

    Args:
        x: the place, (n,).
        slope: m, (n,); 1 by default.
        intercept: b, (n,); 0 by default.

    Returns:
        y (n,).

    Source: elementary.
    """

    kind: Literal["line_point"] = "line_point"
    parameters: ClassVar[Parameters] = {
        "x": X,
        "slope": replace(SLOPE, default=1.0),
        "intercept": INTERCEPT,
    }

    @property
    def columns(self) -> Fields:
        return {"y": Field("1", "height of the line")}

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        return {"y": row["slope"] * row["x"] + row["intercept"]}


class SelectedPoint(Simulator):
    """A point of a line y = m x, selected so that y and not x is even.

    Of points with x even in [0, x_max] and m in [m_min, m_max] those with a given y have a slope
    whose density goes as 1 / m: m = low^(1 - u) m_max^u with low = max(m_min, y / x_max), and
    x = y / m.

    Args:
        height: y, (n,).
        share: u, from 0 to 1, (n,).
        flattest, steepest: m_min and m_max.
        farthest: x_max.

    Returns:
        slope m, x and y, (n,).

    Source: the selection of R. Nevin et al., DeepUQ: assessing the aleatoric uncertainties from two
    deep learning methods (2024), arXiv:2411.08587, whose labels are kept even.
    """

    kind: Literal["line_selected"] = "line_selected"
    parameters: ClassVar[Parameters] = {
        "height": Parameter("1", "y of the selected point", 0, 1e6, symbol="y"),
        "share": Parameter("1", "where the slope lies among those that fit", 0, 1, symbol="u"),
    }
    flattest: Annotated[float, pydantic.Field(gt=0, le=1e6)] = 0.1
    steepest: Annotated[float, pydantic.Field(gt=0, le=1e6)] = 0.4
    farthest: Annotated[float, pydantic.Field(gt=0, le=1e6)] = 10.0

    @property
    def columns(self) -> Fields:
        slope = Field("1", "slope of the line", low=self.flattest, role="label")
        where = Field("1", "where the line is looked at")
        return {"slope": slope, "x": where, "y": Field("1", "height of the line there")}

    def refuse(self, supports: Supports) -> str | None:
        """The steepest line must reach every height."""
        highest = self.steepest * self.farthest
        if supports["height"][1] <= highest and self.flattest < self.steepest:
            return None
        return f"height reaches {supports['height'][1]:g}; the steepest line reaches {highest:g}"

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        low = np.maximum(self.flattest, row["height"] / self.farthest)
        slope = low * exponential(row["share"] * logarithm(self.steepest / low))
        return {"slope": slope, "x": row["height"] / slope, "y": row["height"].copy()}


class StepPoint(Simulator):
    """One point of a step, y = h where x > 0, and 0 elsewhere, at x = 0 too.

    Args:
        x: the place, (n,).
        height: h, (n,); 1 by default.

    Returns:
        y (n,).

    Source: elementary.
    """

    kind: Literal["step_point"] = "step_point"
    parameters: ClassVar[Parameters] = {
        "x": X,
        "height": Parameter("1", "height of the step", -1e6, 1e6, default=1.0, symbol="h"),
    }

    @property
    def columns(self) -> Fields:
        return {"y": Field("1", "height of the step at x")}

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        return {"y": np.where(row["x"] > 0.0, row["height"], 0.0)}


class ArcsinePoint(Simulator):
    """One point of the arc sine, y = arcsin x.

    Its Chebyshev series is y = sum over odd k of 4 / (pi k^2) T_k(x). The coefficients fall slowly,
    as the slope is infinite at both ends; cut off at degree d it errs by some 2 / (pi d) there.

    Args:
        x: the place, -1 to 1, (n,).

    Returns:
        y, radians, (n,).

    Source: elementary.
    """

    kind: Literal["arcsine_point"] = "arcsine_point"
    parameters: ClassVar[Parameters] = {"x": replace(X, low=-1.0, high=1.0)}

    @property
    def columns(self) -> Fields:
        return {"y": Field("1", "arc sine of x, radians")}

    def __call__(self, **inputs: Any) -> Columns:
        return {"y": arcsine(filled(self.parameters, inputs)["x"])}


@kernel(allocates=True)
def arcsine(x: NDArray[np.float64]):
    """Arc sines, (n,), radians."""
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exact.atan2(x[i], np.sqrt((1.0 - x[i]) * (1.0 + x[i])))
    return out
