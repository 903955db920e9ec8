"""What the tests of the test Hub do again and again."""

from importlib import import_module
from typing import Any

from huggingface_hub import CommitInfo, CommitOperationAdd, HfApi
from huggingface_hub.utils import get_session

NAME = "alice/demo"
CARD = b"---\nlicense: mit\nsize_categories:\n- n<1K\n---\n# Demo\n"

NETWORK_ERROR = import_module(type(get_session()).__module__.partition(".")[0]).TransportError
"""What the client's HTTP library, httpx or its successor, raises for a broken connection."""


def put(api: HfApi, files: dict[str, bytes], **options: Any) -> CommitInfo:
    """Commit some files to the dataset of the tests."""
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return api.create_commit(NAME, operations, commit_message="Add", repo_type="dataset", **options)


def status(caught: Any) -> int:
    """Return the status of the answer that `pytest.raises` caught."""
    return caught.value.response.status_code
