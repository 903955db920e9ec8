"""A straight line: the simplest relation between an input and an output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.simulators.base import Columns, Field, Parameter, Simulator
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.images import scalars

__all__ = ["Line"]

Place = Annotated[float, pydantic.Field(ge=-1e6, le=1e6)]


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
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "slope": Parameter("1", "slope of the line", -1e6, 1e6, symbol="m"),
        "intercept": Parameter("1", "y at x = 0", -1e6, 1e6, default=0.0, symbol="b"),
    }
    start: Place = 0.0
    stop: Place = 10.0

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """The places of the points."""
        return {"x": Field("1", "where the line is looked at", (self.samples,))}

    @property
    def fields(self) -> Mapping[str, Field]:
        """The height of the line."""
        return {"y": Field("1", "height of the line", (self.samples,))}

    def locate(self, **parameters: NDArray) -> Columns:
        """The places ``x`` (n, samples)."""
        count = len(scalars(self.parameters, parameters)["slope"])
        return {"x": np.repeat(self.spaced()[None], count, axis=0)}

    def __call__(self, *, x: NDArray, **inputs: Any) -> Columns:
        """The heights."""
        row = scalars(self.parameters, inputs)
        return {"y": row["slope"][:, None] * np.asarray(x) + row["intercept"][:, None]}
