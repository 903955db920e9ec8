"""Push: configs, their card and their recipes into a dataset repository, or one for each family."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from huggingface_hub import utils

from deepbench_hf.cards import Published, card_text
from deepbench_hf.errors import HubError
from deepbench_hf.hub.client import TIMEOUT, Hub
from deepbench_hf.hub.committing import IN_PARTS, LIMITS, Limits, Publication, Pushed
from deepbench_hf.hub.contents import Builds, built_contents, is_build, published_content
from deepbench_hf.hub.loading import refuse_long
from deepbench_hf.hub.plan import Plan, make_plan
from deepbench_hf.hub.repository import Repository, read_repository
from deepbench_hf.hub.versions import make_tag, refuse_conflicts, refuse_other_digests, tag_of
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables.parquet import FILE_BYTES

Name = str | Path | Recipe

MAIN = (None, "main")
"""Only what is there is tagged."""


def push(
    names: Name | Sequence[Name],
    repo_id: str,
    *,
    delete: str | Sequence[str] = (),
    private: bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    commit_message: str | None = None,
    token: str | None = None,
    num_proc: int = 1,
    seed: int | None = None,
    num_examples: int | dict[str, int] | None = None,
    preview: bool = True,
    max_shard_size: int = FILE_BYTES,
    tag: bool = True,
    benchmark: bool = False,
    dry_run: bool = False,
    force: bool = False,
    timeout: float = TIMEOUT,
    quiet: bool = False,
    limits: Limits | None = None,
) -> Pushed:
    """Publish configs as Parquet with a card, in one commit; other configs of the repository stay.

    What the repository holds already is neither built nor sent again. A push that was stopped
    shows readers nothing new, and running it again goes on from there. Before anything is
    committed, stock `datasets` must be able to load all that it could load before.

    Args:
        names: shipped configs, paths of recipes, recipes, or places where configs lie built: a
            folder, or an address such as ``s3://bucket/out``; their files are sent as they are.
        repo_id: ``user/name``; made if it does not exist.
        delete: configs to take away, in the same commit; their versions stay in its history.
        private: whether a repository that is made is private; one that exists must be so already.
        revision: a branch; made if it does not exist.
        create_pr: open a pull request instead of committing.
        commit_message: the title of the commit.
        token: one that may write; None for the one of `hf auth login` or HF_TOKEN.
        num_proc: threads that build.
        seed: as `load_recipe` takes it; not with recipes.
        num_examples: likewise.
        preview: whether image configs get a column of small pictures for the Hub's viewer.
        max_shard_size: about how many bytes of rows, uncompressed, go into one file.
        tag: whether to tag the commit ``vX.Y.Z`` where all configs have this version.
        benchmark: whether to add ``eval.yaml``, which names a task and its metric for each config;
            the Hub shows a leaderboard only after its people have put the repository on a list.
        dry_run: say what would be sent, and send nothing.
        force: replace other content that is published under the same name and version.
        timeout: seconds of trouble with the Hub, all attempts together, before it is given up.
        quiet: no progress bars, and no line for each attempt.
        limits: above them files go in several commits, the README in the last one; None for
            what suits the source.

    Returns:
        A `Pushed`: ``url`` is the page of the commit, ``changed`` whether there was one to make.

    Raises:
        RecipeError: a recipe is not valid.
        BuildError: the disk is too small.
        HubError: the Hub cannot be reached, refuses, holds other content of the same version, or
            could not show afterwards what it shows now.
    """
    removed = [delete] if isinstance(delete, str) else list(delete)
    listed = [names] if isinstance(names, Name) else list(names)
    built = [content for place in filter(is_build, listed) for content in built_contents(place)]
    lying = [content.recipe for content in built]
    others = [name for name in listed if not is_build(name)]
    recipes = chosen_recipes(others, preview, removed, lying, seed=seed, num_examples=num_examples)
    limits = limits or (IN_PARTS if built else LIMITS)
    hub = Hub(token, repo_id, timeout, quiet)
    if not dry_run:
        hub.check_rights()
    configs = [recipe.name for recipe in recipes] + [f"{name} (deleted)" for name in removed]
    wanted = tag_of(recipes) if tag and not create_pr and revision in MAIN else None
    with Builds(num_proc, quiet, max_shard_size) as builds, _bars(quiet):
        builds.contents.update({content.recipe.name: content for content in built})
        refuse = partial(_refuse, recipes, force)
        plan = partial(_plan, recipes, builds, force, removed, wanted, benchmark)
        message = commit_message or _message(recipes, removed)
        how = (message, revision, private, create_pr, limits)
        publication = Publication(hub.api, repo_id, refuse, plan, configs, *how)
        if dry_run:
            return hub.retry(publication.foreseen)
        while (pushed := hub.retry(publication.step)) is None:
            pass
        builds.remove()
    if not tag or create_pr or pushed.commit is None or revision not in MAIN or not recipes:
        return pushed
    if wanted is None:
        versions = ", ".join(sorted({recipe.version for recipe in recipes}))
        return replace(pushed, note=f"no tag, as the configs have the versions {versions}")
    return _tagged(hub, pushed, pushed.commit, wanted, force and pushed.changed)


def chosen_recipes(
    names: Name | Sequence[Name],
    preview: bool,
    removed: Sequence[str] = (),
    built: Sequence[Recipe] = (),
    **overrides: Any,
) -> list[Recipe]:
    """The recipes of names, with pictures for viewers where they are wanted, and of built configs.

    Raises HubError: no name, or a config twice; RecipeError: a recipe is not valid.
    """
    listed = [names] if isinstance(names, Name) else list(names)
    recipes = [n if isinstance(n, Recipe) else load_recipe(n, **overrides) for n in listed]
    found = [recipe.name for recipe in (*recipes, *built)] + list(removed)
    if not found:
        raise HubError("no config is named; give one or more, then the repository, user/name")
    if len(set(found)) < len(found):
        raise HubError(f"give each config once; got {', '.join(found)}")
    drawn = [Published(recipe).with_preview().recipe if preview else recipe for recipe in recipes]
    return [*drawn, *built]


def _refuse(recipes: Sequence[Recipe], force: bool, repository: Repository) -> None:
    """Stop, before hours of building, where a repository cannot hold configs or holds others."""
    if recipes:
        refuse_long(repository, card_text(recipes, repository.repo_id), len(recipes))
    for recipe in () if force else recipes:
        refuse_conflicts(repository, recipe)


def _plan(
    recipes: Sequence[Recipe],
    builds: Builds,
    force: bool,
    removed: Sequence[str],
    tag: str | None,
    benchmark: bool,
    repository: Repository,
) -> Plan:
    """What is to change; configs are built where the repository does not hold them whole."""
    held = {} if force else {r.name: published_content(repository, r) for r in recipes}
    built = builds.get([recipe for recipe in recipes if not held.get(recipe.name)])
    for content in () if force else built:
        refuse_other_digests(repository, content)
    contents = {c.recipe.name: c for c in [*filter(None, held.values()), *built]}
    return make_plan(
        repository, [contents[r.name] for r in recipes], removed, tag, force, benchmark
    )


def _message(recipes: Sequence[Recipe], removed: Sequence[str]) -> str:
    told = ", ".join(f"{recipe.name} {recipe.version}" for recipe in recipes[:4])
    more = f" and {len(recipes) - 4} more" if len(recipes) > 4 else ""
    parts = [f"Push {told}{more}"] if recipes else []
    parts += [f"Delete {', '.join(removed)}"] if removed else []
    return "; ".join(parts)


def _tagged(hub: Hub, pushed: Pushed, commit: str, tag: str, move: bool) -> Pushed:
    """With the tag; one that cannot be made does not hide that the commit has landed."""

    def make() -> tuple[str | None, str | None]:
        return make_tag(read_repository(hub.api, hub.where), commit, tag, move)

    try:
        made, note = hub.retry(make)
    except HubError as error:
        made, note = None, f"the commit has landed, but not its tag {tag}; push again: {error}"
    return replace(pushed, tag=made, note=note)


@contextmanager
def _bars(quiet: bool) -> Iterator[None]:
    """Without the bars of uploads, if that is wanted."""
    hidden = quiet and not utils.are_progress_bars_disabled()
    if hidden:
        utils.disable_progress_bars()
    try:
        yield
    finally:
        if hidden:
            utils.enable_progress_bars()


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
