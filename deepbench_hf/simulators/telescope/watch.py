"""What is seen of the targets of a night, and when the night begins."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.telescope import sky

FIRST_MJD, NIGHTS = 55000.0, 8
"""The first day, and the nights of a block."""
DARK_DEG, MOON_DEG, AIRMASS, LOWEST = 14.0, 20.0, 2.0, -0.4
"""Depth of the Sun, distance to the Moon, air mass, and least sine of a declination."""


@kernel
def evenings(block, night, latitude, longitude, low, high, least, start):
    """Fill in when the nights start, MJD: the first of every eighth night that is wanted."""
    for i in range(block.size):
        day = FIRST_MJD + NIGHTS * block[i] + night[i]
        for _ in range(400):  # within nine years any season and phase of the Moon come together
            start[i] = sky.evening(day, latitude, longitude, DARK_DEG)
            season = low <= sky.sun_longitude_deg(start[i]) <= high
            if season and sky.moon_share(start[i]) >= least:
                break
            day += NIGHTS


@kernel
def watch(place, start, first, step, lost, latitude, longitude, share, ra, dec, seen, up, reward):
    """Fill in the Moon's share, (n,), the targets, (n, K), and what is seen, (n, times, K).

    ``seen`` holds altitude, azimuth, air mass and distance to the Moon.
    """
    for i in range(start.size):
        share[i] = sky.moon_share(start[i])
        for k in range(ra.shape[1]):
            z = LOWEST + (1.0 - LOWEST) * place[i, k, 1]
            ra[i, k] = 360.0 * place[i, k, 0]
            dec[i, k] = exact.atan2(z, np.sqrt((1.0 - z) * (1.0 + z))) / sky.DEGREE
        for t in range(up.shape[1]):
            slot = first[i] + t
            mjd = start[i] + step[i] * slot
            sidereal = sky.sidereal_deg(mjd, longitude)
            mx, my, mz = sky.moon(mjd)
            sx, sy, sz = sky.sun(mjd)
            height = sky.horizontal_deg(sx, sy, sz, sidereal, latitude)[0]
            dark = height <= -DARK_DEG and not lost[i, slot]
            for k in range(ra.shape[1]):
                s, c = exact.sincosd(ra[i, k])
                z, flat = exact.sincosd(dec[i, k])
                x, y = flat * c, flat * s
                altitude, azimuth = sky.horizontal_deg(x, y, z, sidereal, latitude)
                air, away = sky.airmass(altitude), sky.apart_deg(x, y, z, mx, my, mz)
                seen[0, i, t, k], seen[1, i, t, k] = np.float32(altitude), np.float32(azimuth)
                seen[2, i, t, k], seen[3, i, t, k] = np.float32(air), np.float32(away)
                up[i, t, k] = dark and air < AIRMASS and away > MOON_DEG
                reward[i, t, k] = np.float32(1.0 / air) if up[i, t, k] else np.float32(0.0)
