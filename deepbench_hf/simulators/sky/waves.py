"""Adding the wave of a spiral to its disc: at which points of a pixel it is sampled."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import padded
from deepbench_hf.simulators.sky.arms import OUT, WORK, add_arms
from deepbench_hf.simulators.sky.blur import add_point, add_smooth, margin_around, room_for
from deepbench_hf.simulators.sky.objects import RINGERMACHER_MEAD
from deepbench_hf.simulators.sky.pixels import span

NODES = (
    (-0.4305681557970263, 0.1739274225687269),
    (-0.16999052179242813, 0.3260725774312731),
    (0.16999052179242813, 0.3260725774312731),
    (0.4305681557970263, 0.1739274225687269),
)
"""Gauss-Legendre points in a panel of length 1, and their weights."""
FIBONACCI = (
    *((21, 13), (34, 21), (55, 34), (89, 55), (144, 89), (233, 144), (377, 233), (610, 377)),
    *((987, 610), (1597, 987)),
)
"""N and g of lattices (i / N, g i / N) of a pixel that are even in all directions; with fewer
points, the best for the direction and the inclination of a galaxy is looked for."""
CRESTS, CENTRE, SMALL, BAR, BLURRED, SHARP = 0.9, 0.27, 2.6, 0.4, 0.3, 1.0
"""Points of a lattice along the width of many arms; how many more over the number of arms, as few
go on closer to the centre, by their strength, and where the disc is not much wider than they are;
how many more for those that start as a bar; how many more along the standard deviation of the
point-spread function; and, where there is none, panels of Gauss-Legendre points. Set by trial: 1e-3
of the peak, 1e-4 of the flux."""
COUNTED, LEFT = 3e-4, 10.0
"""Share of a point-spread function's flux below which its Gaussians do not spread a wave, and minus
log2 of what they leave of it."""

FARTHEST = 12.5
"""Scale lengths beyond which a disc has no arms."""
TOGETHER = 320
"""Points, of several rows, whose light is found together: no more than fit in the fastest cache."""
MOST = 512
"""Pixels around the frame beyond which no wave is looked for. The wings of a Moffat function of an
exponent near 1.5 reach further; what they bring of a single arm is below 1e-4 of the peak, and
would take minutes and gigabytes."""

Lattice = tuple[int, int]
"""Points N of a pixel, and the generator g; 0: Gauss-Legendre points."""


@kernel
def lattice_of(spiral, blur: float) -> Lattice:
    """The points of a pixel that the wave is sampled at: the fewest that are dense enough.

    A lattice takes the waves (a, b) per pixel, with a + g b a multiple of N, for none at all. The
    shortest of them, in the plane of the disc, must be too short for the arms and for what the
    point-spread function, of variance `blur` (px^2), leaves.
    """
    finest = min(spiral.arm_width_px, spiral.scale_length_px)
    if blur == 0.0:
        side = len(NODES) * np.ceil(SHARP / (finest * spiral.axis_ratio))
        return int(side * side), 0
    bar = BAR if spiral.arm_model == RINGERMACHER_MEAD else 0.0
    widest = max(spiral.arm_width_px, spiral.scale_length_px)
    centre = CENTRE * spiral.arm_strength + SMALL * finest / widest
    crests = (CRESTS + centre / spiral.arms + bar) / finest
    need = np.sqrt(crests * crests + BLURRED * BLURRED / blur)
    for points in range(1, FIBONACCI[0][0]):
        for generator in range(1, points + 1):
            if points * spiral.axis_ratio >= 0.8 * need * need and _even(
                spiral, points, generator, need
            ):
                return points, generator
    k, need = 0, need / spiral.axis_ratio
    while FIBONACCI[k][0] < need * need and k < len(FIBONACCI) - 1:
        k += 1
    return FIBONACCI[k]


@kernel
def _even(spiral, points, generator, need) -> bool:
    """Whether no wave that a lattice takes for none is longer than what is needed."""
    s, c = exact.sincosd(spiral.angle_deg)
    for b in range(points + 1):
        a = -generator * b % points
        for _ in range(2):
            u, v = c * a + s * b, spiral.axis_ratio * (c * b - s * a)
            if (a != 0 or b != 0) and u * u + v * v < need * need:
                return False
            a -= points
    return True


@kernel
def point_of(number: int, lattice: Lattice) -> tuple[float, float, float]:
    """The place of a point in its pixel, from the middle, px, and its weight."""
    points, generator = lattice
    if generator == 0:
        side = int(np.sqrt(1.0 * points) + 0.5)
        i, j, panels = number % side, number // side, side // len(NODES)
        a, b = NODES[i % len(NODES)], NODES[j % len(NODES)]
        ox = (i // len(NODES) + 0.5 + a[0]) / panels - 0.5
        oy = (j // len(NODES) + 0.5 + b[0]) / panels - 0.5
        return ox, oy, a[1] * b[1] / (panels * panels)
    middle = 0.5 - 0.5 / points  # of the points
    ox, oy = number / points - middle, (number * generator % points) / points - middle
    return ox - np.floor(ox + 0.5), oy - np.floor(oy + 0.5), 1.0 / points


@kernel(allocates=True)
def add_wave(image, flux: float, spiral, sampled: bool, optics, slopes) -> None:
    """Add what the wave of a spiral adds to its disc.

    Args:
        image: (1, H, W), float32, or with derivatives as in `blur.py`, the planes being those of
            `_fill`, float64.
        flux: of the disc.
        spiral: record of a spiral.
        sampled: the centres of pixels only.
        optics: of `mixtures.psf_mixture`.
        slopes: None for light, anything else for derivatives too.
    """
    # A Gaussian much wider than the disc leaves nothing of a wave, whose mean over rings is zero:
    # what has M arms is a multipole, of which (h / sigma)^M is left.
    wide = spiral.scale_length_px * exact.exp2(LEFT / spiral.arms)
    margin = min(margin_around(optics, COUNTED, wide * wide), MOST)
    count = 1 if slopes is None else image.shape[0] - 2
    planes, edge, room = room_for(count, margin, optics, image)
    together = planes.shape[2] if slopes is not None else max(planes.shape[2], TOGETHER)
    work = np.empty((WORK, together), planes.dtype)
    spans = np.empty((planes.shape[1], 2), np.int64)
    size = image.shape[1] + 2 * edge, image.shape[2] + 2 * edge
    lattice = (1, 1) if sampled else lattice_of(spiral, optics[0, 0])
    for number in range(lattice[0]):
        ox, oy, weight = point_of(number, lattice)
        _fill(spiral, (ox - edge, oy - edge), size, planes, slopes, work, spans)
        add_point(planes, edge, (ox, oy, flux * weight), optics, slopes, room, image)
    add_smooth(margin, optics, slopes, room, image)


@kernel
def _fill(spiral, corner, size, planes, slopes, work, spans) -> None:
    """Fill in what the wave adds to the disc of unit flux, px^-2, and its derivatives.

    Args:
        spiral: record of a spiral.
        corner: place of the first point of the first row, px; others are a pixel apart.
        size: rows and columns of points; the planes may have more, which are 0.
        planes: output (1, rows, columns), float32, or with derivatives (P, rows, columns), float64:
            `PLANES`, then those of the law; columns are a multiple of `LANES`.
        slopes: None for light, anything else for derivatives too.
        work: scratch (`WORK`, columns or more), of the same type; as many rows as fit in there are
            filled together, since a loop takes a while to start.
        spans: scratch (rows, 2): the columns of each row that the disc reaches.
    """
    left, low = corner
    s, c = exact.sincosd(spiral.angle_deg)
    q, x, reach = spiral.axis_ratio, spiral.center_x_px, FARTHEST * spiral.scale_length_px
    high = s * s + c * c * q * q  # of the ellipse r = 1, squared
    lean = c * s * (1.0 - q * q) / high
    planes[:] = planes.dtype.type(0.0)
    for j in range(size[0]):
        dy = low + j - spiral.center_y_px
        half = q * np.sqrt(max(reach * reach - dy * dy / high, 0.0) / high)
        # What is left out must be as symmetric as the galaxy, or its centre of light moves.
        columns = size[1] if half > 0.0 else 0
        spans[j, 0], spans[j, 1] = span(x - left + lean * dy, half, 1, columns)
    begin = 0
    while begin < size[0]:
        end, count = begin, 0
        while end < size[0] and count + padded(spans[end, 1] - spans[end, 0]) <= work.shape[1]:
            dx, dy = left + spans[end, 0] - x, low + end - spiral.center_y_px
            ending = count + padded(spans[end, 1] - spans[end, 0])
            _go_around(spiral, c, s, dx, dy, work, count, ending)
            end, count = end + 1, ending
        add_arms(spiral, slopes, work, count, planes.shape[0])
        count = 0
        for j in range(begin, end):
            first, last = spans[j, 0], spans[j, 1]
            for p in range(planes.shape[0]):
                line, found = planes[p, j, first:last], work[OUT + p, count:]
                for i in range(line.size):
                    line[i] = found[i]
            count += padded(last - first)
        begin = end


@kernel
def _go_around(spiral, c, s, dx, dy, work, begin, end) -> None:
    """Fill in cosine and sine of the azimuth, r and 1 / r along a row."""
    number = work.dtype.type
    one, tiny = number(1.0), number(1e-12)
    u_0, u_1 = number(c * dx + s * dy), number(c)
    flat = spiral.handedness / spiral.axis_ratio
    v_0, v_1 = number(flat * (c * dy - s * dx)), number(-flat * s)
    cosine, sine = work[0, begin:end], work[1, begin:end]
    r, inverse = work[2, begin:end], work[3, begin:end]
    for i in range(end - begin):
        t = number(np.int32(i))
        u, v = u_0 + u_1 * t, v_0 + v_1 * t
        square = u * u + v * v + tiny
        over = one / np.sqrt(square)
        cosine[i], sine[i], r[i], inverse[i] = u * over, v * over, square * over, over
