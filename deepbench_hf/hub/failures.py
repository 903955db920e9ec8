"""What can go wrong with the Hub: what passes is waited for, the rest is told in one line."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from huggingface_hub import constants
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from deepbench_hf.errors import BuildError, HubError, RecipeError

T = TypeVar("T")

TRIES, FIRST_TRIES = 6, 3
"""Attempts at one step before it is given up; there are fewer at the first one of all."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds; the wait doubles from one attempt to the next, unless the Hub says how long it is."""

PASSING = (408, 429, 500, 502, 503, 504)
OVERTAKEN = (409, 412)
"""Somebody else's commit landed first: the next attempt starts from theirs."""

CLIENT_ERROR: type[Exception] = HfHubHTTPError.__bases__[0]
"""The error of the library that `huggingface_hub` uses: answers and lost connections alike."""

GET_TOKEN = "run `hf auth login`, or set HF_TOKEN, with a token that may write"  # noqa: S105


def patiently(step: Callable[[], T], where: str, tries: int = TRIES) -> T:
    """The result of a step, tried again while what stops it may pass.

    Args:
        step: what to do; it must find out by itself what an earlier attempt got done.
        where: the repository, for messages.
        tries: attempts before it is given up.

    Raises:
        HubError: it did not pass, or cannot.
    """
    for number in range(1, tries + 1):
        try:
            return step()
        except (BuildError, HubError, RecipeError):
            raise
        except Exception as error:
            wait = _wait(error, number)
            if wait is None or wait > LONGEST_WAIT or number == tries:
                raise told(error, where) from error
        time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def told(error: BaseException, where: str) -> HubError:
    """The error as one line that says what to do.

    Args:
        error: as the client raised it.
        where: the repository, or what else was asked for.
    """
    root = _known(error)
    if isinstance(root, OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return HubError(f"{where}: the Hub is switched off; unset HF_HUB_OFFLINE to reach it")
    if isinstance(root, HFValidationError):
        return HubError(f"{where}: {_first_line(root)}")
    if isinstance(root, LocalTokenNotFoundError):
        return HubError(f"{where}: there is no token; {GET_TOKEN}")
    if isinstance(root, RevisionNotFoundError):
        return HubError(f"{where}: has no such revision; give a branch, a tag or a commit of it")
    if isinstance(root, RepositoryNotFoundError):
        hint = "check the name, and whether the token may see it"
        return HubError(f"{where}: there is no such dataset on the Hub; {hint}")
    if isinstance(root, HfHubHTTPError):
        return HubError(f"{where}: {_answer(root)}")
    if isinstance(root, (CLIENT_ERROR, ConnectionError, TimeoutError)):
        hint = "check the network and HF_ENDPOINT, then run it again"
        return HubError(f"{where}: {constants.ENDPOINT} cannot be reached; {hint}")
    return HubError(f"{where}: {_first_line(error)}; run it again, or see HF_DEBUG=1")


def _answer(error: HfHubHTTPError) -> str:
    """What a refusal means."""
    status = _status(error)
    if status == 401:
        return f"the token is not valid; {GET_TOKEN}"
    if status == 403:
        return f"the token has no right to do this; {GET_TOKEN} here"
    if status in OVERTAKEN:
        return "others kept committing at the same time; run it again"
    if status in PASSING:
        return f"the Hub answers {status}; run it again later, what is uploaded is not sent again"
    return f"the Hub answers {status}: {error.server_message or _first_line(error)}"


def _wait(error: BaseException, number: int) -> float | None:
    """Seconds until the next attempt; None where none could help."""
    root = _known(error)
    if isinstance(root, OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return None
    doubled = FIRST_WAIT * 2.0 ** (number - 1)
    if not isinstance(root, HfHubHTTPError):
        passing = isinstance(root, (CLIENT_ERROR, ConnectionError, TimeoutError))
        return doubled if passing else None
    if _status(root) in OVERTAKEN:
        return doubled / 10
    if _status(root) not in PASSING:
        return None
    asked = root.response.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else doubled


def _status(error: HfHubHTTPError) -> int:
    return error.response.status_code


def _known(error: BaseException) -> BaseException:
    """The error itself, or the one behind it that the Hub or the network is to blame for."""
    kinds = (
        CLIENT_ERROR,
        ConnectionError,
        TimeoutError,
        LocalTokenNotFoundError,
        HFValidationError,
    )
    return next((cause for cause in _causes(error) if isinstance(cause, kinds)), error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _first_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
