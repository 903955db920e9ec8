"""The cards of all shipped configs: nothing is empty, wrong or left out."""

import json
import os
import re

import pytest
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard
from markdown_it import MarkdownIt

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.cards import Published, card_text, card_texts, families
from deepbench_hf.cards.families import References, references
from deepbench_hf.cards.phrases import EQUATIONS, NAMES, prior
from deepbench_hf.hub.loading import MOST_README_BYTES
from deepbench_hf.metrics import baselines
from deepbench_hf.noise import NOISES
from deepbench_hf.priors import PRIORS
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import GENERATOR_VERSION
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.tables.arrow import features
from tools import rendered_card

SCORED = ("deepuq_linear", "shapes_outline")
MOST_SPLITS = 30
"""Of a config with a viewer: `SPLIT_NAMES_MAX_NUMBER` of dataset-viewer."""


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


def test_no_config_has_more_splits_than_the_viewer_of_the_hub_shows():
    counts = {name: len(load_recipe(name).splits) for name in list_recipes()}
    assert max(counts.values()) <= MOST_SPLITS, counts


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
