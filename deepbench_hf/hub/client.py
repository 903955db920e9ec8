"""The client of the Hub: its token, how long trouble is waited for, and what an error means."""

import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import count
from typing import Any, TypeVar

from huggingface_hub import HfApi, constants, errors, get_token
from huggingface_hub.utils import get_session

from deepbench_hf.errors import BuildError, HubError, RecipeError, first_line

T = TypeVar("T")

REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,96}/[A-Za-z0-9_.-]{1,96}")

TIMEOUT = 120.0
"""Seconds of trouble with the Hub, all attempts together, after which a call gives up."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds; the wait doubles from one attempt to the next, unless the Hub says how long it is."""

TEMPORARY = (408, 429, 500, 502, 503, 504)
OVERTAKEN = (409, 412)
"""Somebody else's commit landed first: the next attempt starts from theirs."""

CLIENT_ERROR: type[Exception] = errors.HfHubHTTPError.__bases__[0]
"""The error of the library that `huggingface_hub` uses: answers and lost connections alike."""

GET_TOKEN = "run `hf auth login`, or set HF_TOKEN, with a token that may write"  # noqa: S105
LATER = "run it again later, what is uploaded is not sent again"


class Hub:
    """The Hub for one call of `push` or `verify`: its client, and one budget of time for trouble.

    Args:
        token: the token; None for the one of `hf auth login` or HF_TOKEN.
        where: the repository, for messages.
        timeout: seconds of trouble after which all is given up. What the client's own attempts
            at one request take counts too; transfers that go well do not.
        quiet: no line for each attempt.

    Raises:
        HubError: no such name, offline, or a token that cannot be one.
    """

    def __init__(
        self, token: str | None, where: str, timeout: float = TIMEOUT, quiet: bool = False
    ) -> None:
        if not REPOSITORY.fullmatch(where):
            raise HubError(f"{where!r:.80} is not the name of a repository; give user/name")
        if constants.HF_HUB_OFFLINE:
            raise explained(errors.OfflineModeIsEnabled(), where)
        found = token or get_token()
        if found is not None and not re.fullmatch(r"[!-~]+", found):
            wrong = "the token holds spaces or signs that no token has"
            raise HubError(f"{where}: {wrong}; {GET_TOKEN}")
        os.environ.setdefault("HF_XET_CLIENT_RETRY_MAX_DURATION", f"{max(1, timeout / 4):.0f}s")
        ours = version("deepbench-hf")
        self.api = HfApi(token=found, library_name="deepbench-hf", library_version=ours)
        self.where, self.quiet, self.left = where, quiet, timeout
        self.trouble_since: float | None = None

    def check_rights(self) -> None:
        """Make sure that there is a token that may write, before anything costly is begun."""
        if self.api.token is None:
            raise HubError(f"{self.where}: there is no token; {GET_TOKEN}")
        who = self.retry(self.api.whoami)
        if who.get("auth", {}).get("accessToken", {}).get("role") == "read":
            raise HubError(f"{self.where}: the token may only read; {GET_TOKEN}")

    def retry(self, step: Callable[[], T]) -> T:
        """The result of a step, tried again while what stops it may pass and time is left.

        Args:
            step: what to do; it must find out by itself what an earlier attempt got done.

        Raises:
            HubError: it did not pass, or cannot.
        """
        for number in count(1):
            try:
                with self._watched():
                    result = step()
            except (BuildError, HubError, RecipeError):
                raise
            except Exception as error:
                wait = _wait(error, number)
                self._begin_trouble()
                if wait is None or wait >= self._remaining():
                    raise explained(error, self.where) from error
                cause = str(explained(error, self.where)).split("; ")[0]
                self._say(f"{cause}; trying again in {wait:g} s")
                time.sleep(wait)
            else:
                self._end_trouble()
                return result
        raise AssertionError("attempts end by a result or an error")

    def _begin_trouble(self) -> None:
        if self.trouble_since is None:
            self.trouble_since = time.monotonic()

    def _end_trouble(self) -> None:
        self.left, self.trouble_since = self._remaining(), None

    def _remaining(self) -> float:
        since = self.trouble_since
        return self.left - (0.0 if since is None else time.monotonic() - since)

    def _say(self, text: str) -> None:
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """With the client's own attempts within the budget, and its warnings without addresses.

        The address of an upload is a secret: whoever has it can write there.
        """
        hooks, log = get_session().event_hooks, logging.getLogger("huggingface_hub.utils._http")
        hooks["response"].append(self._answered)  # of all threads: others come and go meanwhile
        log.addFilter(self._without_address)
        try:
            yield
        finally:
            hooks["response"].remove(self._answered)
            log.removeFilter(self._without_address)

    def _answered(self, response: Any) -> None:
        """Count the time from the first answer that tells of trouble to the next good one."""
        if response.status_code not in TEMPORARY:
            self._end_trouble()
            return
        self._begin_trouble()
        if self._remaining() <= (_asked(response) or 0.0):
            raise HubError(f"{self.where}: the Hub answers {response.status_code}; {LATER}")

    def _without_address(self, record: logging.LogRecord) -> bool:
        """One line for each of the client's own attempts, without the address."""
        text = record.getMessage()
        if match := re.match(
            r"(?:HTTP Error (\d+)|'.*') thrown while requesting (\w+)", text, re.S
        ):
            status, method = match.groups()
            what = f"the Hub answers {status}" if status else "the connection broke"
            record.msg, record.args = f"{self.where}: {what} ({method}); trying again", ()
        return not self.quiet and not text.startswith("Retrying in")


def explained(error: BaseException, where: str) -> HubError:
    """The error as one line that says what to do."""
    root = _known(error)
    if isinstance(root, HubError):  # given up inside the client
        return root
    if isinstance(root, errors.OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return HubError(f"{where}: the Hub is switched off; unset HF_HUB_OFFLINE to reach it")
    if isinstance(root, errors.HFValidationError):
        return HubError(f"{where}: {first_line(root)}")
    if isinstance(root, errors.LocalTokenNotFoundError):
        return HubError(f"{where}: there is no token; {GET_TOKEN}")
    if isinstance(root, errors.RevisionNotFoundError):
        return HubError(f"{where}: has no such revision; give a branch, a tag or a commit of it")
    if isinstance(root, errors.GatedRepoError):
        page = f"{constants.ENDPOINT}/datasets/{where}"
        return HubError(f"{where}: is gated; ask for access at {page}, and give a token")
    if isinstance(root, errors.RepositoryNotFoundError):
        hint = "check the name, and whether the token may see it"
        return HubError(f"{where}: there is no such dataset on the Hub; {hint}")
    if isinstance(root, errors.HfHubHTTPError):
        return HubError(f"{where}: {_answer(root)}")
    if isinstance(root, (CLIENT_ERROR, ConnectionError, TimeoutError)):
        hint = "check the network and HF_ENDPOINT, then run it again"
        return HubError(f"{where}: {constants.ENDPOINT} cannot be reached; {hint}")
    return HubError(f"{where}: {first_line(error)}; run it again, or see HF_DEBUG=1")


def _answer(error: errors.HfHubHTTPError) -> str:
    """What a refusal means."""
    status = error.response.status_code
    hub = str(error.response.url).startswith(f"{constants.ENDPOINT}/")  # else it is the storage
    if status == 401:
        return f"the token is not valid; {GET_TOKEN}"
    if status == 403 and not hub:
        hint = "a proxy or a clock that is wrong can be the reason, the token is not"
        return f"the storage of the Hub refuses a file (403); {hint}: run it again"
    if status == 403:
        return f"the token has no right to do this; {GET_TOKEN} here"
    if status in OVERTAKEN:
        return "others kept committing at the same time; run it again"
    if status in TEMPORARY:
        return f"the Hub answers {status}; {LATER}"
    message = (error.server_message if hub else "") or f"to {error.request.method}"
    return f"the Hub answers {status}: {message}"


def _wait(error: BaseException, number: int) -> float | None:
    """Seconds until the next attempt; None where none could help."""
    root = _known(error)
    if isinstance(root, errors.OfflineModeIsEnabled) or constants.HF_HUB_OFFLINE:
        return None
    doubled = min(FIRST_WAIT * 2.0 ** (number - 1), LONGEST_WAIT)
    if not isinstance(root, errors.HfHubHTTPError):
        passing = isinstance(root, (CLIENT_ERROR, ConnectionError, TimeoutError))
        return doubled if passing else None
    status = root.response.status_code
    if status in OVERTAKEN:
        return doubled / 10
    if status not in TEMPORARY:
        return None
    return _asked(root.response) or doubled


def _asked(response: Any) -> float | None:
    """Seconds that an answer asks to wait for."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _known(error: BaseException) -> BaseException:
    """The error itself, or the one behind it that tells what the Hub or the network did."""
    ours = (HubError, errors.LocalTokenNotFoundError, errors.HFValidationError)
    kinds = (CLIENT_ERROR, ConnectionError, TimeoutError, *ours)
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kinds):
        cause = cause.__cause__
    return cause or error
