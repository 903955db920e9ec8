"""A Gaussian at the edges of pixels, in float64: its density, and how much of it lies below.

    density G(x) = exp(-x^2 / 2 s^2) / (sqrt(2 pi) s),  beyond x > 0: s G(x) m(x / s),

m Mills' ratio, of which (1 + x) m(x) is a polynomial in (x - 4) / (x + 4) to 2e-13. From edge to
edge the density goes on by multiplication.

Source: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.2.
"""

from deepbench_hf import exact
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import kernel

_ROOT_TWO_PI = 2.5066282746310002
# A fit in 40-digit arithmetic at the nodes of a Chebyshev polynomial.
# fmt: off
MILLS = (
    1.1832619145678034, -0.2423996705002778, 0.035091880268906805, 0.0716904801691759,
    -0.08070801132584542, 0.0449591434861666, -0.012539080320241461, -0.0007160409602862664,
    0.0017416996094103264, -0.00023640484806569174, -0.00021970350824791185, 5.2718120003074595e-05,
    3.31432077942582e-05, -8.046562550627072e-06, -5.36550321262456e-06, 7.524393483120606e-07,
    5.916630344983559e-07,
)
# fmt: on


@kernel
def at_edges(start: float, sigma: float, below, density) -> None:
    """Fill in the share below start, start + 1, ..., and the density there.

    Args:
        start: first edge, from the middle of the Gaussian, px; later ones are a pixel apart.
        sigma: standard deviation, px.
        below: output, shares.
        density: output, 1/px.
    """
    flat = 1.0 / (sigma * sigma)
    here = exact.exp(-0.5 * start * start * flat) / (_ROOT_TWO_PI * sigma)
    ratio, fall = exact.exp(-(start + 0.5) * flat), exact.exp(-flat)
    for m in range(below.size):
        density[m] = here
        here *= ratio
        ratio *= fall
    for m in range(below.size):
        x = (start + m) / sigma
        size = abs(x)
        outside = density[m] * sigma * horner((size - 4.0) / (size + 4.0), MILLS) / (1.0 + size)
        below[m] = outside if x < 0.0 else 1.0 - outside
