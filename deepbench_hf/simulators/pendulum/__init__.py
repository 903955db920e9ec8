"""The pendulum family: exact, small-angle, damped, in phase space, and on a planet."""

from deepbench_hf.simulators.pendulum.hamiltonian import HamiltonianPendulum
from deepbench_hf.simulators.pendulum.hierarchical import HierarchicalPendulum
from deepbench_hf.simulators.pendulum.newtonian import (
    DampedPendulum,
    Pendulum,
    SmallAnglePendulum,
)

__all__ = [
    "DampedPendulum",
    "HamiltonianPendulum",
    "HierarchicalPendulum",
    "Pendulum",
    "SmallAnglePendulum",
]
