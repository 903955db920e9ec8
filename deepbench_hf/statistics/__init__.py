"""What maps and series are like, and whether two sets of them differ.

Statistics of each example, the example axis first: arrays in, ``(n, ...)`` out. `compare` judges
two sets by all of them, with tests whose unit is the example: a map is one draw, not its pixels.

>>> import numpy as np
>>> from deepbench_hf import statistics
>>> maps = np.random.default_rng(0).normal(size=(100, 16, 16))
>>> statistics.power_spectrum(maps).power.shape
(100, 8)
"""

from deepbench_hf.statistics.comparison import Compared, Comparison, compare, p_text
from deepbench_hf.statistics.dependence import mutual_information
from deepbench_hf.statistics.differences import (
    MeanDifference,
    curve_ks,
    ks_per_bin,
    mean_difference,
)
from deepbench_hf.statistics.minkowski import (
    gaussian_minkowski,
    lognormal_minkowski,
    minkowski_functionals,
)
from deepbench_hf.statistics.summaries import (
    Spectrum,
    intensity_histogram,
    power_spectrum,
    structure_function,
)

__all__ = [
    "Compared",
    "Comparison",
    "MeanDifference",
    "Spectrum",
    "compare",
    "curve_ks",
    "gaussian_minkowski",
    "intensity_histogram",
    "ks_per_bin",
    "lognormal_minkowski",
    "mean_difference",
    "minkowski_functionals",
    "mutual_information",
    "p_text",
    "power_spectrum",
    "structure_function",
]
