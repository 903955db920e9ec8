"""Questions about coloured shapes on a grid."""

from deepbench_hf.simulators.vqa.questions import ListedQuestion, ShapesQuestion

__all__ = ["ListedQuestion", "ShapesQuestion"]
