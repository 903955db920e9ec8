"""The likelihood of parameters, given what one row measured."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.inference.counted import Counted, counted
from deepbench_hf.recipe.plan import Plan
from deepbench_hf.recipe.steps import Measure
from deepbench_hf.recipe.unknowns import inputs, seen
from deepbench_hf.simulators.base import Marginal

AT_ONCE, FEWEST = 8 << 20, 64
"""Bytes of clean results that are made together, and how many results there are at least."""

MANY = 24
"""Images of one observation from which on polynomials of its pixels pay."""

Density = Callable[[NDArray], Array]


@dataclass(frozen=True)
class Observation:
    """What one row measured, and of what.

    Args:
        plan: of the split.
        steps: the measurements that tell of parameters.
        rows: the row's own parameters, coordinates and measured values, ``(1, ...)`` each.
        drawn: of each measurement, the draws of its settings before they are applied.
        kept: of counts, the polynomials of earlier calls; None if each call begins anew.
    """

    plan: Plan
    steps: tuple[Measure, ...]
    rows: Columns
    drawn: Mapping[str, Columns]
    kept: dict[str, Counted] | None = None

    @property
    def parameters(self) -> list[str]:
        """The parameters that rows have."""
        return [name for name in self.plan.simulator.parameters if name in self.rows]

    @property
    def size(self) -> int:
        """Samples of all measurements together."""
        return sum(self.rows[name][0].size for name in seen(self.plan, self.steps))

    @property
    def dimensions(self) -> int:
        """Of what is measured, at most: 0 of numbers, 1 of series, 2 or more of images."""
        return max(self.rows[name].ndim for name in seen(self.plan, self.steps)) - 1

    @property
    def series(self) -> bool:
        """Whether series are measured, and no images."""
        return self.dimensions == 1

    @property
    def images(self) -> bool:
        """Whether images are measured."""
        return self.dimensions > 1

    def log_likelihood(self, values: Columns) -> Array:
        """Of parameters ``(n,)``, those that are not given being the row's own; ``(n,)``."""
        many = self.kept is not None or len(next(iter(values.values()), ())) >= MANY
        return self._in_parts(values, {n: c.log_likelihood for n, c in self._counted() if many})

    def searched(self, values: Columns) -> Array:
        """What a search makes large: the same, but counts with read noise as `Counted.near`."""
        return self._in_parts(values, {name: one.near for name, one in self._counted()})

    def keeping(self) -> "Observation":
        """The same for calls that look at the same region again and again."""
        return replace(self, kept=dict(self._counted()))

    def _counted(self) -> Iterable[tuple[str, Counted]]:
        """By their names, the measurements that are counts."""
        if isinstance(self.plan.simulator, Marginal):
            return
        if self.kept is not None:
            yield from self.kept.items()
            return
        for step in self.steps:
            name = step.measurement.name
            found = counted(step, self.drawn[name], self.rows)
            if found is not None:
                yield name, found

    def _in_parts(self, values: Columns, instead: Mapping[str, Density]) -> Array:
        n = len(next(iter(values.values()), np.zeros(1)))
        batch, found = max(FEWEST, AT_ONCE // (8 * self.size)), np.empty(n)
        for start in range(0, n, batch):
            part = {name: value[start : start + batch] for name, value in values.items()}
            with np.errstate(all="ignore"):  # of points far away the density is 0
                found[start : start + batch] = self._log_likelihood(part, instead)
        return found

    def _log_likelihood(self, values: Columns, instead: Mapping[str, Density]) -> Array:
        n = len(next(iter(values.values()), np.zeros(1)))
        model, total = self.plan.simulator, np.zeros(n)
        if isinstance(model, Marginal):
            total = total + model.log_likelihood({**self._repeated(self.rows, n), **values})
        else:
            inputs, clean = self.clean(values)
            for step in self.steps:
                measurement = step.measurement
                if measurement.name in instead:
                    total = total + instead[measurement.name](clean[measurement.name])
                else:
                    drawn = measurement.divided(self.drawn[measurement.name], inputs)
                    total = total + measurement.log_prob(clean[measurement.name], drawn, self.rows)
        return np.where(np.isnan(total), -np.inf, total)

    def clean(self, values: Columns) -> tuple[Columns, Columns]:
        """All inputs of the model, and the true values of each measurement, ``(n, ...)``."""
        n = len(next(iter(values.values()), np.zeros(1)))
        own = {name: self.rows[name] for name in self.plan.inputs if name in self.rows}
        inputs = self._repeated(own, n)
        for name, value in values.items():
            inputs[name] = np.ascontiguousarray(value).astype(inputs[name].dtype, copy=False)
        names = [step.measurement.name for step in self.steps]
        found = self.plan.simulator(**inputs) if set(names) - inputs.keys() else {}
        return inputs, {name: inputs[name] if name in inputs else found[name] for name in names}

    @staticmethod
    def _repeated(rows: Columns, n: int) -> Columns:
        return {name: np.repeat(values, n, axis=0) for name, values in rows.items()}


def observed(
    plan: Plan, steps: tuple[Measure, ...], rows: Columns, drawn: Mapping[str, Columns]
) -> list[Observation]:
    """What each of some rows measured.

    Args:
        plan: of the split.
        steps: the measurements that tell of parameters.
        rows: columns ``(n, ...)``, of which those are taken that a likelihood needs.
        drawn: of each measurement, the draws of its settings before they are applied.
    """
    own = {name: rows[name] for name in inputs(plan, steps) if name in rows}
    return [
        Observation(plan, steps, _row(own, k), {n: _row(one, k) for n, one in drawn.items()})
        for k in range(len(next(iter(own.values()))))
    ]


def _row(columns: Columns, k: int) -> Columns:
    return {name: values[k : k + 1] for name, values in columns.items()}
