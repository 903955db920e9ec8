"""Who may do what: tokens, private repositories, organisations; and where tokens go."""

import pytest
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from tests.support.hub.usage import CARD, NAME, put, status


@pytest.fixture
def bob(hub):
    """Somebody else."""
    return hub.api(hub.accounts.add("bob"))


def test_a_token_says_who_asks_and_what_it_may_do(hub):
    token = hub.accounts.add("alice", "read", ("lab",))
    said = hub.api(token).whoami()
    assert (said["name"], said["auth"]["accessToken"]["role"]) == ("alice", "read")
    assert [organisation["name"] for organisation in said["orgs"]] == ["lab"]


def test_a_wrong_token_is_refused_everywhere(alice, hub):
    wrong = hub.api("hf_wrong")
    for ask in (wrong.whoami, lambda: wrong.dataset_info(NAME), lambda: put(wrong, {"a": b"1"})):
        with pytest.raises(HfHubHTTPError) as caught:
            ask()
        assert status(caught) == 401


def test_a_read_token_reads_and_does_not_write(alice, hub):
    reader = hub.api(hub.accounts.add("alice", "read"))
    assert reader.dataset_info(NAME).id == NAME
    writes = (
        lambda: put(reader, {"a.txt": b"1"}),
        lambda: put(reader, {"a.parquet": b"1"}, create_pr=True),
        lambda: reader.create_repo("alice/other", repo_type="dataset"),
        lambda: reader.create_tag(NAME, tag="v1", repo_type="dataset"),
        lambda: reader.delete_repo(NAME, repo_type="dataset"),
    )
    for write in writes:
        with pytest.raises(HfHubHTTPError) as caught:
            write()
        assert status(caught) == 403
    assert len(hub.dataset(NAME).history()) == 1


def test_others_may_propose_and_not_commit(alice, bob, hub):
    with pytest.raises(HfHubHTTPError) as caught:
        put(bob, {"a.parquet": b"1"})
    assert status(caught) == 403
    put(bob, {"a.parquet": b"1"}, create_pr=True)
    with pytest.raises(HfHubHTTPError):
        bob.merge_pull_request(NAME, 1, repo_type="dataset")
    assert set(hub.dataset(NAME).files()) == {".gitattributes"}


def test_strangers_can_neither_make_nor_change_anything(alice, hub):
    stranger = hub.api()
    assert stranger.dataset_info(NAME).id == NAME
    for write in (
        lambda: stranger.create_repo("alice/other", repo_type="dataset"),
        lambda: put(stranger, {"a.txt": b"1"}),
    ):
        with pytest.raises(HfHubHTTPError) as caught:
            write()
        assert status(caught) == 401


def test_a_private_repository_looks_missing_to_others(alice, bob, hub):
    put(alice, {"a.txt": b"1", "b.parquet": b"2"})
    alice.update_repo_settings(NAME, private=True, repo_type="dataset")
    for other in (bob, hub.api()):
        asks = (
            lambda other=other: other.dataset_info(NAME),
            lambda other=other: other.hf_hub_download(NAME, "a.txt", repo_type="dataset"),
            lambda other=other: put(other, {"a.txt": b"3"}),
        )
        for ask in asks:
            with pytest.raises(RepositoryNotFoundError):
                ask()
    assert [info.id for info in bob.list_datasets(author="alice")] == []
    assert [info.id for info in alice.list_datasets(author="alice")] == [NAME]
    assert alice.dataset_info(NAME).private


def test_a_missing_repository_is_said_to_be_missing(alice):
    with pytest.raises(RepositoryNotFoundError):
        alice.dataset_info("alice/nothing")
    assert not alice.repo_exists("alice/nothing", repo_type="dataset")


def test_namespaces_belong_to_people_and_organisations(alice, hub):
    member = hub.api(hub.accounts.add("carol", "write", ("lab",)))
    member.create_repo("lab/data", repo_type="dataset")
    with pytest.raises(HfHubHTTPError) as caught:
        alice.create_repo("lab/more", repo_type="dataset")
    assert status(caught) == 403


def test_what_exists_is_not_made_again(alice, hub):
    put(alice, {"README.md": CARD})
    assert alice.create_repo(NAME, repo_type="dataset", exist_ok=True).repo_id == NAME
    with pytest.raises(HfHubHTTPError) as caught:
        alice.create_repo(NAME, repo_type="dataset")
    assert status(caught) == 409
    assert "README.md" in hub.dataset(NAME).files()
    alice.delete_repo(NAME, repo_type="dataset")
    assert not alice.repo_exists(NAME, repo_type="dataset")


def test_no_token_goes_to_the_storage_of_large_files(alice, hub, tmp_path):
    put(alice, {"b.parquet": b"large"})
    alice.hf_hub_download(NAME, "b.parquet", repo_type="dataset", cache_dir=tmp_path)
    stored = [request for request in hub.requests if request.host in hub.storage]
    assert {request.method for request in stored} >= {"PUT", "GET"}
    assert not any(alice.token in repr(request.headers) for request in stored)
    assert any(alice.token in repr(request.headers) for request in hub.requests)
