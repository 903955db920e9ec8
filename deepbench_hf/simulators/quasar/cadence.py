"""When a quasar is observed: in seasons, by one of two rules.

``waiting`` is ours: a rest after each observation, then a Poisson process; a gap at each end of a
calendar year. ``nightly`` is the published one: whole nights apart, one gap round each turn of the
year.

Source of ``nightly``: E. Danilov, A. Ciprijanovic and B. Nord, Neural inference of Gaussian
processes for time series data of quasars, arXiv:2211.10305; the numbers are in the notebooks
``Neural_Network/*.ipynb`` of https://github.com/deepskies/Neural_GP (class ``RDRW_simulator``).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.priors import Normal
from deepbench_hf.simulators.inputs import uniform, white

YEAR_D = 365.25
PUBLISHED_YEAR_D = 365.0

GAP_WIDTH = Normal(mean=135.0, sigma=25.0, low=80.0, high=220.0)
"""Days without observations round a turn of the year."""
GAP_SHIFT = Normal(mean=0.0, sigma=12.0, low=-20.0, high=20.0)
"""Days by which the middle of a gap misses the turn of the year."""
EXTRA, RATIO, LONGEST = 0.7338, 0.7788007830714049, 24
FAINTEST = 0.0024787521766663594
"""Weights of 1 ... 24 nights to the next: RATIO^(nights - 1), and EXTRA more for the next night.

RATIO is e^(-1/4), FAINTEST is RATIO^24.
"""
NIGHT_D = 5.0 / 24.0
"""An observation is at most this far from the middle of its night."""


def nights(years: int) -> int:
    """How many nights are observed in the gaps and out of them: the length over the mean step.

    >>> nights(10)
    918
    """
    total, steps, weight = EXTRA, EXTRA, 1.0
    for k in range(LONGEST):
        total, steps, weight = total + weight, steps + (k + 1) * weight, weight * RATIO
    return round(years * PUBLISHED_YEAR_D * total / steps)


def waiting(
    realization: NDArray, purposes: tuple[str, str], gap: Any, years: int, epochs: int, mean, rest
) -> tuple[NDArray, NDArray]:
    """Times of observations, days, and which of them are there, (n, T), of realizations (n,).

    Args:
        realization: number of the times.
        purposes: of the random numbers of the gaps and of the waiting.
        gap: distribution of the days without observations at either end of a year.
        years, epochs: how many years there are, and T.
        mean, rest: as in `observe`.
    """
    drawn = gap.quantile(uniform(realization, purposes[0], 2 * years).ravel())
    z = white(realization, purposes[1], 2 * (epochs + years))
    time, valid = np.empty((len(z), epochs)), np.empty((len(z), epochs), bool)
    observe(drawn.reshape(len(z), years, 2), z, mean, rest, time, valid)
    return time, valid


@kernel
def observe(gap, z, mean, rest, time, valid):
    """Fill in the times of observations (n, T), days, and which of them are there.

    After the start of a season, and ``rest`` days after an observation, the next one comes with a
    chance of 1 / ``mean`` a day: a Poisson process whose events are left out during the rest. The
    gaps (n, years, 2) are days without observations at the beginning and at the end of each year;
    half the sum of two squares of the normal numbers z (n, 2 (T + years)) is a waiting time in
    units of its mean. What comes after the T-th is left out; the rest is 0 and False.
    """
    for row in range(time.shape[0]):
        time[row], valid[row] = 0.0, False
        found = draw = 0
        for year in range(gap.shape[1]):
            now = YEAR_D * year + gap[row, year, 0]
            end = YEAR_D * (year + 1) - gap[row, year, 1]
            while found < time.shape[1]:
                first, second = np.float64(z[row, draw]), np.float64(z[row, draw + 1])
                now += 0.5 * mean * (first * first + second * second)
                draw += 2
                if now > end:
                    break
                time[row, found], valid[row, found] = now, True
                found += 1
                now += rest


def nightly(realization: NDArray, years: int, epochs: int) -> tuple[NDArray, NDArray]:
    """As `waiting`, by the published rule."""
    size, n = nights(years), len(realization)
    step, hour = (uniform(realization, purpose, size) for purpose in ("nights", "hours"))
    width, shift = (
        prior.quantile(uniform(realization, purpose, years + 1).ravel()).reshape(n, years + 1)
        for purpose, prior in (("gap widths", GAP_WIDTH), ("gap shifts", GAP_SHIFT))
    )
    time, valid = np.empty((n, epochs)), np.empty((n, epochs), bool)
    observe_nightly(step, hour, width, shift, time, valid)
    return time, valid


@kernel
def observe_nightly(step, hour, width, shift, time, valid):
    """As `observe`: whole nights apart but for the hour, outside the gaps.

    The first night is one less than a step after the begin. Uniform numbers (n, N) decide the
    steps, and the times in the nights; width and shift (n, years + 1), days, are those of the gap
    round the beginning of each year and the end of the last.
    """
    total = EXTRA + (1.0 - FAINTEST) / (1.0 - RATIO)
    for row in range(time.shape[0]):
        time[row], valid[row] = 0.0, False
        found, year, night = 0, 0, -1.0
        for i in range(step.shape[1]):
            night += _nights_to_next(step[row, i] * total)
            now = night + NIGHT_D * (2.0 * hour[row, i] - 1.0)
            while year < width.shape[1] and now >= _begin(width, shift, row, year):
                year += 1
            gap_end = _begin(width, shift, row, year - 1) + width[row, max(year - 1, 0)]
            inside = 0 < year < width.shape[1] and now > gap_end
            if inside and found < time.shape[1]:
                time[row, found], valid[row, found] = now, True
                found += 1


@kernel
def _begin(width, shift, row, year):
    """When the gap round the beginning of a year begins, days."""
    year = max(year, 0)
    return PUBLISHED_YEAR_D * year + shift[row, year] - 0.5 * width[row, year]


@kernel
def _nights_to_next(left):
    """How many nights later the next observation is; ``left`` is a share of the sum of weights."""
    number, weight = 1.0, 1.0
    left -= EXTRA
    while left >= weight and number < LONGEST:
        left -= weight
        weight *= RATIO
        number += 1.0
    return number
