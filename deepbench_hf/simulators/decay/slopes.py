"""How the momenta of a decay answer to the parent's momentum and to the directions."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel


@kernel
def _turns(cosine: float, azimuth: float):
    """A unit vector and its derivatives by the cosine and by the azimuth."""
    sine = np.sqrt(max((1.0 - cosine) * (1.0 + cosine), 0.0))
    s, c = exact.sincos(azimuth)
    falling = -cosine / sine if sine > 0.0 else 0.0
    return (
        (sine * c, sine * s, cosine),
        (falling * c, falling * s, 1.0 if sine > 0.0 else 0.0),
        (-sine * s, sine * c, 0.0),
    )


@kernel
def _dot(a, b) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@kernel
def decay_slopes(masses, momentum, cosine, azimuth, rest_cosine, rest_azimuth, slopes) -> None:
    """Fill in the derivatives of energy and momentum of both daughters, (2, 5, n, 4).

    With n the parent's direction and d the daughter's, its momentum is

        +-p* d + A n,  A = +-(gamma - 1) p* n . d + gamma beta E*,
        E = gamma E* +- gamma beta p* n . d,

    and gamma beta = p / M; the other daughter has the lower signs.
    """
    for i in range(momentum.size):
        big, p = masses[i, 0], momentum[i]
        n, n_cosine, n_azimuth = _turns(cosine[i], azimuth[i])
        d, d_cosine, d_azimuth = _turns(rest_cosine[i], rest_azimuth[i])
        if big == 0.0:
            for k in range(2):
                own, turns = (n, (n_cosine, n_azimuth)) if k == 0 else (d, (d_cosine, d_azimuth))
                mass = masses[i, 1 + k]
                slopes[k, 0, i, 0] = p / np.sqrt(p * p + mass * mass) if p > 0.0 else 0.0
                for axis in range(3):
                    slopes[k, 0, i, 1 + axis] = own[axis]
                    for j in range(2):
                        slopes[k, 1 + 2 * k + j, i, 1 + axis] = p * turns[j][axis]
            continue
        away, apart = masses[i, 1] + masses[i, 2], masses[i, 1] - masses[i, 2]
        rest = 0.5 / big * np.sqrt((big - away) * (big + away) * (big - apart) * (big + apart))
        boost = p / big
        gamma = np.sqrt(1.0 + boost * boost)
        stretch, along = boost * boost / (gamma + 1.0), rest * _dot(n, d)
        for k in range(2):
            sign, mass = (1.0, masses[i, 1]) if k == 0 else (-1.0, masses[i, 2])
            own = np.sqrt(mass * mass + rest * rest)
            added = sign * stretch * along + boost * own
            slopes[k, 0, i, 0] = (boost / gamma * own + sign * along) / big
            longer = (sign * boost / gamma * along + own) / big
            for axis in range(3):
                slopes[k, 0, i, 1 + axis] = longer * n[axis]
            for j in range(2):
                turn_n, turn_d = (n_cosine, d_cosine) if j == 0 else (n_azimuth, d_azimuth)
                by_n, by_d = sign * rest * _dot(turn_n, d), sign * rest * _dot(n, turn_d)
                slopes[k, 1 + j, i, 0], slopes[k, 3 + j, i, 0] = boost * by_n, boost * by_d
                for axis in range(3):
                    slopes[k, 1 + j, i, 1 + axis] = stretch * by_n * n[axis] + added * turn_n[axis]
                    moved = sign * rest * turn_d[axis]
                    slopes[k, 3 + j, i, 1 + axis] = moved + stretch * by_d * n[axis]
