"""The card of all configs: ``python -m tools.rendered_card`` writes it to build/card."""

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.cards import Published, card_files
from tests.support.paths import ROOT

FOLDER = ROOT / "build" / "card"
DEFAULT = "pendulum_noisy"


def published() -> list[Published]:
    """All shipped configs, the default first."""
    names = sorted(list_recipes(), key=lambda name: name != DEFAULT)
    return [Published(load_recipe(name)) for name in names]


if __name__ == "__main__":
    for name, content in card_files(published()).items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
