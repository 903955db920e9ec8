"""Exact integrals over the pixels at a profile's cusp, from the edges of the pixels.

For f(r) with r^2 = Q(x, y) a quadratic form, and E(r) = int_0^r f(s) s ds, the field
(x, y) E(r) / r^2 has the divergence f. So the integral over a pixel is the flux of that field
through its four edges. Along a line at the distance c from the centre, r = r_min cosh(u), and the
flux is sign(c) / sqrt(det Q) int E(r) / cosh(u) du: smooth in u, whatever the cusp. For Sersic
profiles s = r v^n makes the integrand of E smooth in v as well.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import exp2f, expf, float32s, log2f
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.profile import HALF, INDEX, PEAK, QA, QB, QC, RATE, X, Y
from deepbench_hf.simulators.sky.quadrature import NODES_12, ORDERS, RULES, WEIGHTS_12

SIDE = 3
"""Pixels in a row or column of the block."""
_RULE = 3
_NODES = ORDERS[_RULE]
# The foot of the perpendicular from the centre parts one edge of each line in two.
CELL_POINTS = 2 * (SIDE + 1) * (SIDE + 1) * _NODES
_NEAR = 1e-5  # px; through an edge so near to the centre flows nothing
_DARK = 20.0  # octaves below the peak, where E no longer grows
_HALF, _ONE = float32s(0.5, 1.0)


@kernel(allocates=True)
def central_cells(p, cells, points, edges) -> tuple[int, int]:
    """Fill in the means over the 3 x 3 pixels around the centre of a profile.

    Args:
        p: the vector of the profile.
        cells: output (3, 3), float64.
        points: scratch (4, CELL_POINTS), float32.
        edges: scratch (2, 4, 3), float64: fluxes through the edges, along x, along y.

    Returns:
        Row and column of the first pixel of the block.
    """
    row, column = int(np.rint(p[Y])) - 1, int(np.rint(p[X])) - 1
    left, top = column - 0.5 - p[X], row - 0.5 - p[Y]
    starts = np.empty(2 * (SIDE + 1) * SIDE + 1, np.int64)
    starts[0] = 0
    _place_nodes(p[QA], p[QB], p[QC], top, left, points, starts[: starts.size // 2 + 1])
    _place_nodes(p[QC], p[QB], p[QA], left, top, points, starts[starts.size // 2 :])
    last = starts[starts.size - 1]
    weight, r2 = points[1, :last], points[2, :last]
    _widen(points[0, :last], weight, r2)
    _enclose(p, r2, points[0, :last], points[3, :last])
    _through_edges(weight, points[3, :last], starts, edges)
    for j in range(SIDE):
        for i in range(SIDE):
            down = edges[0, j + 1, i] - edges[0, j, i]
            cells[j, i] = down + (edges[1, i + 1, j] - edges[1, i, j])
    return row, column


@kernel
def _asinh(x: float) -> float:
    size = exact.log(abs(x) + np.sqrt(x * x + 1.0))
    return -size if x < 0.0 else size


@kernel
def _place_nodes(along, mixed, across, first, start, points, starts) -> None:
    """Put the nodes of the edges of four lines behind those in `points`: u, weight, r_min^2.

    Args:
        along, mixed, across: form of r^2 in t along and c across the lines, 1/px^2.
        first, start: c of the first line; t of the first edge of each, px.
        points: u, weights and r_min^2.
        starts: first node of each edge, and the end; starts[0] is given.
    """
    root = np.sqrt(along * across - 0.25 * mixed * mixed)
    edge, node = 0, starts[0]
    for line in range(SIDE + 1):
        c = first + line
        slope = abs(c) * root / along  # px for one unit of sinh(u)
        foot = -0.5 * mixed / along * c
        scale = (-1.0 if c < 0.0 else 1.0) / root
        lower = _asinh((start - foot) / slope) if abs(c) > _NEAR else 0.0
        for k in range(SIDE):
            if abs(c) > _NEAR:
                upper = _asinh((start + k + 1.0 - foot) / slope)
                middle = 0.0 if lower < 0.0 < upper else upper
                r2 = along * slope * slope
                node = _place(lower, middle, scale, r2, points, node)
                if middle < upper:
                    node = _place(middle, upper, scale, r2, points, node)
                lower = upper
            edge += 1
            starts[edge] = node


@kernel
def _place(lower, upper, scale, r2, points, node) -> int:
    """Put the nodes of one piece from u = lower to upper; return the number of nodes so far."""
    for i in range(_NODES):
        points[0, node + i] = 0.5 * (lower + upper) + (upper - lower) * RULES[_RULE, 0, i]
        points[1, node + i] = scale * (upper - lower) * RULES[_RULE, 1, i]
        points[2, node + i] = r2
    return node + _NODES


@kernel
def _widen(u, weight, r2) -> None:
    """Divide the weights by cosh(u) and multiply r_min^2 by its square."""
    for i in range(u.size):
        e = expf(u[i])
        cosh = _HALF * (e + _ONE / e)
        weight[i] /= cosh
        r2[i] *= cosh * cosh


@kernel
def _enclose(p, r2, power, total) -> None:
    """Fill in total = E(r), the flux inside r over 2 pi, in units of the scale length."""
    peak, rate = np.float32(p[PEAK]), np.float32(-p[RATE])
    if p[INDEX] == 0.0:
        rest = np.float32(1.0 - p[RATE])
        size = np.float32(0.5 * p[PEAK] / (p[RATE] - 1.0))
        for i in range(r2.size):
            total[i] = size * (_ONE - exp2f(rest * log2f(_ONE + r2[i])))
        return
    n = max(p[INDEX], 1.0)
    half, darkest = np.float32(p[HALF]), np.float32(exact.power(_DARK / p[RATE], 2.0 * p[INDEX]))
    for i in range(r2.size):
        r2[i] = r2[i] if r2[i] < darkest else darkest
        power[i] = rate * exp2f(half * log2f(r2[i]))
        total[i] = np.float32(0.0)
    for j in range(NODES_12.size):
        log2_v = exact.log2(NODES_12[j] + 0.5)
        part = np.float32(exact.exp2(n / p[INDEX] * log2_v))
        share = np.float32(n * WEIGHTS_12[j] * exact.exp2((2.0 * n - 1.0) * log2_v))
        for i in range(r2.size):
            total[i] += share * exp2f(power[i] * part)
    for i in range(r2.size):
        total[i] *= peak * r2[i]


@kernel
def _through_edges(weight, total, starts, edges) -> None:
    """Fill in the flux through each edge."""
    flat = edges.reshape(-1)
    for edge in range(flat.size):
        flux = 0.0
        for i in range(starts[edge], starts[edge + 1]):
            flux += weight[i] * total[i]
        flat[edge] = flux
