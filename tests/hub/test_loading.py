"""Whatever stock `datasets` could load before a push it can load afterwards, or nothing is sent."""

import datasets
import pytest
import yaml
from huggingface_hub import constants

from deepbench_hf import HubError
from deepbench_hf.hub.loading import Tree, loading_problems
from tests.support.publishing import recipe_file

STOCK = """
from datasets import Dataset
Dataset.from_dict({{"a": [1, 2, 3]}}).push_to_hub("{repo_id}")
"""

LOAD = """
from datasets import load_dataset
for names in {names}:
    rows = load_dataset("{repo_id}", *names)
    print({{split: part.column_names[:2] for split, part in rows.items()}})
"""


@pytest.fixture(autouse=True)
def _online(monkeypatch):
    """The client of this process may make repositories."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def load(publisher, repo_id, *names):
    """What stock `datasets` gives of the default config and of others, in a process of its own."""
    code = LOAD.format(repo_id=repo_id, names=[[], *([name] for name in names)])
    return publisher.hub.run(code, token=publisher.token, computer="reader").splitlines()


def test_a_repository_of_stock_push_to_hub_stays_loadable(publisher, tmp_path):
    repo_id = "user/stock"
    publisher.hub.run(STOCK.format(repo_id=repo_id), token=publisher.token)
    publisher.push(recipe_file(tmp_path), repo_id)
    default, tiny = load(publisher, repo_id, "tiny")
    assert default == "{'train': ['a']}"
    assert "length_m" in tiny
    assert publisher.verify(repo_id).identical


def test_own_recipes_of_which_one_is_called_default_load(publisher, tmp_path):
    repo_id = "user/default"
    names = [recipe_file(tmp_path, name) for name in ("tiny", "default")]
    publisher.push(names, repo_id)
    unnamed, named = load(publisher, repo_id, "default")
    assert unnamed == named
    assert publisher.verify(repo_id).identical


def test_parquet_without_a_readme_gets_a_line_of_its_own_in_the_readme(publisher, tmp_path):
    repo_id, file = "user/bare", tmp_path / "train.parquet"
    datasets.Dataset.from_dict({"a": [1, 2]}).to_parquet(file)
    api = publisher.hub.api(publisher.token)
    api.create_repo(repo_id, repo_type="dataset")
    publisher.write(repo_id, "train.parquet", file.read_bytes())
    publisher.push(recipe_file(tmp_path), repo_id)
    default, tiny = load(publisher, repo_id, "tiny")
    assert default == "{'train': ['a']}"
    assert "length_m" in tiny


@pytest.mark.parametrize(
    "readme", [None, {"configs": [{"config_name": "theirs", "data_files": "train.csv"}]}]
)
def test_a_table_that_would_be_lost_is_a_refusal_with_the_reason(publisher, tmp_path, readme):
    repo_id = f"user/csv-{readme is None}"
    publisher.hub.api(publisher.token).create_repo(repo_id, repo_type="dataset")
    publisher.write(repo_id, "train.csv", b"a,b\n1,2\n")
    if readme:
        publisher.write(repo_id, "README.md", f"---\n{yaml.safe_dump(readme)}---\n".encode())
    before = publisher.files(repo_id)
    for how in ({"dry_run": True}, {}):
        with pytest.raises(HubError, match=r"after this push stock `datasets` could not load"):
            publisher.push(recipe_file(tmp_path), repo_id, **how)
    assert publisher.files(repo_id) == before
    assert load(publisher, repo_id) == ["{'train': ['a', 'b']}"]


def test_what_did_not_load_before_is_no_reason_to_refuse(publisher, tmp_path):
    repo_id = "user/broken-before"
    publisher.push(recipe_file(tmp_path), repo_id)
    head = publisher.front_matter(repo_id)
    head["configs"].append({"config_name": "theirs", "data_files": "theirs/*.parquet"})
    body = publisher.files(repo_id)["README.md"].decode().split("---", 2)[2]
    publisher.write(repo_id, "theirs/rows.parquet", b"no parquet")
    publisher.write(repo_id, "README.md", f"---\n{yaml.safe_dump(head)}---{body}".encode())
    assert publisher.push(recipe_file(tmp_path, "first"), repo_id).changed


def test_verify_says_when_a_repository_cannot_be_loaded(publisher, tmp_path):
    repo_id = "user/several"
    publisher.push([recipe_file(tmp_path, name) for name in ("tiny", "default")], repo_id)
    head = publisher.front_matter(repo_id)
    for config in head["configs"]:
        config["default"] = True
    body = publisher.files(repo_id)["README.md"].decode().split("---", 2)[2]
    publisher.write(repo_id, "README.md", f"---\n{yaml.safe_dump(head)}---{body}".encode())
    found = publisher.verify(repo_id)
    assert found.exit_code == 1
    assert "stock `datasets` cannot load this: Dataset has several default configs" in found.text()


def test_a_config_without_files_is_named():
    readme = b"---\nconfigs:\n- {config_name: a, data_files: a.parquet}\n"
    readme += b"- {config_name: b, data_files: b.parquet}\n---\n"
    tree = Tree({"README.md": "", "a.parquet": ""}, {"README.md": readme})
    assert [line.split(":")[1] for line in loading_problems(tree)] == [
        " stock `datasets` cannot load b"
    ]
