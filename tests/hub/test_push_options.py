"""Push: repositories by family, configs that go, privacy, shard sizes, and own credits."""

import json
import os
import time
from pathlib import Path

import pytest

from deepbench_hf import HubError, list_recipes, load_recipe
from deepbench_hf.hub.contents import KEPT, Builds
from deepbench_hf.hub.pushing import push_families
from tests.support.publishing import recipe_file


def line_file(folder, name):
    """A recipe of another family."""
    file = Path(recipe_file(folder, name, base="scinet_linear", priors={}, splits=None))
    text = file.read_text().replace("splits: null\n", "splits: {train: {size: 50}}\n")
    file.write_text(text)
    return str(file)


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
