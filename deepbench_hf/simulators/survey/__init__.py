"""Galaxies on the sky, and the instruments of surveys that see them."""

from deepbench_hf.simulators.survey.galaxies import SurveyGalaxy
from deepbench_hf.simulators.survey.lens_search import LensSearch

__all__ = ["LensSearch", "SurveyGalaxy"]
