"""The fixture `hub`: a Hub on loopback without people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from .client import LocalHub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalHub]:
    """A Hub of its own for every test; this process may reach it."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with LocalHub(tmp_path / "homes") as server:
        yield server
