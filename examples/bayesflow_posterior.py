"""Train a neural posterior with BayesFlow on rows as `generate` gives them, and judge it.

pip install -e ".[sbi]"
KERAS_BACKEND=torch python examples/bayesflow_posterior.py --rows 4000

docs/inference.md says what each score is, and its value where a posterior is right.
"""

import argparse

import bayesflow as bf
import numpy as np

from deepbench_hf import generate, load_recipe, metrics, sbi_task


def main() -> None:
    """Train, draw, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="deeply_uncertain_t10", help="what is inferred")
    parser.add_argument("--rows", type=int, default=4000, help="of train, to train with")
    parser.add_argument("--epochs", type=int, default=10, help="of training")
    options = parser.parse_args()
    names = sbi_task(options.config).names
    recipe = load_recipe(options.config)
    seen = [one.column for one in recipe.plan("test").measurements.values()]
    adapter = (
        bf.Adapter()
        .convert_dtype("float64", "float32")
        .concatenate(list(names), into="inference_variables")
        .concatenate(seen, into="inference_conditions")
        .keep(["inference_variables", "inference_conditions"])
    )
    workflow = bf.BasicWorkflow(adapter=adapter, inference_network=bf.networks.CouplingFlow())
    rows = columns(generate(options.config, "train", 0, options.rows))
    workflow.fit_offline(rows, epochs=options.epochs, batch_size=128, verbose=0)
    test = columns(generate(options.config, "test", 0, 100))
    draws = workflow.sample(conditions=test, num_samples=200)
    table = {"index": np.arange(100), **{name: draws[name][..., 0] for name in names}}
    found = metrics.evaluate_posterior(options.config, table, reference=10)
    for name, scores in found.scores().items():
        print(name, {score: round(float(one.value), 3) for score, one in scores.items()})


def columns(rows: dict) -> dict:
    """The rows with an axis behind numbers, as BayesFlow wants scalars."""
    return {name: v[:, None] if v.ndim == 1 else v for name, v in rows.items()}


if __name__ == "__main__":
    main()
