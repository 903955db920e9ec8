"""The promise of a version: one content for ever, and tags that hold what they name."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from deepbench_hf.errors import HubError
from deepbench_hf.hub.contents import Content
from deepbench_hf.hub.repository import Repository
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe

VERSIONS = "versions"
"""Where the manifest keeps the fingerprint and digests of every version that was published."""

MOST_TOLD = 4

History = dict[str, dict[str, dict[str, Any]]]
"""Config, version, and what it held: ``fingerprint``, ``generator_version`` and ``digests``."""


def history(repository: Repository) -> History:
    """Every version that was ever published here.

    Manifests of older releases do not keep it: then the manifests of all commits are read, the
    oldest first, as the first content of a version is the promised one.
    """
    kept = repository.manifest.get(VERSIONS)
    if isinstance(kept, dict):
        return kept
    found: History = {}
    if repository.entries:
        commits = repository.api.list_repo_commits(
            repository.repo_id, repo_type="dataset", revision=repository.head
        )
        for commit in reversed(commits):
            entries = repository.manifest_at(commit.commit_id).get("configs", {})
            found = {
                name: {**record(entries.get(name)), **found.get(name, {})}
                for name in (found | entries)
            }
    return found


def record(entry: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """What the history keeps of a config's entry in a manifest."""
    try:
        entry = entry or {}
        kept = {key: entry[key] for key in ("fingerprint", "generator_version")}
        digests = {name: split["digest"] for name, split in entry["splits"].items()}
        return {entry["version"]: {**kept, "digests": digests}}
    except (KeyError, TypeError, AttributeError):
        return {}


def refuse_conflicts(repository: Repository, recipe: Recipe) -> None:
    """Stop where a version was published with other content, or a config is somebody else's.

    Raises:
        HubError: with what differs.
    """
    name, entry = recipe.name, repository.entries.get(recipe.name)
    if entry is None and name in repository.configs:
        other = f"has a config {name!r} that was not pushed by this package"
        hint = "give the recipe another name, or replace it with --force"
        raise HubError(f"{repository.repo_id}: {other}; {hint}")
    known = history(repository).get(name, {}).get(recipe.version)
    if known is None or known.get("fingerprint") == recipe.fingerprint:
        return
    if known.get("generator_version") != GENERATOR_VERSION:
        was = f"generator version {known.get('generator_version')}, now {GENERATOR_VERSION}"
        raise _conflict(repository, recipe, was)
    if entry is None or entry.get("version") != recipe.version:
        raise _conflict(repository, recipe, "in an earlier commit")
    found = sorted(_differences(entry.get("recipe"), json.loads(recipe.canonical)))
    more = [f"{len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
    raise _conflict(repository, recipe, ", ".join([*found[:MOST_TOLD], *more]))


def refuse_other_digests(repository: Repository, content: Content) -> None:
    """Stop where the same recipe was published with other digests of its rows.

    Raises:
        HubError: with the splits that differ.
    """
    name, splits = content.recipe.name, content.entry["splits"]
    entry = repository.entries.get(name, {})
    if entry.get("fingerprint") == content.entry["fingerprint"]:
        published = entry.get("splits") if isinstance(entry.get("splits"), dict) else {}
        differ = [split for split, told in splits.items() if published.get(split) != told]
    else:
        known = history(repository).get(name, {}).get(content.recipe.version, {})
        digests = known.get("digests", {})
        differ = [
            s for s, told in splits.items() if digests.get(s, told["digest"]) != told["digest"]
        ]
    if differ:
        raise _conflict(repository, content.recipe, f"digests of {', '.join(differ)}")


def tag_of(recipes: Sequence[Recipe]) -> str | None:
    """The tag of a push: the version that all of its configs have."""
    versions = {recipe.version for recipe in recipes}
    return f"v{versions.pop()}" if len(versions) == 1 else None


def pinned(
    repository: Repository, entries: dict[str, Any], made: str | None, move: bool
) -> str | None:
    """The tag that a card may name: one that holds all of its configs as they are.

    ``made`` is the one that the push makes, unless it exists and is not moved.
    """
    if made and (move or made not in repository.tags):
        return made
    card = repository.manifest.get("card")
    named = card.get("revision") if isinstance(card, dict) else None
    for tag in (made, named):
        if tag in repository.tags and tag is not None:
            there = repository.manifest_at(repository.tags[tag]).get("configs")
            if there == entries:
                return tag
    return None


def make_tag(
    repository: Repository, commit: str, tag: str, move: bool
) -> tuple[str | None, str | None]:
    """Tag a commit: the tag that names it, or None and why there is none.

    A tag that exists stays where it is, as people have pinned it, unless it is to be moved.
    """
    api, name, there = repository.api, repository.repo_id, repository.tags.get(tag)
    if there == commit:
        return tag, None
    if there and not move:
        return None, f"the tag {tag} stays at {there[:7]}; pin revision={commit[:7]}"
    if there:
        api.delete_tag(name, tag=tag, repo_type="dataset")
    api.create_tag(name, tag=tag, revision=commit, repo_type="dataset", exist_ok=True)
    return tag, None


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
