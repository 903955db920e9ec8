"""What is unknown in the rows of a split: classes and parameters, and what tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Field, of_role
from deepbench_hf.priors import Prior
from deepbench_hf.recipe.cases import cases
from deepbench_hf.recipe.steps import Case, Infer, Measure, Names, Perturb
from deepbench_hf.simulators.base import Marginal, Scene

if TYPE_CHECKING:
    from deepbench_hf.recipe.parts import Level
    from deepbench_hf.recipe.plan import Plan
    from deepbench_hf.recipe.recipe import Recipe

MOST_MEMBERS = 50
"""Rows that are inferred together."""


def informative(recipe: Recipe, split: str, plan: Plan) -> tuple[Measure, ...]:
    """The measurements that tell of parameters; a coordinate without noise tells nothing.

    Raises:
        ValueError: why there is no likelihood in closed form.
    """
    steps, where = [], f"{recipe.name}, split {split}"
    if isinstance(plan.simulator, Scene):
        raise ValueError(f"{where}: no closed likelihood: the number of objects is unknown")
    for step in plan.of(Perturb):
        if step.how.kind != "none":
            raise ValueError(f"{where}: no closed likelihood: its images are perturbed")
    coordinates = of_role(plan.simulator.columns, "coordinate")
    for step in plan.of(Measure):
        one = step.measurement
        valid = getattr(one.target, "valid", "")
        if valid and valid not in coordinates:
            raise ValueError(f"{where}: no closed likelihood: the number of points is unknown")
        if exact := one.noise.exact_part:
            if one.name in coordinates:
                continue
            part = "" if len(exact) == len(one.noise.priors) else "a part of "
            give = "a sigma" if len(exact) == 1 and not part else " or ".join(exact)
            raise ValueError(
                f"{where}: no likelihood: {part}{one.column} has no noise and is exact; "
                f"give it {give} above 0"
            )
        steps.append(step)
    if not steps and not isinstance(plan.simulator, Marginal):
        raise ValueError(
            f"{where}: no likelihood: nothing is measured with noise, so that all is exact"
        )
    return tuple(steps)


LARGEST_SHAPE, FEWEST = 0.7, 400.0
"""Of a row with draws: the Pareto k at most, the effective draws at least."""

DIAGNOSTICS: Mapping[str, Field] = {
    "log_evidence": Field("1", "logarithm of the density of all that was measured, nats"),
    "effective_draws": Field("1", "independent draws that the weighted points are worth"),
    "pareto_k": Field("1", "shape of the tail of the weights; draws are there up to 0.7"),
}


def reference(recipe: Recipe, split: str, plan: Plan) -> Infer:
    """The step that makes reference posteriors, after those of a plan that make rows.

    Raises:
        ValueError: why there are none in closed form.
    """
    asked, made = recipe.posterior, frozenset().union(*(step.makes for step in plan.steps))
    assert asked is not None
    measured, counted = informative(recipe, split, plan), split_cases(recipe, split)
    names = _differing(counted, recipe.splits[split].priors)
    if not names:
        raise ValueError(f"{recipe.name}, split {split}: no posterior: no parameter is unknown")
    known = plan.simulator.parameters
    columns: dict[str, Field] = {}
    for name in names:
        parameter = known[name]
        columns[name] = Field(
            parameter.unit, f"draws of the posterior of {name}: {parameter.meaning}",
            (asked.draws,), parameter.dtype, names=parameter.names, absent=parameter.absent,
        )  # fmt: skip
    for name in names:
        parameter, unit = known[name], known[name].unit
        columns[f"{name}_truth"] = Field(
            unit, f"true {name}: {parameter.meaning}",
            dtype=parameter.dtype, names=parameter.names, absent=parameter.absent,
        )  # fmt: skip
        if not parameter.names:
            where = ", the nearest turn to its heaviest point" if parameter.period else ""
            columns[f"{name}_mean"] = Field(unit, f"mean of the posterior of {name}{where}")
            columns[f"{name}_sigma"] = Field(unit, f"its standard deviation in {name}", low=0.0)
    columns |= DIAGNOSTICS
    stream = (recipe.noise_stream, recipe.seed, split, "posterior")
    needs = inputs(plan, measured) & made
    group, shared, once = _grouped(recipe, split, measured, counted)
    return Infer(
        frozenset(columns), needs, measured, tuple(counted), tuple(names), asked.draws,
        asked.proposals, stream, group, shared, once, columns,
    )  # fmt: skip


def inferable(level: Level) -> bool:
    """Whether there are few enough rows in each group for them to be inferred together."""
    return level.rows != "all" and level.rows <= MOST_MEMBERS


def _grouped(
    recipe: Recipe, split: str, measured: tuple[Measure, ...], counted: list[Case]
) -> tuple[int, Names, Names]:
    """How many rows are inferred together, the parameters they share, what of it is measured once.

    Raises:
        ValueError: there is no such level, or its groups cannot be inferred together.
    """
    part, asked = recipe.splits[split], recipe.posterior
    if asked is None or asked.level is None:
        return 1, frozenset(), frozenset()
    where, level = f"{recipe.name}, split {split}, level {asked.level}", asked.level
    if level not in part.levels:
        raise ValueError(f"{where}: there is none; {did_you_mean(level, part.levels)}")
    rows = part.levels[level].rows
    if rows == "all" or not inferable(part.levels[level]):
        raise ValueError(f"{where}: {rows} rows are too many to be inferred together")
    if len(counted) > 1:
        raise ValueError(f"{where}: rows with classes are not inferred together")
    larger = [n for n, one in part.levels.items() if one.rows == "all" or not one.rows % rows]
    shared = frozenset(n for n in counted[0].free if part.priors[n].level in larger)
    once = [s.measurement for s in measured if s.measurement.noise.level in larger]
    if wrong := [one.name for one in once if one.name not in {*shared, *counted[0].fixed}]:
        raise ValueError(f"{where}: rows share the noise of {wrong[0]}, but not its true values")
    if not shared or len(shared) == len(counted[0].free):
        raise ValueError(f"{where}: its rows must share some of their parameters, and not all")
    return rows, shared, frozenset(one.name for one in once)


def inputs(plan: Plan, measured: tuple[Measure, ...]) -> Names:
    """The columns of a row that its likelihood needs."""
    own = [*plan.simulator.parameters, *of_role(plan.simulator.columns, "coordinate")]
    own += [step.measurement.column for step in measured]
    own += [name for step in measured for name in step.measurement.settings.values()]
    return frozenset([*own, *seen(plan, measured)])


def seen(plan: Plan, measured: tuple[Measure, ...]) -> list[str]:
    """The columns of what is measured; of a random field without noise, the field itself."""
    if measured:
        return [step.measurement.column for step in measured]
    outputs = of_role(plan.simulator.columns, "output")
    return [plan.clean[name] for name in outputs]


def split_cases(recipe: Recipe, split: str) -> list[Case]:
    """The combinations of classes.

    A realization is not among them where it decides coordinates alone, which rows hold, or where
    it is integrated over.
    """
    part = recipe.splits[split]
    priors, parameters = dict(part.priors), part.simulator.parameters
    for name in list(priors):
        if name in parameters and parameters[name].whole and not priors[name].discrete:
            if not (parameters[name].decoy or isinstance(part.simulator, Marginal)):
                raise ValueError(
                    f"{recipe.name}, split {split}: no posterior in closed form: its {name} "
                    "is a random field"
                )
            del priors[name]
    try:
        return cases(parameters, priors)
    except ValueError as error:
        raise ValueError(f"{recipe.name}, split {split}: no posterior: {error}") from None


def unknown(recipe: Recipe, split: str) -> list[str]:
    """The parameters that are not the same in all rows, in the order of their columns."""
    return _differing(split_cases(recipe, split), recipe.splits[split].priors)


def _differing(found: list[Case], priors: Mapping[str, Prior]) -> list[str]:
    values: dict[str, set[float]] = {}
    free = set()
    for case in found:
        free |= case.free.keys()
        for name, value in case.fixed.items():
            values.setdefault(name, set()).add(value)
    several = free | {name for name, of in values.items() if len(of) > 1}
    return [name for name in priors if name in several]
