"""Shards of a plan, written by any number of processes that share nothing but the target."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from deepbench_hf.errors import BuildError
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables.manifest import INCOMPLETE, MANIFEST, README, Index
from deepbench_hf.tables.parquet import Report, Written, concurrently, write_part
from deepbench_hf.tables.plan import Plan, Shard
from deepbench_hf.tables.target import SCAFFOLD, Target

PLAN = f"{SCAFFOLD}/plan.json"
RECORDS = f"{SCAFFOLD}/records"
NAMED = 5
"""Shards that a message names."""


@dataclass(frozen=True)
class State:
    """What is there of a plan."""

    plan: Plan  # the plan
    written: dict[int, Written]  # what is known of each shard that is there, by number
    missing: dict[int, str]  # why each other shard has to be written, by number

    @property
    def rows(self) -> int:
        """Of the shards that are there."""
        return sum(self.plan[number].rows for number in self.written)

    def lines(self, most: int = NAMED) -> list[str]:
        """A line for each of the first missing shards."""
        first = islice(self.missing.items(), most)
        found = [f"shard {number} ({self.plan[number].path}): {why}" for number, why in first]
        more = len(self.missing) - len(found)
        return [*found, *([f"and {more:,} more"] if more else [])]


def index_of(target: Target) -> Index:
    """The README and the manifest of a target; none where nothing is finished there.

    Raises:
        BuildError: one is there and is not what it should be.
    """
    readme, manifest = target.read(README), target.read(MANIFEST)
    return Index.parse(target.shown, target.name, readme, manifest)


def lay(plan: Plan, target: Target) -> Plan:
    """Put a plan at a target, unless it is there already.

    Where there is no README, one is written that shows readers nothing until all is finished.

    Returns:
        The plan that is there.

    Raises:
        BuildError: another plan is there, or files of the same configs.
    """
    with target.locked():
        return _laid(plan, target)


def _laid(plan: Plan, target: Target) -> Plan:
    text = target.read(PLAN)
    if text is not None:
        there = Plan.parse(text, f"{target.shown}/{PLAN}")
        if there.configs != plan.configs:
            names = ", ".join(recipe.name for recipe in there.recipes)
            hint = f"finish it, or remove {SCAFFOLD} and the files of {names} there"
            raise BuildError(f"{target.shown}: another plan ({names}) is there; {hint}")
        return there
    known = index_of(target).configs
    for recipe in plan.recipes:
        if recipe.name in known or target.sizes(recipe.name):
            hint = "remove it, or give another place"
            raise BuildError(f"{target.shown}: {recipe.name} is there already; {hint}")
    if target.read(README) is None:
        target.write(README, INCOMPLETE)
    target.write(PLAN, plan.text)
    return plan


def plan_at(target: Target) -> Plan:
    """The plan that lies at a target.

    Raises:
        BuildError: there is none.
    """
    text = target.read(PLAN)
    if text is None:
        hint = "`deepbench-hf plan` puts one there, and `finish` takes it away when all is done"
        raise BuildError(f"{target.shown}: no plan is there; {hint}")
    return Plan.parse(text, f"{target.shown}/{PLAN}")


def state_of(plan: Plan, target: Target) -> State:
    """Which shards of a plan are whole, and why the others are not."""
    sizes: dict[str, int] = {}
    for recipe in plan.recipes:
        sizes |= target.sizes(recipe.name)
    written, missing = {}, {}
    records = target.read_all([_record_path(number) for number in range(len(plan))])
    for number, record in enumerate(records):
        shard = plan[number]
        found = _judged(plan, shard, record, sizes.get(shard.path))
        (missing if isinstance(found, str) else written)[number] = found
    return State(plan, written, missing)


def work(
    target: Target,
    plan: Plan,
    numbers: Iterable[int],
    workers: int = 1,
    report: Report = lambda rows: None,
) -> None:
    """Write shards; those that are whole already are left as they are.

    Args:
        target: where the plan lies.
        plan: the plan.
        numbers: of the shards.
        workers: threads.
        report: called with the number of rows just written, or found written.

    Raises:
        BuildError: the target refuses, or a library has another version than the plan says.
    """
    plan.refuse_other_writers()

    def write(number: int, counted: Report) -> None:
        write_shard(plan, number, target, counted)

    for _ in concurrently(numbers, write, workers, report):
        pass


def write_shard(
    plan: Plan, number: int, target: Target, report: Report = lambda rows: None
) -> None:
    """Write one shard, and then its record: without one a file counts for nothing.

    Args:
        plan: the plan.
        number: of the shard.
        target: where to.
        report: called with the number of rows just written, or found written.
    """
    shard = plan[number]
    there, size = target.read(_record_path(number)), target.size(shard.path)
    if not isinstance(_judged(plan, shard, there, size), str):
        report(shard.rows)
        return
    with target.writing(shard.path) as file:
        written = write_part(shard.recipe, shard.part, file, report)
    record = {"plan": plan.id, "shard": number, "rows": shard.rows, **asdict(written)}
    target.write(_record_path(number), json.dumps(record))


def share(plan: Plan, task: int, tasks: int) -> range:
    """The shards of one of several tasks, counted from 1: every ``tasks``-th of them."""
    return range(task - 1, len(plan), tasks)


def _record_path(number: int) -> str:
    return f"{RECORDS}/{number // 1000:03d}/{number:06d}.json"


def _judged(plan: Plan, shard: Shard, record: bytes | None, size: int | None) -> Written | str:
    """What a record says of a shard's file, or why it cannot be believed."""
    if record is None:
        return "is not written" if size is None else "was being written, it has no record"
    try:
        told: dict[str, Any] = json.loads(record)
        ours = (told["plan"], told["shard"], told["rows"]) == (plan.id, shard.number, shard.rows)
        written = Written(int(told["size"]), str(told["sha256"]), list(told["blocks"]))
    except (ValueError, KeyError, TypeError):
        return "its record is broken"
    if not ours:
        return "its record is of another plan"
    if len(written.blocks) != -(-shard.rows // BLOCK):
        return "its record is broken"
    if size != written.size:
        return f"has {size} bytes, its record says {written.size}" if size else "its file is gone"
    return written
