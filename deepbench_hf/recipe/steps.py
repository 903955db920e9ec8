"""The steps that make a row, as data: what each makes and needs, and its random streams."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Field
from deepbench_hf.noise import Measurement
from deepbench_hf.noise.perturbation import Perturbation
from deepbench_hf.priors import Prior
from deepbench_hf.simulators.base import Estimating, Layered

Names = frozenset[str]


@dataclass(frozen=True)
class Stream:
    """Random numbers of rows.

    Args:
        key: of Philox.
        rows: consecutive rows that share a draw; None where all of them do.
    """

    key: np.uint64
    rows: int | None = 1

    def draws(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the draw that each row takes."""
        if self.rows == 1:
            return indices
        return np.zeros_like(indices) if self.rows is None else indices // self.rows


@dataclass(frozen=True)
class Truths:
    """Indices of groups, true parameters, objects and coordinates.

    Args:
        groups: rows of a group, by the column of its index.
        streams: the draws of each parameter of an example or of an object.
        strides: of each parameter on a grid, the consecutive rows that have one value.
    """

    groups: Mapping[str, int]
    streams: Mapping[str, Stream]
    strides: Mapping[str, int]
    makes: Names
    needs: Names = frozenset()


@dataclass(frozen=True)
class Simulate:
    """The clean results.

    Args:
        clean: the column of each.
    """

    clean: Mapping[str, str]
    makes: Names
    needs: Names


@dataclass(frozen=True)
class Measure:
    """A noise on a parameter or a clean result.

    Args:
        measurement: the noise, bound to what it is on.
        clean: the column of the true values.
        settings: prior and draws of each setting, by its name in the recipe.
        streams: of the noise itself.
    """

    measurement: Measurement
    clean: str
    settings: Mapping[str, tuple[Prior, Stream]]
    streams: tuple[Stream, ...]
    makes: Names
    needs: Names


@dataclass(frozen=True)
class Perturb:
    """What is done to an observed image after its noise.

    Args:
        measurement: of the image.
        how: what is done.
        columns: what is stored of it.
        streams: the draws of each purpose, one for every row.
    """

    measurement: Measurement
    how: Perturbation
    columns: Mapping[str, Field]
    streams: Mapping[str, Stream]
    makes: Names
    needs: Names


@dataclass(frozen=True)
class Estimate:
    """What can be known from a row's measurements."""

    model: Estimating
    columns: Mapping[str, Field]
    makes: Names
    needs: Names


@dataclass(frozen=True)
class Separate:
    """Masks and single objects.

    Args:
        measurement: the noise that an object has to stand out from; None for none.
    """

    model: Layered
    columns: Mapping[str, Field]
    measurement: Measurement | None
    makes: Names
    needs: Names


@dataclass(frozen=True)
class Bounds:
    """Variances, propagated errors and Cramer-Rao bounds.

    Args:
        measurements: the noises of the split, by what they are on.
        clean: the column of the true values, by the same and by what errors are propagated to.
        parameters: those that differ between rows: a constant is known.
        bounded: the column of the bound, by parameter or number.
        variances: the column of the variance, by observed output.
        propagated: the column of the propagated error, by output.
        columns: all of them, in order.
    """

    measurements: Mapping[str, Measurement]
    clean: Mapping[str, str]
    parameters: tuple[str, ...]
    bounded: Mapping[str, str]
    variances: Mapping[str, str]
    propagated: Mapping[str, str]
    columns: Mapping[str, Field]
    makes: Names
    needs: Names


Step = Truths | Simulate | Measure | Perturb | Separate | Bounds | Estimate
