"""True parameters from uniform draws: classes, conditions, and what is absent."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, Parameter, class_column
from deepbench_hf.priors import Classes, Conditional, Prior

Uniform = Callable[[str, Prior], NDArray[np.float64]]
"""The draws in [0, 1) of a parameter, ``(n,)``."""


def truths(
    parameters: Mapping[str, Parameter],
    priors: Mapping[str, Prior],
    uniform: Uniform,
    given: Mapping[str, NDArray] | None = None,
) -> Columns:
    """The value (n,) of each of ``parameters`` that has a prior, in the type in which it is stored.

    In the order of the priors, of which some may be those of others. ``uniform`` gives the draws of
    a parameter; values that are ``given`` are known already and decide the others.
    """
    own = {name: prior for name, prior in priors.items() if name in parameters}
    known, settled = dict(given or {}), {}
    for name in own:
        _find(name, known, parameters, own, uniform)
    for name in own:
        _settle(name, known, settled, parameters)
    return {name: settled[name].astype(parameters[name].dtype, copy=False) for name in own}


def _find(
    name: str,
    known: Columns,
    parameters: Mapping[str, Parameter],
    priors: Mapping[str, Prior],
    uniform: Uniform,
) -> None:
    """Draw a parameter, after the one that decides its distribution."""
    if name in known:
        return
    prior, u = priors[name], uniform(name, priors[name])
    if not isinstance(prior, Conditional):
        known[name] = _values(prior, parameters[name], u)
        return
    _find(prior.given, known, parameters, priors, uniform)
    # Classes that share a distribution are drawn together.
    cases, values = [*prior.cases, ""], np.zeros_like(u)
    shared = [n if n in prior.cases else "" for n in parameters[prior.given].names]
    number = np.array([cases.index(n) for n in shared])[known[prior.given].astype(np.int64)]
    for case in set(shared):
        here = number == cases.index(case)
        if np.count_nonzero(here):
            values[here] = _values(prior.case(case), parameters[name], u[here])
    known[name] = values


def _values(prior: Prior, parameter: Parameter, u: NDArray) -> NDArray:
    values = prior.quantile(u)
    if isinstance(prior, Classes):
        numbers = np.array([parameter.names.index(name) for name in prior.names])
        return numbers[values.astype(np.int64)]
    return values


def _settle(
    name: str, known: Columns, settled: Columns, parameters: Mapping[str, Parameter]
) -> None:
    """Put the neutral value where the example or the object has no such parameter."""
    if name in settled:
        return
    settled[name] = known[name]
    for other, classes in parameters[name].only.items():
        column = class_column(other, parameters)
        if column in known:
            _settle(column, known, settled, parameters)
            has = np.array([name in classes for name in parameters[column].names])
            present = has[settled[column].astype(np.int64)]
            settled[name] = np.where(present, settled[name], parameters[name].absent)
