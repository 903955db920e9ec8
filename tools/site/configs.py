"""Pages made from recipes: of each config, of each family, and of the choice between them."""

import re
from collections.abc import Iterator, Sequence

from deepbench_hf import Recipe
from deepbench_hf.cards import Published, tables
from deepbench_hf.cards.families import cited, config_text, notation
from deepbench_hf.cards.phrases import plain, typeset
from deepbench_hf.cards.published import Family, family_page
from deepbench_hf.cards.tables import markdown
from deepbench_hf.figures.images import shown_images
from deepbench_hf.figures.series import shown_series
from tools.readme import families

CODE = """```python
import deepbench_hf
from datasets import load_dataset

rows = load_dataset("deepbench", "{name}", split="{split}", streaming=True)
row = next(iter(rows))
deepbench_hf.simulate("{name}", **row)  # the clean output of its true values
```"""
MODALITIES = {
    "image": "Images",
    "series": "Series and sets of points",
    "numbers": "Rows of numbers",
}
"""What a row of a config is, and the heading of its table."""


def listings(recipes: Sequence[Recipe]) -> Iterator[tuple[str, str]]:
    """The path and the Markdown of the page of each family, and of the choice between configs."""
    names = {recipe.name for recipe in recipes}
    for name, own in families():
        found = [recipe for recipe in own if recipe.name in names]
        if found:
            yield f"families/{name}.md", family(family_page(name), found)
    yield "choose.md", choice(recipes)


def config_page(recipe: Recipe) -> str:
    """All that a recipe says of its rows, as tables and pictures."""
    page = family_page(recipe.family)
    split = next(iter(recipe.splits))
    text = config_text(Published(recipe).with_preview(), figures="../")
    lines = [
        f"# {recipe.name}",
        f"One of the [{page.title}](../families/{recipe.family}.md), where equations, known limits"
        " and published results are.",
        CODE.format(name=recipe.name, split=split),
        notation(),
        _headed(text),
        "## Columns",
        markdown(tables.HEADS["columns"], tables.columns(recipe)),
        "## Recipe",
        "As it is resolved, every default filled in (`recipe.to_yaml()`):",
        f"```yaml\n{recipe.to_yaml().strip()}\n```",
    ]
    if page.papers:
        papers = "\n".join(f"- {cited(paper)}" for paper in page.papers)
        lines += ["## To cite with it", papers]
    return typeset("\n\n".join(lines)) + "\n"


def family(page: Family, recipes: Sequence[Recipe]) -> str:
    """Equations, what is interesting, how to evaluate, and the configs of a family."""
    rows = [
        (f"[![]({thumb(r.name, '../')})](../configs/{r.name}.md)", link(r.name, "../"), about(r))
        for r in recipes
    ]
    names = "\n".join(f"../configs/{recipe.name}" for recipe in recipes)
    text = re.sub(r"^###", "##", page.text, flags=re.MULTILINE)
    lines = [f"# {page.title}", text, "## Configs", markdown(("", "config", "what it is"), rows)]
    return typeset("\n\n".join(lines)) + f"\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def choice(recipes: Sequence[Recipe]) -> str:
    """Configs by task, and by what a row is."""
    known = {recipe.name: recipe for recipe in recipes}
    tasks = [
        (f"[![]({thumb(name)})](configs/{name}.md)", task, link(name))
        for page in (family_page(name) for name, _ in families())
        for task, name in page.use.items()
        if name in known
    ]
    lines = [
        "# Choose a config",
        'Every config loads with `load_dataset("deepbench", NAME)` after `import deepbench_hf`.',
        "## By task",
        markdown(("", "task", "config"), tasks),
    ]
    for modality, heading in MODALITIES.items():
        rows = [
            (f"[![]({thumb(r.name)})](configs/{r.name}.md)", link(r.name), about(r))
            for r in recipes
            if modality_of(r) == modality
        ]
        lines += [f"## {heading}", markdown(("", "config", "what it is"), rows)]
    here = {recipe.family for recipe in recipes}
    names = "\n".join(f"families/{name}" for name, _ in families() if name in here)
    return "\n\n".join(lines) + f"\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def modality_of(recipe: Recipe) -> str:
    """What a row of a config is."""
    if shown_images(recipe):
        return "image"
    return "series" if shown_series(recipe) else "numbers"


def thumb(name: str, up: str = "") -> str:
    """Where the small picture of a config is, from a page."""
    return f"{up}figures/thumbs/{name}.png"


def link(name: str, up: str = "") -> str:
    """A config's name that leads to its page."""
    return f"[`{name}`]({up}configs/{name}.md)"


def about(recipe: Recipe) -> str:
    """What a recipe says of itself, in a cell of a table."""
    return plain(recipe.description)


def _headed(text: str) -> str:
    """The bold words that begin a part of a card, as headings of the page."""
    found = re.sub(r"^\*\*([A-Z][^*]*?)\.?\*\*,? ?", r"## \1\n\n", text, flags=re.MULTILINE)
    return found.replace("\n\n\n", "\n\n")
