"""The scores of one predicted column: a number, or a class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.fisher import UNBOUNDED
from deepbench_hf.metrics.calibration import coverage, expected_calibration_error, pit_values, pulls
from deepbench_hf.metrics.classes import (
    accuracy,
    chance,
    confidence_calibration_error,
    cross_entropy,
)
from deepbench_hf.metrics.estimates import Array, Estimate, average, spread
from deepbench_hf.metrics.scores import (
    bias,
    crps,
    efficiency,
    negative_log_likelihood,
    root_mean_squared_error,
    sharpness,
)

CENTRAL = {"coverage_683": 0.683, "coverage_954": 0.954}
"""Central intervals: one and two standard deviations of a Gaussian."""


@dataclass(frozen=True)
class Numbers:
    """Predictions of a parameter, and the truth.

    Args:
        column: the parameter's name.
        unit: of all values.
        truth: ``(n,)``.
        mean: ``(n,)``.
        sigma: predicted standard deviations, ``(n,)``; None if none are given.
        bound: Cramer-Rao bounds on the standard deviation, ``(n,)``; None if rows have none.
            Rows where it is not finite count for the other metrics only.
    """

    kind: ClassVar[str] = "number"

    column: str
    unit: str
    truth: Array
    mean: Array
    sigma: Array | None = None
    bound: Array | None = None

    def scores(self) -> dict[str, Estimate]:
        """The metrics by name; those that need a sigma or a bound only if there is one."""
        found = {
            "bias": bias(self.truth, self.mean),
            "rmse": root_mean_squared_error(self.truth, self.mean),
        }
        if self.sigma is not None:
            found |= self._distribution(self.sigma)
        if self.bound is not None:
            known = (self.bound > 0.0) & (self.bound < UNBOUNDED)  # noise, and information
            if known.any():
                given = (values[known] for values in (self.truth, self.mean, self.bound))
                found["efficiency"] = efficiency(*given)
        return found

    def _distribution(self, sigma: Array) -> dict[str, Estimate]:
        given = self.truth, self.mean, sigma
        pull, pit = pulls(*given), pit_values(*given)
        return {
            "pull_mean": average(pull),
            "pull_std": spread(pull),
            **{name: _central(pit, level) for name, level in CENTRAL.items()},
            "ece": without_error(expected_calibration_error(pit)),
            "nll": average(negative_log_likelihood(*given)),
            "crps": average(crps(*given)),
            "sharpness": sharpness(sigma),
        }


@dataclass(frozen=True)
class Classes:
    """Predictions of a class, and the truth.

    Args:
        column: the class's name, such as ``label``.
        names: of the classes, by their number.
        truth: numbers of the true classes, ``(n,)``.
        predicted: numbers of the predicted classes, ``(n,)``.
        probabilities: ``(n, len(names))``; None if none are given.
    """

    kind: ClassVar[str] = "class"
    unit: ClassVar[str] = "1"

    column: str
    names: tuple[str, ...]
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: Array | None = None

    def scores(self) -> dict[str, Estimate]:
        """The metrics by name; those of probabilities only if there are any."""
        found = {
            "accuracy": accuracy(self.truth, self.predicted),
            "chance": without_error(chance(self.truth)),
        }
        if self.probabilities is not None:
            given = self.truth, self.probabilities
            found["ece"] = without_error(confidence_calibration_error(*given))
            found["nll"] = average(cross_entropy(*given))
        return found


Result = Numbers | Classes


def _central(pit: Array, level: float) -> Estimate:
    """The coverage of one central interval."""
    value, error = coverage(pit, level)
    return Estimate(np.asarray(value)[0], np.asarray(error)[0])


def without_error(value: float | Array) -> Estimate:
    """A metric that has no natural standard error."""
    return Estimate(np.float64(value), np.float64(np.nan))
