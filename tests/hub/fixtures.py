"""Fixtures: `hub`, a Hub on loopback, and `person`, who makes people that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from .client import Client
from .server import Hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub without people; this process may reach it."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with Hub() as server:
        yield server


@pytest.fixture
def person(hub: Hub, tmp_path: Path) -> Callable[..., Client]:
    """Make a person with a token: `person("alice")`; `person()` is a stranger.

    Each call is another computer, with nothing in its HF_HOME.
    """
    made: list[Client] = []

    def make(name: str | None = None, role: str = "write", organisations: tuple = ()) -> Client:
        token = hub.accounts.add(name, role, organisations) if name else None
        made.append(Client(hub, tmp_path / f"home-{len(made)}", token))
        return made[-1]

    return make
