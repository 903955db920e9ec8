"""Trouble on demand: which request it befalls, and what happens then."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from .messages import Answer, Request


@dataclass
class Fault:
    """What happens to some requests; the fields can be combined.

    Args:
        method: The method of the requests.
        pattern: A regular expression that their path holds.
        nth: The first of them that is in trouble, counted from 1 since the fault was set.
        times: How many in a row are.
        status: Answer with this status, and change nothing.
        code: The header X-Error-Code of that answer, by which clients tell the reasons apart.
        retry_after: Seconds for the header Retry-After of that answer.
        seconds: Wait so long before anything else.
        before: Call this when the request is whole and before it is answered, as when someone
            else's commit lands first.
        cut: Break the connection in the middle of the request's body, or of the answer's if the
            request has none; a cut request changes nothing.
        lose: Do what is asked and break the connection instead of saying so.
    """

    method: str
    pattern: str
    nth: int = 1
    times: float = 1
    status: int | None = None
    code: str | None = None
    retry_after: int | None = None
    seconds: float = 0
    before: Callable[[], object] | None = None
    cut: bool = False
    lose: bool = False
    seen: int = 0

    def befalls(self, request: Request) -> bool:
        """Count a request if it is one of ours; return whether it is in trouble."""
        if request.method != self.method or not re.search(self.pattern, request.path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    def answer(self) -> Answer | None:
        """Return what is said instead of the truth, if anything."""
        if self.status is None:
            return None
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        headers |= {"X-Error-Code": self.code} if self.code else {}
        return Answer({"error": f"Trouble on demand: {self.status}"}, self.status, headers)


HEALTHY = Fault("", "")


class Faults(list[Fault]):
    """All faults of a Hub."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()

    def of(self, request: Request) -> Fault:
        """Return the first fault that befalls a request; every fault counts the request."""
        with self.lock:
            return [*[fault for fault in self if fault.befalls(request)], HEALTHY][0]
