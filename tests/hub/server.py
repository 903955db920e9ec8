"""HTTP on loopback, and the Hub with all that it knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any

from .accounts import Accounts, Bearer, check_read
from .errors import Refusal
from .messages import Answer, Request, refuse
from .repository import Repository


class Hub:
    """A Hub of one test. As a context manager it serves at `url` until the end of the block.

    Large files live at `storage`: clients send no token to another host, and read what they must
    know about a file from the redirection to it.
    """

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.uploads: dict[str, tuple[Repository, str, int]] = {}
        self.requests: list[Request] = []
        self.page = 1000
        self.lock = RLock()

    def __enter__(self) -> Hub:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.hub = self  # type: ignore[attr-defined]
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
        from .routes import ROUTES

        with self.lock:
            try:
                for method, pattern, respond in ROUTES:
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

    def count(self, method: str, pattern: str) -> int:
        """Count the requests so far whose path holds a regular expression."""
        return sum(r.method == method and bool(re.search(pattern, r.path)) for r in self.requests)


class Handler(BaseHTTPRequestHandler):
    """One connection; requests follow one another on it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def hub(self) -> Hub:
        return self.server.hub  # type: ignore[attr-defined]

    def respond(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers)
        self.hub.requests.append(request)
        request.body = self.read_body()
        answer = self.hub.answer(request)
        request.status = answer.status
        self.send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = respond  # noqa: N815

    def read_body(self) -> bytes:
        """Read what follows the headers, whole or in chunks."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def send(self, answer: Answer) -> None:
        content = answer.content
        self.send_response(answer.status)
        kind = "application/octet-stream" if isinstance(answer.body, bytes) else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `requests` remembers."""


Route = tuple[str, str, Callable[[Hub, Request], Answer]]
