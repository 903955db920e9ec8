"""Cards of a few configs: what others wrote stays, and files and metadata can be read."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import datasets
import pytest
import yaml

from deepbench_hf import statistics_of, verify
from deepbench_hf.cards import Published, card_files, card_texts, write_card
from deepbench_hf.cards.pages import END
from deepbench_hf.errors import BuildError
from deepbench_hf.rows.digest import block_digests, manifest_entry
from deepbench_hf.tables.arrow import features
from deepbench_hf.tables.folder import build_folder
from tests.support.children import printed
from tests.support.commands import said
from tests.support.recipes import recipe_of, small


def written(recipe):
    """A config as it is when its files are there."""
    digests = {split: list(block_digests(recipe, split)) for split in recipe.splits}
    return Published(recipe, manifest_entry(recipe, digests), {s: [1000, 10] for s in digests})


def front(text):
    return yaml.safe_load(text.split("---\n")[1])


def test_a_subset_has_its_own_title_tags_tasks_and_papers():
    data = front(card_texts([Published(small("mi_toys_50"))])["README.md"])
    assert data["pretty_name"] == "DeepBench: Pairs with known mutual information"
    assert "mutual-information" in data["tags"]
    assert "galaxies" not in data["tags"]
    assert "uncertainty-quantification" in data["tags"]


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        ("mi_toys_50", ["tabular-classification", "tabular-regression"]),
        ("two_body", ["tabular-regression", "time-series-forecasting"]),
        ("galaxy_points", ["tabular-regression"]),
        ("sky_noisy", ["image-segmentation", "image-to-image", "object-detection"]),
        ("shapes_vqa", ["image-classification", "image-to-image", "visual-question-answering"]),
    ],
)
def test_the_hub_is_told_what_a_config_is_good_for(name, tasks):
    assert front(card_texts([Published(small(name))])["README.md"])["task_categories"] == tasks


def test_what_others_wrote_is_text_and_no_markup():
    description = f"x < y | [a](b) <!-- c --> {END} <script>alert(1)</script>"
    published = [Published(small(), None, None)]
    recipe = published[0].recipe.model_copy(update={"description": description})
    first = card_texts([Published(recipe)])
    page, text = first["docs/pendulum.md"], first["README.md"]
    assert text.count(END) == 1
    assert "<script>" not in page + text
    assert "x &lt; y" in page
    assert card_texts([Published(recipe)], previous=text)["README.md"] == text


def test_stock_datasets_loads_a_folder_by_the_card_alone_and_as_its_snippets_say(tmp_path):
    recipe = small()
    build_folder([recipe], tmp_path)
    (tmp_path / "README.md").unlink()
    write_card([recipe], tmp_path / "README.md", repo_id=str(tmp_path))
    loaded = datasets.load_dataset(str(tmp_path), "pendulum_noisy")
    assert {split: len(rows) for split, rows in loaded.items()} == dict.fromkeys(recipe.splits, 3)
    assert loaded["test"].features == features(recipe)
    text, scope = (tmp_path / "README.md").read_text(encoding="utf-8"), {}
    text += (tmp_path / "docs" / "about.md").read_text(encoding="utf-8")
    load, stream, *others = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(load + stream, scope)
    assert next(iter(scope["stream"])) == scope["row"] == loaded["train"][0]
    assert all(compile(code, "README.md", "exec") for code in others)


def test_a_card_of_written_files_tells_their_sizes_and_statistics():
    one = written(small())
    statistics = {"length_m": statistics_of(one.recipe)["length_m"]}
    one = replace(one, entry={**one.entry, "statistics": statistics})
    files = card_texts([one], "me/mine")
    text, page = files["README.md"], files["docs/pendulum.md"]
    assert "| rows | MB |" in text
    assert f"| {1010 * len(one.recipe.splits) / 1e6:.1f} |" in text
    assert f"| `length_m` | {statistics['length_m']['mean']:.4g} |" in page
    assert 'load_dataset("me/mine", "pendulum_noisy")' in text


def test_other_configs_keys_and_words_stay():
    previous = """---
license: cc-by-4.0
tags: [mine]
extra: {kept: true}
configs:
- {config_name: theirs, data_files: "*.csv", default: true}
dataset_info:
- {config_name: theirs, features: [{name: a, dtype: int8}], splits: []}
---
# Theirs

Words of theirs.
"""
    text = card_texts([Published(small())], previous=previous)["README.md"]
    data = front(text)
    assert (data["license"], data["extra"]) == ("cc-by-4.0", {"kept": True})
    assert data["tags"][0] == "mine"
    assert "physics" in data["tags"]
    assert {c["config_name"] for c in data["configs"]} == {"theirs", "pendulum_noisy"}
    assert [c["config_name"] for c in data["configs"] if c.get("default")] == ["theirs"]
    (info,) = data["dataset_info"]
    assert info["features"] == [{"name": "a", "dtype": "int8"}]
    assert "also holds `theirs`" in text
    assert text.endswith("\n# Theirs\n\nWords of theirs.\n")
    assert card_texts([Published(small())], previous=text)["README.md"] == text


def test_machines_are_told_every_licence_by_its_spdx_name():
    spdx = "https://spdx.org/licenses/"
    for told, expected in [
        ("bsd-3-clause", f"{spdx}BSD-3-Clause"),
        ("other", "other"),
        ("gpl", "gpl"),
        ("cdla-permissive-2.0", f"{spdx}CDLA-Permissive-2.0"),
        ("[cc-by-4.0, mit]", [f"{spdx}CC-BY-4.0", f"{spdx}MIT"]),
    ]:
        found = card_texts([Published(small())], previous=f"---\nlicense: {told}\n---\n")
        assert json.loads(found["croissant.json"])["license"] == expected


def test_lines_that_end_as_on_windows_change_nothing_else():
    text = card_texts([Published(small())])["README.md"]
    previous = text.replace("\n", "\r\n")
    assert card_texts([Published(small())], previous=previous)["README.md"] == text


def test_only_our_part_of_a_page_is_written_anew():
    first = card_texts([Published(small())])["README.md"]
    begin = first.index("<!--")
    edited = f"{first[:begin]}Above.\n\n{first[begin:]}\nBelow.\n"
    ours = [Published(small(seed=5)), Published(small("pendulum"))]
    second = card_texts(ours, previous=edited)["README.md"]
    assert "Above.\n\n<!--" in second
    assert second.endswith("-->\n\nBelow.\n")
    assert first != second.replace("Above.\n\n", "").replace("\nBelow.\n", "")


def test_a_broken_front_matter_is_one_line_that_says_so():
    for broken in ("---\nconfigs: [a\n---\n", "---\n- a\n---\n", "---\nconfigs: [{a: 1}]\n---\n"):
        with pytest.raises(BuildError, match=r"^README.md: its front matter .* try again$"):
            card_texts([Published(small())], previous=broken)


def test_a_config_twice_or_none_is_refused():
    for published in ([], [Published(small()), Published(small(seed=1))]):
        with pytest.raises(ValueError, match="one or more configs, each once"):
            card_texts(published)


FIXED = """
version: 1.0.0
simulator: {kind: pendulum}
priors: {length_m: 1, gravity_m_s2: 9.81, theta0_rad: 1}
splits: {train: {size: 2}}
"""


def test_a_config_that_draws_nothing_and_has_no_words_has_a_card_too():
    files = card_files([Published(recipe_of(FIXED))])
    text = files["docs/pendulum.md"].decode()
    wanted = ["README.md", "docs/about.md", "docs/pendulum.md", "croissant.json", "figures/own.png"]
    assert list(files) == wanted
    assert "_draws.png" not in text
    assert "| `length_m` | m | always 1 |" in text
    assert re.search(r"Not in this repository: .*`pendulum`, ", text)


READ = """
import json, sys
import mlcroissant
folder, names = sys.argv[1], sys.argv[2:]
data = mlcroissant.Dataset(f"{folder}/croissant.json", mapping={"repository": folder})
rows = {name: next(iter(data.records(name))) for name in names}
print(json.dumps(rows, default=lambda value: getattr(value, "tolist", value.__repr__)()))
"""


def test_mlcroissant_reads_the_rows_that_were_written(tmp_path):
    recipes = [small(), small("shapes_scene", preview=True)]
    build_folder(recipes, tmp_path)
    write_card(recipes, tmp_path / "README.md")
    names = [recipe.name for recipe in recipes]
    rows = json.loads(printed("-c", READ, tmp_path, *names))
    series, scene = rows["pendulum_noisy"], rows["shapes_scene"]
    split = series["pendulum_noisy/split"].strip("b'")
    row = datasets.load_dataset(str(tmp_path), "pendulum_noisy")[split][0]
    assert series["pendulum_noisy/length_m"] == row["length_m"]
    assert series["pendulum_noisy/x_observed_m"] == row["x_observed_m"]
    assert len(scene["shapes_scene/objects"]) == scene["shapes_scene/n_objects"]


def test_the_verb_prints_the_card_or_writes_it_with_its_figures(tmp_path):
    card = said("card", "pendulum", "--repo-id", "me/mine")
    assert front(card)["configs"][0]["config_name"] == "pendulum"
    assert "me/mine" in card
    place = tmp_path / "new" / "README.md"
    files = [Path(line) for line in said("card", "pendulum", "-o", place, "-q").splitlines()]
    assert files[0] == place
    assert all(file.stat().st_size for file in files)
    assert {file.name for file in files[1:]} == {
        *("about.md", "croissant.json", "pendulum.md", "pendulum.png", "pendulum_draws.png")
    }


def test_a_card_never_spoils_the_readme_that_is_there(tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    readme.write_text("Mine.\n")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no space"):
        write_card([small()], readme)
    assert readme.read_text() == "Mine.\n"
    assert not list(tmp_path.glob(".*"))
    monkeypatch.undo()
    link = tmp_path / "linked" / "README.md"
    link.parent.mkdir()
    link.symlink_to(readme)
    with pytest.raises(BuildError, match="is a link"):
        write_card([small()], link)
    assert readme.read_text() == "Mine.\n"


def refuse(*_):
    raise OSError(28, "no space left on the device")


def test_a_card_in_a_built_folder_is_verified_with_it(tmp_path):
    recipe = small()
    build_folder([recipe], tmp_path)
    write_card([recipe], tmp_path / "README.md")
    assert verify(tmp_path).identical
    page = tmp_path / "docs" / "pendulum.md"
    page.write_text(page.read_text().replace("fingerprint", "footprint", 1))
    assert "docs/pendulum.md: line" in verify(tmp_path).text()
