"""A build that is stopped, killed or fails shows nothing new, and the next one clears up."""

import errno
import os
import subprocess
import sys
import threading
import time

import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from deepbench_hf.errors import BuildError
from deepbench_hf.tables import folder as folder_module
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import build_folder
from tests.support.folders import bytes_of, visible


def fail_in_second_file(monkeypatch, error):
    """Let the writing of the second file end in ``error``."""
    write, calls = folder_module.write_part, []

    def write_part(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise error
        return write(*arguments)

    monkeypatch.setattr(folder_module, "write_part", write_part)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), (BuildError, "No space left on device")),
        (KeyboardInterrupt(), (KeyboardInterrupt, None)),
    ],
)
def test_a_stopped_build_shows_nothing_new_and_can_be_run_again(tmp_path, monkeypatch, error, told):
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    before = bytes_of(tmp_path)
    with monkeypatch.context() as patch:
        fail_in_second_file(patch, error)
        with pytest.raises(told[0], match=told[1]):
            build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert bytes_of(tmp_path) == before
    build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert pq.read_metadata(tmp_path / "pendulum/train-00000-of-00001.parquet").num_rows == 500
    assert not list(tmp_path.glob("*.incomplete")) + list(tmp_path.glob(".*.incomplete"))


KILLED = """
import os, sys
from deepbench_hf.tables import folder
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import build_folder
write = folder.write_part
def write_part(*arguments):
    write(*arguments)
    os._exit(9)
folder.write_part = write_part
build(["pendulum"], sys.argv[1], quiet=True, num_examples=300)
"""


def test_what_a_killed_build_left_is_hidden_and_swept_up(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == 9
    assert visible(tmp_path) == set()
    assert list(tmp_path.glob(".*.incomplete"))
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert not list(tmp_path.glob(".*.incomplete"))


@pytest.mark.parametrize("name", [".notes.moving", ".my.rows.incomplete"])
def test_a_hidden_folder_of_somebody_elses_stays(tmp_path, name):
    build(["pendulum"], tmp_path, quiet=True, num_examples=300, splits=["train"])
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis.txt").write_text("years")
    before = bytes_of(tmp_path)
    build_folder([], tmp_path)
    assert (tmp_path / name / "thesis.txt").read_text() == "years"
    assert bytes_of(tmp_path) == before


def test_ctrl_c_does_not_wait_for_rows_that_are_being_made(tmp_path, monkeypatch):
    go_on, calls = threading.Event(), []

    def write_part(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        go_on.wait(30)  # as a kernel does
        return []

    monkeypatch.setattr(folder_module, "write_part", write_part)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        build(["pendulum"], tmp_path, 2, quiet=True, num_examples=300)
    took_s = time.monotonic() - begin
    go_on.set()
    assert took_s < 20
    assert visible(tmp_path) == set()


MOVED = ["pendulum", "pendulum.yaml", "manifest.json", "README.md"]
"""The parts of a config in the order in which they are put in place."""


def failing_at(monkeypatch, name, error):
    """Let the move of one part to its place end in ``error``; the parts that were moved before."""
    replace, moved = os.replace, []

    def replace_or_fail(source, target):
        if ".moving" in source.parent.name:
            if target.name == name:
                raise error
            moved.append(target.name)
        replace(source, target)

    monkeypatch.setattr(folder_module.os, "replace", replace_or_fail)
    return moved


@pytest.mark.parametrize("part", MOVED)
@pytest.mark.parametrize(
    ("error", "before"),
    [(OSError(errno.EDQUOT, "Disk quota exceeded"), True), (KeyboardInterrupt(), False)],
)
def test_a_move_that_fails_is_taken_back_and_the_build_runs_again(
    tmp_path, monkeypatch, part, error, before
):
    if before:
        build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    there = bytes_of(tmp_path)
    with monkeypatch.context() as patch:
        moved = failing_at(patch, part, error)
        with pytest.raises((BuildError, KeyboardInterrupt), match="nothing new is visible|^$"):
            build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert moved == MOVED[: MOVED.index(part)]
    assert bytes_of(tmp_path) == there
    build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert pq.read_metadata(tmp_path / "pendulum/train-00000-of-00001.parquet").num_rows == 500


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moves", range(10))
def test_a_build_killed_before_any_move_is_taken_back_by_the_next_one(tmp_path, monkeypatch, moves):
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    there = bytes_of(tmp_path)
    replace, done = os.replace, []

    def replace_or_die(source, target):
        if ".moving" in f"{source} {target}":
            if len(done) == moves:
                raise Killed
            done.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(folder_module.os, "replace", replace_or_die)
        patch.setattr(folder_module, "_take_back", lambda *_: None)
        with pytest.raises(Killed):
            build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    build_folder([], tmp_path)
    assert bytes_of(tmp_path) == there
    assert not list(tmp_path.glob(".*.incomplete")) + list(tmp_path.glob(".*.moving"))


def test_what_cannot_be_taken_back_is_told_and_taken_back_later(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        failing_at(patch, "README.md", OSError(errno.EIO, "Input/output error"))
        patch.setattr(folder_module, "_take_back", fail)
        with pytest.raises(BuildError, match="may be visible, .*; build again to take them back"):
            build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert "manifest.json" in visible(tmp_path)
    build_folder([], tmp_path)
    assert visible(tmp_path) == set()
    build(["pendulum"], tmp_path, quiet=True, num_examples=400)
    assert pq.read_metadata(tmp_path / "pendulum/train-00000-of-00001.parquet").num_rows == 400


def test_only_one_build_at_a_time_works_in_a_folder(tmp_path):
    other = threading.Thread(
        target=build, args=(["pendulum"], tmp_path), kwargs={"quiet": True, "num_examples": 300}
    )
    with FileLock(tmp_path / ".deepbench-hf.lock"):
        other.start()
        other.join(3)
        assert other.is_alive()
        assert visible(tmp_path) == set()
        assert not list(tmp_path.glob(".*.incomplete"))
    other.join(60)
    assert (tmp_path / "README.md").is_file()
