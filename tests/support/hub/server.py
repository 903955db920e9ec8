"""HTTP on loopback: bytes to requests, answers to bytes, and connections that break."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from .faults import Faults
from .messages import Answer, Request


class Service(Protocol):
    """What is served."""

    faults: Faults
    requests: list[Request]

    def answer(self, request: Request) -> Answer: ...


class Server(ThreadingHTTPServer):
    """A server on a free port; a thread for each connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, service: Service) -> None:
        self.service = service
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection; requests follow one another on it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def respond(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers)
        service = self.server.service
        service.requests.append(request)
        fault = service.faults.of(request)
        time.sleep(fault.seconds)
        if fault.cut and self.has_body():
            return self.cut()
        request.body = self.read_body()
        if fault.before:
            fault.before()
        answer = fault.answer() or service.answer(request)
        request.status = answer.status
        if fault.lose:
            return self.hang_up()
        self.send(answer, cut=fault.cut)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = respond  # noqa: N815

    def has_body(self) -> bool:
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0") != "0"

    def cut(self) -> None:
        """Break the connection with half of the body read."""
        self.rfile.read(int(self.headers.get("content-length", 2)) // 2)
        self.hang_up()

    def hang_up(self) -> None:
        self.close_connection = True

    def read_body(self) -> bytes:
        """Read what follows the headers, whole or in chunks."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.read(int(self.headers.get("content-length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0] or b"-1", 16):
            chunks.append(self.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def read(self, size: int) -> bytes:
        """Read so many bytes; the request of a client that died on the way counts for nothing."""
        content = self.rfile.read(size) if size >= 0 else b""
        if len(content) != size:
            raise ConnectionAbortedError("The body ended early")
        return content

    def send(self, answer: Answer, *, cut: bool = False) -> None:
        content = answer.content
        self.send_response(answer.status)
        kind = "application/octet-stream" if isinstance(answer.body, bytes) else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self.hang_up()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the requests are kept."""
