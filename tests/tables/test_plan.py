"""A plan divides the rows of configs into shards, and shards into shares."""

import time
import tracemalloc

import click
import pytest

from deepbench_hf import load_recipe
from deepbench_hf.cli import scaling
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.work import share


def test_a_billion_rows_are_planned_in_a_second_and_ten_megabytes():
    recipe = load_recipe("pendulum_noisy", num_examples=10**9)
    tracemalloc.start()
    begin = time.monotonic()
    plan = Plan.of([recipe])
    last, text = plan[len(plan) - 1], plan.text
    took_s, (_, most) = time.monotonic() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took_s < 1
    assert most < 10e6
    assert len(text) < 10_000
    assert last.part.stop == list(recipe.splits.values())[-1].size
    assert 1000 < len(plan) < 10_000  # a folder should not hold more


def test_shards_cover_every_row_once_and_shares_every_shard_once():
    recipes = [
        load_recipe("scinet_linear", num_examples=3000, splits=["train", "test"]),
        load_recipe("pendulum", splits=["test"]),
    ]
    plan = Plan.of(recipes, 1)  # a file holds one row group, 1024 rows
    reached = {}
    for shard in plan:
        key = (shard.recipe.name, shard.part.split)
        assert shard.part.start == reached.get(key, 0)
        reached[key] = shard.part.stop
    assert reached == {
        ("scinet_linear", "train"): 3000,
        ("scinet_linear", "test"): 10_000,
        ("pendulum", "test"): 1000,
    }
    shares = [number for task in range(1, 5) for number in share(plan, task, 4)]
    assert sorted(shares) == list(range(len(plan)))


@pytest.mark.parametrize(
    ("numbers", "step", "shares"),
    [
        ((5, 9), 4, [(1, 2), (2, 2)]),
        ((5, 9), 1, [(1, 2), (1, 1)]),
        ((0, 1, 4), 1, [(1, 3), (2, 3), (1, 1)]),
        ((5, 9, 11), 4, [(1, 3), (2, 3), (1, 1)]),
    ],
)
def test_tasks_of_any_slurm_array_leave_no_shard_out(monkeypatch, numbers, step, shares):
    for key, value in {"MIN": numbers[0], "STEP": step, "COUNT": len(numbers)}.items():
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{key}", str(value))
    found = []
    for number in numbers:
        monkeypatch.setenv("SLURM_ARRAY_TASK_ID", str(number))
        found.append(scaling._slurm_task())
    assert found == shares
    assert {k for task, tasks in found for k in range(task - 1, 100, tasks)} == set(range(100))


def test_a_slurm_array_whose_numbers_are_none_is_told(monkeypatch):
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "x")
    with pytest.raises(click.UsageError, match="are no numbers; give --task"):
        scaling._slurm_task()
