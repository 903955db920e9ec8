"""Galaxies on the sky, and the instruments of surveys that see them."""

from deepbench_hf.simulators.survey.galaxies import SurveyGalaxy

__all__ = ["SurveyGalaxy"]
