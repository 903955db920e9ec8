"""What a push does to the client that the whole process shares: nothing that outlives it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import get_session

from deepbench_hf import HubError
from deepbench_hf.hub.client import Hub


@pytest.fixture
def hub(monkeypatch):
    """Makes clients; nothing is asked of the Hub."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return lambda name: Hub("hf_x", f"user/{name}", quiet=True)


def hooks():
    return list(get_session().event_hooks["response"])


def test_two_pushes_at_once_leave_the_client_as_it_was(hub):
    before, begun, one_done = hooks(), Barrier(2), Barrier(2)

    def first():
        begun.wait(10)

    def second():
        begun.wait(10)
        one_done.wait(10)
        return len(hooks()) - len(before)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(lambda: (hub("one").retry(first), one_done.wait(10)))
        other = pool.submit(hub("other").retry, second)
        one.result()
        assert other.result() == 1  # its own, which the end of the first one did not take
    assert hooks() == before


def test_a_step_that_fails_leaves_the_client_as_it_was(hub):
    before = hooks()

    def fails():
        raise HubError("no")

    with pytest.raises(HubError, match="no"):
        hub("one").retry(fails)
    assert hooks() == before
