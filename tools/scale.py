"""Builds past one machine, for real: stores, clusters, and processes that are killed at random.

``python -m tools.scale [NAME...]`` runs the checks of these names, or all. ``s3`` needs s3fs and
moto[server], the clusters distributed.
"""

import hashlib
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deepbench_hf import Recipe, load_recipe
from deepbench_hf.errors import BuildError
from deepbench_hf.tables.finish import finish
from deepbench_hf.tables.folder import build_folder
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import lay, plan_at, share, state_of, work, write_shard

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


@contextmanager
def s3_server() -> Iterator[str]:
    """Moto's S3 on loopback, with a bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    }
    boto3.client("s3").create_bucket(Bucket="bucket")
    yield "s3://bucket"
    server.stop()


def s3(folder: Path, wanted: dict[str, str]) -> None:
    """Four processes of the command line and a store; then one that has lost its bucket."""
    with s3_server() as bucket:
        target, plan = planned(f"{bucket}/out")
        tasks = [
            subprocess.Popen(
                [sys.executable, "-m", "deepbench_hf", "work", target.url, "--task", f"{n}/4", "-q"]
            )
            for n in range(1, 5)
        ]
        assert [task.wait() for task in tasks] == [0] * 4
        Target(target.url).fs.rm(f"{target.root}/{plan[3].path}")
        print(f"  {state_of(plan, target).lines()}")
        worker(target.url, 1, 1)
        finished(target, wanted, "S3")
        try:
            planned("s3://nobody/out")
        except BuildError as error:
            print(f"  {error}")


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
            known = client.scheduler_info()[
                "workers"
            ]  # a nanny gives up if its worker cannot begin
            at_work = [n for n in client.cluster.workers.values() if n.worker_address in known]
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
from tools.scale import NAME, SHARDS
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
    """Memory of scheduler, worker and driver, all in one process, over 100 000 tiny shards."""
    import psutil
    from distributed import Client

    from deepbench_hf.tables.cluster import each

    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as one:
        for count, _ in enumerate(each(one, abs, range(100_000)), 1):
            if count % 10_000 == 0 or count == 1000:
                told = f"{psutil.Process().memory_info().rss / 1e6:.0f} MB"
                print(f"  {count} shards: {told}", flush=True)


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
        begin, before = time.monotonic(), os.times()
        for one in children(worker, [(target.url, n, count) for n in range(1, count + 1)]):
            one.join()
        found.append(plan.rows / (time.monotonic() - begin))
        cpu_s = os.times().children_user - before.children_user
        told = f"{found[-1]:.0f} rows a second, {cpu_s:.1f} s of the processor"
        print(f"  {count} workers: {told}", flush=True)
    print(f"two workers: {found[1] / found[0]:.2f} times one")


CHECKS = {one.__name__: one for one in (shares, kills, s3, dask, driver, scheduler, memory, speed)}


def main() -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        build_folder([RECIPE], root / "one" / "out", file_bytes=1)
        wanted = hashes(root / "one" / "out")
        for name in sys.argv[1:] or CHECKS:
            print(f"{name}: {CHECKS[name].__doc__}", flush=True)
            (root / name).mkdir()
            CHECKS[name](root / name, wanted)


if __name__ == "__main__":
    main()
