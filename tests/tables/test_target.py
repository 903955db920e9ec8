"""Where files go: names that stores read as patterns mean themselves; some places will not do."""

import errno

import fsspec
import pytest

from deepbench_hf.errors import BuildError
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.tables.building import run_plan
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import lay, plan_at


@pytest.mark.parametrize("name", ["a[1]", "a*", "a?", "a::b", "a b#1%20", "ünï"])
def test_a_folder_of_any_name_takes_a_plan(tmp_path, name):
    recipe = load_recipe("pendulum_noisy", splits=["train"], num_examples=300)
    target = Target(tmp_path / name)
    run_plan(lay(Plan.of([recipe]), target), target, quiet=True)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    found = {file.name for file in (tmp_path / name).iterdir()}
    left = {"README.md", "manifest.json", "pendulum_noisy", "recipes"}
    assert found == {*left, ".deepbench-hf.lock"}  # as a build leaves it


def test_a_folder_whose_name_is_no_text_is_refused():
    with pytest.raises(BuildError, match="its name is no UTF-8 text"):
        Target("/tmp/\udcff")


def test_small_files_are_read_in_order_and_a_missing_one_is_none():
    target = Target("memory://order")
    for number in (0, 2):
        target.write(f"{number}.json", str(number))
    assert list(target.read_all([f"{n}.json" for n in range(4)])) == [b"0", None, b"2", None]
    target.remove("")


def test_what_is_removed_in_a_store_is_not_what_only_fits_its_name():
    ours, other = Target("memory://x[1]"), Target("memory://x1")
    for target in (ours, other):
        target.write("scaffold/plan.json", "{}")
    ours.remove("scaffold")
    assert (ours.read("scaffold/plan.json"), other.read("scaffold/plan.json")) == (None, b"{}")
    fsspec.filesystem("memory").rm("/x1", recursive=True)


@pytest.mark.parametrize("kind", ["smb", "sftp", "ftp"])
def test_a_password_in_an_address_is_not_shown(kind):
    with pytest.raises(BuildError) as refused:
        Target(f"{kind}://me:secret@127.0.0.1:1/out")  # no library of this kind, or nobody there
    assert str(refused.value).startswith(f"{kind}://127.0.0.1:1/out: cannot be opened: ")
    assert "secret" not in str(refused.value)


def test_a_password_is_not_in_what_a_build_says():
    target = Target("memory://me:secret@bucket/out")
    recipe = load_recipe("pendulum_noisy", splits=["train"], num_examples=300)
    built = run_plan(lay(Plan.of([recipe]), target), target, quiet=True)
    assert built[0]["path"] == "memory://bucket/out/pendulum_noisy"
    with pytest.raises(BuildError, match=r"^memory://bucket/out: no plan is there"):
        plan_at(target)
    target.remove("")


def test_a_full_disk_on_the_way_to_a_store_is_one_line():
    target = Target("memory://full")
    told = r"memory://full: cannot be written by way of .* No space"
    with pytest.raises(BuildError, match=told), target.writing("a/b") as file:
        raise OSError(errno.ENOSPC, "No space left on device", str(file))
    assert target.size("a/b") is None


@pytest.mark.parametrize(
    ("place", "told"),
    [("hf://datasets/a/b", "each file would be a commit"), ("nowhere://a/b", "Protocol not known")],
)
def test_a_place_that_will_not_do_is_one_line(place, told):
    with pytest.raises(BuildError, match=told):
        Target(place)
