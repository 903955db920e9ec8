"""The unmodified client against the test Hub: what it uploads, lists and reads back."""

import pytest
from huggingface_hub import CommitOperationAdd
from huggingface_hub.errors import HfHubHTTPError

NAME = "alice/demo"
CARD = b"---\nlicense: mit\nsize_categories:\n- n<1K\n---\n# Demo\n"


@pytest.fixture
def alice(person):
    """Somebody with an empty dataset of her own."""
    alice = person("alice")
    alice.api.create_repo(NAME, repo_type="dataset")
    return alice


def put(person, files, **options):
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return person.api.create_commit(
        NAME, operations, commit_message="Add", repo_type="dataset", **options
    )


def test_one_commit_holds_small_and_large_files(alice, hub, tmp_path):
    before = hub.dataset(NAME).history()
    info = put(alice, {"README.md": CARD, "a/b.parquet": b"large", "a/c.txt": b"small"})
    history = hub.dataset(NAME).history()
    assert [commit.id for commit in history] == [info.oid, *(commit.id for commit in before)]
    files = hub.dataset(NAME).files()
    assert {path: file.content for path, file in files.items() if path != ".gitattributes"} == {
        "README.md": CARD,
        "a/b.parquet": b"large",
        "a/c.txt": b"small",
    }
    assert [path for path, file in files.items() if file.lfs] == ["a/b.parquet"]
    folder = alice.api.snapshot_download(NAME, repo_type="dataset", local_dir=tmp_path / "copy")
    assert (tmp_path / "copy" / "a/b.parquet").read_bytes() == b"large"
    assert folder == str(tmp_path / "copy")


def test_unchanged_files_make_no_commit(alice, hub):
    files = {"README.md": CARD, "b.parquet": b"large"}
    first = put(alice, files)
    assert put(alice, files).oid == first.oid
    assert hub.count("POST", "/commit/") == 1


def test_a_stale_parent_is_refused(alice, hub):
    parent = hub.dataset(NAME).history()[0].id
    put(alice, {"a.txt": b"1"}, parent_commit=parent)
    with pytest.raises(HfHubHTTPError) as caught:
        put(alice, {"a.txt": b"2"}, parent_commit=parent)
    assert caught.value.response.status_code == 412
    assert hub.dataset(NAME).files()["a.txt"].content == b"1"


def test_stock_datasets_loads_what_stock_datasets_pushed(alice):
    alice.run(f"""
import datasets
data = datasets.Dataset.from_dict({{"x": [1.5, 2.5]}})
datasets.DatasetDict(train=data, test=data).push_to_hub("{NAME}", "one")
data.push_to_hub("{NAME}", "two")
""")
    said = alice.run(f"""
import datasets
print(datasets.get_dataset_config_names("{NAME}"))
print(datasets.load_dataset("{NAME}", "one", split="test")[:])
print(list(datasets.load_dataset("{NAME}", "two", split="train", streaming=True)))
""")
    assert said.splitlines() == [
        "['one', 'two']",
        "{'x': [1.5, 2.5]}",
        "[{'x': 1.5}, {'x': 2.5}]",
    ]
