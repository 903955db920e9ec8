"""The same bits on every processor: elementary functions, random numbers, sums in fixed order."""

from deepbench_hf.exact.float64 import (
    atan2,
    cos,
    exp,
    exp2,
    horner,
    log,
    log2,
    power,
    sin,
    sincos,
    sincosd,
)
from deepbench_hf.exact.gamma import log_gamma

__all__ = [
    "atan2",
    "cos",
    "exp",
    "exp2",
    "horner",
    "log",
    "log2",
    "log_gamma",
    "power",
    "sin",
    "sincos",
    "sincosd",
]
