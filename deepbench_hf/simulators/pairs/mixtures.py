"""The published Gaussian mixtures: their components, and their mutual information.

Source: D. Piras, H. V. Peiris, A. Pontzen, L. Lucie-Smith, N. Guo and B. Nord, A robust estimator
of mutual information for deep learning interpretability, Machine Learning: Science and Technology
4 (2023) 025006, doi:10.1088/2632-2153/acc444: the synthetic models D1, D3, D5, D3', D5' and D3 with
rho != 0 in ``gmm_mi/data/synthetic_data.py`` of https://github.com/dpiras/GMM-MI. The information
published there, but for D1, is a sum of 1e8 random draws, and so agrees to four digits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pair = tuple[float, float]
Covariance = tuple[float, float, float]


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians in the plane.

    Args:
        weights: chance of each component; they add up to 1.
        means: of x and y.
        covariances: variance of x, covariance, variance of y.
        information: mutual information of x and y, in nats: the integral of
            p ln(p / (p_x p_y)) by the trapezoidal rule, which converges exponentially here; steps
            of 0.04, 0.02 and 0.01 agree to 1e-15.
    """

    weights: tuple[float, ...]
    means: tuple[Pair, ...]
    covariances: tuple[Covariance, ...]
    information: float

    def table(self) -> NDArray[np.float64]:
        """By component: chance of it or one before, mean, and the root (a, b, c) of the covariance.

        x = mean_x + a z1, y = mean_y + b z1 + c z2 with independent normal z1 and z2.
        """
        rows, below = [], 0.0
        for weight, mean, (xx, xy, yy) in zip(
            self.weights, self.means, self.covariances, strict=True
        ):
            below += weight
            root = np.sqrt(xx), xy / np.sqrt(xx), np.sqrt(yy - xy * xy / xx)
            rows.append((below, *mean, *root))
        return np.array(rows)


MIXTURES = {
    "mixture_d1": Mixture(
        weights=(1.0,),
        means=((-1, 1),),
        covariances=((0.5, 0.2, 0.5),),
        information=0.0871766935723927,
    ),
    "mixture_d3": Mixture(
        weights=(0.3, 0.45, 0.25),
        means=((-1, 1), (0, 2), (-1.5, 2)),
        covariances=((1, 0, 0.1), (0.5, 0.2, 0.5), (0.1, 0.05, 0.1)),
        information=0.1323869636148025,
    ),
    "mixture_d5": Mixture(
        weights=(0.2, 0.35, 0.15, 0.12, 0.18),
        means=((-1, 1), (0, 2), (-1.5, 2), (2, 1), (-0.25, 0)),
        covariances=(
            *((1, 0, 0.1), (0.5, 0.2, 0.5), (0.1, 0.05, 0.1)),
            *((0.5, -0.1, 0.9), (0.2, -0.05, 0.1)),
        ),
        information=0.1680527993087116,
    ),
    "mixture_d3_prime": Mixture(
        weights=(0.3, 0.45, 0.25),
        means=((-3, 3), (2, 4), (-2.5, 5)),
        covariances=((1, 0, 0.1), (0.5, 0.2, 0.5), (0.1, 0.05, 0.1)),
        information=0.38881453369238594,
    ),
    "mixture_d5_prime": Mixture(
        weights=(0.2, 0.35, 0.15, 0.12, 0.18),
        means=((-1, 1), (0, 2), (-1.5, 2), (3, 1), (-0.25, 0)),
        covariances=(
            *((1, 0, 0.1), (0.5, 0.2, 0.5), (0.1, 0.05, 0.1)),
            *((0.5, -0.1, 0.9), (0.2, -0.05, 0.1)),
        ),
        information=0.17972193485852742,
    ),
    "mixture_d3_correlated": Mixture(
        weights=(0.3, 0.45, 0.25),
        means=((-1, 1), (0, 2), (-1.5, 2)),
        covariances=((1, 0.1, 0.1), (0.5, 0.2, 0.5), (0.1, 0.05, 0.1)),
        information=0.14826669663388845,
    ),
}
"""D1, D3, D5, D3 and D5 with other means, and D3 with correlated components."""
