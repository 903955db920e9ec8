"""Galaxies of ten classes as a survey sees them: shapes, inclinations, kinds of arms, pairs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.images import class_of
from deepbench_hf.simulators.survey.galaxies import WITHHELD, SurveyGalaxy
from deepbench_hf.simulators.survey.objects import KINDS

TEN: Mapping[str, str] = {
    "round": "elliptical",
    "in_between": "elliptical",
    "cigar": "elliptical",
    "edge_on_disc": "spiral",
    "edge_on_bulge": "spiral",
    "tight_spiral": "spiral",
    "loose_spiral": "spiral",
    "many_armed": "spiral",
    "merger": "merger",
    "lens": "lens",
}
"""The classes, and what each is drawn as; what tells those of one kind apart are the priors."""
_NUMBERS = np.array([KINDS.index(kind) for kind in TEN.values()], dtype=np.float64)


def _for_ten(parameter: Parameter) -> Parameter:
    """A parameter of some kinds as one of the classes that are drawn as these."""
    if "label" not in parameter.only:
        return parameter
    classes = tuple(name for name, kind in TEN.items() if kind in parameter.only["label"])
    return replace(parameter, only={**parameter.only, "label": classes})


class TenClasses(SurveyGalaxy):
    """A galaxy of one of ten classes through an instrument.

    Args:
        label: 0 round, 1 in_between, 2 cigar, 3 edge_on_disc, 4 edge_on_bulge, 5 tight_spiral,
            6 loose_spiral, 7 many_armed, 8 merger, 9 lens, (n,).
        labelled and the others: as `SurveyGalaxy`, (n,).

    Returns:
        As `SurveyGalaxy`.

    Source: as `SurveyGalaxy`; ten classes in the manner of Galaxy Zoo, of which DeepAstroUDA,
    arXiv:2302.02005, adapts ten between two surveys. The classes and their ranges are ours.
    """

    kind: Literal["survey_ten_classes"] = "survey_ten_classes"  # type: ignore[assignment]
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **{name: _for_ten(parameter) for name, parameter in SurveyGalaxy.parameters.items()},
        "label": class_of(tuple(TEN)),
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        """Those of `SurveyGalaxy`, with ten names of classes."""
        columns = dict(super().columns)
        columns["label_given"] = replace(columns["label_given"], names=tuple(TEN))
        return columns

    def __call__(self, **inputs: Any) -> Columns:
        """The images."""
        label = np.asarray(inputs["label"]).astype(np.int64)
        found = super().__call__(**{**inputs, "label": _NUMBERS[label]})
        given = np.where(found["label_given"] == WITHHELD, WITHHELD, label)
        return {**found, "label_given": given.astype(np.int64)}
