"""Closed-form baselines: what no training is needed for, scored as any prediction.

Each file holds the functions of one method; `table` says which simulator has which.
"""

from deepbench_hf.metrics.baselines.table import BASELINES, Baseline, baselines, run_baseline

__all__ = ["BASELINES", "Baseline", "baselines", "run_baseline"]
