"""The columns of known uncertainty: variances, propagated errors, Cramer-Rao bounds.

variance          of an observed output, given the truth
propagated sigma  of an output that is computed from the measured parameters, to all orders
Cramer-Rao bound  of every continuous parameter, and of what the simulator names in `bounded`,
                  from the observed outputs of the row alone
"""

from collections.abc import Iterator, Mapping

import numpy as np

from deepbench_hf.exact.fisher import add_information, bounds, bounds_of
from deepbench_hf.fields import Columns, Field, Parameter, squared, tagged
from deepbench_hf.noise import measured_name, without_padding
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.recipe import Recipe, Split
from deepbench_hf.rows.propagation import propagated_errors


def uncertainty_fields(recipe: Recipe) -> dict[str, Field]:
    """The columns that ``uncertainty=True`` adds, by name, in order."""
    found = {}
    targets = recipe.simulator.targets
    outputs = _outputs(recipe)
    for name in (*_unknown(recipe), *recipe.simulator.bounded) if outputs else ():
        found[_bound_name(name, targets[name])] = Field(
            targets[name].unit,
            f"Cramer-Rao bound of {name}: smallest standard deviation of an unbiased estimate from "
            f"{', '.join(measured_name(output, targets[output]) for output in outputs)}",
            low=0.0,
        )
    for name, field in _noisy(recipe).items():
        measured = recipe.noise[name].observed(field)
        before = ", before its perturbation" if name in recipe.perturbation else ""
        meaning = f"variance of {measured_name(name, field)}, given the truth{before}"
        unit = squared(measured.unit)
        found[_variance_name(name, field)] = Field(unit, meaning, field.shape, "float32", low=0.0)
    for name, field in _propagated(recipe).items():
        meaning = f"root mean square error of {name} if it is computed from measured parameters"
        found[_sigma_name(name, field)] = Field(field.unit, meaning, field.shape, low=0.0)
    return found


def uncertainties(recipe: Recipe, part: Split, rows: Columns, clean: Columns) -> Columns:
    """The columns of `uncertainty_fields` for rows of a split.

    Args:
        recipe: what the rows are of.
        part: the split.
        rows: truths, coordinates and the settings of noise.
        clean: the clean outputs.
    """
    targets = part.simulator.targets
    known = {**rows, **clean}
    variance = {
        name: noise.variance(name, targets[name], known[name], rows)
        for name, noise in part.noise.items()
    }
    found = {}
    for name, field in _noisy(recipe).items():
        unit = np.reshape(part.noise[name].response(rows), (-1, *[1] * len(field.shape)))
        values = {_variance_name(name, field): (unit * unit * variance[name]).astype(np.float32)}
        found |= without_padding(values, field, rows)
    outputs, propagated = _outputs(recipe), _propagated(recipe)
    if propagated:
        errors = propagated_errors(part.simulator, part.noise, rows, clean)
        found |= {_sigma_name(name, field): errors[name] for name, field in propagated.items()}
    if outputs:
        inputs = {*part.simulator.parameters, *part.simulator.coordinates}
        slopes = part.simulator.derivatives(**{k: v for k, v in rows.items() if k in inputs})
        found |= _bounds(recipe, slopes, {name: variance[name] for name in outputs})
    return found


def _bounds(recipe: Recipe, slopes: Mapping[str, Columns], variance: Columns) -> Columns:
    """The bounds ``(n,)`` from all observed outputs together."""
    names = _unknown(recipe)
    flat = {name: values.reshape(len(values), -1) for name, values in variance.items()}
    tops = [values.max(axis=1) for values in flat.values()]
    largest = np.maximum.reduce(tops)
    unit = np.where(largest > 0.0, largest, 1.0)
    information = np.zeros((len(unit), len(names), len(names)))
    for output, values in flat.items():
        stacked = np.stack([slopes[output][name].reshape(values.shape) for name in names])
        seen = np.where(largest[:, None] > 0.0, values, 1.0)
        add_information(stacked, seen, unit, information)
    bound = np.empty((len(names), len(unit)))
    bounds(information, largest, bound)
    found = dict(zip(names, bound, strict=True))
    for number in recipe.simulator.bounded:
        found[number] = np.empty(len(unit))
        gradient = np.stack([slopes[number][name] for name in names])
        bounds_of(gradient, information, largest, found[number])
    targets = recipe.simulator.targets
    return {_bound_name(name, targets[name]): values for name, values in found.items()}


def _noisy(recipe: Recipe) -> dict[str, Field]:
    """The outputs that are observed with noise."""
    outputs = recipe.simulator.outputs
    return {name: field for name, field in outputs.items() if name in recipe.noise}


def _outputs(recipe: Recipe) -> list[str]:
    """The observed outputs that bound the parameters; none without derivatives."""
    return list(_noisy(recipe)) if _unknown(recipe) else []


def _propagated(recipe: Recipe) -> dict[str, Field]:
    """The outputs that errors of measured parameters are propagated to."""
    if not recipe.noise.keys() & {*recipe.simulator.sensitive}:
        return {}
    return dict(recipe.simulator.outputs)


def _unknown(recipe: Recipe) -> list[str]:
    """The parameters that differ between rows: a constant is known."""
    return [name for name in recipe.simulator.sensitive if any(_varies(recipe, name))]


def _varies(recipe: Recipe, name: str) -> Iterator[bool]:
    for split in recipe.splits.values():
        yield name in split.priors and not isinstance(split.priors[name], Constant)


def _bound_name(name: str, target: Parameter | Field) -> str:
    return tagged(name, "crlb", target.unit, target.unit)


def _variance_name(name: str, field: Field) -> str:
    if field.is_image:
        return f"{name}_variance"
    return tagged(name, "variance", field.unit, squared(field.unit))


def _sigma_name(name: str, field: Field) -> str:
    if field.is_image:
        return f"{name}_propagated_sigma"
    return tagged(name, "propagated_sigma", field.unit, field.unit)
