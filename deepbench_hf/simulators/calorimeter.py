"""Showers in a sampling calorimeter of three segmented layers, as mean energy depositions."""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.gamma import gamma_p
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.differences import slopes
from deepbench_hf.simulators.inputs import filled

PARTICLES = ("positron", "photon", "pion")
GAP_X0 = 2.0 / 5.612 + 4.0 / 140.0
"""Radiation lengths of one gap: 2 mm of lead, 4 mm of liquid argon."""
GAP_MM = 6.0
DEPTH_MM = (0.0, 90.0, 437.0, 480.0)
"""Where the layers begin and end."""
FACE_MM = 240.0
"""Half of the side of the face."""
CELLS = ((3, 96), (12, 12), (12, 6))
"""Cells of each layer along x and along y."""
CRITICAL_MEV = 9.316
"""Effective critical energy of the mixture."""
CORE_MM = 35.478 / 3.0
"""A third of the Moliere radius: nine tenths of the light lie within three of these."""
MINIMUM_MEV = 3.39
"""What a minimum-ionising particle leaves in a gap."""
RATE, HADRON_RATE = 0.5, 0.25
"""b of the longitudinal profile, 1 / X0, of electromagnetic showers and of pions'."""
STEPS = {"energy_GeV": -0.01, "start_depth_x0": 0.01, "em_share": 0.001}
"""Of the differences in depth, as `differences.slopes` takes them."""
_EDGES = np.array([GAP_X0 * depth / GAP_MM for depth in DEPTH_MM])
_LAYERS = len(CELLS)


class Shower(Simulator):
    r"""Mean energy that a shower leaves in the cells of a calorimeter, with all that escapes.

    The longitudinal profile is a Gamma distribution, the lateral one has a closed form over cells:

        dE/dt = E b (b s)^(a - 1) e^(-b s) / Gamma(a),  s = t - t_0,  a = 1 + b t_max,
        t_max = ln(E / E_c) - 1/2 (positron, photon),  b = 1/2,
        dE/dA = R^2 / (pi (r^2 + R^2)^2).

    A positron starts at t_0 = 0, a photon where it makes a pair. A pion ionises, 3.39 MeV a gap,
    until it interacts at t_0; from there a share of what it still has makes a shower with b = 1/4,
    and the rest escapes with what leaves at the back.

    Args:
        label: the particle, (n,).
        energy_GeV: E, GeV, (n,).
        x_mm, y_mm: where it hits the face, from its middle, mm, (n,).
        start_depth_x0: t_0, radiation lengths, (n,); of a positron 0.
        em_share: share of a pion's energy that makes the shower, (n,).

    Returns:
        layer_0 (n, 3, 96), layer_1 (n, 12, 12) and layer_2 (n, 12, 6), MeV, float32, cells along x
        first; overflow_MeV (n, 3), beside the face in each layer; leakage_MeV (n,), behind it.

    Source: the geometry is that of M. Paganini, L. de Oliveira, B. Nachman, CaloGAN (2017),
    arXiv:1705.02355, who took showers from GEANT4, fluctuations included; these are means. The
    longitudinal form is that of E. Longo and I. Sestili, Nucl. Instrum. Meth. 128 (1975) 283, the
    lateral one that of G. Grindhammer et al., Nucl. Instrum. Meth. A 290 (1990) 469. The constants
    of the mixture are ours, from those of lead and liquid argon.
    """

    kind: Literal["calorimeter_shower"] = "calorimeter_shower"
    parameters: ClassVar[Parameters] = {
        "label": one_of("the particle", PARTICLES, symbol="k"),
        "energy_GeV": Parameter("GeV", "energy of the particle", 0.1, 1000, symbol="E"),
        "x_mm": Parameter("mm", "where it hits the face, along x", -200, 200, 0.0, symbol="x"),
        "y_mm": Parameter("mm", "where it hits the face, along y", -200, 200, 0.0, symbol="y"),
        "start_depth_x0": Parameter(
            "1", "where the shower starts, in radiation lengths", 0, 1000, 0.0, symbol="t_0",
            only={"label": ("photon", "pion")},
        ),
        "em_share": Parameter(
            "1", "share of the energy in the shower", 0, 1, 0.5, symbol="f",
            only={"label": ("pion",)}, absent=1.0,
        ),
    }  # fmt: skip
    sensitive: ClassVar[tuple[str, ...]] = tuple(parameters)[1:]

    @property
    def columns(self) -> Fields:
        layers = {
            f"layer_{k}": Field(
                "MeV", f"energy in layer {k}", size, "float32", low=0.0, axes=("cell", "cell")
            )
            for k, size in enumerate(CELLS)
        }
        beside, behind = "energy beside the face, in each layer", "energy behind, and invisible"
        return {
            **layers,
            "overflow_MeV": Field("MeV", beside, (_LAYERS,), low=0.0, role="label"),
            "leakage_MeV": Field("MeV", behind, low=0.0, role="label"),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        n = len(row["energy_GeV"])
        label = row["label"].astype(np.int64)
        deposit = _longitudinal(label, *(row[k] for k in ("energy_GeV", *tuple(row)[4:])))
        found: Columns = {}
        overflow = np.empty((n, _LAYERS))
        for k, size in enumerate(CELLS):
            energy, parts, inside = deposit[:, k], np.empty((1, n, *size)), np.empty(n)
            _lateral(row["x_mm"], row["y_mm"], parts, inside)
            found[f"layer_{k}"] = (energy[:, None, None] * parts[0]).astype(np.float32)
            overflow[:, k] = energy * (1.0 - inside)
        return {**found, "overflow_MeV": overflow, "leakage_MeV": deposit[:, _LAYERS].copy()}

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the layers: by the place in closed form, else of differences in depth.

        1e-8 of the largest, but within a hundredth of a radiation length of where a pion's start
        passes the edge of a layer, at which there is no derivative, and below an ``em_share`` of
        0.005, where its shower begins to have a length: 4 % at worst.
        """
        row = filled(self.parameters, inputs)
        label, place = row["label"].astype(np.int64), (row["x_mm"], row["y_mm"])

        def deposits(**along: NDArray) -> Columns:
            return {"deposit": _longitudinal(label, *along.values())}

        along = {name: row[name] for name in STEPS}
        (deposit,) = deposits(**along).values()
        (by_depth,) = slopes(deposits, STEPS, along, ["deposit"]).values()
        found: dict[str, Columns] = {}
        for k, size in enumerate(CELLS):
            parts = np.empty((3, len(label), *size))
            _lateral(*place, parts, np.empty(len(label)))
            light = deposit[:, k, None, None]
            own = {"x_mm": light * parts[1], "y_mm": light * parts[2]}
            own |= {name: by[:, k, None, None] * parts[0] for name, by in by_depth.items()}
            found[f"layer_{k}"] = {name: own[name] for name in self.sensitive}
        return found


@kernel(allocates=True)
def _longitudinal(label, energies, start, share):
    """Energy in each layer and behind the last, MeV, (n, 4); together they are E (GeV)."""
    out = np.empty((label.size, _LAYERS + 1))
    for i in range(label.size):
        energy, first, rate, rest = 1000.0 * energies[i], 0.0, RATE, 0.0
        ionised = np.zeros(_LAYERS)
        if label[i] != 0:
            first = start[i]
        if label[i] == 2:
            left = energy
            for k in range(_LAYERS):
                way = min(max(first - _EDGES[k], 0.0), _EDGES[k + 1] - _EDGES[k])
                ionised[k] = min(MINIMUM_MEV * way / GAP_X0, left)
                left -= ionised[k]
            rate = HADRON_RATE
            energy, rest = share[i] * left, left - share[i] * left
        if energy <= 0.0:
            shape = 1.0
        else:
            shape = 1.0 + rate * max(exact.log(energy / CRITICAL_MEV) - 0.5, 0.0)
        before = 0.0
        for k in range(_LAYERS):
            within = gamma_p(shape, rate * max(_EDGES[k + 1] - first, 0.0))
            out[i, k] = energy * (within - before) + ionised[k]
            before = within
        out[i, _LAYERS] = energy * (1.0 - before) + rest
    return out


@kernel(inline=True)
def _corner(x: float, y: float) -> float:
    """The share of the light between 0 and x, and 0 and y."""
    far_x, far_y = np.sqrt(x * x + CORE_MM * CORE_MM), np.sqrt(y * y + CORE_MM * CORE_MM)
    turn = x / far_x * exact.atan2(y, far_x) + y / far_y * exact.atan2(x, far_y)
    return turn / TWO_PI


@kernel
def _corner_slope(x: float, y: float) -> float:
    """The derivative by x of the share between 0 and x, and 0 and y."""
    square = x * x + CORE_MM * CORE_MM
    far = np.sqrt(square)
    turn = y / (square + y * y) + exact.atan2(y, far) / far
    return CORE_MM * CORE_MM / square * turn / TWO_PI


@kernel(allocates=True)
def _lateral(x, y, parts, inside) -> None:
    """Fill in each cell's share (n, columns, rows), and the share of the whole face, (n,).

    The parts are (1, n, columns, rows), or with the derivatives by the place (3, n, columns, rows).
    """
    kinds, n, columns, rows = parts.shape
    size = (columns + 1) * (rows + 1)
    place, corner = np.empty((2, size)), np.empty((kinds, columns + 1, rows + 1))
    for a in range(columns + 1):
        for b in range(rows + 1):
            place[0, a * (rows + 1) + b] = FACE_MM * (2.0 * a / columns - 1.0)
            place[1, a * (rows + 1) + b] = FACE_MM * (2.0 * b / rows - 1.0)
    for i in range(n):
        _fill_corners(place, x[i], y[i], corner.reshape((kinds, size)))
        for k in range(kinds):
            one = corner[k]
            for a in range(columns):
                for b in range(rows):
                    whole = one[a + 1, b + 1] - one[a, b + 1]
                    parts[k, i, a, b] = whole - one[a + 1, b] + one[a, b]
        inside[i] = 0.0
        for a in range(columns):
            for b in range(rows):
                inside[i] += parts[0, i, a, b]


@kernel
def _fill_corners(place: Array, x: float, y: float, corner: Array) -> None:
    """Fill in what lies between a shower at (x, y) and corners of cells, and its derivatives."""
    at_x, at_y, share = place[0], place[1], corner[0]
    for j in range(share.size):
        share[j] = _corner(at_x[j] - x, at_y[j] - y)
    if len(corner) > 1:
        by_x, by_y = corner[1], corner[2]
        for j in range(share.size):
            by_x[j] = -_corner_slope(at_x[j] - x, at_y[j] - y)
            by_y[j] = -_corner_slope(at_y[j] - y, at_x[j] - x)
