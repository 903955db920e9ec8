"""Collapse of halos: random walks that cross a barrier, and the sphere of uniform density."""

from deepbench_hf.simulators.collapse.excursion import ExcursionSet
from deepbench_hf.simulators.collapse.sphere import TopHat

__all__ = ["ExcursionSet", "TopHat"]
