"""Other parameters: derivatives of the clean outputs, and rows under the same noise."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.fields import Columns
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of
from deepbench_hf.rows.priors import given, row_numbers
from deepbench_hf.rows.simulation import model_inputs
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import Simulator, sensitive
from deepbench_hf.simulators.inputs import check_limits


def jacobian(recipe: Recipe | str | Path, **parameters: Any) -> dict[str, Columns]:
    """Derivatives of the clean outputs with respect to the parameters, in float64.

    J[output][parameter] = d(output) / d(parameter), at the given parameters. Offered
    where a model is smooth: the pendulum family, single shapes, single stars and galaxies, halos,
    the lensed background, clusters, showers, Bragg curves, decays, transients. Closed forms are in
    the simulators; where there is none, they take Richardson's differences of their kernels. Images
    are rounded to float32; the derivatives are those of the model that they show.

    Args:
        recipe: a recipe, or the name or path of one.
        **parameters: as in `deepbench_hf.simulate`: scalars or ``(n,)`` arrays; one left out
            as there.

    Returns:
        By output and parameter column, arrays of the output's shape, ``(n, ...)``, in the
        output's unit over the parameter's; without the example axis where every parameter is a
        scalar. Every series or image is there; of scalars only what a config asks for, as
        ``total_e_s``, and not ``period_s``.

    Raises:
        ValueError: the config offers no Jacobian, or as in `deepbench_hf.simulate`.

    Source: as in each simulator's ``derivatives``.

    >>> from deepbench_hf import jacobian
    >>> rod = {"length_m": 1.0, "gravity_m_s2": 9.81, "theta0_rad": 0.5}
    >>> slopes = jacobian("pendulum", **rod, time_s=[1.0])["x_m"]
    >>> slopes["length_m"].round(4), slopes["theta0_rad"].round(4)
    (array([-0.4396]), array([-0.8716]))
    """
    recipe = as_recipe(recipe)
    if not sensitive(recipe.simulator):
        model = recipe.simulator
        raise ValueError(f"{recipe.name}: {model.kind} has no derivatives {_instead(model)}")
    inputs, n = model_inputs(recipe, parameters)
    found = recipe.simulator.derivatives(**inputs)
    if n is not None:
        return found
    return {output: {k: v[0] for k, v in slopes.items()} for output, slopes in found.items()}


def _instead(model: Simulator) -> str:
    """Where it is not offered, and what does offer one."""
    usual = type(model)()
    if sensitive(usual):
        given = (f"{name}: {value}" for name, value in model if value != getattr(usual, name))
        return f"with {', '.join(given)}; without that it has"
    kinds = [kind for kind, model in SIMULATORS.items() if sensitive(model())]
    return f"here; these models have: {', '.join(kinds)}"


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
        ValueError: an unknown parameter, a value outside the limits of the model, unequal lengths,
            or rows that are no whole numbers.

    Source: P. Glasserman, D. D. Yao, Some guidelines and guarantees for common random numbers,
    Management Science 38 (1992) 884.

    >>> from deepbench_hf import observe
    >>> shorter, longer = (observe("pendulum_noisy", "test", [0], length_m=l) for l in (2.0, 2.1))
    >>> noise = [row["x_observed_m"] - row["x_m"] for row in (shorter, longer)]
    >>> bool(np.allclose(*noise, atol=1e-6))
    True
    """
    recipe = as_recipe(recipe)
    part, rows = split_of(recipe, split), row_numbers(indices)
    own = part.simulator.parameters
    known = {name: own[name] for name in part.priors if name in own}
    values = {}
    for name, value in given(known, parameters).items():
        check_limits(name, value, known[name])
        if len(value) not in (1, len(rows)):
            raise ValueError(
                f"{name} has {len(value)} values; give one for each of {len(rows)} rows"
            )
        values[name] = np.broadcast_to(value, rows.shape).astype(known[name].dtype)
    return rows_at(recipe, split, rows, given=values)
