"""Train a neural posterior with sbi, and judge it against the truths and the exact posteriors.

pip install -e ".[sbi]"
python examples/sbi_posterior.py --simulations 4000

docs/inference.md says what each score is, and its value where a posterior is right.
"""

import argparse

import numpy as np
from sbi.inference import NPE
from sbi.utils.user_input_checks import process_prior

from deepbench_hf import metrics, sbi_task


def main() -> None:
    """Train, draw, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="deeply_uncertain_t10", help="what is inferred")
    parser.add_argument("--simulations", type=int, default=4000, help="to train with")
    parser.add_argument("--epochs", type=int, default=50, help="of training, at most")
    parser.add_argument("--rows", type=int, default=50, help="of test, to judge with")
    options = parser.parse_args()
    task = sbi_task(options.config, tensors=True)
    prior, _, _ = process_prior(task.prior)
    theta = prior.sample((options.simulations,))
    x = task.simulator(theta)
    trainer = NPE(prior=prior, show_progress_bars=False).append_simulations(theta, x)
    trainer.train(max_num_epochs=options.epochs)
    posterior = trainer.build_posterior()
    draws = [
        posterior.sample((200,), x=task.observation(row), show_progress_bars=False).numpy()
        for row in range(options.rows)
    ]
    table = dict(zip(task.names, np.moveaxis(np.array(draws), 2, 0), strict=True))
    table["index"] = np.arange(options.rows)
    found = metrics.evaluate_posterior(options.config, table, reference=10)
    for name, scores in found.scores().items():
        print(name, {score: round(float(one.value), 3) for score, one in scores.items()})


if __name__ == "__main__":
    main()
