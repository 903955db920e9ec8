"""A process that is asked by lines: one to it and one back for each run."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.timing import Contestant


class Child:
    """The process, and its answers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, request: str) -> str:
        """The answer to a line."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process ended at {request!r}: {self.process.wait()}")
        return answer.strip()

    def contestant(self, name: str, request: str) -> Contestant:
        """What a request asks for, each time anew; it answers with seconds per item."""
        return Contestant(name, lambda: float(self.ask(request)))


@contextmanager
def child(
    command: Sequence[str | Path], folder: Path, environment: dict[str, str] | None = None
) -> Iterator[Child]:
    """A process in a folder, which ends when nobody asks any more."""
    pipe, words = subprocess.PIPE, list(map(str, command))
    with subprocess.Popen(
        words, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environment
    ) as process:
        yield Child(process)
