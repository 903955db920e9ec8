"""The verb that scores predictions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deepbench_hf.cli.options import CONFIG, examples, formats, recipe_options, show
from deepbench_hf.cli.reports import aligned

if TYPE_CHECKING:
    from deepbench_hf.recipe.recipe import Recipe


PERCENT = {"coverage_683", "coverage_954", "accuracy", "chance", "efficiency"}
"""Scores that are printed as percentages; a coverage is named after its nominal value."""

WITH_ERROR = {"z_mean", "z_std", "c2st", "bias", "pull_mean", "pull_std", "accuracy", "efficiency"}
"""Scores whose standard error shows whether they are as they should be."""


@click.command(
    epilog=examples(
        "evaluate pendulum_noisy --predictions predictions.parquet -o calibration.png",
        "evaluate galaxy_morphology --predictions mine.csv --split test_faint --json",
        "evaluate sky_stars --baseline --split test_faint",
        "evaluate pendulum_noisy --posterior draws.npz --reference 20 -o ranks.png",
        "evaluate pendulum_noisy --posterior draws.npz --eval-results me/model --benchmark us/data",
    )
)
@click.argument("name", type=CONFIG)
@click.option("--predictions", metavar="FILE", help="Your predictions: .parquet or .csv.")
@click.option("--posterior", metavar="FILE", help="Posterior draws: .parquet, .npz or .h5.")
@click.option(
    "--reference",
    default=0,
    metavar="ROWS",
    help="How many rows of --posterior to compare with exact posteriors.",
)
@click.option(
    "--baseline", is_flag=True, help="Score methods without training, too, on the first 256 rows."
)
@click.option(
    "--eval-results",
    metavar="OWNER/MODEL",
    help="Write .eval_results/NAME.yaml for this model; needs --benchmark.",
)
@click.option("--benchmark", metavar="OWNER/DATASET", help="The Hub benchmark of these scores.")
@click.option("--split", default="test", show_default=True, help="Which split.")
@click.option("-o", "--output", metavar="FILE", help="Picture of the calibration to write.")
@click.option(
    "--uncertainty", is_flag=True, default=None, help="Score against Cramer-Rao bounds, too."
)
@recipe_options
@formats
def evaluate(
    name: str,
    predictions: str | None,
    posterior: str | None,
    reference: int,
    baseline: bool,
    eval_results: str | None,
    benchmark: str | None,
    split: str,
    output: str | None,
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Score predictions against the truth, which is made again from the recipe.

    A file of predictions has a column `index` and, for each predicted parameter, a column of its
    name and maybe `NAME_sigma`, its standard deviation; for a class its number or name, or
    `NAME_probability_CLASS` for each class. It may hold any rows of the split, in any order. Most
    configs have baselines to compare with: methods that need no training.

    A file of posterior draws has `index` and, for each parameter, all draws of each row.

    With --eval-results the config's main score is written to .eval_results/NAME.yaml, the file in a
    model's repository from which the Hub takes it for the benchmark.
    """
    from deepbench_hf.metrics import evaluate as score
    from deepbench_hf.recipe.catalog import load_recipe

    if posterior is not None and (predictions is not None or baseline):
        raise click.UsageError("--posterior FILE goes with neither --predictions nor --baseline")
    if posterior is None and predictions is None and (output is not None or not baseline):
        raise click.UsageError(
            "give --predictions FILE, or --baseline for methods without training"
        )
    if (eval_results is None) != (benchmark is None) or (
        eval_results is not None and posterior is None and predictions is None
    ):
        raise click.UsageError("--eval-results OWNER/MODEL goes with --benchmark and with scores")
    recipe = load_recipe(name, **overrides)
    data: dict[str, Any] = {}
    if posterior is not None:
        from deepbench_hf.metrics import evaluate_posterior

        inferred = evaluate_posterior(recipe, posterior, split, reference)
        data = _written(recipe, inferred, output, eval_results, benchmark)
        show(data, _inferred(data), _values(data["scores"]), as_json, quiet)
        return
    if predictions is not None:
        found = score(recipe, predictions, split)
        data = _written(recipe, found, output, eval_results, benchmark)
    scored = {"": dict(data)} if data else {}
    if baseline:
        data["baselines"] = _baselines(recipe, split)
        scored |= {f"Baseline, {name}: ": one for name, one in data["baselines"].items()}
    text = "\n\n".join(head + _text(one) for head, one in scored.items())
    values = (
        _values({name: column["scores"] for name, column in one["columns"].items()})
        for one in scored.values()
    )
    show(data, text, "\n".join(values), as_json, quiet)


def _written(
    recipe: Recipe, found: Any, output: str | None, model: str | None, dataset: str | None
) -> dict[str, Any]:
    """The scores as plain data, once their picture and the file for the Hub are written."""
    data = found.to_mapping() | _told_hub(recipe, found, model, dataset)
    if output is not None:
        from deepbench_hf.figures import save_evaluation

        save_evaluation(found, output)
        data["file"] = output
    return data


def _told_hub(recipe: Recipe, found: Any, model: str | None, dataset: str | None) -> dict[str, str]:
    """Write the file of a model's repository, and say how to send it."""
    if model is None or dataset is None:
        return {}
    from deepbench_hf.metrics.benchmarks import RESULTS, result_text

    file = Path(RESULTS) / f"{recipe.name}.yaml"
    text = result_text(recipe, found, dataset)
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return {"eval_results": f"{file}; send it: hf upload {model} {RESULTS} {RESULTS} --create-pr"}


def _baselines(recipe: Recipe, split: str) -> dict[str, Any]:
    """The scores of each baseline, by its name."""
    from deepbench_hf.metrics import baselines, run_baseline

    known = baselines(recipe)
    if not known:
        raise ValueError(f"{recipe.name} has no baseline; give --predictions alone")
    return {one.name: run_baseline(recipe, one, split).to_mapping() for one in known}


def _inferred(data: dict[str, Any]) -> str:
    """A table of the parameters, and one of all of them together."""
    lines = [
        f"{data['config']} {data['version']}, split {data['split']}: {data['rows']} rows of "
        f"{data['draws']} draws, {data['compared']} of them beside exact ones"
    ]
    own = {name: scores for name, scores in data["scores"].items() if name != "joint"}
    for part in (own, {"all": data["scores"]["joint"]}):
        heads = list(next(iter(part.values())))
        rows = [[name, *(_cell(score, of[score]) for score in heads)] for name, of in part.items()]
        lines += ["", *aligned([["parameter", *map(_head, heads)], *rows])]
    return "\n".join([*lines, *_files(data)])


def _files(data: dict[str, Any]) -> list[str]:
    """What was written."""
    return [data[name] for name in ("file", "eval_results") if name in data]


def _text(data: dict[str, Any]) -> str:
    """One table for numbers, and one for classes."""
    lines = [
        f"{data['config']} {data['version']}, split {data['split']}: "
        f"{data['rows']} of {data['size']} rows"
    ]
    for kind in ("number", "class"):
        columns = {n: c for n, c in data["columns"].items() if c["kind"] == kind}
        if columns:
            lines += ["", *aligned(_rows(columns))]
    return "\n".join([*lines, *_files(data)])


def _rows(columns: dict[str, Any]) -> list[list[str]]:
    scores = list(dict.fromkeys(s for column in columns.values() for s in column["scores"]))
    heads = [_head(score) for score in scores]
    return [
        ["column", "unit", "n", *heads],
        *(
            [
                name,
                c["unit"],
                str(c["n"]),
                *(_cell(score, c["scores"].get(score)) for score in scores),
            ]
            for name, c in columns.items()
        ),
    ]


def _head(score: str) -> str:
    if score.startswith("coverage_"):
        return f"in {int(score[-3:]) / 10:g} %"
    return score.replace("_", " ")


def _cell(score: str, found: dict[str, float | None] | None) -> str:
    if found is None or found["value"] is None:
        return "-"
    value, error = found["value"], found["error"]
    scale, unit = (100, " %") if score in PERCENT else (1, "")
    if score not in WITH_ERROR or error is None:
        return f"{scale * value:.{1 if unit else 3}{'f' if unit else 'g'}}{unit}"
    return f"{scale * value:.3g} ± {scale * error:.2g}{unit}"


def _values(scores: dict[str, Any]) -> str:
    """A line for each score: column, score, value."""
    return "\n".join(
        f"{name} {score} {found['value']}"
        for name, own in scores.items()
        for score, found in own.items()
    )
