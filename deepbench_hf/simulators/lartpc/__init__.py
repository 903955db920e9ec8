"""Tracks in a liquid-argon time projection chamber, read by an induction and a collection plane."""

from deepbench_hf.simulators.lartpc.stopping import StoppingTracks
from deepbench_hf.simulators.lartpc.tracks import Tracks

__all__ = ["StoppingTracks", "Tracks"]
