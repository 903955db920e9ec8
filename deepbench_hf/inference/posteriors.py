"""Reference posteriors of rows: draws, moments, evidence and diagnostics.

A row goes through these modules, one after the other:

    search      the peaks of each combination of classes, by damped Gauss-Newton steps
    laplace     a normal distribution about each of them, and points along long ridges
    mixtures    the same as Student distributions, whose tails are heavier: the first proposals
    amis        adaptive multiple importance sampling: points of proposals, and their weights
    walkers     where the next proposals should be, by differential evolution
    pareto      whether the weights can be trusted
    draws       equally likely draws, means and standard deviations

Beside them stand `likelihoods` and `counted`, which tell how likely a row is, `slopes` with its
derivatives, `space` and `symmetry` with the coordinates, and `groups` of rows that share
parameters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.draws import add_normals
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Columns
from deepbench_hf.inference.amis import AMIS, Sample
from deepbench_hf.inference.draws import resampled, told
from deepbench_hf.inference.groups import Group
from deepbench_hf.inference.laplace import Mode, modes, ridges
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.mixtures import Proposal, proposals
from deepbench_hf.inference.pareto import tail_shape
from deepbench_hf.inference.search import TRIED, contenders
from deepbench_hf.inference.slopes import excess
from deepbench_hf.inference.space import Space, weighed
from deepbench_hf.inference.symmetry import space_of
from deepbench_hf.recipe.steps import Infer
from deepbench_hf.recipe.unknowns import FEWEST, LARGEST_SHAPE
from deepbench_hf.simulators.base import periods

ROUNDS, ENOUGH, SETTLED = 6, 0.05, 0.6
"""How often the proposals follow what they found, where it is not enough; the share of a round's
points that must be effective, and the Pareto k up to which it is enough."""

MISSED = 8.0
"""Standard deviations by which the squares of the residuals at the heaviest point are too many for
it to be near the right peak; at the truth it was 4 at most, of 60 rows of every config."""

PILOT, SMALL = 1000, 10.0
"""Points that choose between two kinds of coordinates; a case with less than e to the minus this of
the evidence has the first."""

OF_GROUP = 10
"""Points of what a group shares: one for so many of a row alone, as each has points of its own."""


def trusted(pareto_k: Array | float, effective_draws: Array | float) -> NDArray[np.bool_]:
    """Whether weighted points are good enough for draws."""
    return np.logical_and(
        np.less_equal(pareto_k, LARGEST_SHAPE), np.greater_equal(effective_draws, FEWEST)
    )


def inferred(step: Infer, rows: list[Observation], truths: Columns) -> Columns:
    """The columns of a step for some rows, which are whole groups where groups are inferred.

    Args:
        step: what is asked for.
        rows: what they measured.
        truths: their indices and true parameters, ``(n,)``.
    """
    indices, found = truths["index"].tolist(), []
    with np.errstate(all="ignore"):  # of points far away the density is 0
        for start in range(0, len(rows), step.group):
            those = slice(start, start + step.group)
            if step.group == 1:
                found.append(_alone(step, indices[start], rows[start]))
            else:
                found += _together(step, indices[those], rows[those])
    columns = {f"{name}_truth": truths[name] for name in step.unknown}
    for name, field in step.columns.items():
        if name not in columns:
            nothing = np.full(field.shape, -1 if field.dtype == "int64" else np.nan)
            parts = [one.get(name, nothing) for one in found]
            columns[name] = np.array(parts).reshape(-1, *field.shape).astype(field.dtype)
    return columns


@dataclass(frozen=True)
class _Explored:
    """Weighted points of a posterior, the shape of their tail, what the last of them came from."""

    sample: Sample
    shape: float
    proposed: list[Proposal]

    @property
    def diagnostics(self) -> Columns:
        return {
            "log_evidence": np.array(self.sample.log_evidence),
            "effective_draws": np.array(self.sample.effective),
            "pareto_k": np.array(self.shape),
        }


@dataclass
class _Random:
    """Random numbers of a row for one purpose, at each call those that follow."""

    step: Infer
    purpose: str
    index: int
    calls: int = -1

    def __call__(self, count: int) -> Array:
        self.calls += 1
        part = f", {self.calls}" if self.calls else ""
        return self.step.uniforms(f"{self.purpose}{part}", self.index, count)


def _explored(step: Infer, index: int, purpose: str, rounds: AMIS) -> _Explored:
    """Points of rounds that follow what they find, until enough of them are effective."""
    drawn, number = rounds.add(_Random(step, f"{purpose} 0", index)), 0
    while True:
        tail = tail_shape(drawn)
        enough = drawn.effective >= max(FEWEST, ENOUGH * rounds.count) and tail <= SETTLED
        if enough or number == ROUNDS:
            return _Explored(drawn, tail, rounds.proposed)
        number += 1
        drawn = rounds.add(_Random(step, f"{purpose} {number}", index))


def _row(
    step: Infer, index: int, observation: Observation, spaces: list[Space], shared: bool = False
) -> _Explored | None:
    """A row alone; nothing where no place of any likelihood was found.

    Args:
        spaces: coordinates of the cases; those that are drawn in take their places.
        shared: whether other rows have the same, so that they must stay as they are.
    """
    most = max(len(space.names) for space in spaces)
    start = np.zeros((1, TRIED * max(most, 1)))
    add_normals(start, np.ones(1), stream_key(*step.stream, "start"), np.array([index]))
    start = start.reshape(TRIED, -1)
    alone = len(spaces) == 1
    begun = contenders(observation, spaces, start)
    found = {k: modes(observation, spaces[k], of, alone, shared) for k, of in begun.items()}
    if len(begun) <= 4:  # long ridges, it may be
        found = {
            k: [(s, ridges(observation, s, of)) for s, of in both] for k, both in found.items()
        }
    seen = {k: observation.keeping() for k in found}
    top = max((of[0].log_mass for both in found.values() for _, of in both), default=0.0)
    peaks = {}
    for k, both in found.items():
        tried = [(0.0, *pair) for pair in both]
        if len(both) > 1 and max(of[0].log_mass for _, of in both) > top - SMALL:
            random = _Random(step, f"pilot {k}", index)
            tried = [(_pilot(seen[k], s, of, random(len(s.names) + 2)), s, of) for s, of in both]
        if tried:
            _, spaces[k], peaks[k] = max(tried, key=lambda t: t[0])

    if not peaks:
        return None

    def target(number: int, y: Array) -> Array:
        if not y.shape[1]:  # of a class alone all points are one
            return np.repeat(weighed(seen[number], spaces[number], y[:1]), len(y))
        return weighed(seen[number], spaces[number], y)

    return _explored(step, index, "round", AMIS(target, proposals(peaks), step.proposals))


def _pilot(observation: Observation, space: Space, found: list[Mode], shift: Array) -> float:
    """How many points are effective of a few about modes in these coordinates."""
    rounds = AMIS(lambda _, y: weighed(observation, space, y), proposals({0: found}), PILOT)
    return rounds.add(lambda _: shift).effective


def _alone(step: Infer, index: int, observation: Observation) -> Columns:
    """The posterior of one row."""
    spaces = [space_of(case, observation) for case in step.cases]
    best = _row(step, index, observation, spaces)
    if best is None:
        return {"effective_draws": np.zeros(())}
    if not trusted(best.shape, best.sample.effective):
        return best.diagnostics
    values, weight = _parameters(step, index, spaces, best.sample), best.sample.weight
    heaviest = {name: of[[weight.argmax()]] for name, of in values.items()}
    if excess(observation, heaviest) > MISSED:  # a better peak has been missed
        return best.diagnostics | {"effective_draws": np.zeros(())}
    alone = not all(space.names for space in spaces)
    turns = {name: periods(observation.plan.simulator, name, values) for name in values}
    return best.diagnostics | told(values, turns, weight, resampled(step, index, weight, alone))


def _together(step: Infer, indices: list[int], rows: list[Observation]) -> list[Columns]:
    """The posteriors of the rows of a group, given what all of them measured.

    The draws of the same number are one joint draw.
    """
    space = space_of(step.cases[0], rows[0])
    found = [_row(step, k, one, [space], shared=True) for k, one in zip(indices, rows, strict=True)]
    alone = [one.proposed for one in found if one is not None]
    if len(alone) < len(rows):
        return [{"effective_draws": np.zeros(())} for _ in rows]
    group = Group(step, space, tuple(indices), tuple(rows), tuple(map(tuple, alone)))
    rounds = AMIS(group.weighed, group.proposals(), step.proposals // OF_GROUP, tried=group.tried)
    best = _explored(step, indices[0], "group", rounds)
    if not trusted(best.shape, best.sample.effective):
        return [best.diagnostics for _ in rows]
    phi, weight = best.sample.points[0], best.sample.weight
    chosen = resampled(step, indices[0], weight)
    return [best.diagnostics | group.told(k, phi, weight, chosen) for k in range(len(rows))]


def _parameters(step: Infer, index: int, spaces: list[Space], drawn: Sample) -> Columns:
    """All parameters of all points, ``(n,)`` each."""
    found: Columns = {}
    for number, x in drawn.points.items():
        space = spaces[number]

        def uniforms(name: str, n: int, case: int = number) -> Array:
            return step.uniforms(f"turn of {name}, {case}", index, n)

        for name, values in space.unfolded(space.parameters(x), uniforms).items():
            found.setdefault(name, np.empty(len(drawn.case)))[drawn.case == number] = values
    return found
