"""The card of all shipped configs, to be looked at: ``python -m tools.rendered_card FOLDER``."""

import sys
from pathlib import Path

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.cards import Published, card_files, card_texts

DEFAULT = "pendulum_noisy"


def published() -> list[Published]:
    """All shipped configs, the default first."""
    names = sorted(list_recipes(), key=lambda name: name != DEFAULT)
    return [Published(load_recipe(name)) for name in names]


def texts() -> dict[str, str]:
    """The card without its figures."""
    return card_texts(published())


if __name__ == "__main__":
    for name, content in card_files(published()).items():
        file = Path(sys.argv[1]) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
