"""Whether the processes that `datasets` starts for each split save more time than they take."""

import time

from deepbench_hf.exact.kernel_cache import say_once
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate

START_S = 0.28
"""What starting and ending two processes takes for a split, s.

Measured on a machine of two cores with nothing else to do, where processes are forks
(`python -m benchmarks --only threads`). Where they are new interpreters it is some seconds.
"""
ENOUGH_S = 0.01


def warn_where_useless(recipe: Recipe, processes: int) -> None:
    """Say in a line if one process would be done before all of them are started.

    Also compiles what forked processes then share.
    """
    saved = recipe.rows * _seconds_per_row(recipe) * (1 - 1 / processes)
    started = START_S * len(recipe.splits)
    if saved < started:
        splits = f"{len(recipe.splits)} split{'s' * (len(recipe.splits) > 1)}"
        say_once(
            f"{recipe.name}: num_proc={processes} saves some {saved:.2g} s of work, and starting "
            f"processes for {splits} takes some {started:.2g} s: leave num_proc out"
        )


def _seconds_per_row(recipe: Recipe) -> float:
    """Timed on as few rows as take long enough, after a first that compiles."""
    split, part = max(recipe.splits.items(), key=lambda item: item[1].size)
    generate(recipe, split, 0, 1)
    rows, seconds = 1, 0.0
    while seconds < ENOUGH_S and rows < part.size:
        rows = min(16 * rows, part.size)
        begun = time.perf_counter()
        generate(recipe, split, 0, rows)
        seconds = time.perf_counter() - begun
    return seconds / rows
