"""Whether manifest, recipes, card and files of one place say the same."""

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from deepbench_hf.cards import Published, card_texts
from deepbench_hf.cards.front_matter import data_of, read_card, told_configs
from deepbench_hf.errors import BuildError, HubError
from deepbench_hf.hub.client import REPOSITORY
from deepbench_hf.hub.entries import sizes
from deepbench_hf.hub.loading import READ_BY_DATASETS, Tree, loading_problems
from deepbench_hf.hub.repository import Blob
from deepbench_hf.hub.sources import Source
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import versions
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables.manifest import MANIFEST, README, RECIPES, data_files, file_hash, sealed

MOST_BLOCK_BYTES = 4 << 30
"""Memory that a block of rows may take: a recipe from elsewhere could ask for any amount."""


def published_recipe(source: Source, config: str) -> Recipe:
    """The recipe of a config as it is published: data, checked as any other recipe.

    Raises:
        HubError: it is missing, or its rows are larger than this machine should make.
        RecipeError: it is not valid.
    """
    name = f"{RECIPES}/{config}.yaml"
    if name not in source.sizes:
        raise HubError(f"{name} is missing")
    recipe = load_recipe(source.path(name))
    block = row_bytes(recipe) * BLOCK
    if block > MOST_BLOCK_BYTES:
        most = f"{block / 1e9:,.0f} GB, of at most {MOST_BLOCK_BYTES / 1e9:,.0f} GB"
        raise HubError(f"{name}: a block of {BLOCK} rows takes {most}")
    return recipe


def file_problems(source: Source, recipe: Recipe, entry: dict[str, Any]) -> Iterator[str]:
    """Files of rows that are not those of the manifest, pictures for viewers included."""
    starts = tuple(f"{recipe.name}/{split}-" for split in recipe.splits)
    here = {n for n in source.sizes if n.startswith(starts) and n.count("/") == 1}  # as `datasets`
    told = entry.get("files")
    if told is None:
        return
    try:
        wanted = {f"{recipe.name}/{f}": Blob(t["size"], t["sha256"]) for f, t in told.items()}
    except (AttributeError, KeyError, TypeError):
        yield f"{MANIFEST}: does not list files of {recipe.name} as it should"
        return
    for name in sorted(here ^ wanted.keys()):
        yield f"{name}: {'is not in' if name in here else 'is missing, but is in'} {MANIFEST}"
    for name in sorted(here & wanted.keys()):
        if source.sizes[name] != wanted[name].size or source.blob(name) != wanted[name]:
            yield f"{name}: is not the file that {MANIFEST} tells of"


def manifest_problems(source: Source) -> Iterator[str]:
    """A manifest that was changed, and pictures and recipes that are not those that it names."""
    manifest = source.manifest
    if "sha256" in manifest and source.text(MANIFEST) != sealed(manifest):
        yield f"{MANIFEST}: was changed after it was written"
    for name, told in source.hashes.items():
        if name not in source.sizes:
            yield f"{name}: is missing, but is in {MANIFEST}"
        elif name != README and not _is_file(source, name, told):
            yield f"{name}: is not the file that {MANIFEST} tells of"


def card_problems(
    source: Source, published: Sequence[tuple[Recipe, dict[str, Any]]]
) -> Iterator[str]:
    """What the card says otherwise than recipes and manifest, and what would not load."""
    try:
        told = told_configs(data_of(read_card(source.card)))
    except BuildError:
        yield f"{README}: its front matter is broken"
        return
    for recipe, _ in published:
        files = told.get(recipe.name, {}).get("data_files")
        files = files if isinstance(files, list) else []
        wanted = data_files(recipe.name, recipe.splits)
        if len(files) != len(wanted) or any(file not in files for file in wanted):
            yield f"{README}: does not name the files of {recipe.name}"
    texts = {p: source.path(p).read_bytes() for p in READ_BY_DATASETS if p in source.sizes}
    yield from loading_problems(Tree({path: path for path in source.sizes}, texts))
    if not unchecked(source):
        yield from _rendering_problems(source, published)


def unchecked(source: Source) -> list[str]:
    """Why the card cannot be compared with recipes and manifest; nothing where it can be."""
    card, readme = source.manifest.get("card"), source.hashes.get(README)
    if isinstance(card, dict):
        theirs, ours = card.get("deepbench-hf"), versions()["deepbench-hf"]
        other = f"{README}, as deepbench-hf {theirs!s:.20} wrote it and this is {ours}"
        return [] if theirs == ours else [other]
    if readme is None:
        return [f"{README}, as {MANIFEST} does not say what it was made from"]
    same = README in source.sizes and _is_file(source, README, readme)
    return [] if same else [f"{README}, as it was changed after the build"]


def _is_file(source: Source, name: str, told: Any) -> bool:
    """Whether a file has the size and sha256 that the manifest tells."""
    if not isinstance(told, dict) or told.get("size") != source.sizes[name]:
        return False
    return source.blob(name).digest == told.get("sha256") or file_hash(source.path(name)) == told


def _rendering_problems(
    source: Source, published: Sequence[tuple[Recipe, dict[str, Any]]]
) -> Iterator[str]:
    """Lines that the card would have otherwise if it were made now from the same recipes."""
    card = source.manifest.get("card")
    if not isinstance(card, dict):  # a folder that was only built: its README has no card
        return
    repo_id, revision = str(card.get("repo_id")), card.get("revision")
    if not REPOSITORY.fullmatch(repo_id):
        yield f"{MANIFEST}: does not name the repository of the card"
        return
    try:
        ours = [Published(recipe, entry, sizes(entry)) for recipe, entry in published]
        texts = card_texts(ours, repo_id, source.card, revision=revision)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError):
        yield f"{README}: cannot be made from {MANIFEST}"
        return
    for name, text in texts.items():
        if name not in source.sizes:
            yield f"{name}: is missing"
        elif not _says_the_same(found := source.text(name), text):
            number = _first_other_line(found, text)
            yield f"{name}: line {number} is not what recipes and manifest give"


def _says_the_same(one: str, other: str) -> bool:
    """Whether texts are equal; front matter may be written in another style, as others do."""
    if one == other:
        return True
    if not one.startswith("---\n") or one.count("---\n") < 2:
        return False
    (_, head, body), (_, wanted, text) = (part.split("---\n", 2) for part in (one, other))
    return body == text and yaml.safe_load(head) == yaml.safe_load(wanted)


def _first_other_line(one: str, other: str) -> int:
    lines, wanted = one.split("\n"), other.split("\n")
    pairs = enumerate(zip(lines, wanted, strict=False), 1)
    return next((n for n, (a, b) in pairs if a != b), min(len(lines), len(wanted)) + 1)
