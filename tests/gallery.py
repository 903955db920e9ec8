"""The pictures of docs/gallery: ``python -m tests.gallery`` draws them anew."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.figures import preview

FOLDER = Path(__file__).parent.parent / "docs" / "gallery"
GREYS = 128
"""Colours of a picture: enough for the eye, and half the bytes."""


def page() -> str:
    """The page that shows them."""
    lines = ["# Gallery", "", "The first rows of `train` of every config (`make gallery`)."]
    for name in list_recipes():
        lines += ["", f"## {name}", "", load_recipe(name).description, "", f"![{name}]({name}.png)"]
    return "\n".join(lines) + "\n"


def draw(name: str) -> None:
    """One small picture of a config."""
    recipe = load_recipe(name)
    figure = preview(recipe, rows=4 if recipe.simulator.layers else 3)
    file = io.BytesIO()
    figure.savefig(file, dpi=75)
    Image.open(file).convert("RGB").quantize(GREYS).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")
    for config in list_recipes():
        draw(config)
