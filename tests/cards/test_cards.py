"""Cards: nothing empty, wrong or lost, and the same bytes whenever nothing changed."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import datasets
import matplotlib
import pytest
import yaml
from click.testing import CliRunner
from huggingface_hub import DatasetCard
from markdown_it import MarkdownIt
from PIL import Image

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.cards import Published, card_files, card_texts, write_card
from deepbench_hf.cards.phrases import EQUATIONS, NAMES, prior
from deepbench_hf.cli import cli
from deepbench_hf.errors import BuildError
from deepbench_hf.noise import NOISES
from deepbench_hf.priors import PRIORS
from deepbench_hf.recipe.recipe import GENERATOR_VERSION
from deepbench_hf.rows.digest import block_digests, manifest_entry, split_digest
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.tables.arrow import features
from deepbench_hf.tables.folder import build_folder
from tools import rendered_card

SMALL = dict.fromkeys(load_recipe("pendulum").splits, 3)
FIGURE_BYTES, FIGURE_WIDTH = 150_000, 800


def small(name="pendulum_noisy", **changes):
    """A config of few rows."""
    splits = dict.fromkeys(load_recipe(name).splits, 3)
    return load_recipe(name, num_examples=splits, **changes)


def written(recipe):
    """A config as it is when its files are there."""
    digests = {split: list(block_digests(recipe, split)) for split in recipe.splits}
    return Published(recipe, manifest_entry(recipe, digests), {s: [1000, 10] for s in digests})


def front(text):
    return yaml.safe_load(text.split("---\n")[1])


@pytest.fixture(scope="session")
def texts():
    """The card of all shipped configs."""
    return rendered_card.texts()


@pytest.fixture(scope="session")
def page(texts):
    """The same as the elements that a browser shows."""
    return (
        MarkdownIt("commonmark", {"html": True})
        .enable("table")
        .parse(DatasetCard(texts["README.md"]).text)
    )


def inline(page):
    """Every run of text on the page with its parts."""
    return [token for token in page if token.type == "inline"]


def test_every_parameter_and_every_setting_of_noise_has_a_symbol():
    for simulator in SIMULATORS.values():
        for name, parameter in all_parameters(simulator()).items():
            assert parameter.symbol, name
    for noise in NOISES.values():
        for name, setting in noise.SETTINGS.items():
            assert setting.symbol, name


def test_every_distribution_and_every_noise_has_words():
    assert {*NAMES} | {PRIORS["conditional"]} == set(PRIORS.values())
    assert EQUATIONS.keys() == NOISES.keys()


def test_a_range_is_told_as_it_is_drawn():
    faint = load_recipe("sky_noisy").splits["test_faint"].priors["flux_e_s"]
    told = "by `kind`; star: log-uniform, 6 to 16; otherwise: log-uniform, 10 to 25"
    assert prior(faint) == told
    radius = load_recipe("pendulum_hierarchical").priors["planet_radius_m"]
    assert prior(radius) == "log-uniform, 5.2e+06 to 7.8e+06; one draw for each planet"


def tables(page):
    """The cells of every table, row by row."""
    found = []
    for token in page:
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level > 3:
            found[-1][-1].append(token.content)
    return found


def test_every_table_is_whole_and_every_row_of_parameters_full(page):
    found = tables(page)
    heads = [table[0][0] for table in found]
    assert heads.count("column") == heads.count("symbol") == len(list_recipes())
    assert heads.count("measured") == sum(1 for n in list_recipes() if load_recipe(n).noise)
    for head, *rows in found:
        assert rows, head
        assert all(len(row) == len(head) for row in rows)
        if head[0] == "symbol":
            assert all(all(row) for row in rows), rows


def test_every_parameter_column_split_and_fingerprint_is_on_the_page(texts):
    text = texts["README.md"]
    for name in list_recipes():
        recipe = load_recipe(name)
        recipe = recipe.model_copy(update={"preview": Published(recipe).has_images})
        told = text.split(f"<code>{name}</code>")[1].split("</details>")[0]
        assert recipe.fingerprint in told
        assert all(f"`{column}`" in told for column in features(recipe)), name
        assert all(f"| `{split}` |" in told for split in recipe.splits), name
        assert all(f"`{p}`" in told or f"`objects.{p}`" in told for p in recipe.priors), name


def test_no_section_is_empty_and_nothing_is_left_out(page):
    for one, other in zip(page, page[3:], strict=False):
        if one.type == other.type == "heading_open":
            assert other.tag > one.tag, "an empty section"
    assert page[-1].type != "heading_close"
    text = " ".join(token.content for token in page if token.content)
    holes = r"\bNone\b|\bnan\b|\binf\b|More Information|\{\{ |\{%"
    assert re.findall(holes, text.replace("**Noise.** None", "")) == []


def test_markdown_leaves_the_formulas_alone(page):
    formulas = []
    for token in inline(page):
        parts = [" " if part.type == "softbreak" else part.content for part in token.children]
        meant = " ".join(token.content.split()).replace("\\\\", "\\")
        found = re.findall(r"\\\(.*?\\\)|\$\$.*?\$\$", meant)
        assert all(formula in "".join(parts) for formula in found), found
        formulas += found
    assert len(formulas) > 300


def test_features_and_places_come_back_exactly_from_the_front_matter(texts):
    data = DatasetCard(texts["README.md"]).data
    infos = datasets.info.DatasetInfosDict.from_dataset_card_data(data)
    assert sorted(infos) == list_recipes()
    for name, info in infos.items():
        recipe = load_recipe(name)
        recipe = recipe.model_copy(update={"preview": Published(recipe).has_images})
        assert info.features == features(recipe)
        assert {s: i.num_examples for s, i in info.splits.items()} == {
            split: part.size for split, part in recipe.splits.items()
        }
    assert [c["config_name"] for c in data["configs"] if c.get("default")] == ["pendulum_noisy"]
    assert data["size_categories"] == ["1M<n<10M"]


def test_stock_datasets_loads_a_folder_by_the_card_alone_and_as_its_snippets_say(tmp_path):
    recipe = small()
    build_folder([recipe], tmp_path)
    (tmp_path / "README.md").unlink()
    write_card([recipe], tmp_path / "README.md", repo_id=str(tmp_path))
    loaded = datasets.load_dataset(str(tmp_path), "pendulum_noisy")
    assert {split: len(rows) for split, rows in loaded.items()} == SMALL
    assert loaded["test"].features == features(recipe)
    text, scope = (tmp_path / "README.md").read_text(encoding="utf-8"), {}
    load, stream, *others = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(load + stream, scope)
    assert next(iter(scope["stream"])) == scope["row"] == loaded["train"][0]
    assert all(compile(code, "README.md", "exec") for code in others)


def test_a_card_of_written_files_tells_their_digests_and_sizes():
    one = written(small())
    text = card_texts([one], "me/mine")["README.md"]
    for split, told in one.entry["splits"].items():
        assert re.search(rf"sha256 of {split} +{told['digest']}\n", text)
        assert told["digest"] == split_digest(told["blocks"])
    assert front(text)["dataset_info"]["download_size"] == 1010 * len(SMALL)
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
    assert data["dataset_info"][1]["features"] == [{"name": "a", "dtype": "int8"}]
    assert "also holds `theirs`" in text
    assert text.endswith("\n# Theirs\n\nWords of theirs.\n")
    assert card_texts([Published(small())], previous=text)["README.md"] == text


def test_lines_that_end_as_on_windows_change_nothing_else():
    text = card_texts([Published(small())])["README.md"]
    previous = text.replace("\n", "\r\n")
    assert card_texts([Published(small())], previous=previous)["README.md"] == text


def test_only_our_part_of_a_page_is_written_anew():
    first = card_texts([Published(small())])["README.md"]
    begin = first.index("<!--")
    edited = f"{first[:begin]}Above.\n\n{first[begin:]}\nBelow.\n"
    second = card_texts([Published(small(seed=5))], previous=edited)["README.md"]
    assert "Above.\n\n<!--" in second
    assert second.endswith("-->\n\nBelow.\n")
    assert load_recipe("pendulum_noisy").fingerprint not in second
    assert small(seed=5).fingerprint in second
    assert small().fingerprint not in second


def test_a_broken_front_matter_is_one_line_that_says_so():
    for broken in ("---\nconfigs: [a\n---\n", "---\n- a\n---\n", "---\nconfigs: [{a: 1}]\n---\n"):
        with pytest.raises(BuildError, match=r"^README.md: its front matter .* try again$"):
            card_texts([Published(small())], previous=broken)


def test_a_config_twice_or_none_is_refused():
    for published in ([], [Published(small()), Published(small(seed=1))]):
        with pytest.raises(ValueError, match="one or more configs, each once"):
            card_texts(published)


@pytest.fixture(scope="session")
def two():
    """All files of a card of a series and of images."""
    return card_files([Published(small()), Published(load_recipe("shapes_noisy"))])


def test_the_same_configs_give_the_same_bytes_whatever_the_settings_of_figures(two):
    previous = two["README.md"].decode()
    again = [Published(small()), Published(load_recipe("shapes_noisy"))]
    with matplotlib.rc_context({"font.size": 30, "figure.dpi": 40, "axes.facecolor": "red"}):
        assert card_files(again, previous=previous) == two


FIXED = """
version: 1.0.0
simulator: {kind: pendulum}
priors: {length_m: 1, gravity_m_s2: 9.81, theta0_rad: 1}
splits: {train: {size: 2}}
"""


def test_a_config_that_draws_nothing_and_has_no_words_has_a_card_too(tmp_path):
    (tmp_path / "fixed.yaml").write_text(FIXED)
    files = card_files([Published(load_recipe(tmp_path / "fixed.yaml"))])
    text = files["README.md"].decode()
    assert list(files) == ["README.md", "croissant.json", "figures/fixed.png"]
    assert "_draws.png" not in text
    assert "| `length_m` | m | always 1 | length of the rod |" in text
    assert re.search(r"Not in this repository: .*`pendulum`, ", text)


def test_figures_are_small_and_as_wide_as_the_page_and_all_are_shown(two):
    pictures = {name: data for name, data in two.items() if name.endswith(".png")}
    assert set(re.findall(r"\]\((figures/\S+)\)", two["README.md"].decode())) == set(pictures)
    for name, data in pictures.items():
        picture = Image.open(io.BytesIO(data))
        assert len(data) < FIGURE_BYTES, name
        assert picture.width <= FIGURE_WIDTH, name
        assert not picture.info.keys() & {"Software", "Creation Time", "date"}


def test_the_changelog_of_cards_tells_this_generator_version(texts):
    changelog = texts["README.md"].split("## Changelog")[1]
    assert f"(generator version {GENERATOR_VERSION})" in changelog
    for name in list_recipes():
        assert f"**{load_recipe(name).version}**" in changelog


def test_croissant_tells_units_and_meanings(texts):
    data = json.loads(texts["croissant.json"])
    sets = {part["@id"]: part for part in data["recordSet"]}
    fields = {field["@id"]: field for field in sets["pendulum_noisy"]["field"]}
    assert fields["pendulum_noisy/length_m"]["description"] == "length of the rod, in m"
    assert fields["pendulum_noisy/x_m"]["arrayShape"] == "100"
    assert set(list_recipes()) <= set(sets)


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
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path), *(recipe.name for recipe in recipes)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    series, scene = rows["pendulum_noisy"], rows["shapes_scene"]
    split = series["pendulum_noisy/split"].strip("b'")
    row = datasets.load_dataset(str(tmp_path), "pendulum_noisy")[split][0]
    assert series["pendulum_noisy/length_m"] == row["length_m"]
    assert series["pendulum_noisy/x_observed_m"] == row["x_observed_m"]
    assert len(scene["shapes_scene/objects"]) == scene["shapes_scene/n_objects"]


def test_the_verb_prints_the_card_or_writes_it_with_its_figures(tmp_path):
    run = CliRunner().invoke
    printed = run(cli, ["card", "pendulum", "--repo-id", "me/mine"], catch_exceptions=False)
    assert printed.exit_code == 0
    assert front(printed.stdout)["configs"][0]["config_name"] == "pendulum"
    assert "me/mine" in printed.stdout
    place = tmp_path / "new" / "README.md"
    done = run(cli, ["card", "pendulum", "-o", str(place), "-q"], catch_exceptions=False)
    files = [Path(line) for line in done.stdout.splitlines()]
    assert files[0] == place
    assert all(file.stat().st_size for file in files)
    assert {file.name for file in files[1:]} == {
        *("croissant.json", "pendulum.png", "pendulum_draws.png")
    }
