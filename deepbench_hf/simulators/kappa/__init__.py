"""Maps of the convergence of weak gravitational lensing: Gaussian and lognormal random fields."""

from deepbench_hf.simulators.kappa.maps import GaussianConvergence, LognormalConvergence
from deepbench_hf.simulators.kappa.modes import power

__all__ = ["GaussianConvergence", "LognormalConvergence", "power"]
