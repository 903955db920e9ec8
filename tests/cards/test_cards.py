"""Cards: nothing empty, wrong or lost, and the same bytes whenever nothing changed."""

import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import datasets
import matplotlib
import pytest
import yaml
from click.testing import CliRunner
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard
from markdown_it import MarkdownIt
from PIL import Image

from deepbench_hf import list_recipes, load_recipe, statistics_of, verify
from deepbench_hf.cards import Published, card_files, card_text, card_texts, families, write_card
from deepbench_hf.cards.families import References, references
from deepbench_hf.cards.pages import END
from deepbench_hf.cards.phrases import EQUATIONS, NAMES, prior
from deepbench_hf.cli import cli
from deepbench_hf.errors import BuildError
from deepbench_hf.hub.loading import MOST_README_BYTES
from deepbench_hf.metrics import baselines
from deepbench_hf.noise import NOISES
from deepbench_hf.priors import PRIORS
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import GENERATOR_VERSION
from deepbench_hf.rows.digest import block_digests, manifest_entry
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.tables.arrow import features
from deepbench_hf.tables.folder import build_folder
from tests.support.children import printed
from tests.support.recipes import recipe_of
from tools import rendered_card

SMALL = dict.fromkeys(load_recipe("pendulum").splits, 3)
SCORED = ("deepuq_linear", "shapes_outline")
FIGURE_BYTES, FIGURE_WIDTH = 400_000, 800
MOST_SPLITS = 30
"""Of a config with a viewer: `SPLIT_NAMES_MAX_NUMBER` of dataset-viewer."""


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
    """The card of all shipped configs, closed forms scored for a few of them."""

    def some(recipe):
        every = recipe.name in SCORED or os.environ.get("ALL_CONFIGS")
        return references(recipe) if every else References((), ())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(families, "references", some)
        return card_texts(rendered_card.published())


@pytest.fixture(scope="session")
def pages(texts):
    """The same, page by page, as the elements that a browser shows."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    markdown = {name: text for name, text in texts.items() if name.endswith(".md")}
    bodies = {name: text.split("---\n")[-1] for name, text in markdown.items()}
    bodies["README.md"] = DatasetCard(texts["README.md"]).text
    return {name: parser.parse(body) for name, body in bodies.items()}


@pytest.fixture(scope="session")
def page(pages):
    """All pages, one after the other."""
    return [token for tokens in pages.values() for token in tokens]


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
    assert {*NAMES, "conditional"} == PRIORS.keys()
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
    assert heads.count("symbol") == len(list_recipes())
    assert heads.count("column") == len({load_recipe(name).family for name in list_recipes()})
    assert heads.count("measured") == sum(1 for n in list_recipes() if load_recipe(n).noise)
    for head, *rows in found:
        assert rows, head
        assert all(len(row) == len(head) for row in rows)
        if head[0] == "symbol":
            assert all(all(row) for row in rows), rows


def test_every_parameter_column_split_and_fingerprint_is_on_the_page_of_its_family(texts):
    for name in list_recipes():
        recipe = load_recipe(name)
        recipe = recipe.model_copy(update={"preview": Published(recipe).has_images})
        page = texts[f"docs/{recipe.family}.md"]
        part = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert recipe.fingerprint in part
        assert all(f"| `{column}` |" in page for column in features(recipe)), name
        assert all(f"| `{split}` |" in part for split in recipe.splits), name
        assert all(f"`{p}`" in part or f"`objects.{p}`" in part for p in recipe.priors), name
        assert f"[`{name}`](#{name})" in page
        assert f"config_name: {name}," in texts["README.md"]


def test_pages_are_short_enough_for_the_hub_and_for_readers(texts):
    recipes, families = [one.recipe for one in rendered_card.published()], {}
    for recipe in recipes:
        families.setdefault(recipe.family, []).append(recipe)
    for few in (*families.values(), recipes[:60]):  # all of them are too many for one repository
        assert len(card_text(few).encode()) <= MOST_README_BYTES
    assert len(texts["README.md"].split("---\n", 2)[2].encode()) <= 12_000
    sizes = {n: len(t.encode()) for n, t in texts.items() if n.startswith("docs/")}
    for name in list_recipes():  # what is not told before rows are written, and not scored here
        recipe = load_recipe(name)
        numbers = [c for c in schema(recipe).values() if not c.field.fields and not c.field.names]
        own = 150 + 70 * len(numbers) + 100 * len(baselines(recipe))
        sizes[f"docs/{recipe.family}.md"] += own
    assert max(sizes.values()) <= 60_000, sizes


def test_families_come_in_their_order_and_papers_are_linked(texts):
    links = re.findall(r"^\| \[.*?\]\(docs/(\w+)\.md\)", texts["README.md"], re.MULTILINE)
    assert links[:3] == ["pendulum", "shapes", "sky"]
    assert links[3:] == sorted({load_recipe(n).family for n in list_recipes()} - set(links[:3]))
    assert "https://arxiv.org/abs/2004.10710" in texts["README.md"]


def test_a_subset_has_its_own_title_tags_tasks_and_papers():
    data = front(card_texts([Published(small("mi_toys_50"))])["README.md"])
    assert data["pretty_name"] == "DeepBench: Pairs with known mutual information"
    assert "mutual-information" in data["tags"]
    assert "galaxies" not in data["tags"]
    assert "uncertainty-quantification" in data["tags"]


def test_no_config_has_more_splits_than_the_viewer_of_the_hub_shows():
    counts = {name: len(load_recipe(name).splits) for name in list_recipes()}
    assert max(counts.values()) <= MOST_SPLITS, counts


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


def test_no_section_is_empty_and_nothing_is_left_out(pages, page):
    for tokens in pages.values():
        for one, other in zip(tokens, tokens[3:], strict=False):
            if one.type == other.type == "heading_open":
                assert other.tag > one.tag, "an empty section"
        assert tokens[-1].type != "heading_close"
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


def test_places_and_the_default_are_in_the_front_matter_and_features_are_not(texts):
    data = DatasetCard(texts["README.md"]).data
    configs = MetadataConfigs.from_dataset_card_data(data)
    assert sorted(configs) == list_recipes()
    assert configs.get_default_config_name() == "pendulum_noisy"
    assert "dataset_info" not in data
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
    assert f"| {1010 * len(SMALL) / 1e6:.1f} |" in text
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


def test_a_config_that_draws_nothing_and_has_no_words_has_a_card_too():
    files = card_files([Published(recipe_of(FIXED))])
    text = files["docs/pendulum.md"].decode()
    wanted = ["README.md", "docs/about.md", "docs/pendulum.md", "croissant.json", "figures/own.png"]
    assert list(files) == wanted
    assert "_draws.png" not in text
    assert "| `length_m` | m | always 1 |" in text
    assert re.search(r"Not in this repository: .*`pendulum`, ", text)


def test_figures_are_small_and_as_wide_as_the_page_and_all_are_shown(two):
    pictures = {name: data for name, data in two.items() if name.endswith(".png")}
    text = "".join(data.decode() for name, data in two.items() if name.endswith(".md"))
    assert set(re.findall(r"\]\((?:\.\./)?(figures/\S+)\)", text)) == set(pictures)
    for name, data in pictures.items():
        picture = Image.open(io.BytesIO(data))
        assert len(data) < FIGURE_BYTES, name
        assert picture.width <= FIGURE_WIDTH, name
        assert not picture.info.keys() & {"Software", "Creation Time", "date"}


def test_pictures_have_their_true_colours(two):
    for name, data in two.items():
        if name.endswith(".png"):
            assert Image.open(io.BytesIO(data)).mode in ("RGB", "L"), name
    grey = Image.open(io.BytesIO(two["figures/shapes_noisy.png"])).convert("L")
    assert len(set(grey.tobytes())) > 100, "so many levels of grey, and no 40"


def test_the_changelog_of_cards_tells_this_generator_version(texts):
    changelog = texts["docs/about.md"].split("## Changelog")[1]
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
    names = [recipe.name for recipe in recipes]
    rows = json.loads(printed("-c", READ, tmp_path, *names))
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
