"""From the sky to an instrument's pixels: electrons a second, and where the second galaxy is."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import OCTAVES
from deepbench_hf.exact.kernel import kernel


@kernel(allocates=True)
def electrons(
    magnitude: NDArray[np.float64], zero_point: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fluxes 10^(-0.4 (m - m_0)), electrons/s, from magnitudes m and zero points m_0, (n,) each."""
    flux = np.empty_like(magnitude)
    for i in range(flux.size):
        flux[i] = exact.exp2(OCTAVES * (zero_point[i] - magnitude[i]))
    return flux


@kernel(allocates=True)
def offsets(
    distance: NDArray[np.float64], direction_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The x and y, (2, n), of points at a distance and in a direction, deg, (n,) each."""
    found = np.empty((2, distance.size))
    for i in range(distance.size):
        s, c = exact.sincosd(direction_deg[i])
        found[0, i], found[1, i] = distance[i] * c, distance[i] * s
    return found
