"""A config as a task of simulation-based inference: prior, simulator, observations, reference."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.draws import uniforms
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Columns
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import LARGEST, Recipe
from deepbench_hf.recipe.steps import Measure
from deepbench_hf.recipe.unknowns import informative, seen, unknown
from deepbench_hf.rows.generation import drawn_settings, rows_at, split_of
from deepbench_hf.rows.posteriors import posterior
from deepbench_hf.rows.priors import log_prior, row_numbers
from deepbench_hf.rows.truths import truths
from deepbench_hf.simulators.inputs import check_limits


def sbi_task(
    name: Recipe | str | Path, split: str = "test", tensors: bool = False, seed: int = 0
) -> "Task":
    """A config in the form that packages for simulation-based inference take.

    Args:
        name: a recipe, its name or its file.
        split: whose priors, noise and rows.
        tensors: whether everything is a tensor of torch, float32, instead of an array, float64.
        seed: of the draws of the prior and of the noise of the simulator.

    Returns:
        A `Task`. With ``tensors`` prior and simulator pass ``check_sbi_inputs`` of sbi.

    Raises:
        KeyError: no such split.
        ValueError: the config has no closed likelihood, or no unknown parameter.

    >>> from deepbench_hf import sbi_task
    >>> task = sbi_task("pendulum_noisy")
    >>> theta = task.prior.sample((5,))
    >>> task.names, task.simulator(theta).shape
    (('length_m', 'gravity_m_s2', 'theta0_rad'), (5, 104))
    """
    rows = as_recipe(name).model_copy(update={"posterior": None})  # those that posteriors are of
    return Task(rows, split, tensors, seed)


@dataclass(frozen=True)
class Task:
    """Prior, noisy simulator, observations, truths and reference posteriors of a split.

    A vector of parameters has the order of `names`; an observation is the vector of all that is
    measured, images row by row, and of the strengths of the noise that differ between rows.
    """

    recipe: Recipe
    split: str
    tensors: bool = False
    seed: int = 0
    _made: list[int] = field(default_factory=lambda: [0], compare=False, repr=False)

    def __post_init__(self) -> None:
        split_of(self.recipe, self.split)
        assert self.columns  # or it says why there are none
        if not self.names:
            where = f"{self.recipe.name}, split {self.split}"
            raise ValueError(f"{where}: no task: no parameter is unknown")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters that are not known, classes by their number."""
        return tuple(unknown(self.recipe, self.split))

    @property
    def units(self) -> tuple[str, ...]:
        """Of the parameters."""
        known = split_of(self.recipe, self.split).simulator.parameters
        return tuple(known[name].unit for name in self.names)

    @cached_property
    def columns(self) -> list[str]:
        """What is measured."""
        plan = self.recipe.plan(self.split)
        return seen(plan, informative(self.recipe, self.split, plan))

    @cached_property
    def prior(self) -> "TaskPrior":
        """The distribution of the parameters."""
        return TaskPrior(self)

    def simulator(self, theta: Any) -> Any:
        """What would be measured, with fresh noise at each call.

        Args:
            theta: parameters, ``(..., d)``.

        Returns:
            Observations, ``(..., D)``.

        Raises:
            ValueError: another shape, or a value outside the limits of the model.
        """
        flat, shape = self.vectors(theta)
        first, self._made[0] = self._made[0], self._made[0] + len(flat[self.names[0]])
        own = self.recipe.splits[self.split].model_copy(update={"size": LARGEST, "noise_of": None})
        stream = f"{self.recipe.noise_stream}, sbi task {self.seed}"
        splits = {**self.recipe.splits, self.split: own}
        fresh = self.recipe.model_copy(update={"noise_stream": stream, "splits": splits})
        known = split_of(self.recipe, self.split).simulator.parameters
        for name, values in flat.items():
            check_limits(name, values, known[name])
        given = {name: values.astype(known[name].dtype) for name, values in flat.items()}
        found = self._observed(fresh, np.arange(first, self._made[0]), given)
        return self._given_out(found.reshape(*shape, found.shape[1]))

    def vectors(self, theta: Any) -> tuple[Columns, tuple[int, ...]]:
        """Parameters by their names, ``(n,)`` each, and the shape before the last axis.

        Raises:
            ValueError: the last axis is not that of the parameters.
        """
        values = np.asarray(theta, np.float64)
        if values.ndim < 1 or values.shape[-1] != len(self.names):
            wanted = f"(..., {len(self.names)}), of {', '.join(self.names)}"
            raise ValueError(f"parameters have the shape {values.shape}; accepted: {wanted}")
        columns = np.ascontiguousarray(values.reshape(-1, len(self.names)).T)
        return dict(zip(self.names, columns, strict=True)), values.shape[:-1]

    def observation(self, row: int) -> Any:
        """What a row measured, ``(D,)``."""
        return self._given_out(self._observed(self.recipe, np.array([row]), {})[0])

    def truth(self, row: int) -> Any:
        """The true parameters of a row, ``(d,)``."""
        rows = rows_at(self.recipe, self.split, np.array([row]), self.names)
        return self._given_out(np.array([float(rows[name][0]) for name in self.names]))

    def reference_posterior(self, row: int, draws: int = 1000) -> Any:
        """Draws of the exact posterior of a row, ``(draws, d)``; see `deepbench_hf.posterior`.

        Raises:
            ValueError: the weights of the row are not to be trusted.
        """
        found = posterior(self.recipe, self.split, [row], draws)
        if not found.usable[0]:
            told = f"Pareto k {found.pareto_k[0]:.2f}, {found.effective_draws[0]:.0f} effective"
            raise ValueError(f"{self.recipe.name}, row {row}: no trustworthy draws; {told}")
        return self._given_out(np.stack([found.draws[name][0] for name in self.names], axis=1))

    def export(self, path: str | Path, rows: NDArray[np.int64] | range) -> None:
        """Write truths ``thetas`` (n, d) and observations ``xs`` (n, D) to an HDF5 file.

        The layout is the one that DeepDiagnostics reads.

        Args:
            path: of the file, which ends in ``.h5``.
            rows: of the split.

        Raises:
            ModuleNotFoundError: h5py is not installed; it is in the extra ``sbi``.
        """
        import h5py

        indices = row_numbers(rows)
        truth = rows_at(self.recipe, self.split, indices, self.names)
        with h5py.File(path, "w") as file:
            file["thetas"] = np.stack([truth[n].astype(np.float64) for n in self.names], axis=1)
            file["xs"] = self._observed(self.recipe, indices, {})
            file.attrs["names"], file.attrs["units"] = list(self.names), list(self.units)

    def _observed(self, recipe: Recipe, indices: NDArray[np.int64], given: Columns) -> Array:
        rows = rows_at(recipe, self.split, indices, self.columns, given)
        parts = [rows[column] for column in self.columns]
        for step in recipe.plan(self.split).of(Measure):
            varying = {
                n for n, (prior, _) in step.settings.items() if not isinstance(prior, Constant)
            }
            drawn = drawn_settings(step, indices) if varying else {}
            parts += [drawn[name] for name in sorted(varying)]
        flat = [part.reshape(len(part), int(np.prod(part.shape[1:]))) for part in parts]
        return np.concatenate(flat, axis=1, dtype=np.float64)

    def _given_out(self, values: Array) -> Any:
        if not self.tensors:
            return values
        import torch

        return torch.as_tensor(values, dtype=torch.float32)


class TaskPrior:
    """The prior of a task, with the methods that torch's distributions have."""

    def __init__(self, task: Task) -> None:
        self.task, self._made = task, 0

    def sample(self, sample_shape: Any = ()) -> Any:
        """New draws, ``(*sample_shape, d)``."""
        task, shape = self.task, tuple(sample_shape)
        n = int(np.prod(shape))
        indices = np.arange(self._made, self._made + n)
        self._made += n
        part = split_of(task.recipe, task.split)

        def uniform(name: str, prior: Any) -> NDArray[np.float64]:
            return uniforms(stream_key("sbi task", task.seed, task.split, name), indices)

        found = truths(part.simulator.parameters, part.priors, uniform)
        stacked = np.stack([found[name].astype(np.float64) for name in task.names], axis=-1)
        return task._given_out(stacked.reshape(*shape, len(task.names)))

    def log_prob(self, value: Any) -> Any:
        """Logarithm of the joint density at parameters ``(..., d)``, nats."""
        columns, shape = self.task.vectors(value)
        found = log_prior(self.task.recipe, self.task.split, **columns)
        return self.task._given_out(found.reshape(shape))
