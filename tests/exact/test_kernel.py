"""The kernel cache serves no stale, damaged or foreign code, and compiles nothing twice."""

import os
import pickle
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from numba import types
from numba.core import config
from numba.core.errors import NumbaError

from deepbench_hf import exact, generate, load_recipe
from deepbench_hf.exact import kernel, kernel_cache
from deepbench_hf.exact.kernel_linking import PartLibrary
from tests.support.paths import copy_checkout

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
AS_USER = """
import os
from huggingface_hub import constants
home, constants.HF_HOME = constants.HF_HOME, {own!r}
from deepbench_hf.exact import exp2
from numba.core.registry import cpu_target
from numba.core import boxing
for x in (3.0, 3):
    exp2(x)  # Numba imports some of its modules late; the user may not read them
cpu_target.target_context.refresh()
constants.HF_HOME = home
os.setgroups([])
os.setgid({user})
os.setuid({user})
os.umask(0o022)
"""
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as two other users"
)
needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of this kind")


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


def test_kernels_go_with_their_sources_wherever_these_lie(house):
    assert house.call() == "16.0 0"
    assert house.call() == "16.0 1"
    house.package.joinpath("__init__.py").write_text("VERSION = 2\n")
    house.exact.joinpath("unused.py").write_text("import nothing\n")
    house.folder.joinpath("moved").mkdir()
    other = house.package.rename(house.folder / "moved" / house.package.name)
    assert house.call(PYTHONPATH=str(other.parent)) == "16.0 1"
    with other.joinpath("exact", "float64.py").open("a") as file:
        file.write(NEW_EXP2)
    assert house.call(PYTHONPATH=str(other.parent)) == "14.0 0"


def test_an_edit_beside_a_kernel_outside_the_package_reaches_it(house):
    house.folder.joinpath("law.py").write_text("SCALE = 2.0\n")
    user = house.folder / "user.py"
    user.write_text(CALLER.replace("2.0 *", "SCALE *") + "\nfrom law import SCALE\n")
    assert house.call("user") == "16.0 0"
    assert house.call("user") == "16.0 1"
    house.folder.joinpath("law.py").write_text("SCALE = 3.0\n")
    assert house.call("user") == "24.0 0"


def test_an_edit_after_the_import_is_not_cached_under_the_new_sources(house):
    edit = f"open({str(house.exact / 'float64.py')!r}, 'a').write({NEW_EXP2!r})"
    program = f"from deepbench_hf.caller import twice\n{edit}\n{CALL}"
    assert house.run(program)[0] == "16.0 0"
    assert house.call() == "14.0 0"


@pytest.mark.parametrize("setting", kernel_cache.SETTINGS)
def test_other_settings_of_numba_have_other_kernels(setting, monkeypatch):
    codegen = exact.exp2.targetctx.codegen()
    name = exact.exp2._cache._file_name((types.float64,), codegen)
    monkeypatch.setattr(config, setting, "another")
    assert exact.exp2._cache._file_name((types.float64,), codegen) != name


def test_without_compilation_there_is_one_clear_line(house):
    child = house.start("import deepbench_hf.caller", NUMBA_DISABLE_JIT="1")
    complaints = child.communicate(timeout=120)[1].splitlines()
    assert child.returncode == 1
    assert complaints[-1].startswith("RuntimeError: NUMBA_DISABLE_JIT is not supported: ")


def test_a_home_that_cannot_be_written_only_means_no_cache(house):
    house.home.write_text("a file where the folder should be")
    output, complaints = house.run(f"from deepbench_hf.caller import twice\n{CALL}")
    assert output == "16.0 0"
    assert complaints.count("\n") == 1
    assert f"cannot be kept in {house.home}" in complaints
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
    assert list(folder.glob("deepbench_hf/kernels/twice-*.nbc"))


def test_processes_that_write_at_once_do_not_disturb_each_other(house):
    program = "from deepbench_hf.caller import twice\nprint(twice({}))"
    arguments = ["3.0", "3", "3.0", "3"]
    children = [house.start(program.format(argument)) for argument in arguments]
    assert [finished(child)[0] for child in children] == ["16.0"] * 4
    assert house.call() == "16.0 1"
    assert not list(house.home.rglob("*.tmp"))


def test_damaged_files_are_made_again(house):
    house.call()
    whole = {file: file.read_bytes() for file in house.kernels()}
    for file, content in whole.items():
        flipped = bytearray(content)
        flipped[len(flipped) // 2] ^= 16
        no_code = pickle.dumps((1, 2))
        checked = kernel_cache.digest(file.name, no_code) + no_code
        file.write_bytes(checked if file.name.startswith("twice") else flipped)
    program = "from deepbench_hf.exact.kernel_cache import compiled"
    program = f"{program}\nfrom deepbench_hf.caller import twice\ntwice(3.0); print(*compiled)"
    made = house.run(program)[0].split()
    assert len(made) == len(whole)
    assert {"deepbench_hf.caller.twice", "deepbench_hf.exact.float64.exp2"} <= set(made)
    assert house.run(program)[0] == ""


@pytest.fixture
def stored(tmp_path):
    """A file of the cache, and what it holds."""
    path = tmp_path / "home" / "deepbench_hf" / "kernels" / "name.nbc"
    kernel_cache.write_checked(path, bytes(range(256)))
    kernel_cache.say_once.cache_clear()
    return path


def test_a_flipped_bit_anywhere_is_noticed(stored):
    whole = stored.read_bytes()
    assert kernel_cache.read_checked(stored) == bytes(range(256))
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        stored.write_bytes(damaged)
        assert kernel_cache.read_checked(stored) is None, place
    for end in range(len(whole)):
        stored.write_bytes(whole[:end])
        assert kernel_cache.read_checked(stored) is None, end
    stored.write_bytes(whole)
    assert kernel_cache.read_checked(stored.rename(stored.with_name("other.nbc"))) is None


@needs_modes
@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o644)])
def test_files_can_be_read_as_the_umask_says_and_written_by_their_owner(tmp_path, umask, mode):
    path = tmp_path / "home" / "deepbench_hf" / "kernels" / "name.nbc"
    before = os.umask(umask)
    try:
        kernel_cache.write_checked(path, b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o777 & ~umask & ~0o022
    assert kernel_cache.read_checked(path) == b"content"


@needs_modes
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_can_write_is_not_run(stored, mode, capsys):
    stored.parent.chmod(0o755 | mode)
    for _ in range(2):
        assert kernel_cache.read_checked(stored) is None
        kernel_cache.write_checked(stored.with_name("other.nbc"), b"content")
    said = capsys.readouterr().err
    assert said.count("\n") == said.count(f"compiled kernels in {stored.parent} are not used") == 1
    assert list(stored.parent.iterdir()) == [stored]
    stored.parent.chmod(0o755)
    stored.chmod(0o644 | mode)
    assert kernel_cache.read_checked(stored) is None
    kernel_cache.write_checked(stored, b"content")
    assert kernel_cache.read_checked(stored) == b"content"


@needs_root
def test_what_a_stranger_owns_is_not_run_unless_the_whole_cache_is_theirs(stored):
    os.chown(stored, 12345, 12345)
    assert kernel_cache.read_checked(stored) is None
    os.chown(stored.parents[2], 12345, 12345)
    assert kernel_cache.read_checked(stored) == bytes(range(256))
    os.chown(stored.parent, 12346, 12346)
    assert kernel_cache.read_checked(stored) is None


@needs_modes
def test_nothing_is_written_through_a_link(stored):
    victim = stored.with_name("victim")
    victim.write_text("mine")
    stored.unlink()
    stored.symlink_to(victim)
    kernel_cache.write_checked(stored, b"content")
    assert victim.read_text() == "mine"
    assert kernel_cache.read_checked(stored) == b"content"


@needs_root
def test_two_users_share_the_cache_of_the_one_who_owns_it(open_house):
    house, owner, guest = open_house, 12345, 12346
    house.home.mkdir(mode=0o755)
    os.chown(house.home, owner, owner)

    def run_as(user, call):
        start = AS_USER.format(user=user, own=str(house.folder / "own"))
        return house.run(f"{start}from deepbench_hf.caller import twice\n{call}")

    assert run_as(owner, CALL) == ("16.0 0", "")
    assert {file.stat().st_uid for file in house.kernels()} == {owner}
    assert run_as(guest, CALL) == ("16.0 1", "")
    output, complaints = run_as(guest, CALL.replace("3.0", "3"))
    assert (output, complaints.count("\n")) == ("16.0 0", 1)
    assert f"cannot be kept in {house.kernels()[0].parent} (Permission denied)" in complaints


@pytest.mark.parametrize(("shown", "lines"), [(True, 1), (False, 0)])
def test_a_long_compilation_is_announced_where_progress_is_shown(shown, lines, monkeypatch, capsys):
    names = {"kernel": kernel.kernel}
    exec("@kernel\ndef inner(x):\n    return x\n", names)
    exec("@kernel\ndef outer(x):\n    return inner(x)\n", names)
    monkeypatch.setattr(kernel_cache, "LONG", 0.0)
    monkeypatch.setattr("datasets.utils.are_progress_bars_disabled", lambda: not shown)
    kernel_cache.say_once.cache_clear()
    assert names["outer"](3.0) == names["outer"](3) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("compiling kernels, once") == said.err.count("\n") == lines


def test_a_checkout_elsewhere_loads_the_kernels_that_its_changes_leave_alone(tmp_path):
    digest = f"{generate(load_recipe('shapes', clean=True), 'train', 0, 1)['image'].sum()!r}"
    copy_checkout(tmp_path)
    with (tmp_path / "deepbench_hf" / "tables" / "builder.py").open("a") as file:
        file.write("# a comment\n")
    (tmp_path / "deepbench_hf" / "simulators" / "new.py").write_text("import nothing\n")
    program = """
from deepbench_hf import generate, load_recipe
from deepbench_hf.exact import kernel_cache
print(repr(generate(load_recipe('shapes', clean=True), 'train', 0, 1)['image'].sum()))
print(kernel_cache.__file__, kernel_cache.compiled)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        digest,
        f"{tmp_path / 'deepbench_hf' / 'exact' / 'kernel_cache.py'} []",
    ]


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


def test_what_several_kernels_call_is_linked_after_all_of_them():
    def library(*called):
        one = PartLibrary.__new__(PartLibrary)
        one._linking_libraries = [*called]
        return one

    last = library()
    first, second = library(last), library(last)
    whole = library(first, second)
    order = whole.closure()
    assert len(order) == 4
    assert order[0] is whole
    assert order[-1] is last


ARRAY = """
import numpy as np
from numba import types
from deepbench_hf.exact.kernel import kernel

@kernel(allocates=True)
def counted(n):
    return np.arange(n)
"""


def test_an_array_comes_back_from_the_cache_after_another_kernel_took_the_code_of_its_kernel(house):
    house.package.joinpath("caller.py").write_text(ARRAY)
    program = "from deepbench_hf.caller import *\n{}print(counted(3).tolist())"
    assert house.run(program.format(""))[0] == "[0, 1, 2]"
    part_first = "counted.parts.compile((types.int64,))\n"
    assert house.run(program.format(part_first))[0] == "[0, 1, 2]"


PARTS = """
from numba import types
from deepbench_hf.exact.float64 import log
from deepbench_hf.caller import twice
for one in ({}):
    one.parts.compile((types.float64,))
"""


def test_parts_that_two_processes_stored_at_once_are_made_again(house):
    other = house.folder / "other"
    house.run(PARTS.format("twice,"))
    house.run(PARTS.format("log, twice"), HF_HOME=str(other))
    (called,) = (file for file in house.kernels() if file.name.startswith("exp2"))
    same = other / called.relative_to(house.home)
    assert same.read_bytes() != called.read_bytes()
    shutil.copyfile(same, called)
    assert house.call() == "16.0 0"
    assert house.call() == "16.0 1"
