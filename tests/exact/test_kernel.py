"""The kernel cache serves no stale, damaged or foreign code, and compiles nothing twice."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from numba import types
from numba.core import config
from numba.core.errors import NumbaError

from deepbench_hf import exact, generate, load_recipe
from deepbench_hf.exact import kernel, kernel_cache
from deepbench_hf.exact.kernel_linking import PartLibrary
from tests.support.house import CALL, CALLER, NEW_EXP2, finished
from tests.support.paths import copy_checkout


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
