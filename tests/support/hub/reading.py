"""Answers that change nothing: descriptions, listings and the files themselves."""

import re
from typing import Any
from urllib.parse import urlencode

from .cards import front_matter
from .files import File, below, listing, path_info
from .hub import Hub
from .messages import Answer, Refusal, Request, entry_not_found
from .repository import Commit, Repository


def describe(repository: Repository, commit: Commit, *, sizes: bool = False) -> dict[str, Any]:
    """Describe a repository at a commit, as `repo_info` reads it."""
    first, last = repository.history(commit.id)[-1], commit
    siblings = [
        {"rfilename": path}
        | ({"size": len(file.content), "blobId": file.oid, "lfs": file.lfs_info()} if sizes else {})
        for path, file in sorted(commit.tree.items())
    ]
    card = commit.tree.get("README.md", File(b"")).content.decode(errors="replace")
    dates = {"createdAt": first.date, "lastModified": last.date}
    counts = {"downloads": 0, "likes": 0, "gated": False, "disabled": False, "tags": []}
    names = {"_id": first.id[:24], "id": repository.name, "author": repository.owner}
    state = {"sha": commit.id, "private": repository.private, "cardData": front_matter(card)}
    return {**names, **state, **dates, **counts, "siblings": siblings}


def information(hub: Hub, request: Request) -> Answer:
    repository = hub.repository(request)
    commit = repository.resolve(request.revision)
    return Answer(describe(repository, commit, sizes=request.flag("blobs")))


def paged(hub: Hub, request: Request, items: list[Any], size: int) -> Answer:
    """Answer with one page; the header Link says where the next one is."""
    start = int(request.query.get("cursor", 0))
    size = min(size, hub.page)
    answer = Answer(items[start : start + size])
    if start + size < len(items):
        query = urlencode({**request.query, "cursor": start + size})
        answer.headers["Link"] = f'<{hub.url}{request.path}?{query}>; rel="next"'
    return answer


def tree(hub: Hub, request: Request) -> Answer:
    repository = hub.repository(request)
    commit, folder = repository.resolve(request.revision), request.file.strip("/")
    if folder and not below(commit.tree, folder):
        raise entry_not_found(folder)
    items = listing(commit.tree, folder, recursive=request.flag("recursive"))
    return paged(hub, request, items, 1000)


def paths_info(hub: Hub, request: Request) -> Answer:
    """Describe the paths that exist among those asked for."""
    repository = hub.repository(request)
    commit = repository.resolve(request.revision)
    asked = request.json() if "json" in request.headers.get("content-type", "") else request.form()
    paths = asked.get("paths", [])
    return Answer([info for path in paths if (info := path_info(commit.tree, path))])


def refs(hub: Hub, request: Request) -> Answer:
    repository = hub.repository(request)
    kinds = {"branches": "refs/heads/", "tags": "refs/tags/", "converts": "refs/convert/"}
    if request.flag("include_prs"):
        kinds["pullRequests"] = "refs/pr/"
    return Answer({kind: repository.named(prefix) for kind, prefix in kinds.items()})


def commits(hub: Hub, request: Request) -> Answer:
    history = hub.repository(request).history(request.revision)
    return paged(hub, request, [commit.info() for commit in history], 50)


def resolve(hub: Hub, request: Request) -> Answer:
    """Answer with a file, or for a large one with the place where it is."""
    repository = hub.repository(request)
    commit = repository.resolve(request.revision)
    names = {"X-Repo-Commit": commit.id, "Accept-Ranges": "bytes"}
    if request.file not in commit.tree:
        refusal = entry_not_found(request.file)
        return Answer(refusal.body, 404, {**names, "X-Error-Code": "EntryNotFound"})
    file = commit.tree[request.file]
    if not file.lfs:
        return ranged(request, file.content, {**names, "ETag": f'"{file.oid}"'})
    place = f"{hub.storage}/large/{repository.kind}/{repository.name}/{file.sha256}"
    linked = {"X-Linked-Size": str(len(file.content)), "X-Linked-Etag": f'"{file.sha256}"'}
    return Answer(b"", 302, {**names, **linked, "ETag": f'"{file.oid}"', "Location": place})


def large(hub: Hub, request: Request) -> Answer:
    """Answer with a large file; its address is the secret, as a signed link is."""
    repository = hub.repositories.get((request.groups["kind"], request.groups["name"]))
    oid = request.groups["oid"]
    if repository is None or oid not in repository.large:
        raise Refusal(403, "Access denied")
    return ranged(request, repository.large[oid], {"ETag": f'"{oid}"', "Accept-Ranges": "bytes"})


def ranged(request: Request, content: bytes, headers: dict[str, str]) -> Answer:
    """Answer with all of some bytes or with the range asked for."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not match or not any(match.groups()):
        return Answer(content, 200, headers)
    first, last = match.groups()
    start = int(first) if first else max(0, len(content) - int(last))
    stop = min(len(content), int(last) + 1) if first and last else len(content)
    if start >= stop:
        return Answer(b"", 416, {**headers, "Content-Range": f"bytes */{len(content)}"})
    place = f"bytes {start}-{stop - 1}/{len(content)}"
    return Answer(content[start:stop], 206, {**headers, "Content-Range": place})
