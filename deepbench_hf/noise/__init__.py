"""The closed set of noise models: what is measured, given what is true."""

from typing import Annotated, Any

from deepbench_hf.model import Model, OneOf
from deepbench_hf.noise.base import (
    Noise,
    Stream,
    Streams,
    measured_name,
    sigma_name,
    without_padding,
)
from deepbench_hf.noise.detector import Detector, Poisson
from deepbench_hf.noise.readout import Readout
from deepbench_hf.noise.simple import (
    Gaussian,
    Heteroscedastic,
    LogNormal,
    RelativeGaussian,
    TruncatedGaussian,
)

__all__ = [
    "NOISES",
    "AnyNoise",
    "Noise",
    "Stream",
    "Streams",
    "measured_name",
    "sigma_name",
    "without_padding",
]

NOISES: dict[str, type[Model]] = {
    "gaussian": Gaussian,
    "heteroscedastic": Heteroscedastic,
    "relative_gaussian": RelativeGaussian,
    "log_normal": LogNormal,
    "truncated_gaussian": TruncatedGaussian,
    "detector": Detector,
    "poisson": Poisson,
    "readout": Readout,
}

AnyNoise = Annotated[Any, OneOf(NOISES)]
