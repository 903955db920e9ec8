"""What the derivatives of an image are made of: its light as it moves, by pixels.

Light that is carried along with the velocity v changes what a pixel holds by what comes in through
its edges. The velocities of all that moves, stretches and turns an ellipse are linear in the place:
so six numbers for a pixel are enough, the light that moves through its edges in x and y times 1,
dx, dy, the distances from the centre. They are named X, X_DX, ... and are for a flux of 1, as the
light itself is (LIGHT), and its derivatives with respect to the index or beta (SHAPE), to the
logarithm of the width of the point-spread function (WIDTH), and to its exponent alone (WING).
"""

from deepbench_hf.exact.kernel import kernel

LIGHT, SHAPE, X, X_DX, X_DY, Y, Y_DX, Y_DY, WIDTH, WING = range(10)
FLOWS = 10
ANSWERS = (
    *("center_x_px", "center_y_px", "flux_e_s", "log_scale", "axis_ratio", "angle_deg"),
    *("shape", "log_width", "psf_beta"),
)
"""The derivatives that `answer` gives, in order: those of a parameter by its name."""

Place = tuple[float, float, float, float, float, float]
"""Centre x and y, scale length (px), axis ratio, cosine and sine of the angle of a profile."""

RADIAN = 0.017453292519943295  # of a degree


@kernel
def answer(place, flux: float, flows, slopes) -> None:
    """Fill in the derivatives of one image, in the order of `ANSWERS`.

    Args:
        place: of the profile.
        flux: electrons / s.
        flows: of a flux of 1, (H, W, FLOWS).
        slopes: output (9, H, W): the scale length and the width of the point-spread function by
            their logarithms, the shape by the index or beta.
    """
    q, c, s = place[3], place[4], place[5]
    for j in range(flows.shape[0]):
        for i in range(flows.shape[1]):
            along = flows[j, i, X_DX] + flows[j, i, Y_DY]
            mixed = flows[j, i, X_DY] + flows[j, i, Y_DX]
            across = s * s * flows[j, i, X_DX] - s * c * mixed + c * c * flows[j, i, Y_DY]
            slopes[0, j, i] = -flux * flows[j, i, X]
            slopes[1, j, i] = -flux * flows[j, i, Y]
            slopes[2, j, i] = flows[j, i, LIGHT]
            slopes[3, j, i] = -flux * along
            slopes[4, j, i] = -flux * across / q
            slopes[5, j, i] = flux * RADIAN * (flows[j, i, X_DY] - flows[j, i, Y_DX])
            slopes[6, j, i] = flux * flows[j, i, SHAPE]
            slopes[7, j, i] = flux * flows[j, i, WIDTH]
            slopes[8, j, i] = flux * flows[j, i, WING]
