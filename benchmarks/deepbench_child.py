"""DeepBench itself, timed in an environment of its own; speaks in lines with its parent.

Each line read is ``MODE COUNT``; each line written is seconds per item. Modes:

- ``noisy``: a Pendulum and its noisy series, what a user has to do for each series;
- ``both``: a Pendulum, its noisy and its clean series;
- ``call``: the noisy series alone, the Pendulum's making not counted;
- ``shape``, ``shape_call``, ``sky``, ``sky_clean``: images, see `deepbench_images.py`; those of the
  sky in seconds per object.
"""

from __future__ import annotations

import logging
import sys
import time

import numpy as np
from deepbench.physics_object import Pendulum
from deepbench_images import seconds_per_object, seconds_per_shape

TIMES_S = np.linspace(0.0, 25.0, 100)
NOISE = {
    "pendulum_arm_length": 0.02,
    "starting_angle_radians": 0.03,
    "acceleration_due_to_gravity": 0.05,
}


def seconds_per_series(mode: str, count: int) -> float:
    """Time `count` series of the ranges of `pendulum_noisy`; angles above zero, as it needs."""
    total = -time.perf_counter()
    draws = np.random.default_rng().uniform([0.5, 0.01, 1.6], [10.0, np.pi / 2, 25.0], (count, 3))
    total += time.perf_counter()
    for seed, (length, angle, gravity) in enumerate(draws.tolist(), start=1):
        total += _series(mode, seed, length, angle, gravity)
        _close_logs()
    return total / count


def _series(mode: str, seed: int, length: float, angle: float, gravity: float) -> float:
    """Seconds of one series."""
    start = time.perf_counter()
    pendulum = Pendulum(length, angle, NOISE, acceleration_due_to_gravity=gravity)
    if mode == "call":
        start = time.perf_counter()
    pendulum.create_object(TIMES_S, noiseless=False, seed=seed)
    if mode == "both":
        pendulum.create_object(TIMES_S, noiseless=True, seed=seed)
    return time.perf_counter() - start


def _close_logs() -> None:
    """Close the log file that each Pendulum leaves open: else every next one is slower."""
    logger = logging.getLogger("randomseeds")
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)


MODES = {
    **dict.fromkeys(("noisy", "both", "call"), seconds_per_series),
    **dict.fromkeys(("shape", "shape_call"), seconds_per_shape),
    **dict.fromkeys(("sky", "sky_clean"), seconds_per_object),
}


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    for line in sys.stdin:
        mode, count = line.split()
        print(MODES[mode](mode, int(count)), flush=True)


if __name__ == "__main__":
    main()
