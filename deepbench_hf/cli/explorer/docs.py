"""What the documentation says of a config, and where its page is."""

from pathlib import Path

import deepbench_hf
from deepbench_hf.cards import tables
from deepbench_hf.cards.phrases import typeset
from deepbench_hf.cards.published import family_page
from deepbench_hf.errors import project_address
from deepbench_hf.recipe.catalog import list_recipes
from deepbench_hf.recipe.recipe import Recipe

PLACE = "/site"
"""Where the explorer serves the site that this checkout has built."""

TABLES = (tables.parameters, tables.noise, tables.splits, tables.columns)


def about(recipe: Recipe) -> str:
    """The equations of its family, and the tables of a recipe, in Markdown."""
    page = family_page(recipe.family)
    parts = [f"## {recipe.name}", recipe.description, page.text]
    for rows in TABLES:
        if found := rows(recipe):
            name = rows.__name__
            parts += [f"### {name.capitalize()}", tables.markdown(tables.HEADS[name], found)]
    return typeset("\n\n".join(parts))


def built_site() -> Path | None:
    """The site that `make docs` has built in this checkout, if it has."""
    folder = Path(deepbench_hf.__file__).parents[1] / "build" / "site" / "html"
    return folder if (folder / "index.html").is_file() else None


def page_of(name: str) -> str | None:
    """The address of a shipped config's page: on this machine, else on the project's site.

    The latter is ``Documentation`` among the project's addresses in ``pyproject.toml``.
    """
    if name not in list_recipes():
        return None
    if site := built_site():
        there = (site / "configs" / f"{name}.html").is_file()
        return f"{PLACE}/configs/{name}.html" if there else None
    base = project_address("documentation")
    return base and f"{base.rstrip('/')}/configs/{name}.html"
