"""When a quasar is observed: in seasons, each time a while after the last."""

import numpy as np

from deepbench_hf.exact.kernel import kernel

YEAR_D = 365.25


@kernel
def observe(gap, z, mean, rest, time, valid):
    """Times of observations, in the seasons that the gaps leave.

    After the start of a season, and ``rest`` days after an observation, the next one comes with a
    chance of 1 / ``mean`` a day: a Poisson process whose events are left out during the rest.

    Args:
        gap: days without observations at the beginning and at the end of each year, (n, years, 2).
        z: standard normal numbers, (n, 2 (T + years)); half the sum of two squares is a waiting
            time in units of its mean.
        mean, rest: days.
        time, valid: get the times, days, and which of them are there, (n, T); 0 and False for the
            rest. What comes after the T-th is left out.
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
