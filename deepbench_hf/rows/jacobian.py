"""How the clean output answers to each parameter."""

from pathlib import Path
from typing import Any

from deepbench_hf.fields import Columns
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.simulation import model_inputs
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import Simulator, sensitive


def jacobian(recipe: Recipe | str | Path, **parameters: Any) -> dict[str, Columns]:
    """Derivatives of the clean outputs with respect to the parameters, in float64.

    J[output][parameter] = d(output) / d(parameter), at the given parameters. Offered
    where a model is smooth: the pendulum family, single shapes, single stars and galaxies, haloes,
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
        raise ValueError(f"{recipe.name}: {model.kind} offers no Jacobian {_instead(model)}")
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
        return f"with {', '.join(given)}; without that it does"
    kinds = [kind for kind, model in SIMULATORS.items() if sensitive(model())]
    return f"here; {', '.join(kinds)} do"
