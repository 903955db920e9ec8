"""The clients of the test Hub: in this process, and in children whose endpoint it is."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import HfApi, constants
from numba.core import config

from .hub import Hub
from .routes import ROUTES

QUIET = {
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
}
"""Large files go by LFS, and nobody asks other hosts for anything."""

COMMAND_LINE = "from deepbench_hf.cli import main; main()"


class LocalHub(Hub):
    """A Hub, and computers beside it, each with a HF_HOME of its own that starts empty.

    A child sees none of the Hugging Face variables of the tests; kernels that the tests have
    compiled are kept. Everywhere `token` is who asks (None: a stranger).
    """

    def __init__(self, homes: Path) -> None:
        super().__init__(ROUTES)
        self.homes = homes

    def api(self, token: str | None = None) -> HfApi:
        """Return the client of this process."""
        return HfApi(endpoint=self.url, token=token or False)

    def environment(self, token: str | None, computer: str, **changes: str) -> dict[str, str]:
        """Return the variables of a child; `changes` come last."""
        foreign = ("HF_", "HUGGING", "TRANSFORMERS_OFFLINE", "NUMBA_CACHE_DIR")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        kernels = getattr(config, "CACHE_DIR", "") or constants.HF_HOME
        own = {"HF_ENDPOINT": self.url, "HF_HOME": str(self.homes / computer)}
        known = {"HF_TOKEN": token} if token else {}
        return {**kept, **QUIET, **own, "NUMBA_CACHE_DIR": kernels, **known, **changes}

    def start(
        self, *arguments: str, token: str | None = None, computer: str = "one", **changes: str
    ) -> subprocess.Popen[str]:
        """Start Python with arguments, in an empty folder in the computer's HF_HOME."""
        variables = self.environment(token, computer, **changes)
        desk = Path(variables["HF_HOME"]) / "desk"  # HF_HOME itself has a folder of our name
        desk.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=variables,
            cwd=desk,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, *arguments: str, **options: str | None) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments to its end, whatever the end."""
        with self.start(*arguments, **options) as child:  # type: ignore[arg-type]
            try:
                out, err = child.communicate(timeout=300)
            finally:
                child.kill()
        return subprocess.CompletedProcess(arguments, child.returncode, out, err)

    def run(self, code: str, **options: str | None) -> str:
        """Run a program that must succeed; return what it printed."""
        done = self.finish("-c", code, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cli(self, *arguments: str, **options: str | None) -> subprocess.CompletedProcess[str]:
        """Run the command line `deepbench-hf`."""
        return self.finish("-c", COMMAND_LINE, *arguments, **options)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalHub]:
    """A Hub of its own for every test; this process may reach it."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with LocalHub(tmp_path / "homes") as server:
        yield server
