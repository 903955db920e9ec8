"""Python in a process of its own, whose endpoint is the test Hub."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from huggingface_hub import HfApi, constants
from numba.core import config

from .server import Hub

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


class Client:
    """One person at one computer: a token (or none) and an empty HF_HOME.

    The kernels that the tests have compiled are kept; nothing else is.
    """

    def __init__(self, hub: Hub, home: Path, token: str | None = None) -> None:
        self.hub = hub
        self.home = home
        self.token = token

    @property
    def api(self) -> HfApi:
        """The client in this process."""
        return HfApi(endpoint=self.hub.url, token=self.token or False)

    def environment(self, **changes: str) -> dict[str, str]:
        """The variables of a child."""
        foreign = ("HF_", "HUGGING", "TRANSFORMERS_OFFLINE", "NUMBA_CACHE_DIR")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        kernels = getattr(config, "CACHE_DIR", "") or constants.HF_HOME
        places = {
            "HF_ENDPOINT": self.hub.url,
            "HF_HOME": str(self.home),
            "NUMBA_CACHE_DIR": kernels,
        }
        token = {"HF_TOKEN": self.token} if self.token else {}
        return {**kept, **QUIET, **places, **token, **changes}

    def start(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        """Start Python with arguments, in an empty folder beside the home."""
        self.home.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=self.environment(**changes),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments to its end, whatever the end."""
        with self.start(*arguments, **changes) as child:
            out, err = child.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, child.returncode, out, err)

    def run(self, code: str, **changes: str) -> str:
        """Run a program that must succeed; return what it printed."""
        done = self.finish("-c", code, **changes)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def cli(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the command line `deepbench-hf`."""
        return self.finish("-c", COMMAND_LINE, *arguments, **changes)
