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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import list_recipes, load_recipe, log_prior, posterior
from deepbench_hf.errors import RecipeError
from deepbench_hf.fields import Columns
from deepbench_hf.metrics import rank_uniformity
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe.catalog import POSTERIOR
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.resizing import resized
from deepbench_hf.recipe.steps import Measure
from deepbench_hf.rows.generation import drawn_settings, rows_at
from deepbench_hf.rows.likelihoods import observations
from deepbench_hf.rows.posteriors import Posterior
from deepbench_hf.simulators.base import Marginal
from deepbench_hf.simulators.kappa.maps import Convergence
from tools.densities import by_scipy

REPETITIONS = 19
HEADS = (
    "config", "rows", "s a row", "% without draws", "effective of 20 000",
    "p of truths", "p of data", "p of data, noise 3 % wrong",
)  # fmt: skip

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


def truth_ranks(found: Posterior) -> dict[str, NDArray[np.float64]]:
    """The rank of each parameter's truth among the draws of usable rows, ``(rows,)``."""
    ranks, here = {}, found.usable
    for number, (name, draws) in enumerate(found.draws.items()):
        truth = np.nan_to_num(found.truth[name][here].astype(np.float64))[:, None]
        if len(np.unique(truth)) > 1:
            draws = np.nan_to_num(draws[here].astype(np.float64))
            equal = (draws == truth).sum(1)
            place = _spread(len(equal), number) * (equal + 1)
            ranks[name] = ((draws < truth).sum(1) + place) / (draws.shape[1] + 1)
    return ranks


def _spread(rows: int, number: int = 0) -> NDArray[np.float64]:
    """Even numbers between 0 and 1, ``(rows,)``: they break ties, as ranks are whole numbers."""
    return ((np.arange(rows) + 0.5) * 0.6180339887498949 + number * 0.7548776662466927) % 1.0


def uniformity(ranks: Mapping[str, NDArray[np.float64]]) -> float:
    """The p-value of the parameter whose ranks are least uniform, times their number."""
    found = [rank_uniformity(one) for one in ranks.values()]
    return min(1.0, len(found) * min(found)) if found else np.nan


def data_ranks(
    recipe: Recipe, indices: NDArray[np.int64], stated: Recipe | None = None
) -> NDArray[np.float64]:
    """The rank of each row's likelihood among those of repetitions under the stated noise."""
    stated = stated or recipe
    measured = [o.rows for o in observations(recipe, "test", indices)]
    known = {name: np.concatenate([row[name] for row in measured]) for name in measured[0]}
    seen = _likelihoods(stated, indices, known)
    repeated = [
        _likelihoods(stated, indices, _measured_again(stated, indices, number))
        for number in range(REPETITIONS)
    ]
    below = (np.array(repeated) < seen).sum(axis=0)
    return (below + _spread(len(indices))) / (REPETITIONS + 1)


def _measured_again(stated: Recipe, indices: NDArray, number: int) -> Columns:
    """What the same instruments, at the same settings, measure with other random numbers.

    Where a path or a field is integrated over, it is another one.
    """
    stream = f"{stated.noise_stream}, repetition {number}"
    again = stated.model_copy(update={"noise_stream": stream})
    clean, plan = stated.model_copy(update={"clean": True}), stated.plan("test")
    given = None
    if isinstance(plan.simulator, Marginal):
        random = np.random.default_rng([number, len(indices)])
        given = {"realization": random.integers(0, 1 << 53, len(indices))}
    rows = rows_at(clean, "test", indices, given=given)
    pairs = zip(plan.of(Measure), again.plan("test").of(Measure), strict=True)
    for step, other in pairs:
        one = step.measurement
        drawn = one.divided(drawn_settings(step, indices), rows)
        streams = [(stream.key, stream.draws(indices)) for stream in other.streams]
        made = one.draw(rows[step.clean].copy(), drawn, streams)
        rows[one.column] = one.without_padding(made, rows)[one.column]
    return rows


def _likelihoods(recipe: Recipe, indices: NDArray, known: Columns) -> NDArray[np.float64]:
    """Of what was measured, under the strengths that are stated."""
    measurements = recipe.plan("test").measurements.values()
    settings = {column for one in measurements for column in one.settings.values()}
    kept = {name: values for name, values in known.items() if name not in settings}
    return np.array([o.log_likelihood({})[0] for o in observations(recipe, "test", indices, kept)])


@dataclass(frozen=True)
class Calibration:
    """What the posteriors of the first rows of a config are like.

    Args:
        rows: how many.
        seconds: of one core, for each.
        without: share of rows that have no draws.
        effective: median of the effective draws of 20 000 points.
        truths: p-value of uniform ranks of the truths.
        data: p-value of uniform ranks of the data.
        wrong: the same under noise that is stated 3 % too strong; NaN where none has a strength.
    """

    rows: int
    seconds: float
    without: float
    effective: float
    truths: float
    data: float
    wrong: float

    @property
    def cells(self) -> tuple[str, ...]:
        """For the table."""
        wrong = "" if np.isnan(self.wrong) else f"{self.wrong:.1g}"
        return (
            f"{self.rows}", f"{self.seconds:.2g}", f"{100 * self.without:.1f}",
            f"{self.effective:.0f}", f"{self.truths:.2g}", f"{self.data:.2g}", wrong,
        )  # fmt: skip


def calibration(recipe: Recipe, rows: int, seconds: float = np.inf) -> Calibration:
    """Of so many rows, or of fewer where they would take more seconds; one of each group."""
    groups = (level.rows for level in recipe.splits["test"].levels.values() if level.rows != "all")
    step, size = max(groups, default=1), recipe.splits["test"].size
    posterior(recipe, "test", [0], draws=2)  # compiled
    begun = time.process_time()
    posterior(recipe, "test", step * np.arange(3), draws=2)
    most = max(20.0, 3.0 * seconds / (time.process_time() - begun))
    indices = np.arange(0, size, step)[: int(min(rows, most))]
    begun = time.process_time()
    found = posterior(recipe, "test", indices, draws=400)
    spent = (time.process_time() - begun) / len(indices)
    wrong = misstated(recipe)
    return Calibration(
        len(indices), spent,
        float(1.0 - found.usable.mean()), float(np.median(found.effective_draws)),
        uniformity(truth_ranks(found)),
        rank_uniformity(data_ranks(recipe, indices)),
        np.nan if wrong == recipe else rank_uniformity(data_ranks(recipe, indices, wrong)),
    )  # fmt: skip


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
    parser.add_argument("--seconds", type=float, default=np.inf, help="for the rows of a config")
    parser.add_argument("--into", type=Path, help="a Markdown file whose table gets the lines")
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
            cells = calibration(recipe, options.rows, options.seconds).cells
            line = ", ".join(f"{h} {c}" for h, c in zip(HEADS[1:], cells, strict=True))
            if options.into:
                written(options.into, name, cells)
        print(f"{name}: {line} ({time.process_time() - begun:.0f} s)", flush=True)


def written(file: Path, name: str, cells: tuple[str, ...]) -> None:
    """Put the line of a config into the table that ends a file, by the order of the alphabet."""
    text, head = file.read_text(), f"| {' | '.join(HEADS)} |"
    before, _, after = text.partition(head)
    lines = {line.split("|")[1].strip(): line for line in after.splitlines()[2:] if line}
    lines[name] = f"| {' | '.join((name, *cells))} |"
    table = "\n".join(lines[key] for key in sorted(lines))
    file.write_text(f"{before}{head}\n|{'---|' * len(HEADS)}\n{table}\n")


if __name__ == "__main__":
    main()
