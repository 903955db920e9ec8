"""Plan, work, finish: the same files by any number of processes, whatever dies on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

import deepbench_hf
from deepbench_hf import load_recipe
from deepbench_hf.errors import BuildError
from deepbench_hf.tables.building import finish
from deepbench_hf.tables.folder import build_folder
from deepbench_hf.tables.manifest import INCOMPLETE
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import SCAFFOLD, Target
from deepbench_hf.tables.work import PLAN, lay, state_of, work, write_shard
from tests.support.commands import said
from tests.support.folders import content

NAME, OPTIONS = "scinet_linear", {"num_examples": 3000, "splits": ["train", "test"]}
SMALL = 1
"""Bytes of a file: each then holds one row group, 1024 rows."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All files of a build on one machine by one thread."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    build_folder([load_recipe(NAME, **OPTIONS)], folder, file_bytes=SMALL)
    return content(folder)


@pytest.fixture
def target(tmp_path):
    """A folder with a plan of 13 files."""
    target = Target(tmp_path / "out")
    lay(Plan.of([load_recipe(NAME, **OPTIONS)], SMALL), target)
    return target


def plan_of(target):
    return Plan.parse(target.read(PLAN), "")


def test_two_threads_write_what_one_does(tmp_path, whole):
    build_folder([load_recipe(NAME, **OPTIONS)], tmp_path / "out", 2, file_bytes=SMALL)
    assert content(tmp_path / "out") == whole


def test_the_command_line_plans_works_in_shares_and_finishes(tmp_path, whole):
    place = str(tmp_path / "out")
    asked = ("plan", NAME, "-o", place, "--num-examples", "3000", "--split", "train")
    told = json.loads(said(*asked, "--split", "test", "--json"))
    assert (told["rows"], told["shards"]) == (13_000, 2)
    lay_again = json.loads(said(*asked, "--split", "test", "--json"))
    assert lay_again == told
    (tmp_path / "out" / PLAN).unlink()
    lay(Plan.of([load_recipe(NAME, **OPTIONS)], SMALL), Target(place))
    said("work", place, "--task", "1/3", "-q")
    slurm = {"ID": "12", "MIN": "10", "STEP": "2", "COUNT": "3"}
    said("work", place, **{f"SLURM_ARRAY_TASK_{key}": value for key, value in slurm.items()})
    state = json.loads(said("status", place, "--json"))
    assert [one["shard"] for one in state["missing"]] == [2, 5, 8, 11]
    said("work", place, "--num-proc", "2")
    assert said("finish", place, "-q").split() == [f"{place}/{NAME}"]
    assert content(place) == whole


def test_a_store_without_renames_gets_the_same_files(whole):
    built = deepbench_hf.build(
        [NAME], "memory://bucket/out", quiet=True, max_shard_size=SMALL, **OPTIONS
    )
    assert built[0]["rows"] == 13_000
    assert content("memory://bucket/out") == whole
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def test_nothing_is_visible_before_the_end(target):
    assert target.read("README.md") == INCOMPLETE.encode()
    work(target, plan_of(target), range(5))
    with pytest.raises(BuildError, match=r"8 of 13 shards are missing: shard 5 \(.*is not written"):
        finish(target)
    assert target.read("README.md") == INCOMPLETE.encode()
    assert target.read("manifest.json") is None


def spoil(target, plan):
    """Whatever can be wrong with a shard, at one each; the numbers of these."""
    root, record = Path(target.root), "{}/records/000/{:06d}.json".format
    whole = (root / plan[0].path).read_bytes()
    (root / record(SCAFFOLD, 0)).unlink()
    (root / plan[0].path).write_bytes(whole[:-100])  # as a writer that was killed leaves it
    (root / plan[1].path).write_bytes(whole[:-100])
    (root / plan[2].path).unlink()
    (root / record(SCAFFOLD, 3)).write_text("{")
    foreign = json.loads((root / record(SCAFFOLD, 4)).read_text())
    (root / record(SCAFFOLD, 4)).write_text(json.dumps({**foreign, "plan": "0" * 64}))
    (root / record(SCAFFOLD, 5)).write_bytes((root / record(SCAFFOLD, 6)).read_bytes())
    fewer = json.loads((root / record(SCAFFOLD, 6)).read_text())
    (root / record(SCAFFOLD, 6)).write_text(json.dumps({**fewer, "blocks": fewer["blocks"][1:]}))
    return range(7)


def test_finish_refuses_every_bad_shard_and_work_mends_it(target, whole):
    plan = plan_of(target)
    work(target, plan, range(len(plan)))
    numbers = spoil(target, plan)
    reasons = [why.split(", its record says")[0] for why in state_of(plan, target).missing.values()]
    assert reasons == [
        "was being written, it has no record",
        f"has {target.size(plan[1].path)} bytes",
        "its file is gone",
        "its record is broken",
        "its record is of another plan",
        "its record is of another plan",
        "its record is broken",
    ]
    with pytest.raises(BuildError, match="7 of 13 shards are missing"):
        finish(target)
    before = {path.name: path.stat().st_mtime_ns for path in Path(target.root, NAME).iterdir()}
    work(target, plan, range(len(plan)))
    after = {path.name: path.stat().st_mtime_ns for path in Path(target.root, NAME).iterdir()}
    untouched = {Path(plan[number].path).name for number in range(7, 13)}
    assert {name for name, then in before.items() if after[name] == then} == untouched
    assert len(numbers) + len(untouched) == 13
    finish(target)
    assert content(target.url) == whole


def test_two_workers_on_one_shard_end_the_same(target, whole):
    plan = plan_of(target)
    with ThreadPoolExecutor(2) as pool:
        for number in range(len(plan)):
            for task in [pool.submit(write_shard, plan, number, target) for _ in range(2)]:
                task.result()
    finish(target)
    assert content(target.url) == whole


def test_a_finish_that_was_killed_before_it_cleared_up_is_run_again(target, whole, monkeypatch):
    plan = plan_of(target)
    work(target, plan, range(len(plan)))

    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    for step in ("write", "remove"):
        with monkeypatch.context() as patch:
            patch.setattr(Target, step, die)
            with pytest.raises(Killed):
                finish(target)
    finish(target)
    assert content(target.url) == whole


def test_another_plan_or_other_files_are_never_mixed(target):
    other = Plan.of([load_recipe(NAME, seed=1, **OPTIONS)], SMALL)
    with pytest.raises(BuildError, match="another plan .* is there; finish it, or remove"):
        lay(other, target)
    plan = plan_of(target)
    work(target, plan, range(len(plan)))
    strange = Path(target.root, NAME, "train-00000-of-00004.parquet")
    strange.write_bytes(b"PAR1")
    with pytest.raises(BuildError, match="is not of this plan and would be read as rows"):
        finish(target)
    strange.unlink()
    finish(target)
    with pytest.raises(BuildError, match="is there already; remove it"):
        lay(other, target)


@pytest.mark.parametrize("kept", [b"{", b"[]", b'{"generator_version": 1}'])
def test_a_plan_that_cannot_be_read_is_one_line(target, kept):
    Path(target.root, PLAN).write_bytes(kept)
    with pytest.raises(BuildError, match="is not a plan that this version can read"):
        lay(Plan.of([load_recipe(NAME, **OPTIONS)], SMALL), target)


def test_workers_with_other_libraries_are_refused(target):
    told = json.loads(target.read(PLAN))
    told["written_with"]["pyarrow"] = "1.0"
    plan = Plan.parse(json.dumps(told).encode(), "")
    with pytest.raises(BuildError, match=r"pyarrow is .* here and 1\.0 in the plan"):
        work(target, plan, range(1))
    told["generator_version"] = 0
    with pytest.raises(BuildError, match="this version makes other rows"):
        Plan.parse(json.dumps(told).encode(), "")


CHILD = """
import resource, sys
from deepbench_hf.cli import main
if sys.argv[1] == "limited":
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
del sys.argv[1]
main()
"""


def child(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="limits and signals differ there")
def test_a_target_that_refuses_and_a_worker_that_is_killed_cost_only_their_shards(target, whole):
    plan = plan_of(target)
    with child("limited", "work", target.url) as refused:
        assert refused.communicate(timeout=100)[1].splitlines()[0].endswith("File too large")
    assert refused.returncode == 1
    assert not state_of(plan, target).written
    with child("free", "work", target.url) as killed:
        while not state_of(plan, target).written and killed.poll() is None:
            time.sleep(0.001)
        killed.send_signal(signal.SIGKILL)
    work(target, plan, range(len(plan)))
    finish(target)
    assert content(target.url) == whole
