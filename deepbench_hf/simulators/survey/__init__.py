"""Galaxies on the sky, and the instruments of surveys that see them."""

from deepbench_hf.simulators.survey.models import SurveyGalaxy

__all__ = ["SurveyGalaxy"]
