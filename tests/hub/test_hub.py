"""The unmodified client against the test Hub: what it commits, lists and reads back."""

import hashlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfFileSystem, hf_hub_url
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError
from huggingface_hub.utils import get_session

from tests.support.hub.usage import CARD, NAME, put, status


def test_one_commit_holds_small_and_large_files(alice, hub, tmp_path):
    before = hub.dataset(NAME).history()
    info = put(alice, {"README.md": CARD, "a/b.parquet": b"large", "a/c.txt": b"small"})
    history = hub.dataset(NAME).history()
    assert [commit.id for commit in history] == [info.oid, *(commit.id for commit in before)]
    files = hub.dataset(NAME).files()
    assert files["README.md"].content == CARD
    assert [path for path, file in files.items() if file.lfs] == ["a/b.parquet"]
    alice.snapshot_download(NAME, repo_type="dataset", local_dir=tmp_path)
    assert (tmp_path / "a/b.parquet").read_bytes() == b"large"
    assert (tmp_path / "a/c.txt").read_bytes() == b"small"


def test_unchanged_files_make_no_commit(alice, hub):
    files = {"README.md": CARD, "b.parquet": b"large"}
    first = put(alice, files)
    assert put(alice, files).oid == first.oid
    assert hub.count("POST", "/commit/") == 1


def test_a_large_file_travels_once(alice, hub):
    put(alice, {"a.parquet": b"same"})
    put(alice, {"b.parquet": b"same", "c.parquet": b"other"})
    assert hub.count("PUT", "/upload/") == 2


@pytest.mark.parametrize(("sent", "size"), [(b"other bytes!", 12), (b"right", 6)])
def test_a_large_file_that_is_not_what_it_was_said_to_be_is_refused(alice, hub, sent, size):
    oid = hashlib.sha256(b"right").hexdigest()
    asked = {"objects": [{"oid": oid, "size": size}]}
    place = f"{hub.url}/datasets/{NAME}.git/info/lfs/objects/batch"
    session = get_session()
    answer = session.post(place, json=asked, headers=alice._build_hf_headers()).json()
    href = answer["objects"][0]["actions"]["upload"]["href"]
    assert session.put(href, content=sent).status_code == 400
    assert not hub.dataset(NAME).large


def test_a_stale_parent_is_refused(alice, hub):
    parent = hub.dataset(NAME).history()[0].id
    put(alice, {"a.txt": b"1"}, parent_commit=parent)
    with pytest.raises(HfHubHTTPError) as caught:
        put(alice, {"a.txt": b"2"}, parent_commit=parent)
    assert status(caught) == 412
    assert hub.dataset(NAME).files()["a.txt"].content == b"1"


def test_of_two_commits_on_one_parent_one_lands(alice, hub):
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


def test_no_commit_is_lost_when_many_come_at_once(alice, hub, request):
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-6)
    names = [f"{number}.txt" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: put(alice, {name: bytes(100_000)}), names))
    assert set(hub.dataset(NAME).files()) == {".gitattributes", *names}


def test_files_and_folders_can_be_deleted_and_what_is_missing_cannot(alice, hub):
    put(alice, {"a.txt": b"1", "b/c.txt": b"2", "b/d/e.txt": b"3"})
    alice.delete_file("a.txt", NAME, repo_type="dataset")
    alice.delete_folder("b/d", NAME, repo_type="dataset")
    assert set(hub.dataset(NAME).files()) == {".gitattributes", "b/c.txt"}
    gone = [CommitOperationDelete("b/c.txt"), CommitOperationDelete("a.txt")]
    with pytest.raises(EntryNotFoundError):
        alice.create_commit(NAME, gone, commit_message="x", repo_type="dataset")
    assert "b/c.txt" in hub.dataset(NAME).files()


def test_files_that_gitignore_names_stay_at_home(alice, hub):
    put(alice, {".gitignore": b"*.log\n", "a.log": b"1", "a.txt": b"2"})
    assert set(hub.dataset(NAME).files()) == {".gitattributes", ".gitignore", "a.txt"}


def test_listings_come_in_pages(alice, hub):
    names = {f"a/{number}.txt" for number in range(7)}
    put(alice, dict.fromkeys(names, b"x"))
    hub.page = 3
    paths = [item.path for item in alice.list_repo_tree(NAME, "a", repo_type="dataset")]
    assert paths == sorted(names)
    assert hub.count("GET", "/tree/") == 3
    for number in range(3):
        put(alice, {"b.txt": b"%d" % number})
    assert len(alice.list_repo_commits(NAME, repo_type="dataset")) == 5


def test_a_listing_names_hashes_sizes_and_the_last_change(alice):
    first = put(alice, {"a/b.parquet": b"large", "c.txt": b"small"})
    put(alice, {"c.txt": b"changed"})
    listed = {
        item.path: item
        for item in alice.list_repo_tree(NAME, recursive=True, expand=True, repo_type="dataset")
    }
    assert set(listed) == {".gitattributes", "a", "a/b.parquet", "c.txt"}
    assert listed["a/b.parquet"].lfs.sha256 == hashlib.sha256(b"large").hexdigest()
    assert listed["a/b.parquet"].last_commit.oid == first.oid
    assert listed["c.txt"].blob_id == hashlib.sha1(b"blob 7\0changed").hexdigest()
    asked = alice.get_paths_info(NAME, ["a", "c.txt", "missing"], repo_type="dataset")
    assert [item.path for item in asked] == ["a", "c.txt"]


def test_tags_and_branches_keep_what_they_name(alice, hub):
    first = put(alice, {"a.txt": b"1"}).oid
    alice.create_tag(NAME, tag="v1.0.0", repo_type="dataset")
    alice.create_branch(NAME, branch="side/way", repo_type="dataset")
    put(alice, {"a.txt": b"2"}, revision="side/way")
    put(alice, {"a.txt": b"3"})
    with pytest.raises(HfHubHTTPError) as caught:
        alice.create_tag(NAME, tag="v1.0.0", repo_type="dataset")
    assert status(caught) == 409
    refs = alice.list_repo_refs(NAME, repo_type="dataset")
    assert [(tag.name, tag.target_commit) for tag in refs.tags] == [("v1.0.0", first)]
    assert {branch.name for branch in refs.branches} == {"main", "side/way"}
    system = HfFileSystem(endpoint=hub.url, token=alice.token)
    texts = {"v1.0.0": b"1", "side%2Fway": b"2", "main": b"3", first: b"1"}
    for revision, text in texts.items():
        assert system.cat(f"datasets/{NAME}@{revision}/a.txt") == text


def test_ranges_of_small_and_large_files_are_read_alone(alice, hub):
    content = bytes(range(256)) * 40
    put(alice, {"a.parquet": content, "a.txt": content})
    system = HfFileSystem(endpoint=hub.url, token=alice.token)
    for path in ("a.parquet", "a.txt"):
        with system.open(f"datasets/{NAME}/{path}", block_size=512) as file:
            file.seek(1000)
            assert file.read(8) == content[1000:1008]
            file.seek(-4, io.SEEK_END)
            assert file.read() == content[-4:]
        url = hf_hub_url(NAME, path, repo_type="dataset", endpoint=hub.url)
        answer = get_session().get(url, headers={"Range": "bytes=5-7"})
        assert (answer.status_code, answer.content) == (206, content[5:8])


def test_what_is_missing_is_named(alice, hub):
    with pytest.raises(EntryNotFoundError):
        alice.hf_hub_download(NAME, "nothing.txt", repo_type="dataset", cache_dir=hub.homes)
    with pytest.raises(RevisionNotFoundError):
        alice.dataset_info(NAME, revision="nowhere")
    with pytest.raises(RevisionNotFoundError):
        put(alice, {"a.txt": b"1"}, revision="nowhere")


def test_a_pull_request_changes_nothing_until_it_is_merged(alice, hub):
    info = put(alice, {"a.txt": b"1"}, create_pr=True)
    assert info.pr_revision == "refs/pr/1"
    assert "a.txt" not in hub.dataset(NAME).files()
    put(alice, {"b.txt": b"2"}, revision="refs/pr/1")
    put(alice, {"c.txt": b"3"})
    system = HfFileSystem(endpoint=hub.url, token=alice.token)
    assert system.cat(f"datasets/{NAME}@refs/pr/1/a.txt") == b"1"
    refs = alice.list_repo_refs(NAME, repo_type="dataset", include_pull_requests=True)
    assert [pull.ref for pull in refs.pull_requests] == ["refs/pr/1"]
    alice.merge_pull_request(NAME, 1, repo_type="dataset")
    assert {"a.txt", "b.txt", "c.txt"} <= set(hub.dataset(NAME).files())
    assert alice.get_discussion_details(NAME, 1, repo_type="dataset").status == "merged"


def test_an_empty_pull_request_is_a_branch_to_commit_on(alice, hub):
    pull = alice.create_pull_request(NAME, title="Better", repo_type="dataset")
    put(alice, {"a.txt": b"1"}, revision=pull.git_reference)
    listed = alice.get_repo_discussions(NAME, repo_type="dataset")
    assert [discussion.title for discussion in listed] == ["Better"]
    assert hub.dataset(NAME).files("refs/pr/1")["a.txt"].content == b"1"


def test_a_folder_is_uploaded_whole(alice, hub, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.parquet").write_bytes(b"large")
    (tmp_path / "c.txt").write_bytes(b"small")
    alice.upload_folder(repo_id=NAME, folder_path=tmp_path, repo_type="dataset")
    assert set(hub.dataset(NAME).files()) == {".gitattributes", "a/b.parquet", "c.txt"}


def test_a_rename_is_one_commit(alice, hub):
    put(alice, {"a.parquet": b"large"})
    operations = [CommitOperationAdd("b.parquet", b"large"), CommitOperationDelete("a.parquet")]
    alice.create_commit(NAME, operations, commit_message="x", repo_type="dataset")
    assert set(hub.dataset(NAME).files()) == {".gitattributes", "b.parquet"}
