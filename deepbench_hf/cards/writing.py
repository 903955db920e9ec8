"""Cards on the disk: beside what `build` wrote there, or alone."""

from collections.abc import Sequence
from pathlib import Path

from deepbench_hf.cards.files import card_files, card_texts
from deepbench_hf.cards.published import Published
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables.manifest import README, Index


def card_text(recipes: Sequence[Recipe], repo_id: str | None = None, preview: bool = True) -> str:
    """The README of recipes that are not written yet."""
    return card_texts([Published(recipe) for recipe in recipes], repo_id, None, preview)[README]


def write_card(
    recipes: Sequence[Recipe], file: str | Path, repo_id: str | None = None, preview: bool = True
) -> list[Path]:
    """Write a card to ``file``, and its metadata and figures beside it.

    Configs that a build left beside it are told with their digests; of a README that is there,
    other configs and other text are kept.

    Returns:
        The files, the README first.

    Raises:
        BuildError: what is there already is broken.
        OSError: the folder cannot be written.
    """
    readme = Path(file)
    published = [_built(recipe, readme.parent) for recipe in recipes]
    previous = readme.read_text(encoding="utf-8") if readme.exists() else None
    written = []
    for name, content in card_files(published, repo_id, previous, preview).items():
        place = readme if name == README else readme.parent / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        written.append(place)
    return written


def _built(recipe: Recipe, folder: Path) -> Published:
    """The config with its digests and the sizes of its files, if the folder holds just this one."""
    entry = Index.read(folder).manifest.get("configs", {}).get(recipe.name)
    if entry is None or entry.get("fingerprint") != recipe.fingerprint:
        return Published(recipe)
    parts = {split: sorted(folder.glob(f"{recipe.name}/{split}-*")) for split in recipe.splits}
    sizes = {split: [part.stat().st_size for part in found] for split, found in parts.items()}
    return Published(recipe, entry, sizes)
