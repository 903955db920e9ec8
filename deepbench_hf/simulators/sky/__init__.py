"""The sky family: a star, an elliptical, a spiral, a galaxy of either kind, or a scene."""

from deepbench_hf.simulators.sky.models import Elliptical, Galaxy, SkyScene, Spiral, Star

__all__ = ["Elliptical", "Galaxy", "SkyScene", "Spiral", "Star"]
