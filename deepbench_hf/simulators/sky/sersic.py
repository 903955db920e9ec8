"""Sersic's law of the brightness of ellipticals, bulges and discs: its constants.

I(r) = I_e exp(-b_n [(r / r_e)^(1/n) - 1]), with half of the flux inside r_e: P(2n, b_n) = 1/2.

Sources: J. L. Sersic, Atlas de galaxias australes (1968); A. W. Graham, S. P. Driver, A concise
reference to (projected) Sersic R^(1/n) quantities, PASA 22 (2005), 118, equations 1 to 4.
"""

from deepbench_hf import exact
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import kernel

TWO_PI = 6.283185307179586

# b_n - 2n in powers of 1/n: fits in 40-digit arithmetic for n from 0.49 on, and from 0.29 to 1.
# fmt: off
LARGE = (
    -0.33333333209628, 0.009876511967442112, 0.001803175488703796, 7.98819199078767e-05,
    -7.187699823643203e-05, -2.5611904451016864e-05, 2.582796242194184e-05, -9.125520757431106e-06,
    1.6705285727871647e-06, -1.3131621274676456e-07,
)
SMALL = (
    -0.33333790921454554, 0.00990346953429508, 0.0017323127875357796, 0.00018930975682128246,
    -0.0001815071126652262, 4.8360873203563856e-05, -7.781703040800446e-06, 7.763533297877356e-07,
    -4.21213881583504e-08, 8.324222514030695e-10,
)
# fmt: on


@kernel
def sersic_b(n: float) -> float:
    """Sersic's b_n, the root of P(2n, b) = 1/2, as 2n plus a polynomial in 1/n.

    Args:
        n: Sersic index, 0.3 to 10, dimensionless.

    Returns:
        b_n, dimensionless, error below 1e-10.
    """
    u = 1.0 / n
    return 2.0 * n + (horner(u, LARGE) if n > 0.5 else horner(u, SMALL))


@kernel
def sersic_flux(n: float) -> float:
    """Flux of a round Sersic profile with r_e = 1 and a central brightness of 1.

        F / (r_e^2 I(0)) = 2 pi n b_n^(-2n) Gamma(2n)

    Args:
        n: Sersic index, 0.3 to 10, dimensionless.

    Returns:
        The flux integral, dimensionless, relative error below 1e-9. With I_e in the place of I(0)
        it is exp(b_n) times as large; an axis ratio q makes it q times as large.
    """
    power = exact.log_gamma(2.0 * n) - 2.0 * n * exact.log(sersic_b(n))
    return TWO_PI * n * exact.exp(power)
