"""Push: families, deletions, privacy, shard sizes, credits, versions and tags, and tokens."""

import json
import os
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

import deepbench_hf
from deepbench_hf import HubError, list_recipes, load_recipe
from deepbench_hf.hub import client
from deepbench_hf.hub.contents import KEPT, Builds
from deepbench_hf.hub.pushing import push_families
from deepbench_hf.tables.manifest import sealed
from tests.support.hub.client import COMMAND_LINE
from tests.support.publishing import recipe_file
from tests.support.recipes import extended_file


def line_file(folder, name):
    """A recipe of another family."""
    return str(extended_file(folder, "scinet_linear", name, {"train": 50}))


def test_each_family_gets_a_repository_and_all_are_in_one_collection(publisher, tmp_path):
    names = [recipe_file(tmp_path), line_file(tmp_path, "straight")]
    for _ in range(2):
        work = publisher.pool.submit(push_families, names, "user/many", quiet=True)
        assert [one.repo_id for one in work.result()] == ["user/many-pendulum", "user/many-line"]
    (collection,) = publisher.hub.collections.values()
    assert collection["title"] == "many"
    assert [item["id"] for item in collection["items"]] == ["user/many-pendulum", "user/many-line"]
    head = publisher.front_matter("user/many-line")
    assert head["pretty_name"] == "DeepBench: Lines, steps and an arc sine"
    assert "error-propagation" in head["tags"]
    assert "galaxies" not in head["tags"]
    assert b"Deeply Uncertain" not in publisher.files("user/many-line")["README.md"]


def test_more_configs_than_a_front_page_can_name_are_refused_before_they_are_built(publisher):
    told = r"of \d+ configs would take \d+ kB, of at most 40 kB; push fewer, or .* --per-family"
    with pytest.raises(HubError, match=told):
        publisher.push(list_recipes(), "user/every")
    assert ("datasets", "user/every") not in publisher.hub.repositories, "nothing empty is left"


def test_what_others_wrote_below_our_part_does_not_count(publisher, tmp_path):
    repo_id, notes = "user/story", "A long story. " * 3000
    publisher.push(recipe_file(tmp_path), repo_id)
    readme = publisher.files(repo_id)["README.md"].decode()
    publisher.write(repo_id, "README.md", (readme + notes).encode())
    publisher.push(line_file(tmp_path, "second"), repo_id)
    assert publisher.configs(repo_id) == ["second", "tiny"]


def test_a_config_that_is_deleted_leaves_nothing_but_its_versions(publisher, tmp_path):
    repo_id = "user/deleted"
    publisher.push([recipe_file(tmp_path), line_file(tmp_path, "first")], repo_id)
    assert "docs/pendulum.md" in publisher.files(repo_id)
    publisher.push([], repo_id, delete="tiny")
    assert publisher.commits(repo_id)[0] == "Delete tiny"
    assert not [p for p in publisher.files(repo_id) if "tiny" in p or "pendulum" in p]
    assert publisher.configs(repo_id) == ["first"]
    assert publisher.verify(repo_id).identical
    versions = json.loads(publisher.files(repo_id)["manifest.json"])["versions"]
    assert "1.0.0" in versions["tiny"]
    with pytest.raises(HubError, match="tiny 1.0.0 is published with other content"):
        publisher.push(recipe_file(tmp_path, seed=3), repo_id)
    with pytest.raises(HubError, match="has no config 'tiny' of this package"):
        publisher.push([], repo_id, delete="tiny")
    with pytest.raises(HubError, match="no config would be left; delete the repository itself"):
        publisher.push([], repo_id, delete="first")


def test_a_public_repository_does_not_become_private_by_the_way(publisher, tmp_path):
    tiny = recipe_file(tmp_path)
    publisher.push(tiny, "user/public")
    with pytest.raises(HubError, match="user/public: is public already; change that on its page"):
        publisher.push(tiny, "user/public", private=True)
    publisher.push(tiny, "user/hidden", private=True)
    assert not publisher.push(tiny, "user/hidden", private=True).changed


def test_recipes_and_paths_are_pushed_and_say_whose_they_are(publisher, tmp_path):
    card = {"title": "Mine", "authors": ["A. Person"], "license": "cc-by-4.0"}
    card["citation"] = "@misc{mine, title = {Mine}}"
    tiny = Path(recipe_file(tmp_path, card=card))
    publisher.push(load_recipe(tiny), "user/own")
    head, text = publisher.front_matter("user/own"), publisher.files("user/own")["README.md"]
    assert (head["pretty_name"], head["license"]) == ("Mine", "cc-by-4.0")
    assert b"@misc{mine, title = {Mine}}" in text
    assert b"@misc{deepbench_hf" not in text
    assert b"for A. Person" in text
    assert not publisher.push(tiny, "user/own").changed
    assert load_recipe(tiny).fingerprint == load_recipe(recipe_file(tmp_path)).fingerprint


def test_a_shard_holds_about_as_much_as_was_asked_for(publisher, tmp_path):
    tiny = recipe_file(tmp_path, train=3000)
    publisher.push(tiny, "user/shards", max_shard_size=1)
    data = [path for path in publisher.files("user/shards") if "/train-" in path]
    assert len(data) == 3
    assert publisher.verify("user/shards").identical


def test_builds_that_nobody_came_back_for_are_removed(tmp_path, monkeypatch):
    builds = Builds(quiet=True)
    builds.root = tmp_path
    old, new = tmp_path / "old-1", tmp_path / "new-1"
    for place, age in ((old, KEPT + 60), (new, 60)):
        place.mkdir()
        place.with_name(f"{place.name}.lock").touch()
        os.utime(place, (time.time() - age,) * 2)
    with builds:
        builds.get([load_recipe(recipe_file(tmp_path))])
        assert (old.exists(), new.exists()) == (False, True)
        builds.remove()
    assert [place.name for place in tmp_path.iterdir() if place.is_dir()] == ["new-1"]


def test_a_push_of_what_lies_built_leaves_the_builds_of_other_pushes(tmp_path):
    recipe = load_recipe(recipe_file(tmp_path))
    with Builds(quiet=True) as theirs, Builds(quiet=True) as ours:
        theirs.root = ours.root = tmp_path / "push"
        (content,) = theirs.get([recipe])
        ours.contents[recipe.name] = content  # as `push` adds what lies in a folder
        ours.remove()
        assert content.target.sizes("tiny")
        theirs.remove()
        assert not content.target.sizes("tiny")


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


@pytest.fixture
def tiny(tmp_path):
    """A small recipe."""
    return recipe_file(tmp_path)


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (lambda people: "hf_nobody_has_this_one", "the token is not valid; run `hf auth login`"),
        (lambda people: people.add("user", "read"), "the token may only read; run `hf auth"),
        (lambda people: people.add("guest"), "the token has no right to do this; run `hf auth"),
        (lambda people: "hf_with a space", "the token holds spaces or signs that no token has"),
    ],
)
def test_a_token_that_cannot_do_it_is_told_in_one_line_and_never_shown(
    publisher, tiny, token, told
):
    token = token(publisher.hub.accounts)
    with pytest.raises(HubError) as error:
        publisher.push(tiny, "user/guarded", token=token)
    assert str(error.value).startswith(f"user/guarded: {told}")
    assert token not in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_no_token_and_a_hub_that_is_switched_off_are_told(tiny, monkeypatch):
    with pytest.raises(HubError, match="^user/off: the Hub is switched off; unset HF_HUB_OFFLINE"):
        deepbench_hf.push(tiny, "user/off")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(client, "get_token", lambda: None)
    with pytest.raises(HubError, match="^user/nobody: there is no token; run `hf auth login`"):
        deepbench_hf.push(tiny, "user/nobody")


def test_no_network_is_one_line_and_exit_code_1(publisher, tiny):
    nowhere = "http://127.0.0.1:9"
    done = publisher.cli("push", tiny, "user/far", "--timeout", "2", HF_ENDPOINT=nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    lines = [line for line in done.stderr.splitlines() if line.startswith(("Error", "Hint"))]
    assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
    assert f"user/far: {nowhere} cannot be reached; check the" in lines[0]
    assert "Traceback" not in done.stderr


def test_no_token_is_in_any_output_card_manifest_or_command_line(publisher, tiny):
    token = publisher.token
    with publisher.trouble("POST", "/commit/", status=500, retry_after=0):
        child = publisher.hub.start(
            *("-c", COMMAND_LINE, "push", tiny, "user/silent"), token=token, HF_DEBUG="1"
        )
        shown = command_line(child)
        said, told = child.communicate()
    assert child.returncode == 0
    assert token not in said + told + shown
    for path, content in publisher.files("user/silent").items():
        assert token.encode() not in content, path
    assert not [r for r in publisher.hub.requests if token in r.target or token.encode() in r.body]


def command_line(child):
    """What everybody can see of a process, where there is such a list."""
    file = Path(f"/proc/{child.pid}/cmdline")
    return file.read_text() if file.exists() else ""
