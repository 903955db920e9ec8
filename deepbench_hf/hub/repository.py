"""A dataset repository as it stands at one commit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, errors
from huggingface_hub.hf_api import RepoFile

from deepbench_hf.cards.front_matter import data_of, read_card, told_configs
from deepbench_hf.errors import HubError
from deepbench_hf.tables.manifest import MANIFEST, README, file_hash, other_files, parse_manifest
from deepbench_hf.tables.target import Target

LARGEST_TEXT = 1 << 29
"""Bytes of a README or manifest that are read at most."""


@dataclass(frozen=True)
class Blob:
    """A file's size and hash."""

    size: int  # bytes
    digest: str  # sha256 of a large file, git's sha1 of any other, in hexadecimal

    @classmethod
    def of(cls, file: Path) -> Blob:
        """That of a large file on disk."""
        told = file_hash(file)
        return cls(told["size"], told["sha256"])

    def holds(self, data: bytes | Stored) -> bool:
        """Whether this is the file with these bytes."""
        if isinstance(data, Stored):
            return self == data.blob
        git = hashlib.sha1(b"blob %d\0%b" % (len(data), data))  # noqa: S324 (git's own name)
        return self.digest in (git.hexdigest(), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True)
class Stored:
    """A large file that is to be sent, where a build left it."""

    target: Target  # where it was built
    path: str  # below that
    blob: Blob  # its size and sha256, as its manifest says

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.target.url}/{self.path}"

    @property
    def shown(self) -> str:
        """The same for people."""
        return f"{self.target.shown}/{self.path}"

    def local(self, folder: Path) -> Path:
        """The file on this machine; one from elsewhere is copied into a folder."""
        if self.target.is_folder:
            return Path(self.url)
        file = folder / self.path.replace("/", "-")
        self.target.fetch(self.path, file)
        return file


@dataclass(frozen=True)
class Repository:
    """A repository at one commit; an empty one where there is none."""

    api: HfApi  # the client
    repo_id: str  # its name
    head: str | None = None  # the commit; None where the repository does not exist
    files: dict[str, Blob] = field(default_factory=dict)  # all files
    private: bool = False  # whether only its owner may read it
    # whether the branch asked for is still to be made, from this commit
    missing_branch: bool = False

    @cached_property
    def card(self) -> str | None:
        """The text of the README."""
        return self._text(README) if README in self.files else None

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The content of ``manifest.json``. Raises HubError: it is there and is none."""
        return read_manifest(self._text(MANIFEST), self.repo_id) if MANIFEST in self.files else {}

    @property
    def configs(self) -> dict[str, dict[str, Any]]:
        """The configs that the README names, with where their files are.

        Raises:
            BuildError: its front matter is broken.
        """
        return told_configs(data_of(read_card(self.card)))

    @cached_property
    def tags(self) -> dict[str, str]:
        """The commits of all tags."""
        refs = self.api.list_repo_refs(self.repo_id, repo_type="dataset") if self.head else None
        return {ref.name: ref.target_commit for ref in refs.tags} if refs else {}

    @property
    def entries(self) -> dict[str, Any]:
        """What the manifest says of each config."""
        return self.manifest.get("configs", {})

    @property
    def hashes(self) -> dict[str, Any]:
        """Size and sha256 of the recipes and pictures that earlier pushes brought."""
        return other_files(self.manifest)

    def download(self, path: str, revision: str | None = None) -> Path:
        """A file of this commit, or of another, in the cache of `huggingface_hub`."""
        where = {"repo_type": "dataset", "revision": revision or self.head}
        return Path(self.api.hf_hub_download(self.repo_id, path, **where))

    def manifest_at(self, revision: str) -> dict[str, Any]:
        """The manifest of another commit; an empty one where it has none that can be read."""
        try:
            text = self.download(MANIFEST, revision).read_text(encoding="utf-8")
            return read_manifest(text, self.repo_id)
        except (errors.EntryNotFoundError, UnicodeDecodeError, HubError):
            return {}

    def _text(self, path: str) -> str:
        if self.files[path].size > LARGEST_TEXT:
            raise HubError(f"{self.repo_id}: {path} is larger than {LARGEST_TEXT} bytes")
        try:
            return self.download(path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise HubError(f"{self.repo_id}: {path} is not UTF-8 text; mend it there") from None


def read_repository(api: HfApi, repo_id: str, revision: str | None = None) -> Repository:
    """The repository at the head of a branch, or at any other revision.

    A repository that does not exist is empty; a branch that does not exist is `main` so far.
    """
    try:
        info = api.repo_info(repo_id, repo_type="dataset", revision=revision)
    except errors.RevisionNotFoundError:
        if revision is None:
            raise
        main = read_repository(api, repo_id)
        return replace(main, missing_branch=True)
    except errors.GatedRepoError:
        raise
    except errors.RepositoryNotFoundError:
        return Repository(api, repo_id)
    tree = api.list_repo_tree(repo_id, recursive=True, revision=info.sha, repo_type="dataset")
    files = {item.path: _blob(item) for item in tree if isinstance(item, RepoFile)}
    return Repository(api, repo_id, info.sha, files, bool(info.private))


def read_manifest(text: str, where: str) -> dict[str, Any]:
    """The manifest in a text of the Hub, or a HubError where it is none."""
    return parse_manifest(text, f"{where}: {MANIFEST}", HubError, "mend or delete it there")


def _blob(item: RepoFile) -> Blob:
    return Blob(item.size, item.lfs.sha256) if item.lfs else Blob(item.size, item.blob_id)
