"""Whatever happens, a repository is unchanged or complete, and the next push completes it."""

import os
import re
import signal
import time
from contextlib import ExitStack

import pytest

from deepbench_hf import HubError
from tests.support.hub.client import COMMAND_LINE
from tests.support.publishing import Publisher, recipe_file

PLACES = {
    "who asks": ("GET", "/api/whoami"),
    "making the repository": ("POST", "/api/repos/create"),
    "the head": ("GET", "/api/datasets/[^/]+/[^/]+(/revision/.*)?$"),
    "the files": ("GET", "/tree/"),
    "checking the card": ("POST", "/api/validate-yaml"),
    "what is large": ("POST", "/preupload/"),
    "what is there": ("POST", "/objects/batch"),
    "a large file": ("PUT", "/upload/"),
    "the commit": ("POST", "/commit/"),
    "the tags": ("GET", "/refs"),
    "the tag": ("POST", "/tag/"),
}


@pytest.fixture
def tiny(tmp_path):
    """A small recipe."""
    return recipe_file(tmp_path)


def is_complete(publisher, repo_id):
    """One commit of ours, and all in it is as the recipe makes it."""
    return len(publisher.commits(repo_id)) == 1 and publisher.verify(repo_id).identical


def test_an_overloaded_hub_is_asked_again_wherever_it_is(publisher, tiny):
    with ExitStack() as stack:
        for place in PLACES.values():
            stack.enter_context(publisher.trouble(*place, status=503, retry_after=1))
        faults = list(publisher.hub.faults)
        assert publisher.push(tiny, "user/busy").tag == "v1.0.0"
    assert all(fault.seen > 1 for fault in faults), "each has failed once, and was asked again"
    assert is_complete(publisher, "user/busy")


@pytest.mark.parametrize(("status", "wait_s"), [(429, 2), (504, 0)])
def test_a_commit_that_is_put_off_is_tried_again_when_the_hub_says(publisher, tiny, status, wait_s):
    repo_id, begin = f"user/later-{status}", time.monotonic()
    with publisher.trouble("POST", "/commit/", status=status, retry_after=wait_s, times=2):
        publisher.push(tiny, repo_id)
    assert time.monotonic() - begin > 2 * wait_s
    assert is_complete(publisher, repo_id)


def test_a_push_that_is_given_up_changes_nothing_and_the_next_one_completes_it(
    publisher, tiny, tmp_path
):
    repo_id = "user/given-up"
    publisher.push(recipe_file(tmp_path, "first"), repo_id)
    before = publisher.files(repo_id)
    with (
        publisher.trouble("POST", "/commit/", status=503, retry_after=0, times=100),
        pytest.raises(HubError, match=r"^user/given-up: the Hub answers 503; run it again later"),
    ):
        publisher.push(tiny, repo_id, timeout=4)
    assert publisher.files(repo_id) == before
    sent = len(uploads(publisher))
    publisher.push(tiny, repo_id)
    assert {"tiny", "first"} == set(publisher.configs(repo_id))
    assert publisher.verify(repo_id).identical
    assert len(uploads(publisher)) == sent, "large files that the Hub has are not sent again"


def test_a_hub_that_asks_for_hours_is_not_waited_for(publisher, tiny):
    with (
        publisher.trouble("POST", "/commit/", status=429, retry_after=7200),
        pytest.raises(HubError, match="the Hub answers 429; run it again later"),
    ):
        publisher.push(tiny, "user/hours")


def test_all_attempts_share_one_budget_and_no_upload_link_is_shown(publisher, tiny):
    asked, begin = len(publisher.hub.requests), time.monotonic()
    with publisher.trouble("PUT", "/upload/", status=500, times=10_000):
        done = publisher.cli("push", tiny, "user/budget", "--timeout", "6", "--no-preview")
    assert done.returncode == 1
    assert time.monotonic() - begin < 120
    puts = [r for r in since(publisher, asked) if r.method == "PUT"]
    assert len(puts) <= 4 * 6, "the client's attempts at four files, not those times ours"
    assert "user/budget: the Hub answers 500; run it again later" in done.stderr
    assert "user/budget: the Hub answers 500 (PUT); trying again" in done.stderr
    assert not re.search(r"/upload/|http://localhost|thrown while requesting", done.stderr)


def test_a_transfer_that_goes_on_is_not_cut_by_the_budget(publisher, tiny):
    with publisher.trouble("PUT", "/upload/", seconds=3, times=2):
        assert publisher.push(tiny, "user/slow", timeout=1).changed


@pytest.mark.parametrize(
    ("method", "pattern", "how", "told"),
    [
        ("PUT", "/upload/", {"status": 403}, "the storage of the Hub refuses a file \\(403\\)"),
        ("GET", "/api/datasets/user/[^/]+$", {"status": 403, "code": "GatedRepo"}, "is gated; ask"),
        ("POST", "/commit/", {"status": 403}, "the token has no right to do this; run"),
    ],
)
def test_a_refusal_is_blamed_on_whoever_refuses(publisher, tiny, method, pattern, how, told):
    with (
        publisher.trouble(method, pattern, times=10_000, **how),
        pytest.raises(HubError, match=f"^user/blame: {told}"),
    ):
        publisher.push(tiny, "user/blame")


def test_a_tag_that_fails_does_not_hide_that_the_commit_has_landed(publisher, tiny):
    with publisher.trouble("POST", "/tag/", status=400):
        pushed = publisher.push(tiny, "user/untagged")
    assert pushed.changed
    assert pushed.tag is None
    assert "the commit has landed, but not its tag v1.0.0; push again" in pushed.note
    again = publisher.push(tiny, "user/untagged")
    assert (again.changed, again.tag) == (False, "v1.0.0")


@pytest.mark.parametrize("place", ["a large file", "the commit"])
def test_a_connection_that_breaks_in_the_middle_is_made_again(publisher, tiny, place):
    repo_id = f"user/broken-{PLACES[place][0].lower()}"
    with publisher.trouble(*PLACES[place], cut=True):
        publisher.push(tiny, repo_id)
    assert is_complete(publisher, repo_id)


def test_a_commit_whose_answer_is_lost_is_found_and_not_made_twice(publisher, tiny):
    with publisher.trouble("POST", "/commit/", lose=True):
        pushed = publisher.push(tiny, "user/lost")
    assert pushed.changed
    assert publisher.files("user/lost", pushed.commit) == publisher.files("user/lost")
    assert is_complete(publisher, "user/lost")


def test_a_pull_request_whose_answer_is_lost_is_found_and_not_opened_twice(
    publisher, tiny, tmp_path
):
    repo_id = "user/lost-request"
    publisher.push(recipe_file(tmp_path, "first"), repo_id)
    with publisher.trouble("POST", "/commit/", lose=True):
        asked = publisher.push(tiny, repo_id, create_pr=True)
    assert asked.url.endswith("/discussions/1")
    assert len(publisher.hub.dataset(repo_id).pulls) == 1


def test_what_others_commit_meanwhile_is_kept(publisher, tiny):
    def overtake():
        publisher.write("user/overtaken", "theirs.txt", b"theirs")

    with publisher.trouble("POST", "/commit/", before=overtake):
        publisher.push(tiny, "user/overtaken")
    assert publisher.commits("user/overtaken") == ["Push tiny 1.0.0", "Change theirs.txt"]
    assert publisher.files("user/overtaken")["theirs.txt"] == b"theirs"
    assert publisher.verify("user/overtaken").identical


def test_two_who_push_at_once_both_find_their_configs(publisher, tmp_path):
    repo_id = "user/both"
    names = [recipe_file(tmp_path, name) for name in ("tiny", "first")]
    with Publisher(publisher.hub) as other:
        pushes = [one.start(n, repo_id) for one, n in zip((publisher, other), names, strict=True)]
        assert all(push.result().changed for push in pushes)
    assert set(publisher.configs(repo_id)) == {"tiny", "first"}
    assert publisher.verify(repo_id).identical


@pytest.mark.skipif(os.name == "nt", reason="signals differ there")
def test_a_push_that_is_killed_shows_nothing_and_the_next_one_sends_what_is_missing(
    publisher, tiny, tmp_path
):
    repo_id = "user/killed"
    publisher.push(recipe_file(tmp_path, "first"), repo_id)
    before, asked = publisher.files(repo_id), len(publisher.hub.requests)
    method, path = PLACES["a large file"]
    with publisher.trouble(method, path, nth=2, seconds=60):
        child = publisher.hub.start(
            *("-c", COMMAND_LINE, "push", tiny, repo_id), token=publisher.token
        )
        wait_until(lambda: sum(r.method == method for r in since(publisher, asked)) > 1, child)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert publisher.files(repo_id) == before
    publisher.push(tiny, repo_id)
    assert set(publisher.configs(repo_id)) == {"tiny", "first"}
    assert publisher.verify(repo_id).identical
    sent = uploads(publisher, asked)
    assert len(sent) == len(set(sent)), "what the Hub has is not sent again"


def test_files_that_were_changed_by_hand_are_mended_by_the_next_push(publisher, tiny):
    repo_id = "user/mended"
    publisher.push(tiny, repo_id)
    before = publisher.files(repo_id)
    publisher.write(repo_id, "tiny/test-00000-of-00001.parquet", b"PAR1 nonsense PAR1")
    publisher.write(repo_id, "recipes/tiny.yaml", b"version: 9.9.9\n")
    publisher.write(repo_id, "croissant.json", b"{}")
    assert not publisher.verify(repo_id).identical
    publisher.push(tiny, repo_id)
    assert publisher.files(repo_id) == before
    assert publisher.verify(repo_id).identical


def since(publisher, asked):
    """The requests after the first so many."""
    return publisher.hub.requests[asked:]


def uploads(publisher, asked=0):
    """The large files that arrived whole."""
    return [r.body for r in since(publisher, asked) if (r.method, r.status) == ("PUT", 200)]


def wait_until(happened, child):
    """Until something happened; the child must still be running."""
    begin = time.monotonic()
    while not happened():
        assert child.poll() is None, child.stderr.read()
        assert time.monotonic() - begin < 60
        time.sleep(0.05)
