"""What the checks of builds past one machine share: a small config, its plan, and its hashes."""

import hashlib
import multiprocessing
from collections.abc import Callable
from pathlib import Path

from deepbench_hf import Recipe, load_recipe
from deepbench_hf.tables.building import finish
from deepbench_hf.tables.manifest import INCOMPLETE, MANIFEST, README
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import lay, plan_at, share, state_of, work

NAME, SHARDS = "pendulum_noisy", 40
RECIPE = load_recipe(NAME, num_examples=(SHARDS - 1) * 1024, splits=["train", "test"])
MARK = "deepbench-hf.lock"


def hashes(place: str | Path) -> dict[str, str]:
    """The sha256 of all files."""
    target = Target(place)
    return {
        path: hashlib.sha256(target.read(path) or b"").hexdigest()
        for path in target.sizes("")
        if not path.endswith(MARK)
    }


def planned(place: str | Path, recipe: Recipe = RECIPE) -> tuple[Target, Plan]:
    target = Target(place)
    return target, lay(Plan.of([recipe], 1), target)


def finished(target: Target, wanted: dict[str, str], what: str) -> None:
    """Finish and compare."""
    finish(target)
    found = hashes(target.url)
    assert found == wanted, {path for path in wanted if wanted[path] != found.get(path)}
    print(f"{what}: {len(found)} files, equal", flush=True)


def children(target: Callable[..., None], arguments: list[tuple]) -> list[multiprocessing.Process]:
    started = [
        multiprocessing.get_context("fork").Process(target=target, args=one) for one in arguments
    ]
    for one in started:
        one.start()
    return started  # type: ignore[return-value]


def worker(place: str, task: int, tasks: int) -> None:
    target = Target(place)
    plan = plan_at(target)
    work(target, plan, share(plan, task, tasks))


def nothing_visible(target: Target, plan: Plan) -> None:
    """A build is not at its end, and readers see nothing of it."""
    assert state_of(plan, target).missing
    assert (target.read(README), target.read(MANIFEST)) == (INCOMPLETE.encode(), None)
