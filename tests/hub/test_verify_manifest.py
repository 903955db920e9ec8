"""Verify: manifest, recipes and card say what the rows say; recipes from elsewhere are data."""

import json
import random
import re

import pytest
from click.testing import CliRunner

from deepbench_hf import HubError, load_recipe, verify
from deepbench_hf.cards import write_card
from deepbench_hf.cli import cli
from deepbench_hf.errors import install_command
from deepbench_hf.tables.building import build
from deepbench_hf.tables.manifest import sealed


def edit_manifest(folder, edit):
    """Change ``manifest.json``."""
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    edit(manifest["configs"]["tiny"])
    file.write_text(sealed(manifest))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda e: e.update(fingerprint="0" * 64), "fingerprint is not that of recipes/tiny.yaml"),
        (lambda e: e.update(version="2.0.0"), "version is not that of recipes/tiny.yaml"),
        (lambda e: e["recipe"].update(seed=3), "recipe is not that of recipes/tiny.yaml"),
        (lambda e: e["splits"]["test"].update(digest="0" * 64), "digest of test do not fit"),
        (lambda e: e["splits"]["test"].update(num_examples=9), "digest of test do not fit"),
        (lambda e: e["splits"]["test"]["blocks"].pop(), "digest of test do not fit"),
        (lambda e: e["splits"].pop("test"), "has not the splits of the recipe"),
        (lambda e: e.update(splits=None), "has not the splits of the recipe"),
        (
            lambda e: e["splits"]["test"]["blocks"].__setitem__(1, "0" * 64),
            "block 1 has not the recipe's digest",
        ),
        (lambda e: e.update(files={"x.parquet": {"size": 1}}), "does not list files of tiny"),
        (lambda e: e.update(files={}), "test-00000-of-00001.parquet: is not in manifest.json"),
    ],
)
def test_a_manifest_that_says_something_else_is_told(copy, edit, told):
    edit_manifest(copy, edit)
    found = verify(copy)
    assert found.exit_code == 1
    assert told in found.text()


def test_another_recipe_is_told(copy):
    recipe = copy / "recipes" / "tiny.yaml"
    recipe.write_text(recipe.read_text().replace("seed: 0", "seed: 1"))
    text = verify(copy).text()
    assert "fingerprint is not that of recipes/tiny.yaml" in text
    assert "train: row 0, column theta0_rad" in text


@pytest.mark.parametrize("text", ["", "[1]", "{nope", '{"configs": {}}', '{"configs": {"a": 1}}'])
def test_a_place_without_a_manifest_of_configs_is_refused(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(HubError, match=r"manifest.json(: is not a manifest| names no config)"):
        verify(copy)


def test_a_card_that_names_other_files_is_told(copy):
    readme = copy / "README.md"
    readme.write_text(readme.read_text().replace("tiny/train-*", "shapes_scene/train-*"))
    assert "README.md: does not name the files of tiny" in verify(copy).text()
    readme.write_text("---\n{\n---\n")
    assert "README.md: its front matter is broken" in verify(copy).text()


def test_another_generator_version_is_exit_code_2_and_the_command_that_helps(copy):
    edit_manifest(copy, lambda e: e.update(generator_version=99))
    found = verify(copy, config="tiny")
    assert found.exit_code == 2
    assert f"verify it with: {install_command('0.1.0')}" in found.text()
    assert verify(copy, config="shapes_scene").exit_code == 0
    edit_manifest(copy, lambda e: e["made_with"].update({"deepbench-hf": "1; rm -rf ~"}))
    assert "rm -rf" not in verify(copy, config="tiny").text()


def edit_all(folder, edit):
    """Change ``manifest.json``, with a seal that fits."""
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    edit(manifest)
    file.write_text(sealed(manifest))


def test_a_card_that_cannot_be_compared_is_said_and_exit_code_2(copy):
    recipes = [load_recipe(copy / "recipes" / f"{n}.yaml") for n in ("shapes_scene", "tiny")]
    write_card(recipes, copy / "README.md")
    assert verify(copy, config="tiny", sample=1).exit_code == 0
    for edit, reason in [
        (lambda m: m["card"].update({"deepbench-hf": "9.9"}), "as deepbench-hf 9.9 wrote it"),
        (lambda m: m.pop("card"), "does not say what it was made from"),
    ]:
        edit_all(copy, edit)
        found = verify(copy, config="tiny", sample=1)
        assert found.exit_code == 2
        assert f"not compared: README.md, as {reason.removeprefix('as ')}" in found.text().replace(
            "as manifest.json ", "as "
        )
        assert found.text().endswith("not everything could be compared: 512 of 1800 rows compared")


@pytest.mark.parametrize("edit", [{"card": 3}, {"files": [1]}, {"files": {"README.md": 3}}])
def test_an_odd_manifest_is_told_in_words(copy, edit):
    edit_all(copy, lambda manifest: manifest.update(edit))
    assert verify(copy, config="tiny", sample=1).exit_code != 0 or "card" in edit
    build(["pendulum"], copy, quiet=True, num_examples=5, splits=["train"])
    assert verify(copy, config="pendulum").configs[0].identical


def test_a_readme_that_was_changed_after_the_build_is_exit_code_2(copy):
    (copy / "README.md").write_text((copy / "README.md").read_text() + "My own words.\n")
    found = verify(copy, config="tiny", sample=1)
    assert found.exit_code == 2
    assert "not compared: README.md, as it was changed after the build" in found.text()


def test_a_flipped_byte_anywhere_in_a_folder_fails(copy):
    recipes = [load_recipe(copy / "recipes" / f"{n}.yaml") for n in ("shapes_scene", "tiny")]
    write_card(recipes, copy / "README.md")
    draw = random.Random(20)
    files = [file for file in sorted(copy.rglob("*.*")) if file.suffix != ".lock"]
    assert {file.suffix for file in files} == {".parquet", ".yaml", ".json", ".md", ".png"}
    for file in draw.sample(files, 14):
        before = file.read_bytes()
        place = draw.randrange(len(before))
        flipped = before[:place] + bytes([before[place] ^ 1 << draw.randrange(7)])
        file.write_bytes(flipped + before[place + 1 :])
        try:
            failed = verify(copy, config="tiny", split="test", sample=1).exit_code != 0
            failed = failed or verify(copy, config="shapes_scene", sample=1).exit_code != 0
        except HubError:
            failed = True
        file.write_bytes(before)
        assert failed, (file, place)


def test_a_file_whose_rows_and_size_are_right_is_told_by_its_hash(copy):
    name = "tiny/test-00000-of-00001.parquet"
    content = (copy / name).read_bytes()
    assert b"parquet-cpp" in content
    (copy / name).write_bytes(content.replace(b"parquet-cpp", b"parquet-CPP"))
    found = verify(copy, config="tiny", split="test")
    (config,) = found.configs
    assert config.splits[0].identical
    assert config.problems == [f"{name}: is not the file that manifest.json tells of"]


def test_what_cannot_be_verified_has_an_exit_code_of_its_own(tmp_path):
    said = CliRunner().invoke(cli, ["verify", str(tmp_path / "nowhere")])
    assert (said.exit_code, said.stdout) == (3, "")


def test_a_word_that_is_neither_folder_nor_repository_is_told_with_what_would_do():
    said = CliRunner().invoke(cli, ["verify", "nowhere"])
    assert said.exit_code == 3
    assert "nowhere: there is no such folder here, and a repository is user/name" in said.stderr
    assert "`deepbench-hf verify --help`" in said.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("image_size: [4096, 4096]\n", "a block of 256 rows takes 17 GB, of at most 4 GB"),
        ("splits: {train: {size: 10000000000000}}\n", "splits.train.size"),
        ("seed: !!python/object/apply:os.getcwd []\n", "is not valid YAML"),
    ],
)
def test_a_recipe_from_elsewhere_is_data_and_keeps_to_the_limits(copy, change, told):
    recipe = copy / "recipes" / "shapes_scene.yaml"
    text = recipe.read_text()
    key = change.split(":")[0]
    inside = re.search(rf"^( *){key}:(.*\n)+?(?=\1\w|\Z)", text, re.MULTILINE)
    recipe.write_text(text.replace(inside[0], inside[1] + change, 1))
    found = verify(copy, config="shapes_scene")
    assert found.exit_code == 1
    assert told in found.text()
