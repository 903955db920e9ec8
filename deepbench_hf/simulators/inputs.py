"""The inputs of a model: laid out for kernels, checked where users give them, and random numbers.

Random fields are pure functions: the number of a realization is a parameter of the example.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.exact.draws import add_normals, uniform_rows
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import (
    COUNT,
    OBJECTS,
    Columns,
    Field,
    Parameter,
    absences,
    of_role,
    present,
)
from deepbench_hf.simulators.base import Scene, Simulator

FINITE = float(np.finfo(np.float64).max)
"""The largest number: what is within minus and plus this is neither infinite nor NaN."""


def filled(parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> Columns:
    """Parameters as kernels take them: contiguous float64 ``(n,)``, defaults filled in.

    Nothing is checked: rows come from checked priors, and `check` sees what a user gives.

    Raises:
        KeyError: a parameter without a default is missing.
    """
    n = len(next(iter(given.values())))
    return {
        name: np.full(n, float(parameter.default))
        if name not in given and parameter.default is not None
        else laid_out(given[name])
        for name, parameter in parameters.items()
    }


def laid_out(values: Any) -> NDArray[np.float64]:
    """Numbers as kernels take them: contiguous, writable float64."""
    found = np.ascontiguousarray(values, np.float64)
    return found if found.flags.writeable else found.copy()


def packed(columns: Columns) -> NDArray:
    """Columns of one shape as one array of records."""
    first = next(iter(columns.values()))
    records = np.empty(first.shape, [(name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        records[name] = values
    return records


def check(simulator: Simulator, inputs: Columns) -> None:
    """Make sure that a model can be called with inputs: names, shapes, limits, finite numbers.

    Parameters ``(n,)``, coordinates ``(n, T)`` and, of a scene, its objects; what has a default may
    be missing.

    Raises:
        ValueError: the first that is wrong, with what was got and what is accepted.
    """
    coordinates = of_role(simulator.columns, "coordinate")
    scene = [OBJECTS] if isinstance(simulator, Scene) else []
    known = [*simulator.parameters, *coordinates, *scene]
    for name in inputs.keys() - set(known):
        raise ValueError(f"unknown input {name!r}; {did_you_mean(name, known)}")
    n = len(np.atleast_1d(next(iter(inputs.values()), ())))
    _check_parameters(simulator.parameters, inputs, n)
    for name, field in coordinates.items():
        _check_coordinate(name, field, inputs, n)
    if isinstance(simulator, Scene):
        there = present(inputs[COUNT], simulator.most_objects)
        objects = {name: inputs[OBJECTS][name][there] for name in inputs[OBJECTS].dtype.names or ()}
        _check_parameters(simulator.objects, objects, int(np.count_nonzero(there)))


def numbers(name: str, value: Any, target: Parameter | Field) -> NDArray[np.float64]:
    """What a user gives for a parameter or a coordinate, as float64 in its unit.

    Quantities of astropy are converted; a class may be given by its name.

    Raises:
        ValueError: a unit that does not convert, a word that is no class, truth values, masked or
            complex numbers, or what is no number at all.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ValueError(f"{name} has masked values; leave these examples out")
    if isinstance(value, (list, tuple)) and any(hasattr(one, "to_value") for one in value):
        return np.array([numbers(name, one, target) for one in value])
    convert = getattr(value, "to_value", None)  # of astropy's quantities
    if convert is not None:
        try:
            value = convert("" if target.unit == "1" else target.unit)
        except (ValueError, TypeError):
            raise ValueError(f"{name} = {value!s:.40}; its unit is {target.unit}") from None
    array = None
    try:
        array = np.asarray(value)
        real = array.dtype.kind in ("iufb" if target.dtype == "bool" else "iuf")
        if real or (array.dtype.kind == "O" and all(type(one) is int for one in array.flat)):
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):  # no array of one shape, or too large
        pass
    if array is not None and array.dtype.kind == "U" and target.names:
        return _class_numbers(name, array, target.names)
    unit = "" if target.unit == "1" else f" in {target.unit}"
    raise ValueError(f"{name} must be a real number{unit}; got {value!r:.40}")


def _class_numbers(name: str, words: NDArray, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The numbers of classes that are given by their names."""
    for word in words.flat:
        if word not in names:
            raise ValueError(f"{name} = {str(word)!r}; {did_you_mean(word, names)}")
    return np.array([names.index(word) for word in words.flat], float).reshape(words.shape)


def _check_parameters(parameters: Mapping[str, Parameter], given: Columns, n: int) -> None:
    """Those without a default must be there, ``(n,)`` each and within their limits."""
    for name, parameter in parameters.items():
        if name in given:
            if np.shape(given[name]) != (n,):
                raise ValueError(f"{name} must have the shape ({n},); got {np.shape(given[name])}")
            check_limits(name, np.asarray(given[name]), parameter)
        elif parameter.default is None:
            raise ValueError(f"{name} is missing; its unit is {parameter.unit}")


def check_limits(name: str, values: NDArray, limits: Parameter) -> None:
    """Make sure that all values of a parameter are within its limits, or absent where they may be.

    Classes and what is counted must be whole numbers.

    Raises:
        ValueError: the first value that is not, and what is accepted.
    """
    fits = _within(values, limits.low, limits.high)
    if limits.only:
        fits |= values == limits.absent
    whole = limits.dtype == "int64"
    if whole:
        fits &= values == np.floor(values)
    if not fits.all():
        unit = "" if limits.unit == "1" else f" {limits.unit}"
        got = f"{name} = {values[~fits][0]:g}{unit}"
        accepted = f"[{limits.low:g}, {limits.high:g}]" + ", whole numbers" * whole
        raise ValueError(f"{got}; the model accepts {accepted}")


def check_together(simulator: Simulator, values: Columns) -> None:
    """Make sure that parameters ``(n,)`` fit together, as `misfits` has it.

    Raises:
        ValueError: what does not fit, of the first example.
    """
    if found := misfits(simulator, values):
        raise ValueError(found[min(found)])


def misfits(simulator: Simulator, values: Columns) -> dict[int, str]:
    """Of which examples parameters ``(n,)`` do not fit together, and why.

    It is what `Simulator.refuse` says of priors that give these values alone; parameters that an
    example's classes do not have are left out.
    """
    own = {name: np.asarray(values[name]) for name in simulator.parameters if name in values}
    if type(simulator).refuse is Simulator.refuse or not own:
        return {}
    there = {name: ~absences(name, simulator.parameters, own) for name in own}
    kinds = [column for name, column in own.items() if simulator.parameters[name].names]
    alike = np.unique(np.stack([*kinds, *there.values()]), axis=1, return_inverse=True)[1].ravel()

    def refused(here: NDArray) -> str | None:
        values = {name: own[name][here] for name, has in there.items() if has[here[0]]}
        return simulator.refuse({n: (float(v.min()), float(v.max())) for n, v in values.items()})

    found = {}
    for group in range(alike.max() + 1):
        here = np.flatnonzero(alike == group)
        if refused(here):  # some of them together; but which one alone?
            found |= {int(one): why for one in here if (why := refused(np.array([one])))}
    return found


def _check_coordinate(name: str, field: Field, inputs: Columns, n: int) -> None:
    """A coordinate must have its shape, be finite, and rise where that is asked for."""
    if name not in inputs:
        raise ValueError(f"{name} is missing; locate() gives it")
    values, there = inputs[name], inputs.get(field.valid, np.array(True)) != 0
    if np.ndim(values) != 2 or len(values) != n or not values.shape[1]:
        raise ValueError(f"{name} must have the shape ({n}, T); got {np.shape(values)}")
    if there.ndim and there.shape != values.shape:
        got = f"got {there.shape}; give 1 for each value"
        raise ValueError(f"{field.valid} must have the shape of {name}, {values.shape}; {got}")
    low, high = field.accepts
    fits = _within(values, low, high)
    if not fits.all():
        unit = "" if field.unit == "1" else f" {field.unit}"
        got = f"got {values[~fits][0]:g}"
        raise ValueError(f"{name} must lie within [{low:g}, {high:g}]{unit}; {got}")
    if field.rising:
        latest = np.maximum.accumulate(np.where(there, values, low), axis=1)
        if np.any(there & (values < latest)):
            raise ValueError(f"{name} must rise; sort the values of each row")


def _within(values: NDArray, low: float, high: float) -> NDArray[np.bool_]:
    """Which values lie between the ends; those that are not finite never do."""
    return (values >= max(low, -FINITE)) & (values <= min(high, FINITE))


REALIZATION = Parameter(
    "1", "number of the realization of the random field", 0, 2**53 - 1, whole=True, symbol="j"
)
"""Its prior is ``{kind: integers, high: 9007199254740991}``."""


def white(realization: NDArray, purpose: str, size: int) -> NDArray[np.float32]:
    """Independent standard normal numbers that a realization always has, (n, size).

    Two examples with the same realization (whole, 0 to 2^53 - 1) have the same numbers for a
    purpose, whatever else they differ in: a field under another spectrum, or a longer series, has
    the same phases.

    >>> bool((white(np.array([7]), "a", 3) == white(np.array([6, 7]), "a", 9)[1, :3]).all())
    True
    """
    numbers = np.zeros((len(realization), size), np.float32)
    key = stream_key("realization", purpose)
    add_normals(numbers, np.ones(len(numbers)), key, realization.astype(np.int64))
    return numbers


def uniform(realization: NDArray, purpose: str, size: int) -> NDArray[np.float64]:
    """Independent uniform numbers in [0, 1) that a realization always has, (n, size); see `white`.

    >>> bool((uniform(np.array([7]), "a", 3) == uniform(np.array([6, 7]), "a", 9)[1, :3]).all())
    True
    """
    return uniform_rows(stream_key("realization", purpose), realization.astype(np.int64), size)
