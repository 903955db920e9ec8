"""Several repositories: one for each family, and a collection of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from deepbench_hf.hub.client import Hub
from deepbench_hf.hub.pushing import Name, Pushed, chosen_recipes, push
from deepbench_hf.recipe.recipe import Recipe


def push_families(names: Name | Sequence[Name], prefix: str, **options: Any) -> list[Pushed]:
    """Publish each family of configs in a repository of its own, ``PREFIX-family``.

    The repositories are gathered in a collection of the same owner, called as the prefix is.

    Args:
        names: as `push` takes them.
        prefix: ``user/name``.
        **options: as `push` takes them.

    Raises:
        HubError, RecipeError, BuildError: as `push` does; what was pushed before stays.
    """
    how = {key: options.pop(key, None) for key in ("seed", "num_examples")}
    families: dict[str, list[Recipe]] = {}
    for recipe in chosen_recipes(names, options.get("preview", True), **how):
        families.setdefault(recipe.family, []).append(recipe)
    pushed = [push(found, f"{prefix}-{name}", **options) for name, found in families.items()]
    if not options.get("dry_run"):
        known = {key: options[key] for key in ("timeout", "quiet") if key in options}
        hub = Hub(options.get("token"), prefix, **known)
        hub.retry(partial(_collect, hub, pushed, options.get("private")))
    return pushed


def _collect(hub: Hub, pushed: Sequence[Pushed], private: bool | None) -> None:
    """Put repositories into the collection of their prefix; those that are in it stay."""
    owner, title = hub.where.split("/")
    collection = hub.api.create_collection(
        title, namespace=owner, private=bool(private), exists_ok=True
    )
    for one in pushed:
        hub.api.add_collection_item(
            collection.slug, item_id=one.repo_id, item_type="dataset", exists_ok=True
        )
