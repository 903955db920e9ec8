"""The scores of one predicted column: a number, or a class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.fisher import UNBOUNDED
from deepbench_hf.metrics import calibration, classes, scores
from deepbench_hf.metrics.estimates import Array, Estimate, average, spread

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
            "bias": scores.bias(self.truth, self.mean),
            "rmse": scores.root_mean_squared_error(self.truth, self.mean),
        }
        if self.sigma is not None:
            found |= self._distribution(self.sigma)
        if self.bound is not None:
            known = (self.bound > 0.0) & (self.bound < UNBOUNDED)  # noise, and information
            if known.any():
                given = (values[known] for values in (self.truth, self.mean, self.bound))
                found["efficiency"] = scores.efficiency(*given)
        return found

    def _distribution(self, sigma: Array) -> dict[str, Estimate]:
        given = self.truth, self.mean, sigma
        pull, pit = calibration.pulls(*given), calibration.pit_values(*given)
        return {
            "pull_mean": average(pull),
            "pull_std": spread(pull),
            **central(pit),
            "ece": without_error(calibration.expected_calibration_error(pit)),
            "nll": average(scores.negative_log_likelihood(*given)),
            "crps": average(scores.crps(*given)),
            "sharpness": scores.sharpness(sigma),
        }


@dataclass(frozen=True)
class Classes:
    """Predictions of a class, and the truth."""

    kind: ClassVar[str] = "class"
    unit: ClassVar[str] = "1"

    column: str  # the class's name, such as ``label``
    names: tuple[str, ...]  # of the classes, by their number
    truth: NDArray[np.int64]  # numbers of the true classes, ``(n,)``
    predicted: NDArray[np.int64]  # numbers of the predicted classes, ``(n,)``
    probabilities: Array | None = None  # ``(n, len(names))``; None if none are given

    def scores(self) -> dict[str, Estimate]:
        """The metrics by name; those of probabilities only if there are any."""
        found = {
            "accuracy": classes.accuracy(self.truth, self.predicted),
            "chance": without_error(classes.chance(self.truth)),
        }
        if self.probabilities is not None:
            given = self.truth, self.probabilities
            found["ece"] = without_error(classes.confidence_calibration_error(*given))
            found["nll"] = average(classes.cross_entropy(*given))
        return found


Result = Numbers | Classes


def central(pit: Array) -> dict[str, Estimate]:
    """The coverage of each central interval, from ranks ``(n,)``."""
    found = np.array(calibration.coverage(pit, list(CENTRAL.values()))).T
    return {name: Estimate(*one) for name, one in zip(CENTRAL, found, strict=True)}


def without_error(value: float | Array) -> Estimate:
    """A metric that has no natural standard error."""
    return Estimate(np.float64(value), np.float64(np.nan))
