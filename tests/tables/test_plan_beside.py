"""A folder with a plan, and what else goes there meanwhile: builds, cards, other plans."""

import threading
from pathlib import Path

import datasets
import pytest
from filelock import FileLock

from deepbench_hf import load_recipe, verify
from deepbench_hf.cards import write_card
from deepbench_hf.errors import BuildError
from deepbench_hf.tables.building import build, finish
from deepbench_hf.tables.manifest import INCOMPLETE
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import lay, plan_at, work
from tests.support.folders import visible

SPLITS = {"splits": ["train"]}
PLANNED = load_recipe("scinet_linear", num_examples=300, **SPLITS)


@pytest.fixture
def target(tmp_path):
    """A folder with a plan of one file."""
    target = Target(tmp_path / "out")
    lay(Plan.of([PLANNED]), target)
    return target


def finished(target):
    plan = plan_at(target)
    work(target, plan, range(len(plan)))
    return finish(target)


@pytest.mark.parametrize("name", ["scinet_linear", "pendulum"])
def test_a_build_into_a_folder_with_a_plan_is_refused(target, name):
    before = visible(Path(target.root))
    with pytest.raises(BuildError, match="a plan is there, which a build would spoil; run"):
        build([name], target.url, quiet=True, num_examples=20, **SPLITS)
    assert visible(Path(target.root)) == before
    finished(target)
    build(["pendulum"], target.url, quiet=True, num_examples=20, **SPLITS)
    assert sorted(datasets.get_dataset_config_names(target.url)) == ["pendulum", "scinet_linear"]
    assert verify(target.url).identical


def test_a_build_beside_a_plan_that_was_given_up_shows_its_rows(tmp_path):
    (tmp_path / "README.md").write_text(INCOMPLETE)
    build(["scinet_linear"], tmp_path, quiet=True, num_examples=20, **SPLITS)
    assert datasets.get_dataset_config_names(str(tmp_path)) == ["scinet_linear"]
    assert "not complete" not in (tmp_path / "README.md").read_text()


def test_a_card_of_what_is_planned_does_not_end_the_plan(target):
    write_card([PLANNED], Path(target.root) / "README.md")
    with pytest.raises(BuildError, match="1 of 1 shards are missing"):
        finish(target)
    finished(target)
    assert datasets.get_dataset_config_names(target.url) == ["scinet_linear"]
    rows = datasets.load_dataset(target.url, "scinet_linear", split="train")
    assert rows.num_rows == PLANNED.rows


def test_a_plan_waits_for_a_build_and_then_finds_its_config(tmp_path):
    place, said = tmp_path / "out", []

    def plan():
        with pytest.raises(BuildError, match="scinet_linear is there already"):
            lay(Plan.of([PLANNED]), Target(place))
        said.append("refused")

    place.mkdir()
    other = threading.Thread(target=plan)
    with FileLock(place / ".deepbench-hf.lock"):
        other.start()
        other.join(1)
        assert other.is_alive()
        (place / "scinet_linear").mkdir()
        (place / "scinet_linear" / "train-00000-of-00001.parquet").write_bytes(b"PAR1")
    other.join(60)
    assert said == ["refused"]
