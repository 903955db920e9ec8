"""The command line: each verb reads its options, calls one function and prints."""

import os
import signal
import socket
import sys
import time
from threading import Thread
from typing import Any, NoReturn

import click
from huggingface_hub import constants

from deepbench_hf.cli import evaluating, looking, making, publishing, reports, scaling
from deepbench_hf.cli.options import examples, note

__all__ = ["cli", "main"]

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

PATIENCE_S = 1.0
"""How long after Ctrl-C the main thread may take to hear of it: within a kernel it does not."""


def main() -> None:
    """Run the command line; errors are one line each, a traceback only under HF_DEBUG=1."""
    interrupted = _note_interrupts()
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        if interrupted:
            _abort()
        if constants.HF_DEBUG:
            raise
        verb = next((word for word in sys.argv[1:] if word in cli.commands), "")
        for line in reports.error_lines(error, verb):
            note(line)
        sys.exit(1)
    except KeyboardInterrupt:
        _abort()


def _note_interrupts() -> list[int]:
    """A list that is filled by Ctrl-C; worker processes then end without a word."""
    seen, owner = [], os.getpid()
    wakened, wakes = socket.socketpair()
    wakes.setblocking(False)

    def interrupt(number: int, frame: Any) -> None:
        if os.getpid() != owner:
            os._exit(1)
        seen.append(number)
        raise KeyboardInterrupt

    def watch(*ends: socket.socket) -> None:
        while ends[0].recv(1) != bytes([signal.SIGINT]):
            pass
        time.sleep(PATIENCE_S)
        if not seen:
            _abort()

    signal.signal(signal.SIGINT, interrupt)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    Thread(target=watch, args=(wakened, wakes), daemon=True).start()
    return seen


def _abort() -> NoReturn:
    """End at once: Python itself would wait for threads that are in the middle of a kernel."""
    note("Error: interrupted; nothing half-written is left to see")
    sys.stdout.flush()
    os._exit(130)


@click.group(
    context_settings=CONTEXT,
    epilog=examples(
        "list", "preview pendulum_noisy -o pendulum.png", "build pendulum_noisy -o out"
    ),
)
@click.version_option(package_name="deepbench-hf", prog_name="deepbench-hf")
def cli() -> None:
    """Physics datasets with exact labels and known noise, made anew bit for bit anywhere.

    NAME is a shipped config (see `list`) or the path of your own recipe, such as my.yaml.
    """


for _verb in (
    looking.list_,
    looking.info,
    looking.validate,
    looking.import_,
    making.build,
    scaling.plan,
    scaling.work,
    scaling.status,
    scaling.finish,
    making.preview,
    looking.explore,
    making.digest,
    making.card,
    evaluating.evaluate,
    looking.compare,
    publishing.push,
    publishing.verify,
    looking.env,
):
    cli.add_command(_verb)
