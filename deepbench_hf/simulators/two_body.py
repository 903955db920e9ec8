"""Two bodies under their mutual gravity: Kepler orbits in space, seen along a line of sight."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.inputs import filled, laid_out

Time = Annotated[float, pydantic.Field(ge=-1e4, le=1e4)]

GM_SUN = 39.4769264088976
"""Mass parameter of the Sun, AU^3 / yr^2: the nominal 1.3271244e20 m^3 / s^2 with the astronomical
unit of 149597870700 m and the Julian year of 365.25 d."""
KM_S = 4.740470463533349
"""An astronomical unit a year in km / s."""
MOST_ECCENTRIC = 0.95
_ITERATIONS = 60  # 11 suffice for the eccentricities that are accepted


class TwoBody(Grid, Simulator):
    r"""Two bodies on a Kepler orbit about their barycentre, which is at rest.

    With M = m_1 + m_2, the mean motion n = sqrt(G M / a^3) and Kepler's equation

        E - e sin E = l_0 + n t,

    the separation r = r_2 - r_1 in the plane of the orbit, along pericentre and at right angles, is

        a (cos E - e),    a sqrt(1 - e^2) sin E.

    The plane is turned by omega, i and Omega: the angle from the node to pericentre, between the
    planes of orbit and sky, and from x to the node. z is the line of sight, away from the observer,
    and r_1 = -m_2 r / M, r_2 = m_1 r / M.

    Args:
        mass_1_Msun, mass_2_Msun: m_1 and m_2, solar masses, (n,).
        semi_major_axis_AU: a of the relative orbit, AU, (n,).
        eccentricity: e, (n,), up to 0.95.
        inclination_cos: cosine of i, (n,).
        node_rad, pericentre_rad: Omega and omega, (n,).
        mean_anomaly_rad: l_0, (n,).
        time_yr: t, Julian years, (n, T).
        start, stop, samples: the first and the last time, years, and T.

    Returns:
        x, y and z of both bodies, AU, and their velocities along z, km / s, (n, T); period_yr, and
        energy_AU2_yr2 = -G M / 2 a and angular_momentum_AU2_yr = sqrt(G M a (1 - e^2)) of the
        relative orbit, of a unit of mass, (n,).

    Accuracy: Kepler's equation is solved to rounding, by Newton's method from its right.

    Source: C. D. Murray and S. F. Dermott, Solar System Dynamics (1999), chapter 2; the solar mass
    parameter by A. Prsa et al., AJ 152 (2016) 41, arXiv:1605.09788.
    """

    kind: Literal["two_body"] = "two_body"
    parameters: ClassVar[Parameters] = {
        "mass_1_Msun": Parameter("Msun", "mass of body 1", 1e-9, 1e3, symbol="m_1"),
        "mass_2_Msun": Parameter("Msun", "mass of body 2", 1e-9, 1e3, symbol="m_2"),
        "semi_major_axis_AU": Parameter(
            "AU", "semi-major axis of the relative orbit", 1e-3, 1e4, symbol="a"
        ),
        "eccentricity": Parameter("1", "eccentricity", 0, MOST_ECCENTRIC, symbol="e"),
        "inclination_cos": Parameter(
            "1", "cosine of the angle between the planes of orbit and sky", -1, 1, symbol=r"\cos i"
        ),
        "node_rad": Parameter(
            "rad", "angle from x to the node", -7, 7, symbol=r"\Omega", period=TWO_PI
        ),
        "pericentre_rad": Parameter(
            *("rad", "angle from the node to the pericentre of body 2", -7, 7),
            symbol=r"\omega",
            period=TWO_PI,
        ),
        "mean_anomaly_rad": Parameter(
            "rad", "mean anomaly at the time 0", -7, 7, symbol="l_0", period=TWO_PI
        ),
    }
    start: Time = 0.0
    stop: Time = 5.0

    @property
    def columns(self) -> Fields:
        size = (self.samples,)
        time = {"role": "coordinate", "accepts": (-1e4, 1e4), "rising": True}
        place = {
            f"{axis}_{body}_AU": Field(
                "AU", f"place of body {body} along {axis}, from the barycentre", size,
                against=f"x_{body}_AU" if axis == "y" else "",
            )
            for body in (1, 2)
            for axis in "xyz"
        }  # fmt: skip
        speed = {
            f"vz_{body}_km_s": Field("km s-1", f"velocity of body {body} along z", size)
            for body in (1, 2)
        }
        energy = "energy of the relative orbit, of a unit of mass"
        spin = "angular momentum of the relative orbit, of a unit of mass"
        return {
            "time_yr": Field("yr", "time", size, **time),
            "period_yr": Field("yr", "period of the orbit", low=0.0, role="label"),
            "energy_AU2_yr2": Field("AU2 yr-2", energy, role="label"),
            "angular_momentum_AU2_yr": Field("AU2 yr-1", spin, low=0.0, role="label"),
            **place,
            **speed,
        }

    def locate(self, **parameters: NDArray) -> Columns:
        return {"time_yr": self.rows(len(parameters["eccentricity"]))}

    def __call__(self, *, time_yr: NDArray, **inputs: Any) -> Columns:
        row, time = filled(self.parameters, inputs), laid_out(time_yr)
        a, e, mass = row["semi_major_axis_AU"], row["eccentricity"], row["mass_1_Msun"]
        total = GM_SUN * (mass + row["mass_2_Msun"])
        motion = np.sqrt(total / (a * a * a))
        share = -row["mass_2_Msun"] / (mass + row["mass_2_Msun"])
        other = 1.0 + share
        # Of a light body 1 by itself, as the difference has lost its digits.
        other = np.where(other < 0.25, mass / (mass + row["mass_2_Msun"]), other)
        angles = (row[name] for name in tuple(self.parameters)[4:])
        separation = np.empty((4, *time.shape))
        _orbit(a, e, motion, *angles, time, separation)
        moved = {
            f"{axis}_{body}_{unit}": part[:, None] * values
            for body, part in ((1, share), (2, other))
            for axis, values, unit in zip(
                ("x", "y", "z", "vz"), separation, ("AU", "AU", "AU", "km_s"), strict=True
            )
        }
        return {
            "period_yr": TWO_PI / motion,
            "energy_AU2_yr2": -0.5 * total / a,
            "angular_momentum_AU2_yr": np.sqrt(total * a * ((1.0 - e) * (1.0 + e))),
            **moved,
        }


@kernel
def fill_anomalies(mean, e: float, step, found) -> None:
    """Fill in the eccentric anomalies E, -pi to pi, with E - e sin E the mean ones modulo 2 pi.

    On the right of a root the equation is convex up to pi, so Newton's steps stay there and fall
    until they are below rounding; all take steps until the last is there.

    Args:
        mean: mean anomalies, (T,); they are taken into the range.
        e: the eccentricity.
        step: scratch, (T,).
        found: output, (T,).
    """
    for k in range(mean.size):
        mean[k] -= TWO_PI * np.floor(mean[k] / TWO_PI + 0.5)
        size = abs(mean[k])
        found[k] = min(size + e, size / (1.0 - e), 0.5 * TWO_PI)
        step[k] = 1.0
    for _ in range(_ITERATIONS):
        moving = 0
        for k in range(mean.size):
            s, c = exact.sincos(found[k])
            newton = (found[k] - e * s - abs(mean[k])) / (1.0 - e * c)
            step[k] = newton if step[k] >= 1e-15 else 0.0
            found[k] -= step[k]
            moving += step[k] >= 1e-15
        if moving == 0:
            break
    for k in range(mean.size):
        found[k] = found[k] if mean[k] >= 0.0 else -found[k]


@kernel(allocates=True)
def _orbit(a, e, motion, inclination, node, pericentre, anomaly, time, out):
    """Fill in the separation along x, y, z, AU, and its rate along z, km / s: (4, n, T)."""
    moments = time.shape[1]
    mean, step, found = np.empty(moments), np.empty(moments), np.empty(moments)
    for i in range(a.size):
        ci = inclination[i]
        si = np.sqrt((1.0 - ci) * (1.0 + ci))
        sn, cn = exact.sincos(node[i])
        sp, cp = exact.sincos(pericentre[i])
        px, py, pz = cn * cp - sn * sp * ci, sn * cp + cn * sp * ci, sp * si
        qx, qy, qz = -cn * sp - sn * cp * ci, -sn * sp + cn * cp * ci, cp * si
        minor = a[i] * np.sqrt((1.0 - e[i]) * (1.0 + e[i]))
        for k in range(mean.size):
            mean[k] = anomaly[i] + motion[i] * time[i, k]
        fill_anomalies(mean, e[i], step, found)
        for k in range(mean.size):
            s, c = exact.sincos(found[k])
            along, across = a[i] * (c - e[i]), minor * s
            rate = KM_S * motion[i] / (1.0 - e[i] * c)
            out[0, i, k] = px * along + qx * across
            out[1, i, k] = py * along + qy * across
            out[2, i, k] = pz * along + qz * across
            out[3, i, k] = rate * (qz * minor * c - pz * a[i] * s)
