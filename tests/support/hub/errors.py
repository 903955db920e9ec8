"""What the Hub refuses, with the status and the code by which clients tell the reasons apart."""


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
