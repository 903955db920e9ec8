"""Who asks: the client of the Hub, and whether its token can do what is wanted."""

import re
from importlib.metadata import version

from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import OfflineModeIsEnabled

from deepbench_hf.errors import HubError
from deepbench_hf.hub.failures import FIRST_TRIES, GET_TOKEN, patiently, told

REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,96}/[A-Za-z0-9_.-]{1,96}")


def client(token: str | None, repo_id: str, writes: bool) -> HfApi:
    """A client for one repository, checked before anything costly is begun.

    Args:
        token: the token; None for the one of `hf auth login` or HF_TOKEN.
        repo_id: the repository.
        writes: whether it will write.

    Raises:
        HubError: no such name, offline, or a token that is missing, wrong or may not write.
    """
    if not REPOSITORY.fullmatch(repo_id):
        raise HubError(f"{repo_id!r:.80} is no name of a repository; give user/name")
    if constants.HF_HUB_OFFLINE:
        raise told(OfflineModeIsEnabled(), repo_id)
    found = token or get_token()
    if found is not None and not re.fullmatch(r"[!-~]+", found):
        raise HubError(f"{repo_id}: the token holds spaces or signs that no token has; {GET_TOKEN}")
    api = HfApi(token=found, library_name="deepbench-hf", library_version=version("deepbench-hf"))
    if writes:
        _check_rights(api, repo_id)
    return api


def _check_rights(api: HfApi, repo_id: str) -> None:
    if api.token is None:
        raise HubError(f"{repo_id}: there is no token; {GET_TOKEN}")
    who = patiently(api.whoami, repo_id, FIRST_TRIES)
    if who.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise HubError(f"{repo_id}: the token may only read; {GET_TOKEN}")
