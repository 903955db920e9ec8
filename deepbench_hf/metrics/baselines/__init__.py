"""Closed-form baselines: what no training is needed for, scored as any prediction.

A file for each family holds the functions; `table` says which simulator has which.
"""

from deepbench_hf.metrics.baselines.base import Baseline, Estimates
from deepbench_hf.metrics.baselines.running import baselines, run_baseline
from deepbench_hf.metrics.baselines.table import BASELINES

__all__ = ["BASELINES", "Baseline", "Estimates", "baselines", "run_baseline"]
