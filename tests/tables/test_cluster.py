"""A cluster of Dask writes the same files, and a worker that dies costs only its shard."""

import os
import signal
from pathlib import Path

import pytest

import deepbench_hf
from deepbench_hf import load_recipe
from deepbench_hf.errors import BuildError
from deepbench_hf.tables import cluster
from deepbench_hf.tables.folder import build_folder
from tests.support.folders import content

NAME, OPTIONS = "scinet_linear", {"num_examples": 3000, "splits": ["train", "test"]}


@pytest.fixture(scope="module")
def client():
    """Two workers, each a process that is started anew when it dies."""
    with cluster.connected("local", 2) as client:
        yield client


def die_once(number, folder):
    """Kill this worker the first time that it has one of these numbers."""
    mark = Path(folder) / str(number)
    if number % 20 == 7 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail(number):
    raise BuildError(f"shard {number} cannot be written")


def test_workers_of_a_cluster_write_the_same_files(client, tmp_path):
    build_folder([load_recipe(NAME, **OPTIONS)], tmp_path / "one" / "out", file_bytes=1)
    place = tmp_path / "many" / "out"
    built = deepbench_hf.build(
        [NAME], place, client=client, quiet=True, max_shard_size=1, **OPTIONS
    )
    assert built[0]["rows"] == 13_000
    assert content(place) == content(tmp_path / "one" / "out")


def test_the_scheduler_knows_of_a_window_only_and_every_number_is_done_once(client, monkeypatch):
    monkeypatch.setattr(cluster, "WINDOW", 10)
    most, done = 0, []
    for number in cluster.each(client, abs, range(300)):
        done.append(number)
        if number % 50 == 0:
            most = max(
                most, client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
            )
    assert sorted(done) == list(range(300))
    assert most <= 30  # those that are done are forgotten some time later


def test_many_numbers_are_few_tasks_and_each_is_done_once(client, monkeypatch):
    monkeypatch.setattr(cluster, "MOST_TASKS", 10)
    submit, tasks = client.submit, []
    monkeypatch.setattr(
        client, "submit", lambda *all, **how: tasks.append(all) or submit(*all, **how)
    )
    assert sorted(cluster.each(client, abs, range(99))) == list(range(99))
    assert len(tasks) == 10
    assert list(cluster.each(client, abs, [])) == []


def test_workers_that_are_killed_are_replaced_and_nothing_is_left_out(client, tmp_path):
    done = sorted(cluster.each(client, die_once, range(25), str(tmp_path)))
    assert done == list(range(25))
    assert {mark.name for mark in tmp_path.iterdir()} == {"7"}


def test_what_a_worker_cannot_do_is_one_line(client):
    with pytest.raises(BuildError, match="shard 0 cannot be written"):
        list(cluster.each(client, fail, range(3)))
    with pytest.raises(BuildError, match="a cluster needs a folder or an address"):
        deepbench_hf.build([NAME], client=client, quiet=True)
