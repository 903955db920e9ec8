"""The density of parameters before anything is seen."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.errors import did_you_mean
from deepbench_hf.exact.kernel import Array, Int64s
from deepbench_hf.fields import Columns, Parameter, absences
from deepbench_hf.priors import Conditional
from deepbench_hf.recipe.cases import density_of
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe, split_of
from deepbench_hf.simulators.inputs import numbers


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
    parameters_of = part.simulator.parameters
    known = {name: parameters_of[name] for name in part.priors.keys() & parameters_of.keys()}
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


def row_numbers(rows: ArrayLike) -> Int64s:
    """The rows that a user asks for, one or ``(n,)``; whether a split has them is seen later.

    Raises:
        ValueError: they are no whole numbers, but a mask, say.
    """
    found = np.atleast_1d(np.asarray(rows))
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise ValueError(f"rows: got {found.dtype} {found.shape}; give whole numbers (n,)")
    return found.astype(np.int64)


def _density(
    name: str, value: Array, values: Columns, known: Mapping[str, Parameter], priors: Any
) -> Array:
    """Of one parameter, given those that decide about it."""
    prior, here = priors[name], ~absences(name, known, values)
    if isinstance(prior, Conditional):
        if prior.given not in values:
            raise ValueError(f"{name}: its prior depends on {prior.given}; give that, too")
        found, of = np.full(len(value), -np.inf), values[prior.given].astype(np.int64)
        for number, word in enumerate(known[prior.given].names):
            if (case := prior.case(word)) is not None:
                found = np.where(of == number, density_of(case, value, known[name]), found)
    else:
        found = density_of(prior, value, known[name])
    return np.where(here, found, np.where(value == known[name].absent, 0.0, -np.inf))
