"""Tracks in a liquid-argon time projection chamber, read by an induction and a collection plane."""

from deepbench_hf.simulators.lartpc.tracks import StoppingTracks, Tracks

__all__ = ["StoppingTracks", "Tracks"]
