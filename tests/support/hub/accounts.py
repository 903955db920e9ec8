"""People, organisations and their tokens, and what a token lets its bearer do."""

from dataclasses import dataclass, field
from typing import Any

from .messages import Refusal, repo_not_found
from .repository import Repository

READ_ONLY = "Forbidden: you must use a write token to upload to a repository."
NOT_YOURS = "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"


@dataclass(frozen=True)
class Bearer:
    """Who asks: a person, by one of their tokens."""

    user: str
    role: str
    organisations: tuple[str, ...]

    def owns(self, namespace: str) -> bool:
        return namespace in (self.user, *self.organisations)

    def whoami(self) -> dict[str, Any]:
        organisations = [{"type": "org", "name": name} for name in self.organisations]
        token = {"displayName": "test", "role": self.role}
        auth = {"type": "access_token", "accessToken": token}
        person = {"type": "user", "id": self.user, "name": self.user, "fullname": self.user}
        return {**person, "orgs": organisations, "auth": auth}


@dataclass
class Accounts:
    """All tokens of the Hub."""

    tokens: dict[str, Bearer] = field(default_factory=dict)

    def add(self, user: str, role: str = "write", organisations: tuple[str, ...] = ()) -> str:
        """Make a token for a person and return it."""
        token = f"hf_{user}{role}{len(self.tokens):0>24}"
        self.tokens[token] = Bearer(user, role, organisations)
        return token

    def bearer(self, authorization: str | None) -> Bearer | None:
        """Return who asks, None for a stranger."""
        if not authorization:
            return None
        token = authorization.removeprefix("Bearer ")
        if token not in self.tokens:
            raise Refusal(401, "Invalid credentials in Authorization header")
        return self.tokens[token]


def check_known(bearer: Bearer | None) -> Bearer:
    if bearer is None:
        raise Refusal(401, "Invalid username or password.")
    return bearer


def check_read(bearer: Bearer | None, repository: Repository | None) -> Repository:
    """Return the repository, unless it is missing or private to others."""
    owned = bearer and repository and bearer.owns(repository.owner)
    if repository is None or (repository.private and not owned):
        raise repo_not_found(known=bearer is not None)
    return repository


def check_write(bearer: Bearer | None, namespace: str, message: str = NOT_YOURS) -> Bearer:
    """Return who asks, if they may change what belongs to `namespace`."""
    bearer = check_known(bearer)
    if bearer.role != "write":
        raise Refusal(403, READ_ONLY)
    if not bearer.owns(namespace):
        raise Refusal(403, message)
    return bearer
