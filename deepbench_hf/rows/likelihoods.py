"""The likelihood of other parameters of a row."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.inference.likelihoods import Observation, observed
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe, split_of
from deepbench_hf.recipe.unknowns import informative, inputs
from deepbench_hf.rows.generation import drawn_settings, rows_at
from deepbench_hf.rows.priors import given, row_numbers
from deepbench_hf.simulators.inputs import check_limits


def log_likelihood(recipe: Recipe | str | Path, split: str, row: int, **parameters: Any) -> Array:
    """The logarithm of the density of all that a row measured, were its parameters others.

        ln L(theta) = sum over measurements and their samples of ln p(measured | theta)

    Measured inputs, such as ``length_measured_m``, count as the outputs do. The strength of the
    noise is known; where it is relative to the truth it follows the parameters. The random path
    of a quasar is integrated over.

    Args:
        recipe: a recipe, its name or its file.
        split: which split of it.
        row: which row.
        **parameters: scalars or ``(n,)`` arrays by column name and in its unit, a class by its
            name or number; what is not given is the row's own.

    Returns:
        ``(n,)`` float64, nats: of densities in one over the units of what is measured, of chances
        for counts.

    Raises:
        KeyError: no such split.
        IndexError: no such row.
        ValueError: the likelihood of the config is not closed, an unknown parameter, a value
            outside the limits of the model, or unequal lengths.

    Source: the definition; each noise has that of its density.

    >>> from deepbench_hf import log_likelihood
    >>> found = log_likelihood("pendulum_noisy", "test", 0, length_m=[3.0, 4.0])
    >>> found.shape
    (2,)
    """
    recipe = as_recipe(recipe)
    (one,) = observations(recipe, split, row_numbers([row]))
    known = {name: one.plan.simulator.parameters[name] for name in one.parameters}
    values = given(known, parameters)
    for name, value in values.items():
        check_limits(name, value, known[name])
    return one.log_likelihood(values)


def observations(
    recipe: Recipe, split: str, indices: NDArray[np.int64], known: Columns | None = None
) -> list[Observation]:
    """What rows measured.

    Args:
        recipe: which one.
        split: of it.
        indices: of the rows, ``(n,)``.
        known: the rows themselves, where they are there already or measured something else.

    Raises:
        KeyError: no such split.
        ValueError: why there is no likelihood in closed form.
    """
    split_of(recipe, split)
    recipe = recipe.model_copy(update={"posterior": None})  # of the rows that it tells of
    plan = recipe.plan(split)
    steps = informative(recipe, split, plan)
    made = frozenset().union(*(step.makes for step in plan.steps))
    rows = rows_at(recipe, split, indices, inputs(plan, steps) & made)
    rows |= {name: values for name, values in (known or {}).items() if name in rows}
    drawn = {step.measurement.name: drawn_settings(step, indices) for step in steps}
    return observed(plan, steps, rows, drawn)
