"""Reference posteriors of rows: draws, moments, evidence and diagnostics."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.draws import add_normals, uniforms, uniforms_of_blocks
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Columns
from deepbench_hf.inference.importance import Sample, fitted, pareto_shape, proposals, sample
from deepbench_hf.inference.laplace import TRIED, modes
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.space import Space, space_of
from deepbench_hf.recipe.steps import Infer
from deepbench_hf.recipe.unknowns import FEWEST, LARGEST_SHAPE

ROUNDS = 6
"""How often the proposals follow what they found, where it is not enough."""


def trusted(pareto_k: Array | float, effective_draws: Array | float) -> NDArray[np.bool_]:
    """Whether weighted points are good enough for draws."""
    return np.logical_and(
        np.less_equal(pareto_k, LARGEST_SHAPE), np.greater_equal(effective_draws, FEWEST)
    )


def inferred(step: Infer, rows: list[Observation], truths: Columns) -> Columns:
    """The columns of a step for some rows.

    Args:
        step: what is asked for.
        rows: what they measured.
        truths: their indices and true parameters, ``(n,)``.
    """
    with np.errstate(all="ignore"):  # of points far away the density is 0
        found = [
            _one(step, int(index), one) for index, one in zip(truths["index"], rows, strict=True)
        ]
    columns = {f"{name}_truth": truths[name] for name in step.unknown}
    for name, field in step.columns.items():
        if name not in columns:
            nothing = np.full(field.shape, -1 if field.names else np.nan)
            parts = [one.get(name, nothing) for one in found]
            columns[name] = np.array(parts).reshape(-1, *field.shape).astype(field.dtype)
    return columns


def _one(step: Infer, index: int, one: Observation) -> Columns:
    """The posterior of one row."""
    spaces = [space_of(case, one) for case in step.cases]
    most = max(len(space.names) for space in spaces)

    def key(purpose: str) -> np.uint64:
        return stream_key(*step.stream, purpose)

    start = np.zeros((1, TRIED * max(most, 1)))
    add_normals(start, np.ones(1), key("start"), np.array([index]))
    start = start.reshape(TRIED, -1)
    peaks = {k: modes(one, s, start[:, : len(s.names)]) for k, s in enumerate(spaces)}
    proposed = proposals(peaks)
    best, shape = None, np.inf
    for number in range(ROUNDS + 1 if proposed else 0):
        blocks = np.arange(most + 2)
        shift = uniforms_of_blocks(key(f"round {number}"), np.full(len(blocks), index), blocks)
        drawn = sample(one, spaces, proposed, step.proposals, shift)
        tail = pareto_shape(drawn.log_weight)
        if best is None or drawn.effective > best.effective:
            best, shape = drawn, tail
        if drawn.effective >= max(FEWEST, step.proposals / 10) and tail <= LARGEST_SHAPE:
            break
        proposed = fitted(drawn, proposed)
    if best is None:  # no place of any likelihood was found
        return {"effective_draws": np.zeros(())}
    found = {
        "log_evidence": np.array(best.log_evidence),
        "effective_draws": np.array(best.effective),
        "pareto_k": np.array(shape),
    }
    if not trusted(shape, best.effective):
        return found
    place = uniforms(key("resampling"), np.array([index]))[0]
    chosen = _resampled(best.weight, step.draws, place)
    for name, values in _parameters(spaces, best).items():
        found[name] = values[chosen]
        mean, sigma = best.moments(values)
        found |= {f"{name}_mean": np.array(mean), f"{name}_sigma": np.array(sigma)}
    return found


def _parameters(spaces: list[Space], drawn: Sample) -> Columns:
    """All parameters of all points, ``(n,)`` each."""
    found: Columns = {}
    for number, x in drawn.points.items():
        for name, values in spaces[number].parameters(x).items():
            found.setdefault(name, np.empty(len(drawn.case)))[drawn.case == number] = values
    return found


def _resampled(weight: Array, draws: int, place: float) -> NDArray[np.int64]:
    """Which points are equally likely draws, by systematic resampling, in the order they came.

    Source: J. Carpenter, P. Clifford, P. Fearnhead, IEE Proc. Radar Sonar Navig. 146 (1999) 2.
    """
    steps = (np.arange(draws) + place) / draws
    return np.minimum(np.searchsorted(np.cumsum(weight), steps), len(weight) - 1)
