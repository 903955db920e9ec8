"""What every simulator offers: parameters with limits, columns with units and roles, one pure call.

What only some models have is a protocol of its own: several objects in an example, masks,
derivatives, estimates. A model that has the methods is one; nothing is registered.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import (
    CLEAN,
    NOTHING,
    OBJECTS,
    Columns,
    Field,
    Parameter,
    class_column,
    of_role,
)
from deepbench_hf.model import Model


class Simulator(Model):
    """A pure forward model; its attributes are settings that all examples share."""

    kind: Any = ""

    parameters: ClassVar[Mapping[str, Parameter]]
    """The inputs that every example has one of."""

    @property
    def columns(self) -> Mapping[str, Field]:
        """Coordinates, what a call gives, and what else can be made of it, each with its role."""
        raise NotImplementedError

    def __call__(self, **inputs: Any) -> Columns:
        """The labels and outputs, ``(n, *shape)``.

        Of parameters ``(n,)`` and coordinates ``(n, *shape)``; of a scene also ``objects``:
        records ``(n, most_objects)``, of which it gives records of the object fields as well.
        Inputs are not checked: `deepbench_hf.simulate` does that, once.
        """
        raise NotImplementedError

    def locate(self, **parameters: NDArray) -> Columns:
        """The coordinates of ``n`` examples, ``(n, *shape)``, from parameters ``(n,)``."""
        return {}

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Why priors that reach from low to high do not fit together; None where they do.

        It is asked for each choice of classes that the priors allow: low and high of a class are
        both its number.
        """
        return None


@runtime_checkable
class Scene(Protocol):
    """A model whose examples have several objects."""

    objects: ClassVar[Mapping[str, Parameter]]
    """The inputs that every object has one of."""

    @property
    def object_fields(self) -> Mapping[str, Field]:
        """What a call finds of every object."""
        ...

    @property
    def most_objects(self) -> int:
        """How many objects an example has at most."""
        ...


@runtime_checkable
class Layered(Protocol):
    """A model that gives masks and single objects: its columns of the role ``layer``."""

    def separate(self, threshold: NDArray | None = None, **inputs: Any) -> Columns:
        """The layers, ``(n, *shape)``; ``threshold`` (n,) is the level of the noise, 0 for none."""
        ...


@runtime_checkable
class Differentiable(Protocol):
    """A model that knows its derivatives, at least under some settings."""

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The parameters that `derivatives` covers; none where the settings allow none."""
        ...

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """By output and `sensitive` parameter, d(output)/d(parameter) ``(n, *shape)``, float64.

        Of the outputs of one number for an example, which follow from the parameters, only those
        that are ``bounded`` are there.
        """
        ...


@runtime_checkable
class Estimating(Protocol):
    """A model with a closed form for what a row's measurements tell."""

    def estimate(self, rows: Columns) -> Columns:
        """The estimates or optima, ``(n, *shape)``, from rows that hold what these need."""
        ...


@runtime_checkable
class Marginal(Protocol):
    """A model whose random path or field can be integrated over in closed form."""

    def log_likelihood(self, rows: Columns) -> NDArray:
        """Logarithm of the density of what rows observe of it, ``(n,)``, whatever the realization.

        Args:
            rows: parameters, coordinates, observed outputs and the settings of their noise.
        """
        ...


def objects_of(simulator: Simulator) -> Mapping[str, Parameter]:
    """The parameters of each object of a scene; none of other models.

    By the attribute that only a `Scene` has: to ask a protocol takes longer than to draw a row.
    """
    return getattr(type(simulator), OBJECTS, NOTHING)


def all_parameters(simulator: Simulator) -> dict[str, Parameter]:
    """The parameters of an example and those of each of its objects."""
    return {**simulator.parameters, **objects_of(simulator)}


def clean_fields(simulator: Simulator) -> dict[str, Field]:
    """What a call gives: labels and outputs."""
    return of_role(simulator.columns, *CLEAN)


def call_inputs(simulator: Simulator) -> set[str]:
    """The columns that a simulator is called with."""
    scene = {OBJECTS} if isinstance(simulator, Scene) else set()
    return simulator.parameters.keys() | of_role(simulator.columns, "coordinate").keys() | scene


def targets(simulator: Simulator) -> dict[str, Parameter | Field]:
    """All that noise can be put on: parameters, coordinates, labels and outputs of numbers."""
    columns = of_role(simulator.columns, "coordinate", *CLEAN).items()
    numbers = {name: field for name, field in columns if not (field.fields or field.is_text)}
    return {**simulator.parameters, **numbers}


def sensitive(simulator: Simulator) -> tuple[str, ...]:
    """The parameters that the derivatives of a model cover; none where it offers none."""
    return simulator.sensitive if isinstance(simulator, Differentiable) else ()


def periods(simulator: Simulator, name: str, rows: Columns) -> NDArray[np.float64] | None:
    """The period of a parameter in each of some rows, ``(n,)``; None of what does not go round."""
    known = simulator.parameters
    if name not in known or not known[name].period:
        return None
    found = np.full(len(rows[name]), known[name].period, np.float64)
    for other, parts in known[name].folds.items():
        if (column := class_column(other, known)) in rows:
            found /= np.array(parts)[rows[column].astype(np.int64)]
    return found
