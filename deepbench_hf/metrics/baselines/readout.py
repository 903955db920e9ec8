"""The noise of a readout, from the waveforms that hold tracks as well."""

import numpy as np

from deepbench_hf.metrics.baselines.base import Predict

NORMAL = 0.6744897501960817
"""The median of |z|, z standard normal."""


def noise_of(plane: str) -> Predict:
    """The baseline that takes the median deviation of a plane's samples for its white noise.

    Source: P. J. Huber, Robust Statistics (1981), section 5.1: tracks cover few of the samples.
    """
    return lambda recipe, rows: (np.median(np.abs(rows[plane]), axis=(1, 2)) / NORMAL, None)
