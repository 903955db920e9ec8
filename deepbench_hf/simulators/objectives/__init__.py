"""Objective functions of optimisation with hidden directions."""

from deepbench_hf.simulators.objectives.functions import Objective

__all__ = ["Objective"]
