"""True parameters from uniform draws, and the objects of scenes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Columns, Parameter, class_column, present
from deepbench_hf.priors import Classes, Conditional, Prior
from deepbench_hf.simulators.base import Scene, Simulator
from deepbench_hf.simulators.inputs import check_together

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


def replaced(simulator: Simulator, rows: Columns, given: Columns) -> Columns:
    """The parameters ``(n,)`` of rows, some of them given, and the coordinates that follow.

    Raises:
        ValueError: they do not fit together.
    """
    own = {name: rows[name] for name in rows.keys() & simulator.parameters.keys()} | given
    check_together(simulator, own)
    return own | simulator.locate(**own)


Objects = Sequence[Mapping[str, Any]]
"""Those of one example."""


def records(simulator: Scene, own: Columns, count: NDArray[np.int64]) -> NDArray:
    """Structured array ``(n, most_objects)``, zero beyond the last object of an example.

    ``own`` holds the parameters of all objects, example by example, ``count`` (n,) how many each
    has.
    """
    names = [name for name in simulator.objects if name in own]
    dtype = [(name, simulator.objects[name].dtype) for name in names]
    found = np.zeros((len(count), simulator.most_objects), dtype)
    there = present(count, simulator.most_objects)
    for name in names:
        found[name][there] = own[name]
    return found


def with_fields(objects: NDArray, more: NDArray, count: NDArray[np.int64]) -> NDArray:
    """Records with the fields of both arrays, zero beyond the last object of each example."""
    joined = np.zeros(objects.shape, objects.dtype.descr + more.dtype.descr)
    there = present(count, objects.shape[1])
    for part in (objects, more):
        for name in part.dtype.names or ():
            np.copyto(joined[name], part[name], where=there)
    return joined


def listed(objects: Any, count: Any, simulator: Scene) -> tuple[list[Objects], bool]:
    """The objects of each example, and whether there is only one example, without an axis.

    They are given as a list of dicts, a list of such lists, or records ``(K,)`` or ``(n, K)``, of
    which ``count`` are there (None for all).

    Raises:
        ValueError: no or too many objects, or ones that do not have the same known parameters.
    """
    scenes: list[Any]
    if isinstance(objects, np.ndarray):
        single, names = objects.ndim == 1, objects.dtype.names or ()
        whole = np.atleast_2d(objects)
        counts = np.broadcast_to(objects.shape[-1] if count is None else count, (len(whole),))
        parts = (scene[:n].tolist() for scene, n in zip(whole, counts, strict=True))
        scenes = [[dict(zip(names, one, strict=True)) for one in part] for part in parts]
    else:
        single = not len(objects) or isinstance(objects[0], Mapping)
        scenes = [objects] if single else list(objects)
    _check(scenes, simulator)
    return scenes, single


def _check(scenes: Sequence[Objects], simulator: Scene) -> None:
    sizes = [len(scene) for scene in scenes] or [0]
    if not 1 <= min(sizes) <= max(sizes) <= simulator.most_objects:
        got = f"objects: got {min(sizes)} to {max(sizes)} in an example"
        raise ValueError(f"{got}; accepted: 1 to {simulator.most_objects}")
    names = [set(one) for scene in scenes for one in scene]
    for name in sorted(set.union(*names)):
        if name not in simulator.objects and name not in simulator.object_fields:
            hint = did_you_mean(name, simulator.objects)
            raise ValueError(f"objects: {name!r} is no parameter of an object; {hint}")
        if any(name not in one for one in names):
            raise ValueError(f"objects: {name} must be given for all of them, or for none")
