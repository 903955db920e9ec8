"""One config as a repository holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import clean_fields


@dataclass(frozen=True)
class Published:
    """A config and what is known of its files.

    Args:
        recipe: the recipe, fully resolved, overrides included.
        entry: its entry of ``manifest.json``; None where nothing is written yet.
        files: the sizes in bytes of every split's Parquet files; None likewise.
    """

    recipe: Recipe
    entry: dict[str, Any] | None = None
    files: dict[str, list[int]] | None = None

    @property
    def has_images(self) -> bool:
        """Whether an example is a picture."""
        return any(field.is_image for field in clean_fields(self.recipe.simulator).values())

    def with_preview(self) -> Published:
        """The same as `push` writes it by default: image configs get a column of small pictures.

        What is written already stays as it is.
        """
        if self.entry is not None or not self.has_images:
            return self
        recipe = self.recipe.model_copy(update={"preview": True})
        return Published(recipe, self.entry, self.files)
