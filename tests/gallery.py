"""The pictures of docs/gallery: ``python -m tests.gallery`` draws them anew."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.figures import preview

FOLDER = Path(__file__).parent.parent / "docs" / "gallery"
SPLITS = {
    "galaxy_perturbed": ("test_y1", "test_onepixel_random", "test_jpeg_10"),
    "lartpc_pair": ("test", "test_real"),
    "survey_pair": ("test", "test_paired", "train_target"),
}
"""The configs of which other splits than `train` are shown."""
ROWS = {"survey_pair": 8}
"""The configs of which so many rows are shown that every class is among them."""
GREYS = 128
"""Colours of a picture: enough for the eye, and half the bytes."""


def page() -> str:
    """The page that shows them."""
    lines = [
        "# Gallery",
        "",
        "Rows of `train` of every config (`make gallery`): the first; points are from all over it.",
    ]
    for name in list_recipes():
        lines += ["", f"## {name}", "", load_recipe(name).description]
        for file in files(name):
            lines += ["", f"![{file}]({file}.png)"]
    return "\n".join(lines) + "\n"


def files(name: str) -> dict[str, str]:
    """The pictures of a config, by their names without ending, and the split that each shows."""
    if name not in SPLITS:
        return {name: "train"}
    return {f"{name}_{split}": split for split in SPLITS[name]}


def draw(name: str) -> None:
    """Small pictures of a config."""
    recipe = load_recipe(name)
    for stem, split in files(name).items():
        usual = 4 if recipe.simulator.layers else 3
        figure = preview(recipe, split, rows=ROWS.get(name, usual))
        file = io.BytesIO()
        figure.savefig(file, dpi=75)
        picture = Image.open(file).convert("RGB").quantize(GREYS)
        picture.save(FOLDER / f"{stem}.png", optimize=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")
    for config in list_recipes():
        draw(config)
