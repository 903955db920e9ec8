"""The density of parameters before anything is seen, and the cases that it is made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Columns, Parameter, class_column
from deepbench_hf.priors import Choice, Classes, Conditional, Constant, Grid, Prior
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import split_of
from deepbench_hf.simulators.inputs import numbers

MOST_CASES = 256
"""Combinations of classes and other choices that are gone through."""

Array = NDArray[np.float64]


def log_prior(recipe: Recipe | str | Path, split: str = "train", **parameters: Any) -> Array:
    """The logarithm of the prior density of parameters, joint and normalised.

        ln p(theta) = sum over the parameters of ln p(theta_i | class)

    Args:
        recipe: a recipe, its name or its file.
        split: whose priors.
        **parameters: scalars or ``(n,)`` arrays by column name and in its unit, a class by its
            name or number; one whose distribution a class decides needs the class as well.

    Returns:
        ``(n,)`` float64, nats: of densities in one over the units of the parameters, of chances
        where only some values can be drawn; -inf where the parameters cannot be.

    Raises:
        KeyError: no such split.
        ValueError: an unknown parameter, one that needs a class, or unequal lengths.

    Source: the definition.

    >>> from deepbench_hf import log_prior
    >>> log_prior("pendulum_noisy", length_m=[2.0, 12.0]).round(3)
    array([-2.251,   -inf])
    """
    part = split_of(as_recipe(recipe), split)
    known = {name: part.simulator.parameters[name] for name in part.priors.keys() & _own(part)}
    values = given(known, parameters)
    total = np.zeros(len(next(iter(values.values()), np.zeros(1))))
    for name, value in values.items():
        total = total + _density(name, value, values, known, part.priors)
    return total


def given(known: Mapping[str, Parameter], parameters: Mapping[str, Any]) -> Columns:
    """What a user gives for parameters, ``(n,)`` each.

    Raises:
        ValueError: an unknown one, or unequal lengths.
    """
    for name in parameters.keys() - known.keys():
        raise ValueError(f"{name!r} is no parameter with a prior; {did_you_mean(name, known)}")
    values = {name: numbers(name, value, known[name]) for name, value in parameters.items()}
    for name, value in values.items():
        if value.ndim > 1:
            raise ValueError(f"{name} has the shape {value.shape}; accepted: () or (n,)")
    lengths = {name: len(value) for name, value in values.items() if value.ndim}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"parameters have unequal lengths: {lengths}")
    n = next(iter(lengths.values()), 1)
    return {name: np.broadcast_to(value, (n,)) for name, value in values.items()}


def _own(part: Any) -> set[str]:
    return set(part.simulator.parameters)


def _density(
    name: str, value: Array, values: Columns, known: Mapping[str, Parameter], priors: Any
) -> Array:
    """Of one parameter, given those that decide about it."""
    prior, here = priors[name], np.ones(len(value), bool)
    for other, classes in known[name].only.items():
        column = class_column(other, known)
        if column in values:
            has = np.isin(np.array(known[column].names), classes)
            here &= has[values[column].astype(np.int64)]
    if isinstance(prior, Conditional):
        if prior.given not in values:
            raise ValueError(f"{name}: its prior depends on {prior.given}; give that, too")
        found, of = np.full(len(value), -np.inf), values[prior.given].astype(np.int64)
        for number, word in enumerate(known[prior.given].names):
            if (case := prior.case(word)) is not None:
                found = np.where(of == number, _plain(case, value, known[name]), found)
    else:
        found = _plain(prior, value, known[name])
    return np.where(here, found, np.where(value == known[name].absent, 0.0, -np.inf))


def _plain(prior: Prior, value: Array, parameter: Parameter) -> Array:
    """Of a distribution that depends on nothing; classes come by their numbers in the column."""
    if isinstance(prior, Classes):
        numbers = [parameter.names.index(name) for name in prior.names]
        own = np.full(len(parameter.names) + 1, -1.0)
        own[numbers] = np.arange(len(numbers))
        inside = (value >= 0) & (value < len(parameter.names))
        value = own[np.where(inside, value, -1).astype(np.int64)]
    return prior.log_prob(value)


@dataclass(frozen=True)
class Case:
    """One combination of classes and choices, and the continuous parameters under it.

    Args:
        fixed: the value of each parameter that is settled.
        log_chance: logarithm of the probability of the combination.
        free: the distribution of each continuous parameter.
    """

    fixed: Mapping[str, float] = field(default_factory=dict)
    log_chance: float = 0.0
    free: Mapping[str, Prior] = field(default_factory=dict)


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
    if not _is_present(name, case.fixed, parameters):
        options = {parameter.absent: 0.0}
    else:
        if isinstance(prior, Conditional):
            prior = prior.case(parameters[prior.given].names[int(case.fixed[prior.given])])
        if not prior.discrete:
            free = {**case.free, name: prior}
            yield from _grown(Case(case.fixed, case.log_chance, free), rest, parameters, priors)
            return
        values = _values(prior, parameter)
        options = dict(zip(values.tolist(), _plain(prior, values, parameter).tolist(), strict=True))
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


def _is_present(name: str, fixed: Mapping[str, float], parameters: Mapping[str, Parameter]) -> bool:
    for other, classes in parameters[name].only.items():
        column = class_column(other, parameters)
        if column in fixed and parameters[column].names[int(fixed[column])] not in classes:
            return False
    return True


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
