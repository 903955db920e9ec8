"""What the tests of push and verify share: small recipes, and processes that know the test Hub."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

import deepbench_hf
from tests.support.hub.client import LocalHub
from tests.support.recipes import extended_file


def recipe_file(
    folder: Path, name: str = "tiny", train: int = 300, base: str = "pendulum", **changes: Any
) -> str:
    """A recipe of pendulums with two small splits, as a file.

    Only the angle varies, so that its card is drawn quickly.
    """
    changes = {"priors": {"length_m": 1.0, "gravity_m_s2": 9.81}, **changes}
    return str(extended_file(folder, base, name, {"train": train, "test": 300}, **changes))


class Publisher:
    """The library in processes that know a test Hub; their imports are paid for once.

    Args:
        hub: the Hub; somebody called ``user`` pushes there.
        workers: how many may push at once.
    """

    def __init__(self, hub: LocalHub, workers: int = 1) -> None:
        self.hub, self.workers = hub, workers
        self.token, self.home = hub.accounts.add("user"), f"publisher-{len(hub.accounts.tokens)}"

    def __enter__(self) -> Publisher:
        with _exactly(self.hub.environment(self.token, self.home)):
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.workers, mp_context=context)
            for future in [self.pool.submit(time.sleep, 0.1) for _ in range(self.workers)]:
                future.result()  # all of them have begun
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown()

    def start(self, names: Any, repo_id: str, **options: Any) -> Future:
        """Begin a push."""
        return self.pool.submit(deepbench_hf.push, names, repo_id, quiet=True, **options)

    def push(self, names: Any, repo_id: str, **options: Any) -> Any:
        """What a push gives."""
        return self.start(names, repo_id, **options).result()

    def verify(self, place: Any, **options: Any) -> Any:
        """What a verification gives."""
        return self.pool.submit(deepbench_hf.verify, place, **options).result()

    def cli(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """The command line, in a process of its own."""
        return self.hub.cli(*arguments, **{"token": self.token, **changes})

    @contextmanager
    def trouble(self, method: str, pattern: str, **how: Any) -> Iterator[None]:
        """With a Hub that is in trouble."""
        fault = self.hub.trouble(method, pattern, **how)
        try:
            yield
        finally:
            self.hub.faults.remove(fault)

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """All files of a repository but the Hub's own."""
        tree = self.hub.dataset(repo_id).files(revision)
        return {path: file.content for path, file in tree.items() if path != ".gitattributes"}

    def commits(self, repo_id: str) -> list[str]:
        """The titles of the commits that people made, the last one first."""
        return [commit.title for commit in self.hub.dataset(repo_id).history()[:-1]]

    def write(self, repo_id: str, path: str, content: bytes) -> None:
        """Somebody changes a file."""
        repository, large = self.hub.dataset(repo_id), path.endswith(".parquet")
        repository.large[hashlib.sha256(content).hexdigest()] = content
        repository.write(path, content, lfs=large)

    def front_matter(self, repo_id: str) -> dict[str, Any]:
        """What the README tells machines."""
        return yaml.safe_load(self.files(repo_id)["README.md"].decode().split("---")[1])

    def configs(self, repo_id: str) -> list[str]:
        """The configs that the README names."""
        return [config["config_name"] for config in self.front_matter(repo_id)["configs"]]


@pytest.fixture(scope="session")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    """A Hub and somebody who pushes to it, for tests that use repositories of their own."""
    with LocalHub(tmp_path_factory.mktemp("homes")) as hub, Publisher(hub) as someone:
        yield someone


@contextmanager
def _exactly(variables: Mapping[str, str]) -> Iterator[None]:
    """With these variables and no others, for processes that begin now."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
