"""Sets of pairs whose mutual information is known exactly."""

from deepbench_hf.simulators.pairs.pairs import Pairs

__all__ = ["Pairs"]
