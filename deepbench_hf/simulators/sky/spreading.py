"""The light of points of spiral arms, and its derivatives, under a Gaussian."""

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.flows import FLOWS
from deepbench_hf.simulators.sky.gains import GAINS
from deepbench_hf.simulators.sky.rings import REACH, add_point, set_shares

CHANNELS = FLOWS + len(GAINS)
"""Numbers of a pixel: its flows, and then the derivatives of `GAINS`."""


@kernel
def spread_point(u, v, light, gains, view, flows) -> None:
    """Add the light of a point of one arm, and of its likes of all others, to the image.

    Args:
        u, v: the point, px, in the plane of the disc, for an arm that starts on the +x axis.
        light: of the point.
        gains: its derivatives over the light, in the order of `GAINS`.
        view: centre, px; axis ratio, cosine and sine of the position angle; handedness; cosines
            and sines of the angles of the arms' starts; the Gaussian: its standard deviation,
            px, weight, and the derivative of that with respect to the exponent; scratch.
        flows: (H, W, CHANNELS), to which is added.
    """
    x0, y0, q, c, s, hand, spins, sigma, weight, wing, space = view
    rows, columns, limit = flows.shape[0], flows.shape[1], REACH * sigma + 0.5
    for m in range(spins.shape[0]):
        across = hand * v
        along = spins[m, 0] * u - spins[m, 1] * across
        across = q * (spins[m, 1] * u + spins[m, 0] * across)
        dx, dy = c * along - s * across, s * along + c * across
        x, y = x0 + dx, y0 + dy
        if not -limit < x < columns - 1 + limit or not -limit < y < rows - 1 + limit:
            continue
        left, wide = set_shares(x, columns, sigma, limit, space[:3])
        top, high = set_shares(y, rows, sigma, limit, space[3:])
        add_point(dx, dy, top, high, left, wide, (weight * light, 0.0, wing * light), space, flows)
        _add_gains(weight * light, gains, top, high, left, wide, space, flows)


@kernel
def _add_gains(light, gains, top, high, left, wide, space, flows) -> None:
    """Add the derivatives of the light of one point."""
    for j in range(high):
        share, line = light * space[3, j], flows[top + j]
        for i in range(wide):
            here, pixel = share * space[0, i], line[left + i]
            for k in range(gains.size):
                pixel[FLOWS + k] += here * gains[k]
