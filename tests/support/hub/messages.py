"""A request and its answer, without the wire; and what the Hub refuses."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Refusal(Exception):  # noqa: N818 (the Hub works as it should)
    """An answer that is an error; `code` becomes the header X-Error-Code."""

    def __init__(self, status: int, message: str, code: str | None = None, **body: object) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.body = {"error": message, **body}


def repo_not_found(*, known: bool) -> Refusal:
    """A private repository and a missing one look alike; strangers are asked who they are."""
    if known:
        return Refusal(404, "Repository not found", "RepoNotFound")
    return Refusal(401, "Invalid username or password.", "RepoNotFound")


def revision_not_found(revision: str) -> Refusal:
    return Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")


def entry_not_found(path: str) -> Refusal:
    return Refusal(404, f"{path} does not exist", "EntryNotFound")


@dataclass
class Request:
    """What a client sent; tokens are kept, so that tests can look for them."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    status: int | None = None
    groups: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path as sent: a revision such as refs/pr/1 is one quoted piece of it."""
        return urlsplit(self.target).path

    @property
    def host(self) -> str:
        """The name by which the client calls this machine."""
        return self.headers["host"].partition(":")[0]

    @property
    def query(self) -> dict[str, str]:
        """The options of the address; of repeated ones the last."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def revision(self) -> str:
        return unquote(self.groups.get("revision") or "main")

    @property
    def file(self) -> str:
        return unquote(self.groups.get("path") or "")

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in {"1", "true"}

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"{}")
        except ValueError as error:
            raise Refusal(400, f"The body is not JSON: {error}") from None

    def lines(self) -> list[Any]:
        """The body as JSON, one value a line."""
        return [json.loads(line) for line in self.body.splitlines() if line.strip()]

    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())

    @property
    def size(self) -> int:
        return len(self.body)


@dataclass
class Answer:
    """What the Hub says; `body` is bytes, or anything that becomes JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def refuse(refusal: Refusal) -> Answer:
    """Return the answer that says no."""
    headers = {"X-Error-Message": refusal.message.splitlines()[0]}
    if refusal.code:
        headers["X-Error-Code"] = refusal.code
    return Answer(refusal.body, refusal.status, headers)
