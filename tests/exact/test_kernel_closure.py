"""The sources of a kernel are the files that its own file imports, and theirs, and no others."""

import pytest

from deepbench_hf.exact.kernel_sources import PACKAGE, closure, fingerprint, source, unchanged


def names(file):
    return {source(path).name for path in closure(file)}


KERNEL = {
    f"deepbench_hf/exact/{name}.py"
    for name in (
        *("kernel", "kernel_builtins", "kernel_cache", "kernel_linking", "kernel_sources"),
        *("kernel_process", "kernel_stages", "kernel_typing"),
    )
}
EXACT = KERNEL | {f"deepbench_hf/exact/{name}.py" for name in ("__init__", "float64", "gamma")}


def test_a_module_of_the_package_sees_what_it_imports_and_no_package_around_it():
    assert names(PACKAGE / "exact" / "float64.py") == KERNEL | {"deepbench_hf/exact/float64.py"}
    own = {f"deepbench_hf/exact/{name}.py" for name in ("fourier", "lanes")}
    assert names(PACKAGE / "exact" / "fourier.py") == EXACT | own


def test_kernels_of_a_simulator_see_no_other_family_and_nothing_above():
    seen = names(PACKAGE / "simulators" / "shapes" / "painting.py")
    assert seen > EXACT
    rooms = {"/".join(name.split("/")[1:-1]) for name in seen}
    assert rooms <= {"", "exact", "simulators", "simulators/shapes"}
    assert not seen & {"deepbench_hf/__init__.py", "deepbench_hf/simulators/__init__.py"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from law import SCALE", {"law.py"}),
        ("from law import (\n    OTHER,\n    SCALE,\n)", {"law.py"}),
        ("if True:\n    import law as other", {"law.py"}),
        ("def late():\n    from law import *", {"law.py"}),
        ("x = 1; import \\\n    law", {"law.py"}),
        ("import shelf.book", {"shelf/__init__.py", "shelf/book.py", "shelf/page.py"}),
        ("from shelf import book", {"shelf/book.py", "shelf/page.py"}),
        ("from shelf import NAME", {"shelf/__init__.py"}),
        ("from shelf.page import X", {"shelf/page.py"}),
        ("import numpy, os, nowhere", set()),
        ("'''import\nlaw'''", set()),
        ("from deepbench_hf import exact", EXACT),
        ("from deepbench_hf import simulate, RecipeError", set()),
    ],
)
def test_every_form_of_import_is_followed(tmp_path, line, found):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    shelf.joinpath("__init__.py").write_text("NAME = 1\n")
    shelf.joinpath("book.py").write_text("from . import page\n\n\ndef read():\n    pass\n")
    shelf.joinpath("page.py").write_text("import law\n")  # another package's affair
    tmp_path.joinpath("law.py").touch()
    user = tmp_path / "user.py"
    user.write_text(f"{line}\nimported = 'important'\n")
    assert names(user) == {"user.py"} | found


def test_whoever_imports_the_package_by_its_name_may_see_all_of_it(tmp_path):
    user = tmp_path / "user.py"
    user.write_text("import deepbench_hf.exact\n")
    assert names(user) >= {"deepbench_hf/exact/poisson.py", "deepbench_hf/tables/builder.py"}


def test_every_edit_changes_the_fingerprint_and_is_noticed_at_once(tmp_path):
    user, law = tmp_path / "user.py", tmp_path / "law.py"
    user.write_text("import law\n")
    law.write_text("SCALE = 2.0\n")
    first = fingerprint(user)
    assert unchanged(user)
    law.write_text("SCALE = 3.0\n")
    assert not unchanged(user)
    for cached in (source, closure, fingerprint):
        cached.cache_clear()
    assert unchanged(user)
    assert fingerprint(user) != first
    law.unlink()
    assert not unchanged(user)


def test_a_kernel_without_a_file_has_no_sources(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        fingerprint(tmp_path / "nowhere.py")
