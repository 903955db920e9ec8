"""Two-body decays of moving particles."""

from deepbench_hf.simulators.decay.decays import DECAYS, UNRELATED, TwoBodyDecay

__all__ = ["DECAYS", "UNRELATED", "TwoBodyDecay"]
