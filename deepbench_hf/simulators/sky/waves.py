"""Adding the wave of a spiral to its disc, with its derivatives if they are asked for."""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.arms import Wave, fill_wave, lattice_of, point_of
from deepbench_hf.simulators.sky.arms_slopes import fill_slopes
from deepbench_hf.simulators.sky.blur import add_point, add_smooth, margin_around, room_for

COUNTED = 1e-4
"""Share of a point-spread function's flux below which its Gaussians do not spread a wave."""


@kernel(allocates=True)
def add_wave(image, flux: float, wave: Wave, sampled: bool, optics, slopes) -> None:
    """Add what the wave of a spiral adds to its disc.

    Args:
        image: (1, H, W), float32, or with derivatives as in `blur.py`, the planes being those of
            `fill_slopes`, float64.
        flux: of the disc.
        wave: the disc and its arms.
        sampled: the centres of pixels only.
        optics: of `mixtures.psf_mixture`.
        slopes: None for light, anything else for derivatives too.
    """
    # A Gaussian much wider than the disc leaves nothing of a wave, whose mean over rings is zero.
    margin = margin_around(optics, COUNTED, wave.scale * wave.scale)
    count = 1 if slopes is None else image.shape[0] - 2
    planes, edge, room = room_for(count, margin, optics, image)
    work = np.empty((6, planes.shape[2]), np.float32)
    lattice = (1, 1) if sampled else lattice_of(wave, optics[0, 0])
    for number in range(lattice[0]):
        ox, oy, weight = point_of(number, lattice)
        if slopes is None:
            fill_wave(wave, ox - edge, oy - edge, planes[0], work)
        else:
            fill_slopes(wave, ox - edge, oy - edge, planes)
        add_point(planes, edge, (ox, oy, flux * weight), optics, slopes, room, image)
    add_smooth(margin, optics, slopes, room, image)
