"""A command that is stopped, or cannot write: one line, and nothing half-written."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.children import python


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
@pytest.mark.parametrize("way", [("-o", "out"), ("--num-proc", "2"), ()])
def test_ctrl_c_is_one_line_and_leaves_nothing_to_see(way, tmp_path):
    command = [sys.executable, "-c", "from deepbench_hf.cli import main; main()"]
    child = subprocess.Popen(
        [
            *command,
            "build",
            "pendulum",
            "--num-examples",
            "3000000",
            "--split",
            "train",
            "-q",
            *way,
        ],
        env={**os.environ, "HF_DATASETS_CACHE": str(tmp_path / "cache")},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not any(file.stat().st_size > 1e5 for file in tmp_path.rglob("*train*")):
        assert child.poll() is None, child.stderr.read()
        time.sleep(0.05)
    os.killpg(child.pid, signal.SIGINT)
    said, told = child.communicate(timeout=60)
    assert (child.returncode, said) == (130, "")
    assert told.strip() == "Error: interrupted; nothing half-written is left to see"
    assert not [file for file in tmp_path.rglob("*") if file.suffix in (".arrow", ".parquet")]


SCRIPT = """
print("started", flush=True)
from deepbench_hf.cli import main
main()
"""

BUSY = """
import sys, numba
from deepbench_hf.cli import cli, main
@numba.njit(nogil=True)
def spin(n):
    total = 0.0
    for i in range(n):
        total += i % 7
    return total
@cli.command()
def busy():
    spin(1)
    print("started", flush=True)
    spin(10**12)
sys.argv = ["deepbench-hf", "busy"]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
@pytest.mark.parametrize(("code", "wait_s"), [(SCRIPT, 0.1), (SCRIPT, 0.5), (BUSY, 0.1)])
def test_ctrl_c_ends_at_once_while_libraries_load_and_within_a_kernel(tmp_path, code, wait_s):
    script = tmp_path / "deepbench-hf"
    script.write_text(code)
    child = subprocess.Popen(
        [sys.executable, str(script), "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "started\n"
    time.sleep(wait_s)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert time.monotonic() - begin < 5  # two seconds, on a machine that does nothing else
    assert child.returncode == 130
    told = told.removeprefix("\n")  # click begins a line below the ^C of a verb under way
    assert told in ("", "Error: interrupted; nothing half-written is left to see\n")


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
from deepbench_hf.cli import main
main()
"""


TWO = ("--num-proc", "2")


@pytest.mark.skipif(os.name == "nt", reason="no such limit there")
@pytest.mark.parametrize("way", [("-o", "out"), ("-o", "out", "--num-proc", "2"), (), TWO])
def test_a_write_that_fails_is_one_line_and_leaves_nothing_to_see(way, tmp_path):
    cache = {"HF_DATASETS_CACHE": str(tmp_path / "cache")}
    done = python("-c", FULL_DISK, "build", "pendulum", "-q", *way, folder=tmp_path, **cache)
    assert (done.returncode, done.stdout) == (1, "")
    lines = [line for line in done.stderr.splitlines() if "leave num_proc out" not in line]
    assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
    assert "File too large" in done.stderr
    assert not [file for file in tmp_path.rglob("*") if file.suffix in (".arrow", ".parquet")]
