"""All files of a card: the README, a page for each family, the metadata for machines, figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCard

from deepbench_hf.cards.croissant import CROISSANT, croissant
from deepbench_hf.cards.families import family_pages
from deepbench_hf.cards.front_matter import complete, data_of, read_card
from deepbench_hf.cards.pages import ABOUT, about_page, citation, readme
from deepbench_hf.cards.pictures import figure_files, figures
from deepbench_hf.cards.published import Published
from deepbench_hf.errors import BuildError
from deepbench_hf.files import write_whole
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import versions
from deepbench_hf.tables.manifest import (
    INCOMPLETE,
    MANIFEST,
    README,
    RECIPES,
    Index,
    file_hash,
    other_files,
    sealed,
)

REPOSITORY = "user/deepbench"


def card_files(
    published: Sequence[Published],
    repo_id: str | None = None,
    previous: str | None = None,
    preview: bool = True,
) -> dict[str, bytes]:
    """README.md, docs/*.md, croissant.json and figures/*.png for a repository of these configs.

    A pure function: the same configs give the same bytes.

    Args:
        published: the configs, the one that is to load by default first.
        repo_id: the repository, for the card's examples; ``user/deepbench`` where there is none.
        previous: the README that is there now: other configs, other keys and other text are kept.
        preview: whether image configs that are not written yet will get a ``preview`` column.

    Raises:
        BuildError: the front matter of ``previous`` is broken.
        ValueError: no config, or one twice.
    """
    texts = card_texts(published, repo_id, previous, preview)
    recipes = [one.recipe for one in published]
    return {name: text.encode() for name, text in texts.items()} | figures(recipes)


def card_texts(
    published: Sequence[Published],
    repo_id: str | None = None,
    previous: str | None = None,
    preview: bool = True,
    revision: str | None = None,
) -> dict[str, str]:
    """The same without the figures: rows are made for the reference results only.

    Args:
        published: as `card_files` takes them.
        repo_id: likewise.
        previous: likewise.
        preview: likewise.
        revision: the tag that names this content; None where there is none.

    Raises:
        BuildError: the front matter of ``previous`` is broken.
        ValueError: no config, or one twice.
    """
    known = [one.with_preview() for one in published] if preview else list(published)
    where, card = repo_id or REPOSITORY, _card(known, previous)
    return {
        README: readme(card, known, where, revision),
        ABOUT: about_page(data_of(card), known, where) + "\n",
        **family_pages(known),
        CROISSANT: croissant(known, where, data_of(card), citation(where, known)),
    }


def card_text(recipes: Sequence[Recipe], repo_id: str | None = None, preview: bool = True) -> str:
    """The README alone, of recipes that are not written yet.

    Args:
        recipes: of the configs.
        repo_id: the repository that the examples name.
        preview: whether image configs get a column of small pictures, as `push` gives them.
    """
    published = [Published(recipe) for recipe in recipes]
    known = [one.with_preview() for one in published] if preview else published
    return readme(_card(known, None), known, repo_id or REPOSITORY, None)


def write_card(
    recipes: Sequence[Recipe], file: str | Path, repo_id: str | None = None, preview: bool = True
) -> list[Path]:
    """Write a card to ``file``, and its pages, metadata and figures beside it.

    Configs that a build left beside it are described with what was built, and its manifest then
    tells of the card; of a README that is there, other configs and other text are kept. Each file
    is replaced at once, when all of it is written.

    Args:
        recipes: of the configs.
        file: the README.
        repo_id: the repository that the examples name.
        preview: whether image configs get a column of small pictures, as `push` gives them.

    Returns:
        The files, the README first.

    Raises:
        BuildError: what is there already is broken.
        OSError: the folder cannot be written.
    """
    place = Path(file)
    index = Index.read(place.parent)
    published = [_built(recipe, index) for recipe in recipes]
    previous = place.read_text(encoding="utf-8") if place.exists() else None
    contents = card_files(published, repo_id, previous, preview)
    written = []
    for name, content in contents.items():
        target = place if name == README else place.parent / name
        _replace(target, content)
        written.append(target)
    if place.name == README and all(one.entry for one in published):
        drawn = figure_files(recipes)
        pictures = {name: data for name, data in contents.items() if name in drawn}
        manifest = _manifest(index, repo_id or REPOSITORY, pictures)
        _replace(place.parent / MANIFEST, sealed(manifest).encode())
    return written


def _card(published: Sequence[Published], previous: str | None) -> DatasetCard:
    """A README whose front matter tells of the configs."""
    names = [one.recipe.name for one in published]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"a card needs one or more configs, each once; got {', '.join(names)}")
    card = read_card(None if previous == INCOMPLETE else previous)
    complete(data_of(card), published)
    return card


def _manifest(index: Index, repo_id: str, pictures: dict[str, bytes]) -> dict[str, Any]:
    """The manifest of a folder with what its card was made from."""
    kept = {p: f for p, f in other_files(index.manifest).items() if p.startswith(RECIPES)}
    drawn = {path: file_hash(data) for path, data in pictures.items()}
    files = dict(sorted((kept | drawn).items()))
    return {**index.manifest, "card": card_record(repo_id, None), "files": files}


def card_record(repo_id: str, revision: str | None) -> dict[str, str | None]:
    """What a manifest says of its card: for which repository it was made, and by which release."""
    release = versions()["deepbench-hf"]
    return {"repo_id": repo_id, "deepbench-hf": release, "revision": revision}


def _replace(file: Path, content: bytes) -> None:
    """Write a whole file, and never where a link is, which might lead anywhere."""
    if file.is_symlink():
        raise BuildError(f"{file}: is a link; remove it, or write to the file that it names")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, content)


def _built(recipe: Recipe, index: Index) -> Published:
    """The config with the sizes of its files, if the folder holds just this one."""
    entry = index.manifest.get("configs", {}).get(recipe.name)
    if entry is None or entry.get("fingerprint") != recipe.fingerprint:
        return Published(recipe)
    parts = {s: sorted(index.root.glob(f"{recipe.name}/{s}-*")) for s in recipe.splits}
    sizes = {split: [part.stat().st_size for part in found] for split, found in parts.items()}
    return Published(recipe, entry, sizes)
