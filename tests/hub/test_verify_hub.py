"""Verify against the Hub: what was pushed is identical, every edit is told, little is fetched."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from huggingface_hub import snapshot_download

from deepbench_hf import HubError, verify
from deepbench_hf.cli import cli
from tests.support.publishing import recipe_file
from tests.support.spoiling import change, one_ulp_up, splits


def test_a_pushed_repository_is_identical_from_the_hub_and_from_a_download(publisher, tmp_path):
    tiny = recipe_file(tmp_path)
    commit = publisher.push(tiny, "user/checked").commit
    found = publisher.verify("user/checked", sample=None, revision="v1.0.0")
    assert found.identical
    assert found.revision == commit
    download = publisher.pool.submit(
        snapshot_download, "user/checked", repo_type="dataset", local_dir=tmp_path / "copy"
    )
    assert verify(Path(download.result()), sample=None).identical


EDITS = [
    ("README.md", "- deepbench\n", "", "README.md: line"),
    ("README.md", "tiny/train-*", "tiny/tr*", "README.md: does not name the files of tiny"),
    ("README.md", "bit for bit", "byte for byte", "README.md: line"),
    ("docs/pendulum.md", "fingerprint `", "fingerprint `0", "docs/pendulum.md: line"),
    ("croissant.json", "x_m", "x_km", "croissant.json: line"),
    ("manifest.json", '"size": 6', '"size": 7', "is not the file that manifest.json tells of"),
    ("manifest.json", '"python": "', '"python": "0', "manifest.json: was changed after it was"),
    ("recipes/tiny.yaml", "seed: 0", "seed: 1", "manifest.json: fingerprint is not that of"),
]


def test_every_edit_on_the_hub_is_told(publisher, tmp_path):
    repo_id = "user/edited"
    publisher.push(recipe_file(tmp_path), repo_id)
    before = publisher.files(repo_id)
    for path, old, new, told in EDITS:
        assert old in before[path].decode(), path
        spoilt = before[path].decode().replace(old, new, 1)
        publisher.write(repo_id, path, spoilt.encode())
        found = publisher.verify(repo_id)
        assert found.exit_code == 1
        assert told in found.text(), found.text()
        publisher.write(repo_id, path, before[path])
    assert publisher.verify(repo_id).identical


def test_only_row_groups_that_are_compared_are_fetched(publisher, tmp_path):
    repo_id, name = "user/long", "tiny/train-00000-of-00001.parquet"
    publisher.push(recipe_file(tmp_path, train=20_000), repo_id)
    begin = len(publisher.hub.requests)
    found = publisher.verify(repo_id, config="tiny", split="train", sample=1)
    assert splits(found)["train"].compared == 256
    asked = [r.headers.get("range", "") for r in publisher.hub.requests[begin:]]
    ranges = [re.fullmatch(r"bytes=(\d+)-(\d+)", one) for one in asked]
    fetched = sum(int(r[2]) - int(r[1]) + 1 for r in ranges if r)
    assert 0 < fetched < len(publisher.files(repo_id)[name]) / 4


def test_a_private_repository_is_there_for_its_owner_only(publisher, tmp_path):
    publisher.push(recipe_file(tmp_path), "user/private", private=True)
    assert publisher.verify("user/private").identical
    with pytest.raises(HubError, match="no such dataset on the Hub; check the name, and whether"):
        publisher.verify("user/private", token=publisher.hub.accounts.add("guest"))


def test_the_command_line_tells_what_differs_and_exits_accordingly(publisher, tmp_path, copy):
    publisher.push(recipe_file(tmp_path), "user/line")
    said = publisher.cli("verify", "user/line", "--json")
    assert (said.returncode, json.loads(said.stdout)["identical"]) == (0, True)
    change(copy, "length_m", one_ulp_up(0))
    for arguments, code, word in [
        (("--config", "tiny", "-q"), 1, "different"),
        (("--config", "shapes_scene", "-q"), 0, "identical"),
    ]:
        said = CliRunner().invoke(cli, ["verify", str(copy), *arguments])
        assert (said.exit_code, said.stdout) == (code, f"{word}\n")
    row = CliRunner().invoke(cli, ["verify", str(copy), "--config", "tiny", "--regenerate", "17"])
    assert json.loads(row.stdout)["index"] == 17
