"""The Hub and all that it knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from threading import RLock, Thread
from typing import Any, Self

from .accounts import Accounts, Bearer, check_read
from .faults import Fault, Faults
from .messages import Answer, Refusal, Request, refuse
from .repository import Repository
from .server import Server


class Hub:
    """A Hub of one test. As a context manager it serves at `url` until the end of the block.

    Large files live at `storage`: clients send no token to another host, and read what they must
    know about a file from the redirection to it.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
        self.accounts = Accounts()
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.collections: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, tuple[Repository, str, int]] = {}
        self.requests: list[Request] = []
        self.page = 1000
        self.faults = Faults()
        self.lock = RLock()

    def __enter__(self) -> Self:
        self.server = Server(self)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.storage = self.url.replace("127.0.0.1", "localhost")
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request; one at a time, so that every change is whole."""
        with self.lock:
            try:
                for method, pattern, respond in self.routes:
                    match = re.fullmatch(pattern, request.path)
                    if match and request.method in method.split():
                        request.groups = match.groupdict()
                        return respond(self, request)
                raise Refusal(404, f"No such address: {request.method} {request.path}")
            except Refusal as refusal:
                return refuse(refusal)

    def bearer(self, request: Request) -> Bearer | None:
        return self.accounts.bearer(request.headers.get("authorization"))

    def repository(self, request: Request) -> Repository:
        """Return the repository of an address, for who may read it."""
        kind = request.groups.get("kind") or "models"
        stored = self.repositories.get((kind, request.groups["name"]))
        return check_read(self.bearer(request), stored)

    def dataset(self, name: str) -> Repository:
        """Return a dataset's repository as the Hub keeps it, rights aside."""
        return self.repositories["datasets", name]

    def trouble(self, method: str, pattern: str, **how: Any) -> Fault:
        """Let something go wrong; `how` is in the words of `Fault`."""
        fault = Fault(method, pattern, **how)
        self.faults.append(fault)
        return fault

    def count(self, method: str, pattern: str) -> int:
        """Count the requests so far whose path holds a regular expression."""
        return sum(r.method == method and bool(re.search(pattern, r.path)) for r in self.requests)


Route = tuple[str, str, Callable[[Hub, Request], Answer]]
"""Methods, a pattern that the whole path fits, and who answers."""
