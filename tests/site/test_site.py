"""The site: a page for every config, an entry for every public name, and code that runs."""

import inspect
import re

import pytest

import deepbench_hf
from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.cards import tables
from deepbench_hf.cards.phrases import typeset
from deepbench_hf.recipe.recipe import Card, Level, Recipe, Split
from tests.support.paths import ROOT
from tools.site import blocks, configs, links, reference

GUIDES = ("recipes.md", "publishing.md", "shift.md", "domains.md")
"""The guides whose code runs here; `make docs` runs that of all pages."""
OF_KINDS = ("pendulum_noisy", "shapes_scene", "scinet_linear")
"""A series, an image with objects, and numbers."""

ENTRIES = dict(reference.pages())


def public():
    """Every public function and class, by its full name."""
    for module in (deepbench_hf, *(module for _, module in reference.MODULES.values())):
        for name in module.__all__:
            value = getattr(module, name)
            if not inspect.ismodule(value) and name not in reference.WITHIN:
                yield f"{module.__name__}.{name}", value


def test_every_public_name_has_an_entry_and_every_kind_of_a_recipe():
    text = "".join(ENTRIES.values())
    shown = set(re.findall(r"^\.\. auto\w+:: (\S+)$", text, re.MULTILINE))
    assert {name for name, _ in public()} <= shown
    for _, kinds, _ in reference.KINDS.values():
        assert {f"{cls.__module__}.{cls.__qualname__}" for cls in kinds.values()} <= shown


def test_an_entry_names_every_argument_and_every_error():
    elsewhere = {"simulator", "levels", "priors", "noise", "perturbation", "splits", "coefficients"}
    for name, value in public():
        text, arguments = inspect.getdoc(value), getattr(value, "model_fields", None)
        if arguments is None and not (inspect.isclass(value) and issubclass(value, Exception)):
            arguments = inspect.signature(inspect.unwrap(value)).parameters
        for argument in set(arguments or ()) - elsewhere:  # docs/recipes.md tells of sections
            assert re.search(rf"\b{argument}\b", text), (name, argument)
        if inspect.isfunction(value) and "raise " in inspect.getsource(value):
            assert "Raises:" in text, name


def arrays(value):
    """Whether a function takes or gives arrays."""
    return inspect.isfunction(value) and re.search(
        r"Array|NDArray|Columns|Estimate", str(inspect.signature(inspect.unwrap(value)))
    )


def test_an_entry_tells_shapes_and_units_of_arrays_and_where_a_formula_is_from():
    unit = r"\bunit|nats|between 0 and 1|pure number|share|p-value|class|pixel"
    for name, value in public():
        text = inspect.getdoc(value)
        if arrays(value):
            assert re.search(r"``\([^`]*,[^`]*\)``", text), f"{name}: no shape"
            assert re.search(unit, text, re.IGNORECASE), f"{name}: no unit"
        shown = text.partition("Args:")[0]
        if re.search(r"^    \S.* = ", shown, re.MULTILINE) and not inspect.isclass(value):
            assert "Source" in text, f"{name}: a formula without a source"


def test_every_kind_says_where_it_is_from():
    pages = dict(reference.pages())
    for title, (_, kinds, _) in reference.KINDS.items():
        for kind, cls in kinds.items():
            module = inspect.getmodule(cls).__doc__ or ""
            told = [inspect.getdoc(cls), module, pages[f"api/{title}.md"]]
            assert any("Source" in text for text in told), kind
            for setting in getattr(cls, "model_fields", {}).keys() - {"kind"}:
                known = "".join(inspect.getdoc(one) or "" for one in cls.__mro__)
                assert re.search(rf"\b{setting}\b", known), f"{kind}: {setting} is not told"


@pytest.mark.parametrize("name", OF_KINDS)
def test_the_page_of_a_config_tells_all_of_it(name):
    recipe = load_recipe(name)
    page = configs.config_page(recipe)
    told = [*tables.parameters(recipe), *tables.noise(recipe), *tables.columns(recipe)]
    for row in [*told, *tables.splits(recipe)]:
        assert typeset(f"| {' | '.join(row)} |") in page
    assert f"figures/{name}.png" in page
    assert recipe.to_yaml().strip() in page
    assert "\\\\(" not in page
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert {"Parameters", "Noise", "Splits", "Columns", "Recipe"} <= set(headings)


def test_every_config_is_among_the_choices_and_on_the_page_of_its_family():
    recipes = [load_recipe(name) for name in list_recipes()]
    choice = configs.choice(recipes)
    for recipe in recipes:
        own = [one for one in recipes if one.family == recipe.family]
        page = configs.family(configs.family_page(recipe.family), own)
        assert f"](configs/{recipe.name}.md)" in choice
        assert f"\n../configs/{recipe.name}\n" in page


def test_the_guide_of_recipes_names_every_key():
    text = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    for model in (Recipe, Split, Level, Card):
        for key in model.model_fields.keys() - {"name"}:
            assert f"`{key}`" in text, key


@pytest.mark.parametrize("guide", GUIDES)
def test_the_code_of_a_guide_runs(guide):
    assert blocks.run(ROOT / "docs" / guide) >= 3


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<h1 id="top">A</h1><a href="b.html#part">b</a>')
    (tmp_path / "b.html").write_text(
        '<p id="part"><a href="a.html#end"></a><img src="no.png"><a href="#part"></a>'
        '<a href="https://arxiv.org/abs/1706.02390"></a><a href="https://arxiv.org/abs/17062390"></a>'
        '<a href="https://doi.org/10.5281/zenodo.1"></a><a href="http://example.org"></a>'
    )
    assert links.problems(tmp_path) == [
        "b.html: a.html#end: leads to no heading",
        "b.html: no.png: leads nowhere",
        "b.html: https://arxiv.org/abs/17062390: is no number of arxiv.org",
        "b.html: http://example.org: is no https address",
    ]


def test_code_that_fails_is_told_with_its_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nassert 1 == 2\n```\n")
    with pytest.raises(RuntimeError, match=r"page.md, block 1"):
        blocks.run(page)
    page.write_text("<!-- not run: it would fail -->\n```python\nassert 1 == 2\n```\n")
    assert blocks.run(page) == 0


def test_no_page_and_no_message_has_a_private_word():
    """Terms that people search for stand there instead; and no registry has this package yet."""
    places = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for folder in ("deepbench_hf", "dataset_cards", "configs", "examples"):
        places += [p for p in (ROOT / folder).rglob("*") if p.suffix in {".py", ".md", ".yaml"}]
    words = (
        r"bit[ -]by[ -]bit",
        "has to tell",
        r"\bdecoys\b",
        r"\ba decoy\b",
        r"pip install \S*deepbench.hf",
    )
    private = re.compile("|".join(words), re.IGNORECASE)
    told = {p.name: p.read_text("utf-8") for p in places if p.name != "first_hour.md"}  # a record
    found = {name: private.findall(text) for name, text in told.items()}
    assert len(found) > 100
    assert {name: words for name, words in found.items() if words} == {}
