"""What a push may not replace unasked: other content of the same version, and others' configs."""

import json
from collections.abc import Iterator
from typing import Any

from deepbench_hf.errors import HubError
from deepbench_hf.hub.builds import Content
from deepbench_hf.hub.repository import Repository
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe

MOST_TOLD = 4


def refuse_conflicts(repository: Repository, recipe: Recipe) -> None:
    """Stop where a config is published already and a new version is due, or is somebody else's.

    Raises:
        HubError: with what differs.
    """
    name, entry = recipe.name, repository.entries.get(recipe.name)
    if entry is None:
        if name in repository.configs:
            other = f"has a config {name!r} that was not pushed by this package"
            hint = "give the recipe another name, or replace it with --force"
            raise HubError(f"{repository.repo_id}: {other}; {hint}")
        return
    if entry.get("version") != recipe.version:
        return
    if entry.get("generator_version") != GENERATOR_VERSION:
        was = f"generator version {entry.get('generator_version')}, now {GENERATOR_VERSION}"
        raise _conflict(repository, recipe, was)
    if entry.get("fingerprint") != recipe.fingerprint:
        found = sorted(_differences(entry.get("recipe"), json.loads(recipe.canonical)))
        more = [f"{len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
        raise _conflict(repository, recipe, ", ".join([*found[:MOST_TOLD], *more]))


def refuse_other_digests(repository: Repository, content: Content) -> None:
    """Stop where the same recipe is published with other digests of its rows.

    Raises:
        HubError: with the splits that differ.
    """
    entry = repository.entries.get(content.recipe.name, {})
    if entry.get("fingerprint") != content.entry["fingerprint"]:
        return
    published = entry.get("splits")
    if published != content.entry["splits"]:
        published = published if isinstance(published, dict) else {}
        differ = [k for k, v in content.entry["splits"].items() if published.get(k) != v]
        raise _conflict(repository, content.recipe, f"digests of {', '.join(differ)}")


def _conflict(repository: Repository, recipe: Recipe, differs: str) -> HubError:
    published = f"{recipe.name} {recipe.version} is published with other content ({differs})"
    hint = "raise the recipe's version, or replace it with --force"
    return HubError(f"{repository.repo_id}: {published}; {hint}")


def _differences(one: Any, other: Any, place: str = "recipe") -> Iterator[str]:
    """The paths of what two resolved recipes have differently."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            inside = key if place == "recipe" else f"{place}.{key}"
            yield from _differences(one.get(key), other.get(key), inside)
    elif one != other:
        yield place
