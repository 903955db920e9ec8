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
