"""Push: one commit with all of it, nothing where nothing changed, and others' configs stay."""

import json
from pathlib import Path

import datasets
import pytest
import yaml

from deepbench_hf import HubError
from deepbench_hf.hub.committing import Limits
from deepbench_hf.tables.manifest import sealed
from tests.support.publishing import recipe_file


@pytest.fixture(scope="module")
def pushed(publisher, tmp_path_factory):
    """A repository with one small config: its name, and what the push gave."""
    tiny = recipe_file(tmp_path_factory.mktemp("recipes"))
    return tiny, "user/pushed", publisher.push(tiny, "user/pushed")


def test_one_commit_holds_parquet_card_manifest_recipe_and_figures(publisher, pushed):
    _, repo_id, result = pushed
    assert result.changed
    assert publisher.commits(repo_id) == ["Push tiny 1.0.0"]
    assert set(publisher.files(repo_id)) == {
        *("README.md", "manifest.json", "croissant.json", "recipes/tiny.yaml"),
        *("tiny/train-00000-of-00001.parquet", "tiny/test-00000-of-00001.parquet"),
        *("figures/tiny.png", "figures/tiny_draws.png", "docs/about.md", "docs/pendulum.md"),
    }
    assert "extends" not in yaml.safe_load(publisher.files(repo_id)["recipes/tiny.yaml"])
    assert result.commit in result.url


def test_pushing_the_same_again_makes_no_commit(publisher, pushed):
    tiny, repo_id, result = pushed
    before = publisher.commits(repo_id)
    again = publisher.push(tiny, repo_id)
    assert (again.changed, again.commit) == (False, result.commit)
    assert publisher.commits(repo_id) == before


def test_configs_that_a_push_does_not_name_stay(publisher, tmp_path):
    repo_id = "user/beside"
    publisher.push(recipe_file(tmp_path, "first"), repo_id)
    before = publisher.files(repo_id)
    publisher.push(recipe_file(tmp_path, "tiny"), repo_id)
    after = publisher.files(repo_id)
    kept = [path for path in before if path.startswith("first/") or "first" in path]
    assert kept
    assert all(after[path] == before[path] for path in kept)
    assert publisher.configs(repo_id) == ["first", "tiny"]
    assert publisher.verify(repo_id).identical


def test_a_config_of_somebody_else_stays_and_is_not_replaced_unasked(publisher, tmp_path):
    repo_id = "user/shared"
    publisher.push(recipe_file(tmp_path, "tiny"), repo_id)
    theirs = {"config_name": "theirs", "data_files": "theirs/*.parquet"}
    rows = tmp_path / "rows.parquet"
    datasets.Dataset.from_dict({"a": [1]}).to_parquet(rows)
    head = publisher.front_matter(repo_id)
    head["configs"].append(theirs)
    body = publisher.files(repo_id)["README.md"].decode().split("---", 2)[2]
    text = f"---\n{yaml.safe_dump(head, sort_keys=False)}---{body}\nTheir own words.\n"
    publisher.write(repo_id, "theirs/rows.parquet", rows.read_bytes())
    publisher.write(repo_id, "README.md", text.encode())
    publisher.push(recipe_file(tmp_path, "tiny", version="1.1.0", seed=7), repo_id)
    assert theirs in publisher.front_matter(repo_id)["configs"]
    assert publisher.files(repo_id)["theirs/rows.parquet"] == rows.read_bytes()
    assert b"Their own words." in publisher.files(repo_id)["README.md"]
    with pytest.raises(HubError, match="'theirs' that was not pushed by this package"):
        publisher.push(recipe_file(tmp_path, "theirs"), repo_id)


def test_other_content_of_the_same_version_is_refused_unless_forced(publisher, tmp_path):
    repo_id = "user/versions"
    publisher.push(recipe_file(tmp_path), repo_id)
    before = publisher.commits(repo_id)
    changed = recipe_file(tmp_path, train=400, seed=5)
    wanted = r"tiny 1.0.0 is published with other content \(seed, splits.train.size\); raise"
    with pytest.raises(HubError, match=wanted):
        publisher.push(changed, repo_id)
    assert publisher.commits(repo_id) == before
    forced = publisher.push(changed, repo_id, force=True)
    assert forced.changed
    assert publisher.verify(repo_id).identical
    assert publisher.files(repo_id, "v1.0.0") == publisher.files(repo_id)


def test_a_higher_version_replaces_the_rows_and_leaves_no_old_file(publisher, tmp_path):
    repo_id = "user/higher"
    publisher.push(recipe_file(tmp_path), repo_id)
    file = Path(recipe_file(tmp_path, version="1.1.0"))
    file.write_text(file.read_text().replace("  test:\n    size: 300\n", "  test: null\n"))
    publisher.push(str(file), repo_id)
    data = [path for path in publisher.files(repo_id) if path.endswith(".parquet")]
    assert data == ["tiny/train-00000-of-00001.parquet"]
    assert publisher.verify(repo_id).identical


def test_a_digest_that_is_not_the_published_one_is_refused(publisher, tmp_path):
    repo_id = "user/digests"
    tiny = recipe_file(tmp_path)
    publisher.push(tiny, repo_id)
    manifest = json.loads(publisher.files(repo_id)["manifest.json"])
    manifest["configs"]["tiny"]["splits"]["test"]["blocks"][0] = "0" * 64
    text = sealed(manifest)
    publisher.write(repo_id, "manifest.json", text.encode())
    with pytest.raises(HubError, match=r"other content \(digests of test\)"):
        publisher.push(tiny, repo_id)


def test_a_dry_run_tells_all_operations_and_writes_nothing(publisher, tmp_path):
    tiny = recipe_file(tmp_path)
    seen = len(publisher.hub.requests)
    told = publisher.push(tiny, "user/dry", dry_run=True)
    assert [line.split(" (")[0] for line in told.operations] == [
        *("add README.md", "add croissant.json", "add docs/about.md", "add docs/pendulum.md"),
        *("add figures/tiny.png", "add figures/tiny_draws.png"),
        *("add manifest.json", "add recipes/tiny.yaml"),
        *("add tiny/test-00000-of-00001.parquet", "add tiny/train-00000-of-00001.parquet"),
    ]
    assert {request.method for request in publisher.hub.requests[seen:]} <= {"GET", "HEAD"}
    publisher.push(tiny, "user/dry")
    assert not publisher.push(tiny, "user/dry", dry_run=True).operations


def test_more_files_than_one_commit_should_hold_go_first_and_the_readme_last(publisher, tmp_path):
    repo_id, limits = "user/large", Limits(files=2)
    names = [recipe_file(tmp_path, name) for name in ("tiny", "first")]
    publisher.push(names, repo_id, limits=limits, tag=False)
    assert len(publisher.commits(repo_id)) == 3
    assert publisher.verify(repo_id).identical
    grown = [recipe_file(tmp_path, n, train=400, version="1.1.0") for n in ("tiny", "first")]
    more = [*grown, recipe_file(tmp_path, "c")]
    publisher.push(more, repo_id, limits=limits)
    # c first; the README names files of the others already, so they change together with it
    assert len(publisher.commits(repo_id)) == 5
    assert publisher.verify(repo_id).identical


def test_a_pull_request_leaves_main_as_it_is(publisher, tmp_path):
    repo_id = "user/asked"
    publisher.push(recipe_file(tmp_path), repo_id)
    before = publisher.files(repo_id)
    asked = publisher.push(recipe_file(tmp_path, "first"), repo_id, create_pr=True)
    assert "/discussions/" in asked.url
    assert publisher.files(repo_id) == before
    assert "first/train-00000-of-00001.parquet" in publisher.files(repo_id, "refs/pr/1")


def test_a_branch_is_made_where_it_is_missing(publisher, tmp_path):
    repo_id = "user/branched"
    publisher.push(recipe_file(tmp_path), repo_id)
    before = publisher.files(repo_id)
    pushed = publisher.push(
        recipe_file(tmp_path, "first"), repo_id, revision="next", commit_message="Mine"
    )
    assert pushed.tag is None
    assert publisher.files(repo_id) == before
    assert publisher.verify(repo_id, revision="next").identical


def test_configs_of_several_versions_get_no_tag(publisher, tmp_path):
    names = [recipe_file(tmp_path), recipe_file(tmp_path, "first", version="2.0.0")]
    pushed = publisher.push(names, "user/mixed")
    assert (pushed.tag, pushed.note) == (
        None,
        "no tag, as the configs have the versions 1.0.0, 2.0.0",
    )


def test_image_configs_get_pictures_unless_they_are_not_wanted(publisher):
    sizes = {"train": 8, "validation": 8, "test": 8, "test_faint": 8, "test_offcentre": 8}
    for preview in (True, False):
        repo_id = f"user/pictures-{preview}"
        publisher.push("galaxy_morphology", repo_id, num_examples=sizes, preview=preview)
        page = publisher.files(repo_id)["docs/sky.md"].decode()
        assert ("`preview`" in page) == preview


@pytest.mark.parametrize(
    ("names", "told"),
    [([], "no config is named"), (["pendulum", "pendulum"], "config once; got pendulum, ")],
)
def test_names_are_given_once_each(publisher, names, told):
    with pytest.raises(HubError, match=told):
        publisher.push(names, "user/twice")


def test_a_name_that_no_repository_has_is_told(publisher):
    with pytest.raises(HubError, match="'pendulum' is not the name of a repository; give"):
        publisher.push("pendulum", "pendulum")


def test_the_command_line_pushes_and_tells_the_commit(publisher, tmp_path):
    said = publisher.cli("push", recipe_file(tmp_path), "user/told", "--private", "--json")
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["changed"], told["configs"]) == (True, ["tiny"])
    assert publisher.hub.dataset("user/told").private
