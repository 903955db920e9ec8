"""Equally spaced numbers: the times of a series, the places of a line."""

from typing import Annotated, Self

import numpy as np
import pydantic
from numpy.typing import NDArray
from pydantic import model_validator

from deepbench_hf.model import Model


class Grid(Model):
    """``samples`` equally spaced numbers from ``start`` to ``stop``, both included.

    Args:
        start, stop: the first and the last one, in the unit of whoever has the grid.
        samples: how many, 2 to 65536.
    """

    start: float
    stop: float
    samples: Annotated[int, pydantic.Field(ge=2, le=65536)] = 100

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if not self.start < self.stop:
            raise ValueError(f"start must be below stop; got {self.start} and {self.stop}")
        return self

    def spaced(self) -> NDArray[np.float64]:
        """The numbers, ``(samples,)``, in the unit of the ends."""
        i, last = np.arange(self.samples, dtype=np.float64), self.samples - 1.0
        return (self.start * (last - i) + self.stop * i) / last
