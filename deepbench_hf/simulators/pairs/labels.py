"""The distributions of a pair, by the number of their class, and the parameter that each has."""

from deepbench_hf.simulators.pairs.mixtures import MIXTURES

DISTRIBUTIONS = (
    "independent",
    "bivariate_gaussian",
    "gamma_exponential",
    "ordered_weinman",
    "discrete_continuous",
    *MIXTURES,
)
_, GAUSSIAN, GAMMA, WEINMAN, DISCRETE, FIRST_MIXTURE = range(6)

OWN = {
    "bivariate_gaussian": "correlation",
    "gamma_exponential": "shape",
    "ordered_weinman": "mean_gap",
    "discrete_continuous": "levels",
}
"""The parameter that the mutual information of a distribution depends on."""

TRANSFORMS = ("identity", "cubed", "exp", "log")
_, CUBED, EXP, LOG = range(4)

FITS = {
    "exp": tuple(name for name in DISTRIBUTIONS if name != "gamma_exponential"),
    "log": ("gamma_exponential", "ordered_weinman"),
}
"""Transforms that not every distribution can take: its tails must end, or its signs be plus."""

LEAST_CUBED, MOST_EXP = 0.2, 18.0
"""The least shape of cubed pairs, the greatest mean gap of exp: others can exceed float64.

The least number that a shape a can give is about 1e-15 2^(-53/a), and 37 over that is y; the
greatest y of a gap g is 18.4 + 36.8 g.
"""


def unfit(label: int, kind: int, shape: float, mean_gap: float) -> str | None:
    """Why a transform does not fit a distribution, both by number; None where it does.

    Shape is the least one of a gamma distribution, mean_gap the greatest of an ordered Weinman one.
    """
    name, distribution = TRANSFORMS[kind], DISTRIBUTIONS[label]
    got, fitting = f"transform = {name} of label = {distribution}", FITS.get(name, DISTRIBUTIONS)
    if distribution not in fitting:
        return f"{got}; {name} fits {', '.join(fitting)}"
    if kind == CUBED and label == GAMMA and shape < LEAST_CUBED:
        return f"{got} needs a shape of at least {LEAST_CUBED:g}; got {shape:g}"
    if kind == EXP and label == WEINMAN and mean_gap > MOST_EXP:
        return f"{got} needs a mean_gap of at most {MOST_EXP:g}; got {mean_gap:g}"
    return None
