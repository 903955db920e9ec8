"""Trouble on demand: what the client sees, and that the repository is whole all the same."""

import socket
import time
from pathlib import Path

import pytest
from huggingface_hub.errors import HfHubHTTPError

from tests.support.hub.usage import NAME, NETWORK_ERROR, put, status


def is_empty(hub):
    return set(hub.dataset(NAME).files()) == {".gitattributes"}


@pytest.mark.parametrize("code", [429, 500, 503])
def test_the_request_that_is_refused_changes_nothing(alice, hub, code):
    hub.trouble("POST", "/commit/", nth=2, status=code, retry_after=7)
    put(alice, {"a.txt": b"1"})
    with pytest.raises(HfHubHTTPError) as caught:
        put(alice, {"a.txt": b"2"})
    assert status(caught) == code
    assert caught.value.response.headers["Retry-After"] == "7"
    assert hub.dataset(NAME).files()["a.txt"].content == b"1"
    put(alice, {"a.txt": b"3"})
    assert hub.dataset(NAME).files()["a.txt"].content == b"3"


def test_the_client_tries_again_where_it_may(alice, hub):
    hub.trouble("POST", "/preupload/", status=429, retry_after=0)
    hub.trouble("PUT", "/upload/", cut=True)
    put(alice, {"a.parquet": bytes(2_000_000)})
    assert len(hub.dataset(NAME).files()["a.parquet"].content) == 2_000_000
    assert hub.count("POST", "/preupload/") == hub.count("PUT", "/upload/") == 2


def test_a_commit_that_is_cut_does_not_land(alice, hub):
    hub.trouble("POST", "/commit/", cut=True)
    with pytest.raises(NETWORK_ERROR):
        put(alice, {"a.txt": bytes(2_000_000)})
    assert is_empty(hub)


def test_a_commit_whose_answer_is_lost_has_landed(alice, hub):
    hub.trouble("POST", "/commit/", lose=True)
    with pytest.raises(NETWORK_ERROR):
        put(alice, {"a.txt": b"1"})
    assert hub.dataset(NAME).files()["a.txt"].content == b"1"
    assert hub.count("POST", "/commit/") == 1


def test_somebody_else_can_be_first(alice, hub):
    repository = hub.dataset(NAME)
    hub.trouble("POST", "/commit/", before=lambda: repository.write("b.txt", b"theirs"))
    with pytest.raises(HfHubHTTPError) as caught:
        put(alice, {"a.txt": b"1"}, parent_commit=repository.history()[0].id)
    assert status(caught) == 412
    assert set(repository.files()) == {".gitattributes", "b.txt"}


def test_an_answer_can_be_late(alice, hub):
    hub.trouble("GET", "/api/datasets/", seconds=0.3)
    start = time.monotonic()
    alice.dataset_info(NAME)
    assert time.monotonic() - start > 0.3


def test_a_download_that_is_cut_is_noticed_and_resumed(alice, hub, tmp_path):
    content = bytes(range(256)) * 1000
    put(alice, {"a.parquet": content})
    hub.trouble("GET", "/large/", cut=True)
    path = alice.hf_hub_download(NAME, "a.parquet", repo_type="dataset", cache_dir=tmp_path)
    assert Path(path).read_bytes() == content
    assert hub.count("GET", "/large/") == 2


def test_a_body_that_ends_early_changes_nothing(alice, hub):
    lines = [
        f"POST /api/datasets/{NAME}/commit/main HTTP/1.1",
        f"Authorization: Bearer {alice.token}",
        "Content-Length: 999",
        "",
        '{"key": "header", "value": {"summary": "x"}}',
    ]
    with socket.create_connection(hub.server.server_address) as connection:
        connection.sendall("\r\n".join(lines).encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert len(hub.dataset(NAME).history()) == 1


def test_a_client_that_is_killed_leaves_the_repository_as_it_was(alice, hub):
    children = []
    hub.trouble("PUT", "/upload/", before=lambda: children[0].kill())
    code = f"""
from huggingface_hub import CommitOperationAdd, HfApi
files = [CommitOperationAdd("a.parquet", b"1"), CommitOperationAdd("b.txt", b"2")]
HfApi().create_commit("{NAME}", files, commit_message="Add", repo_type="dataset")
"""
    children.append(hub.start("-c", code, token=alice.token))
    assert children[0].wait(timeout=60) == -9
    assert is_empty(hub)
    assert hub.run(code, token=alice.token) == ""
    assert {"a.parquet", "b.txt"} <= set(hub.dataset(NAME).files())
