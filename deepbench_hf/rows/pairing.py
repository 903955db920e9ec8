"""Other parameters under the noise of given rows."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.fields import Columns
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of
from deepbench_hf.rows.priors import given
from deepbench_hf.simulators.inputs import check_limits


def observe(
    recipe: Recipe | str | Path, split: str, indices: ArrayLike, **parameters: Any
) -> Columns:
    """Rows as they would be with other parameters and the very same noise.

    Every normal number, and every uniform one behind a count of photons, is that of the row: common
    random numbers. The difference of two such rows has hardly any noise left, as when a shear is
    measured from a galaxy and its copy that is turned or sheared.

    Args:
        recipe: a recipe, its name or its file.
        split: which split of it.
        indices: of the rows, ``(n,)``.
        **parameters: scalars or ``(n,)`` arrays by column name and in its unit; what is not given
            is each row's own.

    Returns:
        All columns, as `deepbench_hf.generate` gives them.

    Raises:
        KeyError: no such split.
        IndexError: no such row.
        ValueError: an unknown parameter, a value outside the limits of the model, or unequal
            lengths.

    Source: P. Glasserman, D. D. Yao, Some guidelines and guarantees for common random numbers,
    Management Science 38 (1992) 884.

    >>> from deepbench_hf import observe
    >>> shorter, longer = (observe("pendulum_noisy", "test", [0], length_m=l) for l in (2.0, 2.1))
    >>> noise = [row["x_observed_m"] - row["x_m"] for row in (shorter, longer)]
    >>> bool(np.allclose(*noise, atol=1e-6))
    True
    """
    recipe = as_recipe(recipe)
    part, rows = split_of(recipe, split), np.atleast_1d(np.asarray(indices)).astype(np.int64)
    own = part.simulator.parameters
    known = {name: own[name] for name in part.priors if name in own}
    values = {}
    for name, value in given(known, parameters).items():
        check_limits(name, value, known[name])
        values[name] = np.broadcast_to(value, rows.shape).astype(known[name].dtype)
    return rows_at(recipe, split, rows, given=values)
