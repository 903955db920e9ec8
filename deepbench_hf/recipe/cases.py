"""Combinations of classes and other choices, and the continuous parameters under each."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Parameter, absences, class_column
from deepbench_hf.priors import Choice, Classes, Conditional, Constant, Grid, Prior
from deepbench_hf.recipe.steps import Case

MOST_CASES = 256
"""Combinations of classes and other choices that are gone through."""


def density_of(prior: Prior, value: Array, parameter: Parameter) -> Array:
    """Of a distribution that depends on nothing; classes come by their numbers in the column."""
    if isinstance(prior, Classes):
        numbers = [parameter.names.index(name) for name in prior.names]
        own = np.full(len(parameter.names) + 1, -1.0)
        own[numbers] = np.arange(len(numbers))
        inside = (value >= 0) & (value < len(parameter.names)) & (value == np.floor(value))
        value = own[np.where(inside, value, -1).astype(np.int64)]
    return prior.log_prob(value)


def cases(parameters: Mapping[str, Parameter], priors: Mapping[str, Prior]) -> list[Case]:
    """All combinations of what can be counted.

    Raises:
        ValueError: there are too many.
    """
    found = []
    for case in _grown(Case(), [name for name in priors if name in parameters], parameters, priors):
        found.append(case)
        if len(found) > MOST_CASES:
            raise ValueError(f"has more than {MOST_CASES} combinations of classes and choices")
    return found


def _grown(
    case: Case, names: list[str], parameters: Mapping[str, Parameter], priors: Mapping[str, Prior]
) -> Iterator[Case]:
    """The combinations of the parameters that are left, those that decide about others first."""
    if not names:
        yield case
        return
    name = next(one for one in names if not _deciders(one, parameters, priors) & set(names))
    rest, prior, parameter = [n for n in names if n != name], priors[name], parameters[name]
    settled = {one: np.full(1, value) for one, value in case.fixed.items()}
    if absences(name, parameters, {**settled, name: np.zeros(1)})[0]:
        options = {parameter.absent: 0.0}
    else:
        if isinstance(prior, Conditional):
            prior = prior.case(parameters[prior.given].names[int(case.fixed[prior.given])])
        if not prior.discrete:
            free = {**case.free, name: prior}
            yield from _grown(Case(case.fixed, case.log_chance, free), rest, parameters, priors)
            return
        values = _values(prior, parameter)
        options = dict(
            zip(values.tolist(), density_of(prior, values, parameter).tolist(), strict=True)
        )
    for value, chance in options.items():
        fixed = {**case.fixed, name: value}
        yield from _grown(
            Case(fixed, case.log_chance + chance, case.free), rest, parameters, priors
        )


def _deciders(
    name: str, parameters: Mapping[str, Parameter], priors: Mapping[str, Any]
) -> set[str]:
    """The parameters that decide whether there is such a one, or its distribution."""
    found = {class_column(other, parameters) for other in parameters[name].only}
    return found | ({priors[name].given} if isinstance(priors[name], Conditional) else set())


def _values(prior: Any, parameter: Parameter) -> Array:
    """What a discrete distribution can draw, in the numbers of the column."""
    if isinstance(prior, Constant):
        return np.array([prior.value])
    if isinstance(prior, Choice):
        return np.unique(prior.values)
    if isinstance(prior, Classes):
        return np.array([float(parameter.names.index(name)) for name in prior.names])
    if isinstance(prior, Grid):
        return prior.values
    low, high = prior.support
    return np.arange(low, min(high, low + MOST_CASES) + 1)
