"""A copy of the part of the package that makes kernels, which a test may change and run."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

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
        self.exact = self.package / "exact"
        self.exact.mkdir(parents=True)
        self.package.joinpath("__init__.py").touch()
        machinery = [file.stem for file in Path(kernel.__file__).parent.glob("kernel*.py")]
        for module in ("__init__", *machinery, "float64", "gamma"):
            shutil.copy(Path(kernel.__file__).with_name(f"{module}.py"), self.exact)
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
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, program: str, **environment: str) -> tuple[str, str]:
        """Return what a child process prints, and its complaints."""
        return finished(self.start(program, **environment))

    def call(self, module: str = "deepbench_hf.caller", **environment: str) -> str:
        """Return what `twice(3.0)` gives in a new process, and how often the cache was used."""
        return self.run(f"from {module} import twice\n{CALL}", **environment)[0]

    def kernels(self) -> list[Path]:
        """All files of machine code."""
        return sorted(self.home.rglob("*.nbc"))

    def files(self) -> set[Path]:
        """All files below the folder."""
        return {path for path in self.folder.rglob("*") if path.is_file()}


def finished(child: subprocess.Popen) -> tuple[str, str]:
    """Return what a child printed once it has ended well."""
    output, complaints = child.communicate(timeout=120)
    assert child.returncode == 0, complaints
    return output.strip(), complaints


@pytest.fixture
def house(tmp_path):
    """A house of its own for each test."""
    return House(tmp_path)


@pytest.fixture
def open_house():
    """A house that every user can read."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield House(Path(folder))
