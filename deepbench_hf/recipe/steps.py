"""The steps that make a row, as data: what each makes and needs, and its random streams."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.draws import uniforms_of_blocks
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Field
from deepbench_hf.noise import Measurement
from deepbench_hf.noise.perturbation import Perturbation
from deepbench_hf.priors import Prior
from deepbench_hf.simulators.base import Estimating, Layered

Names = frozenset[str]


@dataclass(frozen=True)
class Stream:
    """Random numbers of rows: the key of Philox, and how many consecutive rows share a draw.

    All of them do where ``rows`` is None.
    """

    key: np.uint64
    rows: int | None = 1

    def draws(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the draw that each row takes."""
        if self.rows == 1:
            return indices
        return np.zeros_like(indices) if self.rows is None else indices // self.rows


@dataclass(frozen=True)
class Step:
    """What makes some columns of a row, and needs others."""

    makes: Names
    needs: Names


@dataclass(frozen=True)
class Truths(Step):
    """Indices of groups, true parameters, objects and coordinates.

    Groups have as many rows, by the column of their index; a parameter on a grid has one value for
    as many consecutive rows as its stride.
    """

    groups: Mapping[str, int]
    streams: Mapping[str, Stream]
    strides: Mapping[str, int]


@dataclass(frozen=True)
class Simulate(Step):
    """The clean results, and the column of each."""

    clean: Mapping[str, str]


@dataclass(frozen=True)
class Measure(Step):
    """A noise on a parameter or a clean result, whose true values are in the column ``clean``.

    Each of its settings has a prior and draws, by its name in the recipe.
    """

    measurement: Measurement
    clean: str
    settings: Mapping[str, tuple[Prior, Stream]]
    streams: tuple[Stream, ...]


@dataclass(frozen=True)
class Perturb(Step):
    """What is done to an observed image after its noise, and what is stored of it.

    Each purpose has its draws, one for every row.
    """

    measurement: Measurement
    how: Perturbation
    columns: Mapping[str, Field]
    streams: Mapping[str, Stream]


@dataclass(frozen=True)
class Estimate(Step):
    """What can be known from a row's measurements."""

    model: Estimating
    columns: Mapping[str, Field]


@dataclass(frozen=True)
class Separate(Step):
    """Masks and single objects, which have to stand out from a noise, if there is one."""

    model: Layered
    columns: Mapping[str, Field]
    measurement: Measurement | None


@dataclass(frozen=True)
class Bounds(Step):
    """Variances, propagated errors and Cramer-Rao bounds.

    Args: measurements, clean: the noises of the split and the columns of true values, by what they
    are on. parameters: those that differ between rows: a constant is known. bounded, variances,
    propagated: the columns of bounds, by parameter or number; of variances, by observed output; of
    propagated errors, by output. columns: all of them, in order.
    """

    measurements: Mapping[str, Measurement]
    clean: Mapping[str, str]
    parameters: tuple[str, ...]
    bounded: Mapping[str, str]
    variances: Mapping[str, str]
    propagated: Mapping[str, str]
    columns: Mapping[str, Field]


@dataclass(frozen=True)
class Case:
    """One combination of classes and choices, and the continuous parameters under it.

    Args:
        fixed: the value of each parameter that is settled.
        log_chance: logarithm of the probability of the combination.
        free: the distribution of each continuous parameter.
    """

    fixed: Mapping[str, float] = field(default_factory=dict)
    log_chance: float = 0.0
    free: Mapping[str, Prior] = field(default_factory=dict)


@dataclass(frozen=True)
class Infer(Step):
    """Reference posteriors of rows.

    Args: measured: the measurements that tell of parameters. cases: all combinations of classes.
    unknown: the parameters that are not the same in all rows. draws, proposals: how many of each
    row. stream: the words that begin the names of its random streams. group: so many consecutive
    rows are inferred together. shared: the parameters that they share. once: what is measured of
    these once for all of them. columns: what it makes.
    """

    measured: tuple[Measure, ...]
    cases: tuple[Case, ...]
    unknown: tuple[str, ...]
    draws: int
    proposals: int
    stream: tuple[str | int, ...]
    group: int
    shared: Names
    once: Names
    columns: Mapping[str, Field]

    def uniforms(self, purpose: str, index: int, count: int) -> NDArray[np.float64]:
        """Random numbers in [0, 1) of a row, ``(count,)``."""
        key = stream_key(*self.stream, purpose)
        return uniforms_of_blocks(key, np.full(count, index), np.arange(count))
