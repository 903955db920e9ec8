"""The test Hub keeps to what the tests of push and verify take for granted of the real one."""

import base64
import hashlib
import io
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from huggingface_hub import CommitOperationAdd, HfFileSystem
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.utils import get_session

from tests.support.hub.cards import problems

NAME = "alice/demo"
CARD = b"---\nlicense: mit\nsize_categories:\n- n<1K\n---\n# Demo\n"


@pytest.fixture
def alice(hub):
    """The client of somebody whose dataset `alice/demo` is empty."""
    api = hub.api(hub.accounts.add("alice"))
    api.create_repo(NAME, repo_type="dataset")
    return api


def put(api, files, **options):
    """Commit some files to the dataset of the tests."""
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return api.create_commit(NAME, operations, commit_message="Add", repo_type="dataset", **options)


def test_one_commit_holds_small_and_large_files_and_large_ones_travel_once(alice, hub, tmp_path):
    before = hub.dataset(NAME).history()
    info = put(alice, {"README.md": CARD, "a/b.parquet": b"large", "a/c.txt": b"small"})
    assert [commit.id for commit in hub.dataset(NAME).history()] == [info.oid, before[0].id]
    files = hub.dataset(NAME).files()
    assert [path for path, file in files.items() if file.lfs] == ["a/b.parquet"]
    alice.snapshot_download(NAME, repo_type="dataset", local_dir=tmp_path)
    assert (tmp_path / "a/b.parquet").read_bytes() == b"large"
    put(alice, {"again.parquet": b"large"})
    assert hub.count("PUT", "/upload/") == 1
    stored = [request for request in hub.requests if request.host in hub.storage]
    assert not any(alice.token in repr(request.headers) for request in stored)


@pytest.mark.parametrize(("sent", "size"), [(b"other bytes!", 12), (b"right", 6)])
def test_a_large_file_that_is_not_what_it_was_said_to_be_is_refused(alice, hub, sent, size):
    oid = hashlib.sha256(b"right").hexdigest()
    place = f"{hub.url}/datasets/{NAME}.git/info/lfs/objects/batch"
    asked, session = {"objects": [{"oid": oid, "size": size}]}, get_session()
    answer = session.post(place, json=asked, headers=alice._build_hf_headers()).json()
    href = answer["objects"][0]["actions"]["upload"]["href"]
    assert session.put(href, content=sent).status_code == 400
    assert not hub.dataset(NAME).large


def test_of_eight_commits_on_one_parent_one_lands(alice, hub):
    parent = hub.dataset(NAME).history()[0].id

    def push(number):
        try:
            return put(alice, {"a.txt": b"%d" % number}, parent_commit=parent).oid
        except HfHubHTTPError as error:
            return error.response.status_code

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(push, range(8)))
    assert sorted(end == 412 for end in ends) == [False] + [True] * 7
    assert len(hub.dataset(NAME).history()) == 2


def test_listings_come_in_pages_with_hashes_and_ranges_of_files_are_read_alone(alice, hub):
    content = bytes(range(256)) * 40
    put(alice, {**{f"a/{number}.txt": b"x" for number in range(6)}, "b.parquet": content})
    hub.page = 3
    tree = alice.list_repo_tree(NAME, recursive=True, repo_type="dataset")
    listed = {item.path: item for item in tree}
    assert listed["b.parquet"].lfs.sha256 == hashlib.sha256(content).hexdigest()
    assert listed["a/5.txt"].blob_id == hashlib.sha1(b"blob 1\0x").hexdigest()
    assert hub.count("GET", "/tree/") == 3
    system = HfFileSystem(endpoint=hub.url, token=alice.token)
    with system.open(f"datasets/{NAME}/b.parquet", block_size=512) as file:
        file.seek(1000)
        assert file.read(8) == content[1000:1008]
        file.seek(-4, io.SEEK_END)
        assert file.read() == content[-4:]


def test_a_private_repository_looks_missing_to_others(alice, hub):
    alice.create_repo("alice/hidden", repo_type="dataset", private=True)
    for other in (hub.api(hub.accounts.add("bob")), hub.api()):
        with pytest.raises(RepositoryNotFoundError):
            other.dataset_info("alice/hidden")
    assert alice.dataset_info("alice/hidden").private


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("license", "my-own"),
        ("size_categories", ["1K-10K"]),
        ("tags", "physics"),
        ("pretty_name", 3),
        ("configs", {"config_name": "one"}),
        ("configs", [{"data_files": "a"}]),
        ("configs", [{"config_name": "a"}, {"config_name": "a"}]),
        ("configs", [{"config_name": "a", "default": True}, {"config_name": "b", "default": True}]),
        ("configs", [{"config_name": "a", "data_files": [{"path": "x"}]}]),
        ("dataset_info", [{"features": []}, {"features": []}]),
    ],
)
def test_a_wrong_value_in_a_front_matter_is_named(key, value):
    good = {"license": "mit", "tags": ["physics"], "size_categories": ["n<1K"]}
    assert problems(f"---\n{yaml.safe_dump(good)}---\n", "datasets") == ([], [])
    (error,), _ = problems(f"---\n{yaml.safe_dump({**good, key: value})}---\n", "datasets")
    assert key in error


def test_a_wrong_card_is_refused_before_and_in_a_commit(alice, hub):
    wrong = CARD.replace(b"n<1K", b"few")
    with pytest.raises(ValueError, match="size_categories"):
        put(alice, {"README.md": wrong})
    assert hub.count("POST", "/commit/") == 0
    content = base64.b64encode(wrong).decode()
    changes = [
        {"key": "header", "value": {"summary": "x"}},
        {"key": "file", "value": {"path": "README.md", "content": content}},
    ]
    place = f"{hub.url}/api/datasets/{NAME}/commit/main"
    lines = "\n".join(map(json.dumps, changes))
    answer = get_session().post(place, content=lines, headers=alice._build_hf_headers())
    assert answer.status_code == 400
    assert "README.md" not in hub.dataset(NAME).files()


def test_no_two_files_of_tests_push_to_one_repository():
    """One Hub serves all files that a process of pytest happens to run, in any order."""
    files = [
        path.read_text()
        for path in Path(__file__).parents[1].rglob("test_*.py")
        if "publisher" in path.read_text()
    ]
    names = Counter(name for text in files for name in set(re.findall(r"\buser/[\w.-]+", text)))
    assert len(names) > 50
    assert [name for name, count in names.items() if count > 1] == []
