"""How the light of a point near an arm answers to what shapes disc and arms.

    exp(-r / h) A,  A = exp(-n^2 / 2 w^2):  dA/dp = A n / w^2 (d . dc/dp),

c the nearest point of the arms, at the distance n in the direction -d.
"""

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.balls import END, START
from deepbench_hf.simulators.sky.course import answers, course, start_answers

GAINS = (
    *("scale_length_px", "arm_phase_deg", "arm_scale_px", "arm_extent_px"),
    *("bend", "sweep", "arm_width_px"),
)
"""In order; `bend` is the pitch, in degrees, or N."""
_RADIAN = 0.017453292519943295


@kernel
def set_facing(arm, kind, dx, dy, r, phi, hand, facing) -> None:
    """Fill in d . dc/dp for what moves c.

    Args:
        arm: of `course.py`.
        kind: of the point c, as in `balls.py`: where it lies on the arm.
        dx, dy: the direction d.
        r, phi: radius, px, and angle of c, rad.
        hand: 1 or -1, sense of winding.
        facing: output, as many as `GAINS`; the first and last are left alone.
    """
    s, c = exact.sincos(phi)
    outward, around = dx * c + dy * s, r * (dy * c - dx * s)
    facing[1], facing[3] = hand * around * _RADIAN, 0.0
    if kind == START:
        facing[2], facing[4], facing[5] = start_answers(arm, r)
        along = outward
    else:
        facing[2], facing[4], facing[5] = answers(arm, r, phi)
        along = around
    if kind == END:
        facing[3] = outward + course(arm, r)[1] * around
    for k in (2, 4, 5):
        facing[k] *= along


@kernel
def set_gains(facing, n, r, scale_length, width, gains) -> None:
    """Fill in the derivatives of the light over the light, in the order of `GAINS`.

    Args:
        facing: of `set_facing`.
        n, r: distance from the arm and from the centre, px.
        scale_length, width: h and w, px.
        gains: output.
    """
    narrow = 1.0 / (width * width)
    for k in range(1, 6):
        gains[k] = n * narrow * facing[k]
    gains[0], gains[6] = r / (scale_length * scale_length), n * n * narrow / width
