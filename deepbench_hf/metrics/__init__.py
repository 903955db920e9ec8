"""How good predictions are: errors, calibration, proper scores, classes, domains, invariants.

Pure functions on arrays, the example axis first. What has a value for each example, such as a pull
or a score, gives ``(n, ...)``; `average` and `spread` make of it an `Estimate` with its error.
`evaluate` scores a table of predictions against the truth, which it makes anew from the recipe.

>>> from deepbench_hf import metrics
>>> pit = metrics.pit_values(truth=[1.0, 2.0], mean=[1.1, 1.8], sigma=[0.2, 0.2])
>>> metrics.coverage(pit, levels=[0.683]).value
array([1.])
"""

from deepbench_hf.metrics.baselines import Baseline, baselines, run_baseline
from deepbench_hf.metrics.baselines.lensing import quadratic_convergence
from deepbench_hf.metrics.calibration import (
    coverage,
    expected_calibration_error,
    pit_histogram,
    pit_of_quantiles,
    pit_of_samples,
    pit_values,
    pulls,
)
from deepbench_hf.metrics.circles import nearest_turn, unwrapped
from deepbench_hf.metrics.classes import (
    accuracy,
    accuracy_drop,
    chance,
    confidence_calibration_error,
    cross_entropy,
)
from deepbench_hf.metrics.domains import maximum_mean_discrepancy, sliced_wasserstein
from deepbench_hf.metrics.estimates import Estimate, average, spread
from deepbench_hf.metrics.evaluation import Evaluation, evaluate
from deepbench_hf.metrics.inferred import PosteriorEvaluation, evaluate_posterior
from deepbench_hf.metrics.perturbed import (
    flip_rate,
    invariant_residuals,
    one_pixel_flip_rate,
    one_pixel_flips,
    one_pixel_values,
)
from deepbench_hf.metrics.posteriors import (
    classifier_two_sample_test,
    contraction,
    log_probability_of_truth,
    posterior_z_scores,
    rank_uniformity,
    tarp,
)
from deepbench_hf.metrics.scores import (
    bias,
    crps,
    crps_of_samples,
    efficiency,
    negative_log_likelihood,
    pinball_loss,
    root_mean_squared_error,
    sharpness,
)

__all__ = [
    "Baseline",
    "Estimate",
    "Evaluation",
    "PosteriorEvaluation",
    "accuracy",
    "accuracy_drop",
    "average",
    "baselines",
    "bias",
    "chance",
    "classifier_two_sample_test",
    "confidence_calibration_error",
    "contraction",
    "coverage",
    "cross_entropy",
    "crps",
    "crps_of_samples",
    "efficiency",
    "evaluate",
    "evaluate_posterior",
    "expected_calibration_error",
    "flip_rate",
    "invariant_residuals",
    "log_probability_of_truth",
    "maximum_mean_discrepancy",
    "nearest_turn",
    "negative_log_likelihood",
    "one_pixel_flip_rate",
    "one_pixel_flips",
    "one_pixel_values",
    "pinball_loss",
    "pit_histogram",
    "pit_of_quantiles",
    "pit_of_samples",
    "pit_values",
    "posterior_z_scores",
    "pulls",
    "quadratic_convergence",
    "rank_uniformity",
    "root_mean_squared_error",
    "run_baseline",
    "sharpness",
    "sliced_wasserstein",
    "spread",
    "tarp",
    "unwrapped",
]
