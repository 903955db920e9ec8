"""Where published rows are read from: a repository at one commit, or a folder."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from huggingface_hub import HfFileSystem

from deepbench_hf.errors import HubError
from deepbench_hf.hub.client import Hub
from deepbench_hf.hub.repository import Blob, Repository, read_manifest, read_repository
from deepbench_hf.tables.manifest import MANIFEST, README

READ_AT_ONCE = 1 << 20
"""Bytes that are fetched together: a row group of most configs."""


@dataclass(frozen=True)
class Source:
    """Published files."""

    where: str  # the repository's or the folder's name
    sizes: dict[str, int]  # all files, in bytes
    path: Callable[[str], Path]  # gives a small file on this machine
    open: Callable[[str], Any]  # opens a file of rows, of which only what is read is fetched
    blob: Callable[[str], Blob]  # gives a file's size and hash
    revision: str | None = None  # the commit, in a repository
    # does a step again while what stops it may pass
    retry: Callable[[Callable[[], Any]], Any] = lambda step: step()

    @cached_property
    def card(self) -> str:
        """The text of the README; empty where there is none."""
        return self.text(README) if README in self.sizes else ""

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The content of ``manifest.json``. Raises HubError: it is there and is none."""
        return read_manifest(self.text(MANIFEST), self.where) if MANIFEST in self.sizes else {}

    def text(self, name: str) -> str:
        """A file's text; what is not UTF-8 is replaced, and then equals nothing of ours."""
        return self.path(name).read_text(encoding="utf-8", errors="replace")


def find_source(
    place: str | Path, revision: str | None, token: str | None, timeout: float, quiet: bool
) -> Source:
    """A folder if there is one of this name, else a repository.

    Raises:
        HubError: there is neither, or the Hub cannot be asked.
    """
    if Path(place).is_dir() and revision is None:
        return folder_source(Path(place))
    if isinstance(place, Path) or place.startswith((".", "/", "~")):
        raise HubError(f"{place}: there is no such folder")
    hub = Hub(token, place, timeout, quiet)
    repository = hub.retry(lambda: read_repository(hub.api, place, revision))
    if repository.head is None:
        hint = "check the name, and whether the token may see it"
        raise HubError(f"{place}: there is no such folder, and no such dataset on the Hub; {hint}")
    if repository.missing_branch:
        raise HubError(f"{place}: has no revision {revision!r}; give a branch, a tag or a commit")
    return _repository_source(repository, hub)


def folder_source(root: Path) -> Source:
    """A folder, as `build -o` or a download leaves it."""
    files = [file for file in root.rglob("*") if file.is_file()]
    return Source(
        where=str(root),
        sizes={file.relative_to(root).as_posix(): file.stat().st_size for file in files},
        path=root.joinpath,
        open=lambda name: (root / name).open("rb"),
        blob=lambda name: Blob.of(root / name),
    )


def _repository_source(repository: Repository, hub: Hub) -> Source:
    api, place = repository.api, f"datasets/{repository.repo_id}@{repository.head}"
    files = HfFileSystem(endpoint=api.endpoint, token=api.token)
    return Source(
        where=repository.repo_id,
        sizes={name: blob.size for name, blob in repository.files.items()},
        path=repository.download,
        open=lambda name: files.open(f"{place}/{name}", "rb", block_size=READ_AT_ONCE),
        blob=repository.files.__getitem__,
        revision=repository.head,
        retry=hub.retry,
    )
