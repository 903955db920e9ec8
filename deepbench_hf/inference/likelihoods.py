"""The likelihood of parameters, given what one row measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, of_role
from deepbench_hf.inference.priors import given
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.plan import Plan
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.steps import Measure, Perturb
from deepbench_hf.rows.generation import drawn_settings, rows_at, split_of
from deepbench_hf.simulators.base import Marginal, Scene
from deepbench_hf.simulators.inputs import check_limits

AT_ONCE = 32 << 20
"""Bytes of clean results that are made together."""

Array = NDArray[np.floating]


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
    (one,) = observations(recipe, split, np.array([row], np.int64))
    known = {name: one.plan.simulator.parameters[name] for name in one.parameters}
    values = given(known, parameters)
    for name, value in values.items():
        check_limits(name, value, known[name])
    return one.log_likelihood(values)


@dataclass(frozen=True)
class Observation:
    """What one row measured, and of what.

    Args:
        plan: of the split.
        steps: the measurements that tell of parameters.
        rows: the row's own parameters, coordinates and measured values, ``(1, ...)`` each.
        drawn: of each measurement, the draws of its settings before they are applied.
    """

    plan: Plan
    steps: tuple[Measure, ...]
    rows: Columns
    drawn: Mapping[str, Columns]

    @property
    def parameters(self) -> list[str]:
        """The parameters that rows have."""
        return [name for name in self.plan.simulator.parameters if name in self.rows]

    @property
    def size(self) -> int:
        """Samples of all measurements together."""
        return sum(self.rows[step.measurement.column][0].size for step in self.steps)

    def log_likelihood(self, values: Columns) -> Array:
        """Of parameters ``(n,)``, those that are not given being the row's own; ``(n,)``."""
        n = len(next(iter(values.values()), np.zeros(1)))
        batch, found = max(MANY, AT_ONCE // (8 * self.size)), np.empty(n)
        for start in range(0, n, batch):
            part = {name: value[start : start + batch] for name, value in values.items()}
            with np.errstate(all="ignore"):  # of points far away the density is 0
                found[start : start + batch] = self._log_likelihood(part)
        return found

    def _log_likelihood(self, values: Columns) -> Array:
        n = len(next(iter(values.values()), np.zeros(1)))
        model, total = self.plan.simulator, np.zeros(n)
        if isinstance(model, Marginal):
            total = total + model.log_likelihood({**self._repeated(self.rows, n), **values})
        else:
            inputs, clean = self.clean(values)
            for step in self.steps:
                one = step.measurement
                drawn = one.divided(self.drawn[one.name], inputs)
                total = total + one.log_prob(clean[one.name], drawn, self.rows)
        return np.where(np.isnan(total), -np.inf, total)

    def clean(self, values: Columns) -> tuple[Columns, Columns]:
        """All inputs of the model, and the true values of each measurement, ``(n, ...)``."""
        n = len(next(iter(values.values()), np.zeros(1)))
        own = {name: self.rows[name] for name in self.plan.inputs if name in self.rows}
        inputs = self._repeated(own, n)
        for name, value in values.items():
            inputs[name] = np.ascontiguousarray(value).astype(inputs[name].dtype, copy=False)
        names = [step.measurement.name for step in self.steps]
        found = self.plan.simulator(**inputs) if set(names) - inputs.keys() else {}
        return inputs, {name: inputs[name] if name in inputs else found[name] for name in names}

    @staticmethod
    def _repeated(rows: Columns, n: int) -> Columns:
        return {name: np.repeat(values, n, axis=0) for name, values in rows.items()}


MANY = 256
"""Parameters that are looked at together, however large an image is."""


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
        ValueError: why there is no likelihood in closed form.
    """
    part = split_of(recipe, split)
    plan = recipe.plan(split)
    steps = informative(recipe, split, plan)
    inputs = [*part.simulator.parameters, *of_role(part.simulator.columns, "coordinate")]
    measured = [step.measurement.column for step in steps]
    settings = [name for step in steps for name in step.measurement.settings.values()]
    made = frozenset().union(*(step.makes for step in plan.steps))
    wanted = [name for name in (*inputs, *measured, *settings) if name in made]
    rows = rows_at(recipe, split, indices, wanted)
    rows |= {name: values for name, values in (known or {}).items() if name in rows}
    drawn = {step.measurement.name: drawn_settings(step, indices) for step in steps}
    return [
        Observation(plan, steps, _row(rows, k), {n: _row(own, k) for n, own in drawn.items()})
        for k in range(len(indices))
    ]


def _row(columns: Columns, k: int) -> Columns:
    return {name: values[k : k + 1] for name, values in columns.items()}


def informative(recipe: Recipe, split: str, plan: Plan) -> tuple[Measure, ...]:
    """The measurements that tell of parameters; a coordinate without noise tells nothing.

    Raises:
        ValueError: why there is no likelihood in closed form.
    """
    steps, where = [], f"{recipe.name}, split {split}"
    if isinstance(plan.simulator, Scene):
        raise ValueError(f"{where}: no closed likelihood: the number of objects is unknown")
    for step in plan.of(Perturb):
        if step.how.kind != "none":
            raise ValueError(f"{where}: no closed likelihood: its images are perturbed")
    coordinates = of_role(plan.simulator.columns, "coordinate")
    for step in plan.of(Measure):
        one = step.measurement
        strengths = one.noise.priors.values()
        if strengths and all(prior.support == (0.0, 0.0) for prior in strengths):
            if one.name in coordinates:
                continue
            raise ValueError(
                f"{where}: no likelihood: {one.column} has no noise and is exact; "
                "give it a sigma above 0"
            )
        steps.append(step)
    if not steps:
        raise ValueError(
            f"{where}: no likelihood: nothing is measured with noise, so that all is exact"
        )
    return tuple(steps)
