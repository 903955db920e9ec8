"""Whether manifest, recipes, card and files of one place say the same."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from deepbench_hf.cards import Published
from deepbench_hf.cards.files import card_texts
from deepbench_hf.cards.front_matter import data_of, read_card, told_configs
from deepbench_hf.errors import BuildError, HubError
from deepbench_hf.hub.plan import sizes
from deepbench_hf.hub.published_rows import split_files
from deepbench_hf.hub.repository import Blob
from deepbench_hf.hub.sources import Source
from deepbench_hf.hub.tokens import REPOSITORY
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import split_digest, versions
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables.manifest import MANIFEST, README, RECIPES, data_files

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


def entry_problems(recipe: Recipe, entry: dict[str, Any]) -> Iterator[str]:
    """What a config's entry of the manifest says otherwise than its recipe, or than itself."""
    wanted = {
        "fingerprint": recipe.fingerprint,
        "version": recipe.version,
        "block_rows": BLOCK,
        "recipe": json.loads(recipe.canonical),
    }
    for key, value in wanted.items():
        if entry.get(key) != value:
            yield f"{MANIFEST}: {key} is not that of {RECIPES}/{recipe.name}.yaml"
    splits = entry.get("splits")
    splits = splits if isinstance(splits, dict) else {}
    if splits.keys() != recipe.splits.keys():
        yield f"{MANIFEST}: has not the splits of the recipe"
    for name, split in recipe.splits.items():
        if not _is_whole(splits.get(name), split.size):
            yield f"{MANIFEST}: size, blocks and digest of {name} do not fit together"


def file_problems(
    source: Source, recipe: Recipe, entry: dict[str, Any], thorough: bool
) -> Iterator[str]:
    """Files that are not those of the manifest; a folder that was only built names none."""
    here = {name for split in recipe.splits for name in split_files(source, recipe.name, split)}
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
    cheap = source.revision is not None  # the Hub knows the hashes
    for name in sorted(here & wanted.keys()):
        same = source.sizes[name] == wanted[name].size
        if not same or ((cheap or thorough) and source.blob(name) != wanted[name]):
            yield f"{name}: is not the file that {MANIFEST} tells of"


def card_problems(
    source: Source, published: Sequence[tuple[Recipe, dict[str, Any]]]
) -> Iterator[str]:
    """What the card says otherwise than recipes and manifest."""
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
    card = source.manifest.get("card")
    if isinstance(card, dict) and card.get("deepbench-hf") == versions()["deepbench-hf"]:
        yield from _rendering_problems(source, str(card.get("repo_id")), published)


def _rendering_problems(
    source: Source, repo_id: str, published: Sequence[tuple[Recipe, dict[str, Any]]]
) -> Iterator[str]:
    """Lines that the card would have otherwise if it were made now from the same recipes."""
    if not REPOSITORY.fullmatch(repo_id):
        yield f"{MANIFEST}: does not name the repository of the card"
        return
    try:
        ours = [Published(recipe, entry, sizes(entry)) for recipe, entry in published]
        texts = card_texts(ours, repo_id, source.card)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError):
        yield f"{README}: cannot be made from {MANIFEST}"
        return
    for name, text in texts.items():
        if name not in source.sizes:
            yield f"{name}: is missing"
        elif (found := source.text(name)) != text:
            number = _first_other_line(found, text)
            yield f"{name}: line {number} is not what recipes and manifest give"


def _first_other_line(one: str, other: str) -> int:
    lines, wanted = one.split("\n"), other.split("\n")
    pairs = enumerate(zip(lines, wanted, strict=False), 1)
    return next((n for n, (a, b) in pairs if a != b), min(len(lines), len(wanted)) + 1)


def _is_whole(split: Any, size: int) -> bool:
    """Whether a split of a manifest has this size, and blocks that give its digest."""
    try:
        blocks = split["blocks"]
        told = (split["num_examples"], len(blocks), split["digest"])
        return told == (size, -(-size // BLOCK), split_digest(blocks))
    except (KeyError, TypeError, ValueError):
        return False
