"""Push without the right to it, or without a network: one line that says what to do."""

from pathlib import Path

import pytest
from huggingface_hub import constants

import deepbench_hf
from deepbench_hf import HubError
from deepbench_hf.hub import client
from tests.support.hub.client import COMMAND_LINE
from tests.support.publishing import recipe_file


@pytest.fixture
def tiny(tmp_path):
    """A small recipe."""
    return recipe_file(tmp_path)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (lambda people: "hf_nobody_has_this_one", "the token is not valid; run `hf auth login`"),
        (lambda people: people.add("user", "read"), "the token may only read; run `hf auth"),
        (lambda people: people.add("guest"), "the token has no right to do this; run `hf auth"),
        (lambda people: "hf_with a space", "the token holds spaces or signs that no token has"),
    ],
)
def test_a_token_that_cannot_do_it_is_told_in_one_line_and_never_shown(
    publisher, tiny, token, told
):
    token = token(publisher.hub.accounts)
    with pytest.raises(HubError) as error:
        publisher.push(tiny, "user/guarded", token=token)
    assert str(error.value).startswith(f"user/guarded: {told}")
    assert token not in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_no_token_and_a_hub_that_is_switched_off_are_told(tiny, monkeypatch):
    with pytest.raises(HubError, match="^user/off: the Hub is switched off; unset HF_HUB_OFFLINE"):
        deepbench_hf.push(tiny, "user/off")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(client, "get_token", lambda: None)
    with pytest.raises(HubError, match="^user/nobody: there is no token; run `hf auth login`"):
        deepbench_hf.push(tiny, "user/nobody")


def test_no_network_is_one_line_and_exit_code_1(publisher, tiny):
    nowhere = "http://127.0.0.1:9"
    done = publisher.cli("push", tiny, "user/far", "--timeout", "2", HF_ENDPOINT=nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    lines = [line for line in done.stderr.splitlines() if line.startswith(("Error", "Hint"))]
    assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
    assert f"user/far: {nowhere} cannot be reached; check the" in lines[0]
    assert "Traceback" not in done.stderr


def test_no_token_is_in_any_output_card_manifest_or_command_line(publisher, tiny):
    token = publisher.token
    with publisher.trouble("POST", "/commit/", status=500, retry_after=0):
        child = publisher.hub.start(
            *("-c", COMMAND_LINE, "push", tiny, "user/silent"), token=token, HF_DEBUG="1"
        )
        shown = command_line(child)
        said, told = child.communicate()
    assert child.returncode == 0
    assert token not in said + told + shown
    for path, content in publisher.files("user/silent").items():
        assert token.encode() not in content, path
    assert not [r for r in publisher.hub.requests if token in r.target or token.encode() in r.body]


def command_line(child):
    """What everybody can see of a process, where there is such a list."""
    file = Path(f"/proc/{child.pid}/cmdline")
    return file.read_text() if file.exists() else ""
