"""The kernel cache never serves stale code, and needs neither writing at import nor a home."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import NumbaError

from deepbench_hf.exact import kernel

CALLER = """
from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

@kernel
def twice(x):
    return 2.0 * exact.exp2(x)
"""
CALL = "print(twice(3.0), sum(twice.stats.cache_hits.values()))"
NEW_EXP2 = """

@kernel
def exp2(x):
    return 7.0
"""


class House:
    """A copy of the kernel part of the package, a user's file beside it, and a home."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.package = folder / "deepbench_hf"
        self.package.mkdir()
        self.package.joinpath("__init__.py").touch()
        for module in ("kernel.py", "exact.py"):
            shutil.copy(Path(kernel.__file__).with_name(module), self.package)
        self.package.joinpath("caller.py").write_text(CALLER)

    def start(self, program: str, **environment: str) -> subprocess.Popen:
        """Start a child process that sees this copy only."""
        ours = {"HF_HOME": str(self.home), "PYTHONPATH": str(self.folder)}
        others = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
        return subprocess.Popen(
            [sys.executable, "-B", "-c", program],
            cwd=self.folder,
            env={**others, **ours, **environment},
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, **environment: str) -> str:
        """Return what a child process prints."""
        return finished(self.start(program, **environment))

    def call(self, module: str = "deepbench_hf.caller", **environment: str) -> str:
        """Return what `twice(3.0)` gives in a new process, and how often the cache was used."""
        return self.run(f"from {module} import twice\n{CALL}", **environment)

    def files(self) -> set[Path]:
        """All files below the folder."""
        return {path for path in self.folder.rglob("*") if path.is_file()}


def finished(child: subprocess.Popen) -> str:
    """Return what a child printed once it has ended well."""
    output, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    return output.strip()


@pytest.fixture
def house(tmp_path):
    """A house of its own for each test."""
    return House(tmp_path)


def test_a_second_process_loads_from_the_cache(house):
    assert house.call() == "16.0 0"
    assert house.call() == "16.0 1"


def test_an_edit_of_exact_reaches_the_kernels_of_other_files(house):
    assert house.call() == "16.0 0"
    with house.package.joinpath("exact.py").open("a") as file:
        file.write(NEW_EXP2)
    assert house.call() == "14.0 0"


def test_an_edit_beside_a_kernel_outside_the_package_reaches_it(house):
    house.folder.joinpath("law.py").write_text("SCALE = 2.0\n")
    user = house.folder / "user.py"
    user.write_text(CALLER.replace("2.0 *", "SCALE *") + "\nfrom law import SCALE\n")
    assert house.call("user") == "16.0 0"
    assert house.call("user") == "16.0 1"
    house.folder.joinpath("law.py").write_text("SCALE = 3.0\n")
    assert house.call("user") == "24.0 0"


def test_an_edit_after_the_import_is_not_cached_under_the_new_sources(house):
    edit = f"open({str(house.package / 'exact.py')!r}, 'a').write({NEW_EXP2!r})"
    program = f"from deepbench_hf.caller import twice\n{edit}\n{CALL}"
    assert house.run(program) == "16.0 0"
    assert house.call() == "14.0 0"


def test_a_home_that_cannot_be_written_only_means_no_cache(house):
    house.home.write_text("a file where the folder should be")
    assert house.call() == "16.0 0"
    assert house.home.is_file()


def test_importing_writes_nothing(house):
    before = house.files()
    house.run("import deepbench_hf.caller")
    assert house.files() == before
    assert not house.home.exists()


def test_the_users_numba_cache_folder_is_used(house):
    folder = house.folder / "numba"
    assert house.call(NUMBA_CACHE_DIR=str(folder)) == "16.0 0"
    assert not house.home.exists()
    assert list(folder.glob("deepbench_hf/kernels/*/twice-*.nbc"))


def test_processes_that_write_at_once_do_not_disturb_each_other(house):
    program = "from deepbench_hf.caller import twice\nprint(twice({}))"
    arguments = ["3.0", "3", "3.0", "3"]
    children = [house.start(program.format(argument)) for argument in arguments]
    assert [finished(child) for child in children] == ["16.0"] * 4
    assert house.call() == "16.0 1"
    assert not list(house.home.rglob("*.tmp"))


def test_a_broken_cache_file_is_made_again(house):
    house.call()
    for file in house.home.rglob("*.nbc"):
        file.write_bytes(file.read_bytes()[:100])
    assert house.call() == "16.0 0"
    assert house.call() == "16.0 1"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [("return np.empty(n.size)", "returning of array"), ("return n, 1", "returns an array")],
)
def test_a_kernel_that_is_not_said_to_allocate_cannot(body, complaint):
    names = {"kernel": kernel.kernel, "np": np}
    exec(f"def made(n):\n    {body}", names)
    with pytest.raises((NumbaError, TypeError), match=complaint):
        kernel.kernel(names["made"])(np.zeros(3))
    kernel.kernel(names["made"], allocates=True)(np.zeros(3))
