"""DeepBench itself, timed in an environment of its own; speaks in lines with its parent.

Each line read is ``MODE COUNT SIZE``, the size in samples of a series or pixels of an image's side;
each line written is CPU seconds per item. Modes:

- ``noisy``: a Pendulum and its noisy series, what a user has to do for each series;
- ``both``: a Pendulum, its noisy and its clean series;
- ``call``: the noisy series alone, the Pendulum's making not counted;
- ``shape``, ``shape_call``, ``sky``, ``sky_clean``, ``galaxy``: images, see `deepbench_images.py`;
  those of the sky in seconds per object.
"""

import logging
import sys
import time

import numpy as np
from deepbench.physics_object import Pendulum
from deepbench_images import seconds_per_object, seconds_per_shape

NOISE = {
    "pendulum_arm_length": 0.02,
    "starting_angle_radians": 0.03,
    "acceleration_due_to_gravity": 0.05,
}


def seconds_per_series(mode: str, count: int, samples: int) -> float:
    """Time `count` series of the ranges of `pendulum_noisy`; angles above zero, as it needs."""
    times_s, total = np.linspace(0.0, 25.0, samples), -time.process_time()
    draws = np.random.default_rng().uniform([0.5, 0.01, 1.6], [10.0, np.pi / 2, 25.0], (count, 3))
    total += time.process_time()
    for seed, parameters in enumerate(draws.tolist(), start=1):
        total += _series(mode, seed, times_s, *parameters)
        _close_logs()
    return total / count


def _series(
    mode: str, seed: int, times_s: np.ndarray, length: float, angle: float, gravity: float
) -> float:
    """Seconds of one series."""
    start = time.process_time()
    pendulum = Pendulum(length, angle, NOISE, acceleration_due_to_gravity=gravity)
    if mode == "call":
        start = time.process_time()
    pendulum.create_object(times_s, noiseless=False, seed=seed)
    if mode == "both":
        pendulum.create_object(times_s, noiseless=True, seed=seed)
    return time.process_time() - start


def _close_logs() -> None:
    """Close the log file that each Pendulum leaves open: else every next one is slower."""
    logger = logging.getLogger("randomseeds")
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)


MODES = {
    **dict.fromkeys(("noisy", "both", "call"), seconds_per_series),
    **dict.fromkeys(("shape", "shape_call"), seconds_per_shape),
    **dict.fromkeys(("sky", "sky_clean", "galaxy"), seconds_per_object),
}


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    for line in sys.stdin:
        mode, count, size = line.split()
        print(MODES[mode](mode, int(count), int(size)), flush=True)


if __name__ == "__main__":
    main()
