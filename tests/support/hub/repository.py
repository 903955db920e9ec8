"""Commits, branches, tags and pull requests of one repository; large files by their sha256."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from .files import GIT_ATTRIBUTES, File, Tree
from .messages import Refusal, revision_not_found

MAIN = "refs/heads/main"
STALE = "A commit has happened since. Please refresh and try again."


def now() -> str:
    """Return the time as the Hub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Commit:
    """A state of all files, and how it came about."""

    id: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    tree: Tree = field(repr=False)

    def info(self) -> dict[str, Any]:
        authors = [{"user": self.author}]
        said = {"title": self.title, "message": self.message}
        return {"id": self.id, **said, "authors": authors, "date": self.date}


class Repository:
    """One repository; `refs` maps full names such as refs/heads/main to commit ids."""

    def __init__(self, kind: str, name: str, *, private: bool, author: str) -> None:
        self.kind = kind
        self.name = name
        self.private = private
        self.commits: dict[str, Commit] = {}
        self.refs: dict[str, str] = {}
        self.pulls: list[str] = []
        self.large: dict[str, bytes] = {}
        self.number = count()
        self.commit(MAIN, {".gitattributes": File(GIT_ATTRIBUTES)}, "initial commit", author=author)

    @property
    def owner(self) -> str:
        return self.name.partition("/")[0]

    def resolve(self, revision: str) -> Commit:
        """Return the commit of a branch, tag, pull request or id."""
        for ref in (revision, f"refs/heads/{revision}", f"refs/tags/{revision}"):
            if ref in self.refs:
                return self.commits[self.refs[ref]]
        if revision not in self.commits:
            raise revision_not_found(revision)
        return self.commits[revision]

    def branch(self, revision: str) -> str:
        """Return the full name of what a commit can be made on: a branch or a pull request."""
        for ref in (f"refs/heads/{revision}", revision):
            if ref in self.refs and not ref.startswith("refs/tags/"):
                return ref
        raise revision_not_found(revision)

    def history(self, revision: str = "main") -> list[Commit]:
        """Return the commits, newest first."""
        commits = [self.resolve(revision)]
        while parent := commits[-1].parent:
            commits.append(self.commits[parent])
        return commits

    def files(self, revision: str = "main") -> Tree:
        return self.resolve(revision).tree

    def commit(
        self,
        ref: str,
        tree: Tree,
        title: str,
        message: str = "",
        *,
        author: str,
        parent: str | None = None,
    ) -> Commit:
        """Put a commit on a branch, if the branch still is where `parent` says.

        As on the real Hub, a commit that changes nothing is a commit.
        """
        head = self.refs.get(ref)
        if parent and parent != head:
            raise Refusal(412, STALE)
        said = (title, message, author, now())
        origin = json.dumps([head, next(self.number), self.name, *said]).encode()
        commit = Commit(hashlib.sha1(origin).hexdigest(), head, *said, tree=dict(tree))
        self.commits[commit.id] = commit
        self.refs[ref] = commit.id
        return commit

    def write(
        self, path: str, content: bytes, *, lfs: bool = False, author: str = "someone"
    ) -> None:
        """Change one file of the main branch behind everybody's back."""
        tree = {**self.files(), path: File(content, lfs)}
        self.commit(MAIN, tree, f"Change {path}", author=author)

    def open_pull(self, start: Commit) -> str:
        """Return the branch of a new pull request."""
        ref = f"refs/pr/{len(self.pulls) + 1}"
        self.pulls.append(ref)
        self.refs[ref] = start.id
        return ref

    def named(self, prefix: str) -> list[dict[str, str]]:
        """Describe the refs under a prefix such as refs/tags/, as clients want them."""
        return [
            {"name": ref.removeprefix(prefix), "ref": ref, "targetCommit": commit}
            for ref, commit in self.refs.items()
            if ref.startswith(prefix)
        ]
