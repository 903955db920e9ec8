"""The closed set of noise models: what is measured, given what is true."""

from typing import Annotated, Any

from deepbench_hf.model import Model, OneOf
from deepbench_hf.noise.base import Noise, Stream
from deepbench_hf.noise.detector import Detector, Poisson
from deepbench_hf.noise.instrument import Counts, Resolution, Tracker
from deepbench_hf.noise.measurement import Measurement
from deepbench_hf.noise.readout import Readout
from deepbench_hf.noise.simple import (
    Gaussian,
    Heteroscedastic,
    LogNormal,
    RelativeGaussian,
    TruncatedGaussian,
)

__all__ = ["NOISES", "AnyNoise", "Measurement", "Noise", "Stream"]

NOISES: dict[str, type[Model]] = {
    "gaussian": Gaussian,
    "heteroscedastic": Heteroscedastic,
    "relative_gaussian": RelativeGaussian,
    "log_normal": LogNormal,
    "truncated_gaussian": TruncatedGaussian,
    "detector": Detector,
    "poisson": Poisson,
    "counts": Counts,
    "resolution": Resolution,
    "tracker": Tracker,
    "readout": Readout,
}

AnyNoise = Annotated[Any, OneOf(NOISES)]
