"""The columns of known uncertainty: variances, propagated errors, Cramer-Rao bounds.

variance          of an observed output, given the truth
propagated sigma  of an output that is computed from the measured parameters, to all orders
Cramer-Rao bound  of every continuous parameter, and of every number that is ``bounded``, from the
                  observed outputs of the row alone
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepbench_hf.fields import Field, of_role, squared, tagged
from deepbench_hf.noise import Measurement
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.steps import Bounds, Names
from deepbench_hf.simulators.base import sensitive, targets

Measurements = Mapping[str, Measurement]

if TYPE_CHECKING:
    from deepbench_hf.recipe.recipe import Recipe, Split


def bounds(
    recipe: Recipe, part: Split, measurements: Measurements, clean: Mapping[str, str], inputs: Names
) -> Bounds:
    """The step for a split whose clean results have the columns ``clean``."""
    columns: dict[str, Field] = {}
    outputs = of_role(part.simulator.columns, "output")
    seen = {name: one for name, one in measurements.items() if name in outputs}
    parameters = _unknown(recipe) if seen else ()
    known, all_columns = targets(part.simulator), part.simulator.columns
    numbers = [name for name, field in all_columns.items() if field.bounded and parameters]
    bounded = {}
    for name in (*parameters, *numbers):
        field = known[name]
        bounded[name] = tagged(name, "crlb", field.unit, field.unit)
        columns[bounded[name]] = Field(
            field.unit,
            f"Cramer-Rao bound of {name}: smallest standard deviation of an unbiased estimate from "
            f"{', '.join(one.column for one in seen.values())}",
            low=0.0,
        )
    variances = {}
    for name, one in seen.items():
        unit, field = squared(one.field.unit), outputs[name]
        plain = tagged(name, "variance", field.unit, squared(field.unit))
        variances[name] = f"{name}_variance" if field.is_image else plain
        before = ", before its perturbation" if name in part.perturbation else ""
        meaning = f"variance of {one.column}, given the truth{before}"
        columns[variances[name]] = Field(unit, meaning, field.shape, "float32", low=0.0)
    propagated = {}
    answers = measurements.keys() & set(sensitive(part.simulator))
    for name, field in outputs.items() if answers else ():
        plain = tagged(name, "propagated_sigma", field.unit, field.unit)
        propagated[name] = f"{name}_propagated_sigma" if field.is_image else plain
        meaning = f"root mean square error of {name} if it is computed from measured parameters"
        columns[propagated[name]] = Field(field.unit, meaning, field.shape, low=0.0)
    true = {name: clean.get(name, name) for name in (*measurements, *propagated)}
    settings = {column for one in measurements.values() for column in one.settings.values()}
    needs = inputs | settings | frozenset(true.values())
    makes = frozenset(columns)
    return Bounds(
        measurements, true, parameters, bounded, variances, propagated, columns, makes, needs
    )


def _unknown(recipe: Recipe) -> tuple[str, ...]:
    """The sensitive parameters that differ between rows: a constant is known."""
    priors = [split.priors for split in recipe.splits.values()]
    drawn = {n for own in priors for n, prior in own.items() if not isinstance(prior, Constant)}
    return tuple(name for name in sensitive(recipe.simulator) if name in drawn)
