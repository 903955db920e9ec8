"""What rows leave behind is used again instead of being given back and zeroed."""

import platform
import subprocess
import sys

import pytest

LOOP = """
import resource
import numpy as np
{first}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def work():
    blocks = [np.ones(3 << 20, np.uint8) for _ in range(4)]
    del blocks
for _ in range(5):
    work()
before = faults()
for _ in range(20):
    work()
print(faults() - before)
"""
KEEP = "from deepbench_hf.rows.memory import keep_memory; keep_memory()"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have other rules")
def test_freed_memory_is_kept_for_the_next_blocks():
    plain, kept = (_page_faults(first) for first in ("", KEEP))
    assert plain > 20 * 1000, "glibc keeps it by itself: keep_memory can go"
    assert kept < plain / 10


def _page_faults(first: str) -> int:
    """New pages of twenty rounds of four blocks of 3 MB, in a fresh process."""
    command = [sys.executable, "-c", LOOP.format(first=first)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
