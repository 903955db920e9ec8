"""Which galaxies to observe with a limited budget."""

from deepbench_hf.simulators.allocation.galaxies import Allocation

__all__ = ["Allocation"]
