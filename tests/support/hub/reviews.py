"""Pull requests: branches `refs/pr/N` that ask to be merged, and what is said of them."""

from typing import Any

from .accounts import check_write
from .errors import Refusal
from .hub import Hub
from .messages import Answer, Request
from .repository import PullRequest, Repository


def describe(repository: Repository, pull: PullRequest) -> dict[str, Any]:
    """Describe a pull request as `get_discussion_details` reads it."""
    about = {"num": pull.num, "title": pull.title, "status": pull.status, "isPullRequest": True}
    where = {"repo": {"name": repository.name, "type": repository.kind.removesuffix("s")}}
    changes = {"base": pull.base, "mergeCommitId": pull.merged}
    made = {"author": {"name": pull.author}, "createdAt": pull.date}
    return {**about, **where, **made, "changes": changes, "filesWithConflicts": [], "events": []}


def discussions(hub: Hub, request: Request) -> Answer:
    """List the pull requests."""
    repository = hub.repository(request)
    shown = [describe(repository, pull) for pull in repository.pulls]
    return Answer({"discussions": shown, "count": len(shown), "start": 0})


def open_one(hub: Hub, request: Request) -> Answer:
    repository, asked, bearer = hub.repository(request), request.json(), hub.bearer(request)
    author = check_write(bearer, bearer.user if bearer else "")
    if not asked.get("pullRequest"):
        raise Refusal(400, "This Hub knows pull requests, no other discussions")
    start = repository.resolve("main")
    said = (asked["title"], asked.get("description", ""))
    pull = repository.open_pull(*said, author=author.user, start=start)
    pull.status = "draft"
    return Answer(describe(repository, pull))


def find(repository: Repository, request: Request) -> PullRequest:
    number = int(request.groups["num"])
    if not 0 < number <= len(repository.pulls):
        raise Refusal(404, f"No such discussion: {number}")
    return repository.pulls[number - 1]


def details(hub: Hub, request: Request) -> Answer:
    repository = hub.repository(request)
    return Answer(describe(repository, find(repository, request)))


def merge(hub: Hub, request: Request) -> Answer:
    """Bring what a pull request changed to the branch that it was made for."""
    repository = hub.repository(request)
    bearer, pull = check_write(hub.bearer(request), repository.owner), find(repository, request)
    if pull.status == "merged":
        raise Refusal(400, "This pull request is merged already")
    before, after = repository.files(pull.start), repository.files(pull.ref)
    tree = {
        path: file
        for path, file in repository.files().items()
        if path in after or path not in before
    }
    tree |= {path: file for path, file in after.items() if before.get(path) != file}
    title = f"{pull.title} (#{pull.num})"
    pull.merged = repository.commit(pull.base, tree, title, author=bearer.user).id
    pull.status = "merged"
    return Answer({"success": True})


def status(hub: Hub, request: Request) -> Answer:
    """Close or reopen a pull request."""
    repository = hub.repository(request)
    bearer, pull = check_write(hub.bearer(request), repository.owner), find(repository, request)
    pull.status = request.json()["status"]
    made = {"author": {"name": bearer.user}, "createdAt": pull.date}
    event = {"id": "1", "type": "status-change", "data": {"status": pull.status}}
    return Answer({"newStatus": {**event, **made}})
