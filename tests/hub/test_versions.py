"""A version has one content for ever, and cards name only tags that hold what they describe."""

import json

import pytest

from deepbench_hf import HubError
from deepbench_hf.tables.manifest import sealed
from tests.support.publishing import recipe_file


@pytest.mark.parametrize("kept", [True, False], ids=["kept in the manifest", "older releases"])
def test_a_version_that_was_published_before_the_head_is_not_given_other_content(
    publisher, tmp_path, kept
):
    repo_id = f"user/history-{kept}"
    first = recipe_file(tmp_path)
    publisher.push(first, repo_id)
    publisher.push(recipe_file(tmp_path, version="1.1.0", seed=5), repo_id)
    if not kept:
        manifest = json.loads(publisher.files(repo_id)["manifest.json"])
        del manifest["versions"]
        publisher.write(repo_id, "manifest.json", sealed(manifest).encode())
    before = publisher.commits(repo_id)
    wanted = r"tiny 1.0.0 is published with other content \(in an earlier commit\); raise the"
    with pytest.raises(HubError, match=wanted):
        publisher.push(recipe_file(tmp_path, seed=9), repo_id)
    assert publisher.commits(repo_id) == before
    assert publisher.push(recipe_file(tmp_path), repo_id).changed, "the same content may come back"


def pinned(publisher, repo_id):
    """The revisions that the card names."""
    text = publisher.files(repo_id)["README.md"].decode()
    return [
        line.split('revision="')[1].split('"')[0] for line in text.splitlines() if 'n="v' in line
    ]


def test_the_card_names_a_tag_only_while_it_holds_what_the_card_describes(publisher, tmp_path):
    repo_id = "user/pinned"
    publisher.push(recipe_file(tmp_path), repo_id, tag=False)
    assert pinned(publisher, repo_id) == []
    assert publisher.push(recipe_file(tmp_path), repo_id).tag == "v1.0.0"
    assert pinned(publisher, repo_id) == ["v1.0.0"]
    assert not publisher.push(recipe_file(tmp_path), repo_id).changed
    publisher.push(recipe_file(tmp_path, "first"), repo_id)
    assert pinned(publisher, repo_id) == [], "v1.0.0 does not hold `first`"
    publisher.push(recipe_file(tmp_path, version="1.1.0"), repo_id)
    assert pinned(publisher, repo_id) == ["v1.1.0"]
    assert publisher.files(repo_id, "v1.1.0") == publisher.files(repo_id)
    assert publisher.verify(repo_id).identical
