"""Somebody with an empty dataset."""

import pytest

from tests.support.hub.usage import NAME


@pytest.fixture
def alice(hub):
    """The client of somebody whose dataset `alice/demo` is empty."""
    api = hub.api(hub.accounts.add("alice"))
    api.create_repo(NAME, repo_type="dataset")
    return api
