"""From bytes to a commit: how each file travels, large files, and the commit that names them."""

import base64
import hashlib
import secrets
from fnmatch import fnmatch
from typing import Any

from .accounts import Bearer, check_known, check_write
from .cards import problems
from .files import File, Tree, needs_lfs
from .hub import Hub
from .messages import Answer, Refusal, Request, entry_not_found
from .repository import Repository


def check_upload(hub: Hub, request: Request, *, proposal: bool) -> tuple[Repository, Bearer]:
    """Return where to write and who writes; anybody with a write token may propose."""
    repository = hub.repository(request)
    bearer = check_known(hub.bearer(request))
    return repository, check_write(bearer, bearer.user if proposal else repository.owner)


def preupload(hub: Hub, request: Request) -> Answer:
    """Say for each file how it must travel, what is there already, and whether to leave it out."""
    repository, _ = check_upload(hub, request, proposal=request.flag("create_pr"))
    tree, asked = repository.files(request.revision), request.json()
    ignore = asked.get("gitIgnore")
    if ignore is None:
        ignore = tree.get(".gitignore", File(b"")).content.decode()
    patterns = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    return Answer({"files": [mode(tree, patterns, **file) for file in asked["files"]]})


def mode(tree: Tree, ignored: list[str], *, path: str, size: int, **_: object) -> dict[str, Any]:
    chosen = "lfs" if needs_lfs(path, size) else "regular"
    leave = any(
        fnmatch(part, pattern) for pattern in ignored for part in (path, path.split("/")[-1])
    )
    there = {"oid": tree[path].etag} if path in tree else {}
    return {"path": path, "uploadMode": chosen, "shouldIgnore": leave, **there}


def batch(hub: Hub, request: Request) -> Answer:
    """Say where to put each large file that is not there yet."""
    asked = request.json()
    repository, _ = check_upload(hub, request, proposal="ref" not in asked)
    objects = [offer(hub, repository, **thing) for thing in asked["objects"]]
    return Answer({"transfer": "basic", "objects": objects})


def offer(hub: Hub, repository: Repository, *, oid: str, size: int) -> dict[str, Any]:
    if oid in repository.large:
        return {"oid": oid, "size": size}
    ticket = secrets.token_hex(16)
    hub.uploads[ticket] = (repository, oid, size)
    actions = {
        "upload": {"href": f"{hub.storage}/upload/{ticket}"},
        "verify": {"href": f"{hub.url}/upload/{ticket}"},
    }
    return {"oid": oid, "size": size, "actions": actions}


def ticket(hub: Hub, request: Request) -> tuple[Repository, str, int]:
    try:
        return hub.uploads[request.groups["ticket"]]
    except KeyError:
        raise Refusal(403, "Request has expired") from None


def upload(hub: Hub, request: Request) -> Answer:
    """Keep a large file if it is what it was said to be."""
    repository, oid, size = ticket(hub, request)
    if (hashlib.sha256(request.body).hexdigest(), request.size) != (oid, size):
        raise Refusal(400, "The content does not match its sha256 or size")
    repository.large[oid] = request.body
    return Answer(b"", headers={"ETag": f'"{oid}"'})


def verify(hub: Hub, request: Request) -> Answer:
    repository, oid, size = ticket(hub, request)
    if len(repository.large.get(oid, b"")) != size:
        raise Refusal(404, "Object is not in storage")
    return Answer({})


def commit(hub: Hub, request: Request) -> Answer:
    """Make all changes of a commit or none."""
    proposal = request.flag("create_pr")
    repository, bearer = check_upload(hub, request, proposal=proposal)
    header, changes = read_changes(request)
    parent = header.get("parentCommit")
    start = repository.resolve(parent if proposal and parent else request.revision)
    ref = "" if proposal else repository.branch(request.revision)
    tree = changed(repository, start.tree, changes)
    said = (header["summary"], header.get("description", ""))
    answer: dict[str, Any] = {"success": True}
    base = f"{hub.url}/{repository.kind}/{repository.name}".replace("/models/", "/")
    if proposal:
        ref, parent = repository.open_pull(start), start.id
        answer["pullRequestUrl"] = f"{base}/discussions/{len(repository.pulls)}"
    made = repository.commit(ref, tree, *said, author=bearer.user, parent=parent)
    return Answer({**answer, "commitOid": made.id, "commitUrl": f"{base}/commit/{made.id}"})


def changed(repository: Repository, before: Tree, changes: list[Any]) -> Tree:
    """Return the files after some changes."""
    tree = dict(before)
    for kind, value in changes:
        CHANGES[kind](repository, tree, **value)
    check_card(repository, tree, before)
    return tree


def read_changes(request: Request) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    lines = [(line["key"], line["value"]) for line in request.lines()]
    headers = [value for key, value in lines if key == "header"]
    if len(headers) != 1 or not headers[0].get("summary"):
        raise Refusal(400, "A commit needs one header with a summary")
    return headers[0], [(key, value) for key, value in lines if key != "header"]


def check_card(repository: Repository, tree: Tree, before: Tree) -> None:
    card = tree.get("README.md")
    if card and card != before.get("README.md"):
        errors, _ = problems(card.content.decode(errors="replace"), repository.kind)
        if errors:
            raise Refusal(400, "Invalid metadata in README.md. " + " ".join(errors))


def put_file(_: Repository, tree: dict[str, File], *, path: str, content: str, **__: str) -> None:
    tree[path] = File(base64.b64decode(content))


def put_large(repo: Repository, tree: dict[str, File], *, path: str, oid: str, **_: object) -> None:
    if oid not in repo.large:
        raise Refusal(400, f"{path}: the LFS object {oid} was not uploaded")
    tree[path] = File(repo.large[oid], lfs=True)


def delete_file(_: Repository, tree: dict[str, File], *, path: str) -> None:
    if path not in tree:
        raise missing(path)
    del tree[path]


def missing(path: str) -> Refusal:
    refusal = entry_not_found(path)
    return Refusal(404, f"A file with this name doesn't exist: {path}", refusal.code)


CHANGES = {"file": put_file, "lfsFile": put_large, "deletedFile": delete_file}
