"""Clusters of Dask whose workers, driver and scheduler are killed, and how much they remember."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

from deepbench_hf.tables.target import Target
from tools.scale.common import finished, hashes, planned


def dask(folder: Path, wanted: dict[str, str]) -> None:
    """Clusters of one and of four workers; workers killed at random while they work."""
    from deepbench_hf.tables.cluster import connected, work_on

    for count in (1, 4):
        target, plan = planned(folder / str(count) / "out")
        with connected("local", count) as client:
            work_on(client, target, plan, range(len(plan)))
        finished(target, wanted, f"Dask, workers: {count}")
    target, plan = planned(folder / "killed" / "out")
    chance, killed = random.Random(0), []

    def kill_sometimes(rows: int) -> None:
        if chance.random() < 0.3 and len(killed) < 6:
            known = client.scheduler_info()["workers"]  # those whose nanny will start another
            nannies = cast(Any, client.cluster).workers.values()
            at_work = [n for n in nannies if n.worker_address in known]
            pids = [n.process.pid for n in at_work if n.process.pid not in killed]
            if pids:
                killed.append(chance.choice(pids))
                os.kill(killed[-1], signal.SIGKILL)

    with connected("local", 2) as client:
        work_on(client, target, plan, range(len(plan)), kill_sometimes)
    finished(target, wanted, f"Dask with {len(killed)} workers killed")


DRIVER = """
import sys
import deepbench_hf
from tools.scale.common import NAME, SHARDS
from deepbench_hf.tables.cluster import connected
if __name__ == "__main__":
    with connected(sys.argv[2], 2) as client:
        deepbench_hf.build([NAME], sys.argv[1], client=client, quiet=True, max_shard_size=1,
            num_examples=(SHARDS - 1) * 1024, splits=["train", "test"])
"""


def quietly(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A program of Dask."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def driver(folder: Path, wanted: dict[str, str]) -> None:
    """The driver killed in the middle, then the scheduler, then a run to the end."""
    target, file = Target(folder / "out"), folder / "driver.py"
    file.write_text(DRIVER)
    for victim in ("driver", "scheduler", None):
        scheduler = quietly("dask_scheduler", "--host", "127.0.0.1", "--port", "18786")
        workers = quietly(
            *("dask_worker", "tcp://127.0.0.1:18786", "--nworkers", "2", "--nthreads", "1"),
            *("--death-timeout", "20"),
        )
        build = subprocess.Popen(
            [sys.executable, str(file), target.url, "tcp://127.0.0.1:18786"],
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            stderr=subprocess.PIPE,
            text=True,
        )
        before = len(list(Path(target.root).glob("*/*.parquet")))
        while victim and len(list(Path(target.root).glob("*/*.parquet"))) < before + 5:
            assert build.poll() is None, build.stderr and build.stderr.read()
            time.sleep(0.01)
        if victim:
            {"driver": build, "scheduler": scheduler}[victim].kill()
        said = build.communicate(timeout=120)[1].strip().splitlines()
        print(f"  {victim} killed: {said[-1] if said else 'nothing said'}", flush=True)
        for one in (workers, scheduler):
            one.terminate()
            one.wait()
    assert hashes(target.url) == wanted
    print("driver and scheduler killed: equal")


def scheduler(folder: Path, wanted: dict[str, str]) -> None:
    """Memory of scheduler, worker and driver, a process each, over 100 000 tiny shards."""
    import psutil
    from distributed import Client

    from deepbench_hf.tables.cluster import each

    address = "tcp://127.0.0.1:18787"
    started = {
        "scheduler": quietly("dask_scheduler", "--host", "127.0.0.1", "--port", "18787"),
        "worker": quietly("dask_worker", address, "--nthreads", "1", "--no-nanny"),
    }
    found = {**started, "driver": psutil.Process()}
    try:
        with Client(address, timeout=60) as one:
            for count, _ in enumerate(each(one, abs, range(100_000)), 1):
                if count % 10_000 == 0 or count == 1000:
                    sizes = {n: psutil.Process(p.pid).memory_info().rss for n, p in found.items()}
                    told = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in sizes.items())
                    print(f"  {count} shards: {told}", flush=True)
    finally:
        for one in started.values():
            one.kill()
            one.wait()
