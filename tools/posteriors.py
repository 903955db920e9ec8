"""Reference posteriors on trial: likelihoods against SciPy, and simulation-based calibration.

    python -m tools.posteriors densities [NAME ...]     50 rows of each config against SciPy
    python -m tools.posteriors sbc [NAME ...] --rows N  ranks of the truth, and of the data
    python -m tools.posteriors judge [NAME ...]         three rows of each against emcee

Calibration has two parts. The rank of the true value among the draws is uniform if simulator,
prior, likelihood and sampler agree (arXiv:1804.06788). It sees a noise that is mis-stated by 3 %
only as posteriors 3 % too wide, which takes some 50 000 ranks; so the likelihood of what was
measured is ranked, too, among those of repetitions under the stated noise, at the same truth.
"""

import argparse
import time
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import generate, list_recipes, load_recipe, log_prior, posterior
from deepbench_hf.errors import RecipeError
from deepbench_hf.fields import Columns
from deepbench_hf.metrics import rank_uniformity
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe.catalog import POSTERIOR
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.resizing import resized
from deepbench_hf.recipe.steps import Measure
from deepbench_hf.rows.generation import drawn_settings
from deepbench_hf.rows.likelihoods import observations
from deepbench_hf.simulators.kappa.maps import Convergence
from tools.densities import by_scipy

REPETITIONS = 19
WRONG = 1.03
"""How much a mis-stated noise is too strong."""


def offered() -> list[str]:
    """The configs that have reference posteriors."""
    found = []
    for name in list_recipes():
        try:
            load_recipe(f"{name}{POSTERIOR}")
        except RecipeError:
            continue
        found.append(name)
    return found


def differences(recipe: Recipe, rows: int = 50, power: int = 1) -> NDArray[np.float64]:
    """Log-likelihoods at the truth less those by SciPy, relative to the latter, ``(rows,)``.

    With ``power`` 2 SciPy takes the variance for the standard deviation: the planted defect.
    """
    if isinstance(recipe.simulator, Convergence):  # of larger maps SciPy's matrix is too large
        recipe = resized(recipe, (16, 16))
    indices = np.arange(rows)
    ours = np.array([o.log_likelihood({})[0] for o in observations(recipe, "test", indices)])
    theirs = by_scipy(recipe, "test", rows, power)
    return np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1.0)


def misstated(recipe: Recipe, factor: float = WRONG) -> Recipe:
    """The recipe with every noise of its split ``test`` stronger by a factor."""
    split = recipe.splits["test"]
    noise = {
        name: one.model_copy(
            update={
                s: p.stretched(factor, 0.0) for s, p in one.priors.items() if s in _strengths(one)
            }
        )
        for name, one in split.noise.items()
    }
    changed = split.model_copy(update={"noise": FrozenDict(noise)})
    return recipe.model_copy(update={"splits": FrozenDict({"test": changed})})


def _strengths(noise: object) -> tuple[str, ...]:
    return ("sigma", "read_noise_e", "stochastic", "scattering", "angle_mrad")


def truth_ranks(recipe: Recipe, rows: int) -> tuple[NDArray[np.float64], float]:
    """The ranks of the truth among draws of usable rows, all parameters, and the usable share."""
    found = posterior(recipe, "test", np.arange(rows), draws=200)
    parts = [np.empty(0)]
    for name, draws in found.draws.items():
        if name in found.mean and np.ptp(found.truth[name]) > 0.0:
            truth = found.truth[name][:, None]
            below = (draws < truth).sum(1) + 0.5 * (draws == truth).sum(1)
            parts.append((below[found.usable] + 0.5) / (draws.shape[1] + 1))
    return np.concatenate(parts), float(found.usable.mean())


def data_ranks(recipe: Recipe, rows: int, stated: Recipe | None = None) -> NDArray[np.float64]:
    """The rank of each row's likelihood among those of repetitions under the stated noise."""
    stated, indices = stated or recipe, np.arange(rows)
    measured = [o.rows for o in observations(recipe, "test", indices)]
    known = {name: np.concatenate([row[name] for row in measured]) for name in measured[0]}
    seen = _likelihoods(stated, indices, known)
    columns = generate(stated.model_copy(update={"clean": True}), "test", 0, len(indices))
    repeated = []
    for number in range(REPETITIONS):
        stream = f"{recipe.noise_stream}, repetition {number}"
        again = stated.model_copy(update={"noise_stream": stream})
        repeated.append(_likelihoods(stated, indices, _measured_again(stated, again, columns)))
    below = (np.array(repeated) < seen).sum(axis=0)
    shift = (np.arange(rows) * 0.6180339887498949) % 1.0  # ranks are whole numbers: spread them
    return (below + shift) / (REPETITIONS + 1)


def _measured_again(stated: Recipe, again: Recipe, rows: Columns) -> Columns:
    """What the same instruments, at the same settings, measure with other random numbers."""
    found = {}
    pairs = zip(stated.plan("test").of(Measure), again.plan("test").of(Measure), strict=True)
    for step, other in pairs:
        one = step.measurement
        drawn = one.divided(drawn_settings(step, rows["index"]), rows)
        streams = [(stream.key, stream.draws(rows["index"])) for stream in other.streams]
        made = one.draw(rows[step.clean].copy(), drawn, streams)
        found[one.column] = one.without_padding(made, rows)[one.column]
    return found


def _likelihoods(recipe: Recipe, indices: NDArray, known: dict | None) -> NDArray[np.float64]:
    if known is not None:  # what was measured, under the strengths that are stated
        columns = {one.column for one in recipe.plan("test").measurements.values()}
        known = {name: values for name, values in known.items() if name in columns}
    return np.array([o.log_likelihood({})[0] for o in observations(recipe, "test", indices, known)])


def judged(recipe: Recipe, row: int, steps: int = 4000) -> tuple[float, float]:
    """The largest difference to a chain of emcee: of means in sigma, and of widths."""
    import emcee

    found = posterior(recipe, "test", [row], draws=500)
    names = [name for name in found.draws if found.sigma[name][0] > 0.0]
    (one,) = observations(recipe, "test", np.array([row]))

    def density(points: NDArray) -> NDArray:
        given = dict(zip(names, points.T, strict=True))
        value = log_prior(recipe, "test", **given)
        here = np.isfinite(value)
        value[here] += one.log_likelihood({n: v[here] for n, v in given.items()})
        return value

    start = np.unique(np.stack([found.draws[n][0] for n in names], axis=1), axis=0)[:96]
    start = start[: len(start) // 2 * 2]
    np.random.seed(7)
    chain = emcee.EnsembleSampler(len(start), len(names), density, vectorize=True)
    chain.run_mcmc(start, steps)
    other = chain.get_chain(discard=steps // 10, flat=True)
    mean = [
        (found.mean[n][0] - other[:, k].mean()) / other[:, k].std() for k, n in enumerate(names)
    ]
    wide = [found.sigma[n][0] / other[:, k].std() - 1.0 for k, n in enumerate(names)]
    return float(np.abs(mean).max()), float(np.abs(wide).max())


def main(words: Iterable[str] | None = None) -> None:
    """Print a line for each config."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["densities", "sbc", "judge"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rows", type=int, default=500)
    options = parser.parse_args(None if words is None else list(words))
    for name in options.names or offered():
        recipe, begun = load_recipe(name), time.process_time()
        if options.what == "densities":
            line = f"largest relative difference {differences(recipe).max():.1e}"
        elif options.what == "judge":
            pairs = [judged(recipe, row) for row in range(3)]
            told = ", ".join(f"{100 * m:.1f} % and {100 * w:.1f} %" for m, w in pairs)
            line = f"means and widths differ by {told}"
        else:
            ranks, usable = truth_ranks(recipe, options.rows)
            wrong = misstated(recipe)
            line = (
                f"{options.rows} rows, {100 * usable:.1f} % with draws; p of truths "
                f"{rank_uniformity(ranks):.2g}, of data "
                f"{rank_uniformity(data_ranks(recipe, options.rows)):.2g}, under noise stated "
                f"3 % too strong {rank_uniformity(data_ranks(recipe, options.rows, wrong)):.1g}"
            )
        print(f"{name}: {line} ({time.process_time() - begun:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
