"""Brightness of a quasar over years, at the times of a survey and on an even grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.errors import reach
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, of_role
from deepbench_hf.priors import Normal, NumberPrior
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, laid_out, white
from deepbench_hf.simulators.quasar import cadence
from deepbench_hf.simulators.quasar.cadence import PUBLISHED_YEAR_D, YEAR_D
from deepbench_hf.simulators.quasar.process import predict, sample

Count = Annotated[int, pydantic.Field(ge=2, le=8192)]
Days = Annotated[float, pydantic.Field(gt=0, le=YEAR_D)]
LATEST_D = 1e6
PROCESS: Parameters = {
    "sigma_mag": Parameter(
        "mag", "standard deviation of the magnitude over long times", 1e-6, 100, symbol=r"\sigma"
    ),
    "tau_d": Parameter("d", "time in which the magnitude is forgotten", 1e-3, 1e6, symbol=r"\tau"),
    "rho_d": Parameter(
        "d", "time over which it is smooth; 0 for a damped random walk", 0, 1e6, 0.0, symbol=r"\rho"
    ),
}

NEEDED = frozenset(PROCESS) | {
    *("realization", "time_d", "valid", "time_target_d"),
    *("magnitude_observed_mag", "magnitude_noise_sigma_mag"),
}
"""What the best prediction is made of."""


def _gap() -> Normal:
    return Normal.model_validate({"mean": 72.0, "sigma": 25.0, "low": 0.0, "high": 150.0})


class Quasar(Simulator):
    """A Gaussian process of mean zero, seen at irregular times in yearly seasons.

    k(dt) = s^2 (tau e^(-|dt| / tau) - rho e^(-|dt| / rho)) / (tau - rho), a damped random walk that
    is damped once more; with rho = 0 the damped random walk itself, k(dt) = s^2 e^(-|dt| / tau).

    Args:
        sigma_mag: s, standard deviation, mag, (n,).
        tau_d: tau, time of the damping, days, (n,).
        rho_d: rho, time of the second one, days, (n,); 0 by default.
        realization: number of the path and of its times, (n,).
        time_d: times of observations, days, rising, (n, T).
        valid: which of them are there, (n, T); times and magnitudes of the others are 0.
        time_target_d: times on an even grid from the first day to the last, (n, M).
        years: length of the survey.
        epochs: T, observations that a row has room for; later ones are left out.
        samples: M, times of the grid.
        cadence: rule of the times: ``waiting``, ours, with the three settings below, or
            ``nightly``, the published one, which has none; its years have 365 days.
        cadence_d: mean waiting time for an observation once one is possible, days.
        rest_d: shortest time between two observations, days.
        gap_d: distribution of the time without observations at each end of a year, days.

    Returns:
        magnitude_mag (n, T) and magnitude_target_mag (n, M), mag, about the mean: one path through
        both sets of times, made in exact steps from one to the next. A path belongs to its times:
        at others the same realization gives another path of the same law.

    Source: B. C. Kelly et al., Are the variations in quasar optical flux driven by thermal
    fluctuations?, ApJ 698 (2009) 895, arXiv:0903.5315; E. Danilov, A. Ciprijanovic and B. Nord,
    Neural inference of Gaussian processes for time series data of quasars, arXiv:2211.10305, for
    the kernel, the priors of the shipped configs, and the cadence ``nightly``.
    """

    kind: Literal["quasar"] = "quasar"
    parameters: ClassVar[Parameters] = {**PROCESS, "realization": REALIZATION}
    years: Annotated[int, pydantic.Field(ge=1, le=100)] = 10
    epochs: Count = 400
    samples: Count = 366
    cadence: Literal["waiting", "nightly"] = "waiting"
    cadence_d: Days = 2.5
    rest_d: Days = 5.0
    gap_d: NumberPrior = pydantic.Field(default_factory=_gap)

    @pydantic.model_validator(mode="after")
    def _has_seasons(self) -> Quasar:
        low, high = self.gap_d.support
        ours = {"cadence_d": 2.5, "gap_d": _gap(), "rest_d": 5.0}
        idle = [name for name, usual in ours.items() if getattr(self, name) != usual]
        if self.cadence == "nightly" and idle:
            raise ValueError(f"{', '.join(idle)}: belongs to cadence: waiting; leave it out")
        if self.gap_d.level is not None:
            raise ValueError("gap_d is drawn for every gap and has no level; leave level out")
        if not 0.0 <= low <= high < YEAR_D / 2:
            got = f"gap_d {reach(low, high, 'd')}"
            raise ValueError(f"{got}; accepted is 0 to below {YEAR_D / 2:g} d")
        return self

    @property
    def columns(self) -> Fields:
        """The times, the magnitude at both sets of them, and the best prediction of the second."""
        seen, even = (self.epochs,), (self.samples,)
        days = {"role": "coordinate", "accepts": (-LATEST_D, LATEST_D), "rising": True}
        there = "whether there is an observation, or padding"
        best = {"role": "optimum", "needs": NEEDED}
        mean = "mean of magnitude_target_mag given the observations and the true parameters"
        density = "natural logarithm of the density of the observations at the true parameters"
        grid = {"shape": even, "along": "time_target_d"}
        return {
            "time_d": Field("d", "time of each observation", seen, valid="valid", **days),
            "valid": Field("1", there, seen, "bool", low=0, role="coordinate"),
            "time_target_d": Field("d", "time on an even grid", even, **days),
            "magnitude_mag": Field(
                "mag", "magnitude at each observation", seen, along="time_d", valid="valid"
            ),
            "magnitude_target_mag": Field("mag", "magnitude on the even grid", **grid),
            "magnitude_optimal_mag": Field("mag", mean, **grid, **best),
            "magnitude_optimal_variance_mag2": Field(
                "mag2", "variance about that mean", low=0.0, **grid, **best
            ),
            "log_likelihood": Field("1", density, **best),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        number = laid_out(parameters["realization"])
        if self.cadence == "nightly":
            year = PUBLISHED_YEAR_D
            time, valid = cadence.nightly(number, self.years, self.epochs)
        else:
            year, size = YEAR_D, (self.years, self.epochs)
            settings = self.gap_d, *size, self.cadence_d, self.rest_d
            time, valid = cadence.waiting(number, ("seasons", "cadence"), *settings)
        even = np.arange(self.samples) * (year * self.years / (self.samples - 1))
        target = np.repeat(even[None], len(number), axis=0)
        return {"time_d": time, "valid": valid, "time_target_d": target}

    def __call__(self, **inputs: Any) -> Columns:
        row, time, valid, target = self._inputs(inputs)
        z = white(row["realization"], "quasar", 2 * (time.shape[1] + target.shape[1]))
        seen, dense = np.empty(time.shape), np.empty(target.shape)
        sample(*(row[name] for name in PROCESS), time, valid, target, z, seen, dense)
        return {"magnitude_mag": seen, "magnitude_target_mag": dense}

    def estimate(self, rows: Columns) -> Columns:
        """The prediction on the grid, its variance, and the likelihood.

        With other values of ``sigma_mag``, ``tau_d`` or ``rho_d`` in ``rows``: what one predicts
        who takes these for true.
        """
        row, time, valid, target = self._inputs(rows)
        observed = rows["magnitude_observed_mag"].astype(np.float64)
        error = rows["magnitude_noise_sigma_mag"].astype(np.float64)
        error = error[:, None] if error.ndim == 1 else error
        error = np.broadcast_to(error, time.shape).copy()
        found = [np.empty(target.shape), np.empty(target.shape), np.empty(len(time))]
        process = [row[name] for name in PROCESS]
        predict(*process, time, valid, target, observed, error, *found)
        return dict(zip(of_role(self.columns, "optimum"), found, strict=True))

    def log_likelihood(self, rows: Columns) -> NDArray:
        """Of the observed magnitudes, by the Kalman filter."""
        nowhere = {"time_target_d": np.empty((len(rows["tau_d"]), 0))}
        return self.estimate({**rows, **nowhere})["log_likelihood"]

    def _inputs(self, given: Mapping[str, Any]) -> tuple[Columns, NDArray, NDArray, NDArray]:
        """Parameters (n,), times and which are there, (n, T), and targets (n, M)."""
        time, target = laid_out(given["time_d"]), laid_out(given["time_target_d"])
        return filled(self.parameters, given), time, np.asarray(given["valid"]) != 0, target
