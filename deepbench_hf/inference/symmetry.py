"""Rotational symmetry: which parameters go round, and after which part of a turn outputs repeat.

No model says so itself: an angle of uniform prior goes round where the clean outputs at both ends
of its range are the same, and half, a third ... of a turn is enough where they are so after it.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import of_role
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.space import Space
from deepbench_hf.priors import Prior, Uniform
from deepbench_hf.recipe.steps import Case

FRACTIONS = (6, 5, 4, 3, 2, 1)
"""Parts of a turn after which an outline may look the same."""

SAME = 1e-5
"""Difference of outputs, relative to the largest, that rounding explains."""


def space_of(case: Case, observation: Observation) -> Space:
    """The coordinates of a case; what goes round is found by looking at the clean outputs."""
    turns = {}
    for name, prior in case.free.items():
        parameter = observation.plan.simulator.parameters[name]
        angle = isinstance(prior, Uniform) and parameter.unit in ("deg", "rad")
        if angle and (parts := _parts(case, observation, name, prior)):
            turns[name] = parts
    return Space(case, turns)


def _parts(case: Case, observation: Observation, name: str, prior: Prior) -> int:
    """Into how many equal parts the range of what goes round falls; 0 if it does not."""
    low, high = prior.support
    base = Space(case, {}).searched(np.array([[0.3 + 0.1 * k for k in range(len(case.free))]]))
    start = low + 0.2 * (high - low)
    for parts in FRACTIONS:
        turn = (high - low) / parts
        ends = np.array([low, start, low + turn, start + (turn if parts > 1 else 0.0)])
        values = {n: np.repeat(v, 4) for n, v in base.items()} | {name: ends}
        clean = observation.clean(values)[1]
        outputs = (
            of_role(observation.plan.simulator.columns, "output", "label").keys() & clean.keys()
        )
        if name in clean or not outputs:
            return 0
        if all(_same(clean[output]) for output in outputs):
            return parts
    return 0


def _same(clean: NDArray) -> bool:
    """Whether the first and third, and the second and fourth example are the same, but not all."""
    size = np.abs(clean).max() * SAME
    return bool(np.abs(clean[:2] - clean[2:]).max() <= size < np.abs(clean[0] - clean[1]).max())
