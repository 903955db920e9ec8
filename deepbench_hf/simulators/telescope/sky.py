"""Where things are on the sky at night: Sun, Moon, horizontal coordinates, air mass, and targets.

Times are MJD in UT1, angles in degrees and of the equator and equinox of date. Precession of the
targets, nutation, aberration and refraction are left out. From 2009 to 2050 the Sun is within 0.012
degrees and the Moon within 0.35 of where it is seen from the centre of the Earth, sidereal time
within 0.005.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import DEGREE
from deepbench_hf.exact.kernel import kernel

_EPOCH = 51544.5


@kernel
def sidereal_deg(mjd: float, longitude: float) -> float:
    """Local mean sidereal time, 0 to 360 degrees, at a longitude counted to the east."""
    angle = 280.46061837 + 360.98564736629 * (mjd - _EPOCH) + longitude
    return angle - 360.0 * np.floor(angle / 360.0)


@kernel
def sun_longitude_deg(mjd: float) -> float:
    """Ecliptic longitude of the Sun, 0 to 360 degrees."""
    n = mjd - _EPOCH
    anomaly = 357.528 + 0.9856003 * n
    angle = 280.460 + 0.9856474 * n
    angle += 1.915 * exact.sincosd(anomaly)[0] + 0.020 * exact.sincosd(2.0 * anomaly)[0]
    return angle - 360.0 * np.floor(angle / 360.0)


@kernel
def sun(mjd: float) -> tuple[float, float, float]:
    """Unit vector to the Sun, to the equinox, 90 degrees east of it and to the pole.

    Source: The Astronomical Almanac, low-precision formulae for the Sun's coordinates.
    """
    s, c = exact.sincosd(sun_longitude_deg(mjd))
    up, along = exact.sincosd(23.439 - 4e-7 * (mjd - _EPOCH))
    return c, along * s, up * s


@kernel
def moon(mjd: float) -> tuple[float, float, float]:
    """Unit vector to the Moon from the centre of the Earth, as `sun`.

    Source: The Astronomical Almanac, low-precision formulae for geocentric coordinates of the Moon.
    """
    t = (mjd - _EPOCH) / 36525.0
    longitude = 218.32 + 481267.881 * t
    longitude += 6.29 * exact.sincosd(135.0 + 477198.87 * t)[0]
    longitude -= 1.27 * exact.sincosd(259.3 - 413335.36 * t)[0]
    longitude += 0.66 * exact.sincosd(235.7 + 890534.22 * t)[0]
    longitude += 0.21 * exact.sincosd(269.9 + 954397.74 * t)[0]
    longitude -= 0.19 * exact.sincosd(357.5 + 35999.05 * t)[0]
    longitude -= 0.11 * exact.sincosd(186.5 + 966404.03 * t)[0]
    latitude = 5.13 * exact.sincosd(93.3 + 483202.02 * t)[0]
    latitude += 0.28 * exact.sincosd(228.2 + 960400.89 * t)[0]
    latitude -= 0.28 * exact.sincosd(318.3 + 6003.15 * t)[0]
    latitude -= 0.17 * exact.sincosd(217.6 - 407332.21 * t)[0]
    s, c = exact.sincosd(longitude)
    z, flat = exact.sincosd(latitude)
    x, y = flat * c, 0.9175 * flat * s - 0.3978 * z
    up = 0.3978 * flat * s + 0.9175 * z
    length = np.sqrt(x * x + y * y + up * up)  # the obliquity is rounded to four digits
    return x / length, y / length, up / length


@kernel
def apart_deg(ax: float, ay: float, az: float, bx: float, by: float, bz: float) -> float:
    """The angle between two unit vectors, degrees, to rounding at any angle."""
    dx, dy, dz, sx, sy, sz = ax - bx, ay - by, az - bz, ax + bx, ay + by, az + bz
    difference, total = dx * dx + dy * dy + dz * dz, sx * sx + sy * sy + sz * sz
    return 2.0 * exact.atan2(np.sqrt(difference), np.sqrt(total)) / DEGREE


@kernel(inline=True)
def horizontal_deg(
    x: float, y: float, z: float, sidereal: float, latitude: float
) -> tuple[float, float]:
    """Altitude and azimuth, from north through east, of a unit vector, degrees.

    With the hour angle H,

        sin alt = sin lat sin dec + cos lat cos dec cos H,
        az = atan2(-cos dec sin H, sin dec cos lat - cos dec cos H sin lat).
    """
    s, c = exact.sincosd(sidereal)
    south, east = x * c + y * s, y * c - x * s
    up, along = exact.sincosd(latitude)
    north, height = z * along - south * up, z * up + south * along
    azimuth = exact.atan2(east, north) / DEGREE
    altitude = exact.atan2(height, np.sqrt(north * north + east * east)) / DEGREE
    return altitude, azimuth if azimuth >= 0.0 else azimuth + 360.0


@kernel
def airmass(altitude: float) -> float:
    """The air mass at an altitude in degrees, that of the horizon, 38.6, below it.

    sqrt((a c)^2 + 2 a + 1) - a c with c the sine of the altitude and
    a = 462.46 + 2.8121 / (c^2 + 0.22 c + 0.01).

    Source: the public code of obztak (https://github.com/kadrlica/obztak), which schedules the
    Dark Energy Camera; it says that the formula reproduces Bemporad's table.
    """
    c = max(exact.sincosd(altitude)[0], 0.0)
    a = 462.46 + 2.8121 / (c * c + 0.22 * c + 0.01)
    return np.sqrt(a * c * a * c + 2.0 * a + 1.0) - a * c


@kernel
def moon_share(mjd: float) -> float:
    """The illuminated share of the Moon's disc, (1 - cos elongation) / 2."""
    ax, ay, az = sun(mjd)
    bx, by, bz = moon(mjd)
    return 0.5 * (1.0 - (ax * bx + ay * by + az * bz))


@kernel
def evening(day: float, latitude: float, longitude: float, depth: float) -> float:
    """When the Sun sinks below -depth degrees after the local mean noon of an MJD, MJD.

    By bisection between mean noon and midnight, which must lie on either side.
    """
    low = day + 0.5 - longitude / 360.0
    high = low + 0.5
    for _ in range(40):
        middle = 0.5 * (low + high)
        x, y, z = sun(middle)
        sidereal = sidereal_deg(middle, longitude)
        if horizontal_deg(x, y, z, sidereal, latitude)[0] > -depth:
            low = middle
        else:
            high = middle
    return high


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
            start[i] = evening(day, latitude, longitude, DARK_DEG)
            season = low <= sun_longitude_deg(start[i]) <= high
            if season and moon_share(start[i]) >= least:
                break
            day += NIGHTS


@kernel(allocates=True)
def watch(place, start, first, step, lost, latitude, longitude, share, ra, dec, seen, up, reward):
    """Fill in the Moon's share, (n,), the targets, (n, K), and what is seen, (n, times, K).

    ``seen`` holds altitude, azimuth, air mass and distance to the Moon.
    """
    aim, found = np.empty((3, ra.shape[1])), np.empty((4, ra.shape[1]))
    for i in range(start.size):
        share[i] = moon_share(start[i])
        for k in range(ra.shape[1]):
            z = LOWEST + (1.0 - LOWEST) * place[i, k, 1]
            ra[i, k] = 360.0 * place[i, k, 0]
            dec[i, k] = exact.atan2(z, np.sqrt((1.0 - z) * (1.0 + z))) / DEGREE
        _aim(ra[i], dec[i], aim)
        for t in range(up.shape[1]):
            slot = first[i] + t
            mjd = start[i] + step[i] * slot
            sidereal = sidereal_deg(mjd, longitude)
            sx, sy, sz = sun(mjd)
            height = horizontal_deg(sx, sy, sz, sidereal, latitude)[0]
            dark = height <= -DARK_DEG and not lost[i, slot]
            _look(aim, sidereal, latitude, moon(mjd), found)
            for k in range(ra.shape[1]):
                for one in range(4):
                    seen[one, i, t, k] = np.float32(found[one, k])
                air, away = found[2, k], found[3, k]
                up[i, t, k] = dark and air < AIRMASS and away > MOON_DEG
                reward[i, t, k] = np.float32(1.0 / air) if up[i, t, k] else np.float32(0.0)


@kernel
def _aim(ra, dec, aim) -> None:
    """Fill in unit vectors towards targets, (3, K)."""
    x, y, z = aim[0], aim[1], aim[2]
    for k in range(ra.size):
        s, c = exact.sincosd(ra[k])
        z[k], flat = exact.sincosd(dec[k])
        x[k], y[k] = flat * c, flat * s


@kernel
def _look(aim, sidereal: float, latitude: float, moon, found) -> None:
    """Fill in altitude, azimuth, air mass and distance to the Moon, (4, K).

    In loops that vectorise.
    """
    x, y, z = aim[0], aim[1], aim[2]
    altitude, azimuth, air, away = found[0], found[1], found[2], found[3]
    for k in range(x.size):
        altitude[k], azimuth[k] = horizontal_deg(x[k], y[k], z[k], sidereal, latitude)
    for k in range(x.size):
        air[k] = airmass(altitude[k])
    for k in range(x.size):
        away[k] = apart_deg(x[k], y[k], z[k], moon[0], moon[1], moon[2])
