"""The sky family: a star, an elliptical, a spiral, a galaxy of either kind, or a scene."""

from deepbench_hf.simulators.sky.galaxies import Elliptical, Galaxy, SkyScene, Spiral, Star
from deepbench_hf.simulators.sky.total import EllipticalTotal

__all__ = ["Elliptical", "EllipticalTotal", "Galaxy", "SkyScene", "Spiral", "Star"]
