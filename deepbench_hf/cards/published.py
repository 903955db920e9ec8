"""What a card tells of: configs as a repository holds them, and the pages of their families."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Self

import yaml

from deepbench_hf.fields import of_role
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.recipe.recipe import Recipe

FIRST = ("pendulum", "shapes", "sky")
"""The families that a card begins with."""


@dataclass(frozen=True)
class Published:
    """A config and what is known of its files.

    Args:
        recipe: fully resolved, overrides included.
        entry: of ``manifest.json``; None where nothing is written yet.
        files: the sizes in bytes of every split's Parquet files; None likewise.
    """

    recipe: Recipe
    entry: dict[str, Any] | None = None
    files: dict[str, list[int]] | None = None

    @property
    def has_images(self) -> bool:
        """Whether an example is a picture."""
        outputs = of_role(self.recipe.simulator.columns, "output")
        return self.recipe.posterior is None and any(field.is_image for field in outputs.values())

    @property
    def size(self) -> int:
        """Bytes of its files; of its rows, where nothing is written yet."""
        if self.files is None:
            return row_bytes(self.recipe) * self.recipe.rows
        return sum(map(sum, self.files.values()))

    def with_preview(self) -> Self:
        """The same as `push` writes it by default: image configs get a column of small pictures.

        What is written already stays as it is.
        """
        if self.entry is not None or not self.has_images:
            return self
        recipe = self.recipe.model_copy(update={"preview": True})
        return replace(self, recipe=recipe)


def newest(published: Sequence[Published]) -> str:
    """The highest version among configs."""
    versions = (one.recipe.version for one in published)
    return max(versions, key=lambda version: [*map(int, version.split("."))])


@dataclass(frozen=True)
class Family:
    """The page of a family, ``dataset_cards/<name>.md``; an empty one where there is none."""

    name: str  # the family
    title: str = ""  # what its configs are, a plural
    about: str = ""  # one sentence
    tags: list[str] = field(default_factory=list)  # what people search for
    use: dict[str, str] = field(default_factory=dict)  # for each task the config that suits it
    # each a reference, with ``arxiv`` or ``doi`` where it has one
    papers: list[dict[str, str]] = field(default_factory=list)
    text: str = ""  # the page itself


@cache
def family_page(name: str) -> Family:
    """The page of a family."""
    page = resources.files("deepbench_hf.dataset_cards") / f"{name}.md"
    title = name.replace("_", " ").capitalize()
    text = page.read_text(encoding="utf-8").strip() if page.is_file() else ""
    if not text.startswith("---\n"):
        return Family(name, title, text=text)
    _, head, text = text.split("---\n", 2)
    return Family(**{"name": name, "title": title, "text": text.strip(), **yaml.safe_load(head)})


def family_order(name: str) -> tuple[int, str]:
    """A key that sorts families: the best known first, then by name."""
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)
