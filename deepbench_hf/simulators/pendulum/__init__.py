"""The pendulum family: exact, small-angle, damped, in phase space, on a planet, and timed."""

from deepbench_hf.simulators.pendulum.hamiltonian import HamiltonianPendulum
from deepbench_hf.simulators.pendulum.hierarchical import HierarchicalPendulum, PotentialPendulum
from deepbench_hf.simulators.pendulum.newtonian import DampedPendulum, Pendulum, SmallAnglePendulum
from deepbench_hf.simulators.pendulum.period import SmallAngleTimedPendulum, TimedPendulum

__all__ = [
    "DampedPendulum",
    "HamiltonianPendulum",
    "HierarchicalPendulum",
    "Pendulum",
    "PotentialPendulum",
    "SmallAnglePendulum",
    "SmallAngleTimedPendulum",
    "TimedPendulum",
]
