"""The Hub's benchmarks: the file of a dataset that names tasks, and that of a model with its score.

A dataset with ``eval.yaml`` can be made a benchmark, by the people of the Hub alone: they keep a
list of those that have a leaderboard. A model repository tells its scores in ``.eval_results``.

Source: https://huggingface.co/docs/hub/eval-results.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import yaml

from deepbench_hf.metrics.evaluation import Evaluation
from deepbench_hf.metrics.inferred import PosteriorEvaluation
from deepbench_hf.metrics.results import Classes, Numbers
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.unknowns import informative, unknown

FRAMEWORK = "deepbench-hf"
BENCHMARK, RESULTS = "eval.yaml", ".eval_results"
SPLIT = "test"

METRICS = {
    "accuracy": "the share of right classes in the column label",
    "log_probability": "the mean over rows of the logarithm of the density of all true parameters"
    " under the posterior draws' mean and covariance, nats",
    "relative_error": "the root mean square error over the standard deviation of the truth, the"
    " mean over all predicted columns",
}
"""What each headline metric is; of the last one less is better."""


def headline(recipe: Recipe) -> str:
    """The one metric by which models of a config are compared.

    >>> from deepbench_hf import load_recipe
    >>> [headline(load_recipe(name)) for name in ("galaxy_morphology", "pendulum_noisy")]
    ['accuracy', 'log_probability']
    """
    prior = recipe.splits[SPLIT].priors.get("label")
    if prior is not None and len(getattr(prior, "names", ())) > 1:
        return "accuracy"
    try:
        informative(recipe, SPLIT, recipe.plan(SPLIT))
        return "log_probability" if unknown(recipe, SPLIT) else "relative_error"
    except ValueError:
        return "relative_error"


def task_id(config: str, metric: str) -> str:
    """The name of a task of a benchmark."""
    return f"{config}_{metric}"


def benchmark_text(recipes: Sequence[Recipe], title: str) -> str:
    """The text of ``eval.yaml``: a task for each config that has examples and a split ``test``.

    Args:
        recipes: the configs of a repository.
        title: of the benchmark.
    """
    own = [r for r in recipes if r.posterior is None and SPLIT in r.splits]
    metrics = {recipe.name: headline(recipe) for recipe in own}
    told = "; ".join(f"{name}: {METRICS[name]}" for name in METRICS if name in metrics.values())
    content = {
        "name": title,
        "description": "Analytic physics with exact labels and known noise. A task's name ends in "
        f"its metric. {told}. Scores are made by `deepbench-hf evaluate`.",
        "evaluation_framework": FRAMEWORK,
        "tasks": [
            {"id": task_id(name, metric), "config": name, "split": SPLIT}
            for name, metric in sorted(metrics.items())
        ],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def result_text(recipe: Recipe, found: Evaluation | PosteriorEvaluation, dataset: str) -> str:
    """The text of a file in ``.eval_results`` of a model's repository.

    Args:
        recipe: what was predicted.
        found: how well.
        dataset: the repository of the benchmark, ``owner/name``.

    Raises:
        ValueError: the headline metric of the config was not scored, or not on its split, or draws
            are not of all that is unknown: densities of other parameters cannot be compared.
    """
    if found.split != SPLIT:
        raise ValueError(f"benchmarks are of the split {SPLIT}; got {found.split}")
    metric = headline(recipe)
    scores = headline_scores(found)
    if metric not in scores or not np.isfinite(scores[metric]):
        flag = "--posterior" if metric == "log_probability" else "--predictions"
        raise ValueError(f"{recipe.name}: its benchmark is by {metric}; give it with {flag}")
    if isinstance(found, PosteriorEvaluation):
        wanted = unknown(recipe, SPLIT)
        if set(found.names) != set(wanted):
            got = f"draws of {', '.join(found.names)}"
            raise ValueError(f"{recipe.name}: {got}; its benchmark needs {', '.join(wanted)}")
        rows = len(found.index)
    else:
        rows = found.rows
    entry = {
        "dataset": {"id": dataset, "task_id": task_id(recipe.name, metric)},
        "value": float(f"{scores[metric]:.6g}"),
        "date": datetime.now(UTC).date().isoformat(),
        "evaluation_framework": FRAMEWORK,
        "notes": f"{recipe.name} {recipe.version}, fingerprint {recipe.fingerprint[:16]}, "
        f"{rows} of {recipe.splits[SPLIT].size} rows",
    }
    return yaml.safe_dump([entry], sort_keys=False)


def headline_scores(found: Evaluation | PosteriorEvaluation) -> dict[str, float]:
    """The headline metrics that an evaluation has."""
    if isinstance(found, PosteriorEvaluation):
        return {"log_probability": float(found.scores()["joint"]["log_probability"].value)}
    scores = {}
    for one in found.results:
        if isinstance(one, Classes) and one.column == "label":
            scores["accuracy"] = float(one.scores()["accuracy"].value)
    errors = [
        float(one.scores()["rmse"].value / one.truth.std())
        for one in found.results
        if isinstance(one, Numbers) and one.truth.std() > 0.0
    ]
    if errors:
        scores["relative_error"] = float(np.mean(errors))
    return scores
