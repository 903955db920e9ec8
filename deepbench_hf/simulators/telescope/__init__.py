"""Nights of a telescope: what is up when, what it is worth, and the best schedule."""

from deepbench_hf.simulators.telescope.nights import NightSchedule, NightTransition

__all__ = ["NightSchedule", "NightTransition"]
