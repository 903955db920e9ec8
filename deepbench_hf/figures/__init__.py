"""Pictures of rows, evaluations and comparisons: what the command line and notebooks show."""

from deepbench_hf.figures.preview import save_comparison, save_evaluation, save_preview, show

__all__ = ["save_comparison", "save_evaluation", "save_preview", "show"]
