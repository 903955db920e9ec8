"""Inputs for the pendulum family, and its equation of motion in other hands."""

import numpy as np
from scipy.integrate import solve_ivp

from deepbench_hf.simulators.pendulum import (
    DampedPendulum,
    HamiltonianPendulum,
    HierarchicalPendulum,
    Pendulum,
    SmallAnglePendulum,
)

FAMILY = [Pendulum, SmallAnglePendulum, DampedPendulum, HamiltonianPendulum, HierarchicalPendulum]
ROD = {"length_m": 1.0, "gravity_m_s2": 9.81, "theta0_rad": 0.7}


def run(simulator, time_s, **parameters):
    """The fields for scalars or (n,) parameters and times (T,) or (n, T)."""
    n = max(np.size(value) for value in parameters.values())
    rows = {name: np.broadcast_to(value, (n,)) for name, value in parameters.items()}
    return simulator(time_s=np.broadcast_to(time_s, (n, np.shape(time_s)[-1])), **rows)


def inputs(kind, n=7, samples=50, seed=1):
    """Random parameters (n,) and increasing times (n, T) for any simulator of the family."""
    rng = np.random.default_rng(seed)
    ranges = {
        "length_m": (0.5, 10), "gravity_m_s2": (1.6, 25), "theta0_rad": (-3, 3),
        "omega0_rad_s": (-8, 8), "mass_kg": (0.1, 10), "damping_1_s": (0, 1),
        "gravitational_constant_m3_kg_s2": (6e-11, 7e-11), "planet_mass_kg": (3e24, 8e24),
        "planet_radius_m": (5e6, 8e6),
    }  # fmt: skip
    rows = {name: rng.uniform(*ranges[name], n) for name in kind.parameters}
    return {**rows, "time_s": np.sort(rng.uniform(0, 25, (n, samples)), axis=1)}


def ode(time_s, w0, theta0, omega0, b=0.0):
    """Theta and omega by SciPy's DOP853."""

    def slope(_, y):
        return [y[1], -b * y[1] - w0**2 * np.sin(y[0])]

    options = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-14}
    return solve_ivp(slope, (0, time_s[-1]), [theta0, omega0], t_eval=time_s, **options).y


def energy(theta, omega, w0):
    """Energy in units of m L^2."""
    return 0.5 * omega**2 + 2 * np.asarray(w0) ** 2 * np.sin(theta / 2) ** 2
