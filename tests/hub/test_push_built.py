"""Push of what lies at a target: the same files, in parts, and never half of them to be seen."""

import hashlib
import json
from types import SimpleNamespace

import datasets
import pytest

from deepbench_hf import HubError, load_recipe
from deepbench_hf.hub import contents
from deepbench_hf.tables.building import build, finish
from deepbench_hf.tables.manifest import MANIFEST, sealed
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import lay, work
from tests.support.publishing import recipe_file

SHARDS = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A finished folder of a config in 60 files."""
    sizes = {"num_examples": (SHARDS - 10) * 1024, "splits": ["train", "test"]}
    target = Target(tmp_path_factory.mktemp("built") / "out")
    plan = lay(Plan.of([load_recipe("scinet_linear", **sizes)], 1), target)
    assert len(plan) == SHARDS
    with pytest.raises(HubError, match="no finished config is there"):
        from deepbench_hf.hub.contents import built_contents

        built_contents(target.url)
    work(target, plan, range(len(plan)))
    finish(target)
    return target


def configs_and_rows(publisher, repo_id, revision):
    """What stock `datasets` finds at a commit: the number of files of each split of each config."""
    place = publisher.hub.homes / "seen" / revision
    for path, data in publisher.files(repo_id, revision).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    found = {}
    for name in datasets.get_dataset_config_names(str(place)):
        try:
            files = datasets.load_dataset_builder(str(place), name).config.data_files
        except FileNotFoundError:
            continue
        found[name] = {str(split): len(paths) for split, paths in files.items()}
    return found


def test_sixty_files_arrive_in_parts_and_readers_see_all_or_nothing(publisher, built, tmp_path):
    repo_id = "user/parts"
    publisher.push(recipe_file(tmp_path), repo_id)
    pushed = publisher.push(built.url, repo_id)
    old, new = {"tiny": {"train": 1, "test": 1}}, {"scinet_linear": {"train": 50, "test": 10}}
    commits = [commit.id for commit in publisher.hub.dataset(repo_id).history()][:-1][::-1]
    seen = [configs_and_rows(publisher, repo_id, commit) for commit in commits]
    assert seen == [old, old, {**old, **new}]
    assert commits[-1] == pushed.commit
    sent = publisher.files(repo_id)
    assert {p: d for p, d in sent.items() if p.startswith("scinet_linear/")} == {
        path: built.read(path) for path in built.sizes("scinet_linear")
    }
    assert not publisher.push(built.url, repo_id).changed


def test_a_push_in_parts_that_is_stopped_shows_nothing_and_goes_on(publisher, built):
    repo_id = "user/parts_stopped"
    with (
        publisher.trouble("POST", "/commit/", status=400, nth=3),
        pytest.raises(HubError, match="the Hub answers 400"),
    ):
        publisher.push(built.url, repo_id)
    assert publisher.configs(repo_id) == ["incomplete"]
    asked = len(publisher.hub.requests)
    publisher.push(built.url, repo_id)
    again = [
        r for r in publisher.hub.requests[asked:] if r.method == "PUT" and "/upload/" in r.path
    ]
    assert len(again) <= 10  # the first fifty are there
    assert publisher.configs(repo_id) == ["scinet_linear"]
    hashes = {
        path: hashlib.sha256(data).hexdigest() for path, data in publisher.files(repo_id).items()
    }
    for path in built.sizes("scinet_linear"):
        assert hashes[path] == hashlib.sha256(built.read(path)).hexdigest()


def test_a_file_that_is_not_the_one_of_the_manifest_is_not_sent(publisher, tmp_path):
    repo_id, recipe, name = "user/exchanged", recipe_file(tmp_path), "train-00000-of-00001.parquet"
    build([recipe], tmp_path / "out", quiet=True)
    build([recipe], tmp_path / "other", quiet=True, seed=5)
    file = tmp_path / "out" / "tiny" / name
    content = file.read_bytes()
    file.write_bytes((tmp_path / "other" / "tiny" / name).read_bytes())
    with pytest.raises(HubError, match=r"out/tiny/train-.*parquet: is not the file that"):
        publisher.push(str(tmp_path / "out"), repo_id)
    assert publisher.files(repo_id) == {}
    file.write_bytes(content)
    assert publisher.push(str(tmp_path / "out"), repo_id).changed
    assert publisher.verify(repo_id).identical


TRAIN = "train-00000-of-00001.parquet"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda e: e["splits"]["train"]["blocks"].__setitem__(0, "0" * 64), "digest of train do"),
        (lambda e: e["splits"]["train"].update(num_examples=9), "digest of train do not fit"),
        (lambda e: e.update(version="9.9.9"), "version is not that of recipes/tiny.yaml"),
        (lambda e: e.pop("splits"), "has not the splits of the recipe"),
        (lambda e: e.pop("files"), "does not list the files of tiny, split train"),
        (lambda e: e.update(files=[TRAIN]), "does not list the files of tiny, split train"),
        (lambda e: e["files"].pop(TRAIN), "does not list the files of tiny, split train"),
        (lambda e: e["files"].update({TRAIN: 3}), "does not list the files of tiny, split train"),
        (lambda e: e["files"].update({"../x": e["files"][TRAIN]}), "lists '../x', which is no"),
    ],
)
def test_a_manifest_that_was_spoilt_is_not_published(tmp_path, edit, told):
    build([recipe_file(tmp_path)], tmp_path / "out", quiet=True)
    file = tmp_path / "out" / "manifest.json"
    manifest = json.loads(file.read_text())
    edit(manifest["configs"]["tiny"])
    file.write_text(sealed(manifest))
    with pytest.raises(HubError, match=f"manifest.json: .*{told}") as caught:
        contents.built_contents(tmp_path / "out")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("spoil", ["a file is gone", "no manifest"])
def test_a_kept_build_that_is_no_longer_whole_is_built_again(publisher, tmp_path, spoil):
    repo_id, recipe = f"user/kept_{len(spoil)}", recipe_file(tmp_path, name=f"kept_{len(spoil)}")
    refused = publisher.trouble("POST", "/commit/", status=400)
    with refused, pytest.raises(HubError, match="the Hub answers 400"):
        publisher.push(recipe, repo_id)
    (kept,) = publisher.hub.homes.rglob(f"push/{load_recipe(recipe).name}-*/{MANIFEST}")
    if spoil == "no manifest":
        kept.write_text("[]")
    else:
        (kept.parent / load_recipe(recipe).name / TRAIN).unlink()
    assert publisher.push(recipe, repo_id).changed
    assert publisher.verify(repo_id).identical


def test_posteriors_are_summed_up_file_by_file(monkeypatch):
    fetched = []
    target = SimpleNamespace(fetch=lambda path, file: fetched.append(path))
    monkeypatch.setattr(contents.pq, "read_table", lambda file: None)
    monkeypatch.setattr(contents, "columns", lambda recipe, rows: {})
    monkeypatch.setattr(contents, "summary", lambda recipe, pieces: [len(fetched) for _ in pieces])
    entry = {"files": {f"{name}.parquet": {} for name in ("test-0", "test-1", "test-2", "other-0")}}
    found = contents.with_statistics(load_recipe("pendulum_noisy_posterior"), entry, target)
    assert found["statistics"] == [1, 2, 3]
