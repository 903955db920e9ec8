"""Processes that share nothing but a folder: killed, short of space, and timed."""

import random
import resource
import signal
import subprocess
import time
from os import times
from pathlib import Path

from deepbench_hf import load_recipe
from deepbench_hf.errors import BuildError
from deepbench_hf.tables.building import finish
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import lay, state_of, work, write_shard
from tools.scale.common import NAME, children, finished, nothing_visible, planned, worker


def shares(folder: Path, wanted: dict[str, str]) -> None:
    """Four processes, with nothing between them but a folder."""
    target, _ = planned(folder / "out")
    for one in children(worker, [(target.url, n, 4) for n in range(1, 5)]):
        one.join()
    finished(target, wanted, "four processes")


def kills(folder: Path, wanted: dict[str, str]) -> None:
    """A process for each shard, each killed at a random moment of its work."""
    target, plan = planned(folder / "out")
    begin = time.monotonic()
    write_shard(plan, 0, target)
    most_s, chance, killed = 1.3 * (time.monotonic() - begin), random.Random(0), 0
    for number in range(len(plan)):
        (one,) = children(write_shard, [(plan, number, target)])
        time.sleep(chance.uniform(0, most_s))
        one.kill()
        one.join()
        killed += one.exitcode == -signal.SIGKILL
    state = state_of(plan, target)
    half = sum("no record" in why for why in state.missing.values())
    print(f"{killed} of {len(plan)} killed: {len(state.missing)} missing, {half} without a record")
    try:
        finish(target)
    except BuildError as error:
        print(f"  {str(error)[-300:]}")
    worker(target.url, 1, 1)
    finished(target, wanted, "shards whose workers were killed")


def full(folder: Path, wanted: dict[str, str]) -> None:
    """A file system that is full, which only root can mount; then it is made larger."""
    place = folder / "full"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=True)
    try:
        target, plan = planned(place / "out")
        try:
            worker(target.url, 1, 1)
        except BuildError as error:
            print(f"  {error}")
        nothing_visible(target, plan)
        subprocess.run(["mount", "-o", "remount,size=100m", str(place)], check=True)
        worker(target.url, 1, 1)
        finished(target, wanted, "a file system that was full")
    finally:
        subprocess.run(["umount", str(place)], check=True)


def memory(folder: Path, wanted: dict[str, str]) -> None:
    """Memory of a worker, for plans of more and more rows."""

    def run(rows: int) -> None:
        target = Target(folder / str(rows) / "out")
        recipe = load_recipe("scinet_linear", num_examples=rows, splits=["train"])
        plan = lay(Plan.of([recipe], 1), target)
        work(target, plan, range(len(plan)))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"  {rows} rows, {len(plan)} shards: {most:.0f} MB", flush=True)

    for rows in (10**3, 10**4, 10**5, 10**6):
        children(run, [(rows,)])[0].join()


def speed(folder: Path, wanted: dict[str, str]) -> None:
    """Two workers against one."""
    found, recipe = [], load_recipe(NAME, num_examples=500 * 1024, splits=["train"])
    for count in (1, 2):
        target, plan = planned(folder / str(count) / "out", recipe)
        begin, before = time.monotonic(), times()
        for one in children(worker, [(target.url, n, count) for n in range(1, count + 1)]):
            one.join()
        found.append(plan.rows / (time.monotonic() - begin))
        cpu_s = times().children_user - before.children_user
        told = f"{found[-1]:.0f} rows a second, {cpu_s:.1f} s of the processor"
        print(f"  {count} workers: {told}", flush=True)
    print(f"two workers: {found[1] / found[0]:.2f} times one")
