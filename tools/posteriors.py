"""Reference posteriors on trial: likelihoods against SciPy, calibration, other samplers.

python -m tools.posteriors densities [NAME ...]  50 rows of each config against SciPy
python -m tools.posteriors noise [NAME ...]      is what was measured as likely as it should be?
python -m tools.posteriors sbc [NAME ...]        ranks of the truths among draws
python -m tools.posteriors judge [NAME ...]      three rows of each against emcee or dynesty
"""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.errors import RecipeError
from deepbench_hf.recipe.catalog import POSTERIOR
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.resizing import resized
from deepbench_hf.recipe.unknowns import informative
from deepbench_hf.rows.likelihoods import observations
from deepbench_hf.simulators.kappa.maps import Convergence
from tools.calibration import DATA, TRUTHS, data_of, truths_of
from tools.densities import by_scipy
from tools.judges import judged


def with_likelihoods() -> list[str]:
    """The configs whose split ``test`` has a closed likelihood."""
    return [name for name in list_recipes() if _offers(name)]


def _offers(name: str) -> bool:
    recipe = load_recipe(name)
    try:
        informative(recipe, "test", recipe.plan("test"))
    except ValueError:
        return False
    return True


def with_posteriors() -> list[str]:
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


def main(words: Iterable[str] | None = None) -> None:
    """Print a line for each config."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["densities", "noise", "sbc", "judge"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=np.inf, help="for the rows of a config")
    parser.add_argument("--level", help="whose rows are inferred together")
    parser.add_argument("--judge", choices=["emcee", "dynesty"], default="emcee")
    parser.add_argument("--steps", type=int, default=4000, help="of emcee; live points of dynesty")
    parser.add_argument("--proposals", type=int, default=20_000, help="of ours that are judged")
    parser.add_argument("--into", type=Path, help="a Markdown file whose table gets the lines")
    options = parser.parse_args(None if words is None else list(words))
    every = with_likelihoods if options.what == "densities" else with_posteriors
    for name in options.names or every():
        recipe, begun = load_recipe(name), time.process_time()
        if options.what == "densities":
            heads, cells = ("config", "difference"), (f"{differences(recipe).max():.1e}",)
        elif options.what == "noise":
            heads, cells = DATA, data_of(recipe)
        elif options.what == "sbc":
            heads, cells = TRUTHS, truths_of(recipe, options.rows, options.seconds, options.level)
        else:
            how = options.steps, options.judge, options.proposals
            pairs = [judged(recipe, row, *how) for row in range(3)]
            heads = ("config", "by", "means, % of sigma", "widths, %")
            means, widths = (", ".join(f"{100 * p[k]:.1f}" for p in pairs) for k in (0, 1))
            cells = (options.judge, means, widths)
        told = ", ".join(f"{h} {c}" for h, c in zip(heads[1:], cells, strict=True))
        print(f"{name}: {told} ({time.process_time() - begun:.0f} s)", flush=True)
        if options.into:
            label = f"{name}, by {options.level}" if options.level else name
            write_line(options.into, heads, (label, *cells))


def write_line(file: Path, heads: tuple[str, ...], cells: tuple[str, ...]) -> None:
    """Put a line into the table of a file that has these heads, by the order of the alphabet."""
    head = f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    before, found, after = file.read_text().partition(head)
    if not found:
        raise SystemExit(f"{file}: has no table that begins with\n{head}")
    table, _, rest = f"\n{after}".partition("\n\n")
    lines = {line.split("|")[1].strip(): line for line in table.splitlines() if line}
    lines[cells[0]] = f"| {' | '.join(cells)} |"
    table = "\n".join(lines[key] for key in sorted(lines))
    file.write_text(f"{before}{head}{table}\n" + (f"\n{rest}" if rest else ""))


if __name__ == "__main__":
    main()
