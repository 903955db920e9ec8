"""Pure forward models: arrays of parameters in, arrays of observables out."""

from __future__ import annotations

from collections.abc import Mapping

from deepbench_hf.model import Model
from deepbench_hf.simulators.base import Columns, Field, Parameter, Simulator
from deepbench_hf.simulators.pendulum import (
    DampedPendulum,
    HamiltonianPendulum,
    HierarchicalPendulum,
    Pendulum,
    SmallAnglePendulum,
)

__all__ = ["SIMULATORS", "Columns", "Field", "Parameter", "Simulator", "family"]

SIMULATORS: dict[str, type[Model]] = {
    "pendulum": Pendulum,
    "pendulum_small_angle": SmallAnglePendulum,
    "pendulum_damped": DampedPendulum,
    "pendulum_hamiltonian": HamiltonianPendulum,
    "pendulum_hierarchical": HierarchicalPendulum,
}


def family(kind: str, simulators: Mapping[str, type] = SIMULATORS) -> str:
    """The physical family of a simulator: the file or folder in `simulators` that holds it.

    >>> family("pendulum_damped")
    'pendulum'
    """
    inside = simulators[kind].__module__.removeprefix(f"{__name__}.")
    return inside.split(".")[0]
