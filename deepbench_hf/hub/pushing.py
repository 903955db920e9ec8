"""Push: configs, their card and their recipes into a dataset repository, in one commit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from huggingface_hub.utils import (
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
)

from deepbench_hf.cards import Published
from deepbench_hf.errors import HubError
from deepbench_hf.hub.builds import Builds
from deepbench_hf.hub.committing import LIMITS, Landed, Limits, Publication
from deepbench_hf.hub.conflicts import refuse_conflicts, refuse_other_digests
from deepbench_hf.hub.failures import patiently
from deepbench_hf.hub.plan import Plan, make_plan, published_content
from deepbench_hf.hub.repository import Repository
from deepbench_hf.hub.tags import make_tag
from deepbench_hf.hub.tokens import client
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.recipe import Recipe

MAIN = (None, "main")
"""Only what is there is tagged."""


@dataclass(frozen=True)
class Pushed:
    """What a push did, or with ``dry_run`` would do.

    Args:
        repo_id: the repository.
        url: the page of the commit, or of the pull request.
        commit: the commit that holds the configs; None where there is none yet.
        changed: whether anything was, or would be, sent.
        configs: the names that were pushed.
        operations: one line for each file of the last commit.
        tag: the tag that names the commit.
        note: why there is none.
    """

    repo_id: str
    url: str
    commit: str | None
    changed: bool
    configs: list[str]
    operations: list[str] = field(default_factory=list)
    tag: str | None = None
    note: str | None = None

    def text(self, dry_run: bool) -> str:
        """The same for people."""
        names = ", ".join(self.configs)
        if not self.changed:
            head = f"{self.repo_id} holds {names} as they are: nothing to send"
        else:
            head = f"{names}: {'would go to' if dry_run else 'are in'} {self.url}"
        lines = self.operations if dry_run else []
        told = [f"tag {self.tag}"] if self.tag else [self.note] if self.note else []
        return "\n".join([head, *lines, *told])


def push(
    names: str | Sequence[str],
    repo_id: str,
    *,
    private: bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    commit_message: str | None = None,
    token: str | None = None,
    num_proc: int = 1,
    seed: int | None = None,
    num_examples: int | dict[str, int] | None = None,
    preview: bool = True,
    tag: bool = True,
    dry_run: bool = False,
    force: bool = False,
    quiet: bool = False,
    limits: Limits = LIMITS,
) -> Pushed:
    """Publish configs as Parquet with a card, in one commit; other configs of the repository stay.

    What the repository holds already is neither built nor sent again. A push that was stopped
    shows readers nothing new, and running it again goes on from there.

    Args:
        names: shipped configs or paths of recipes.
        repo_id: ``user/name``; made if it does not exist.
        private: whether a repository that is made is private.
        revision: a branch; made if it does not exist.
        create_pr: open a pull request instead of committing.
        commit_message: the title of the commit.
        token: one that may write; None for the one of `hf auth login` or HF_TOKEN.
        num_proc: threads that build.
        seed: as `load_recipe` takes it.
        num_examples: likewise.
        preview: whether image configs get a column of small pictures for the Hub's viewer.
        tag: whether to tag the commit ``vX.Y.Z`` where all configs have this version.
        dry_run: say what would be sent, and send nothing.
        force: replace other content that is published under the same name and version.
        quiet: no progress bars.
        limits: above them files go in several commits, the README in the last one.

    Raises:
        RecipeError: a recipe is not valid.
        BuildError: the disk is too small.
        HubError: the Hub cannot be reached, refuses, or holds other content of the same version.
    """
    recipes = _recipes(names, preview, seed=seed, num_examples=num_examples)
    api = client(token, repo_id, writes=not dry_run)
    with Builds(num_proc, quiet) as builds, _bars(quiet):
        plan = partial(_plan, recipes, builds, force)
        message = commit_message or _message(recipes)
        publication = Publication(api, repo_id, plan, message, revision, private, create_pr, limits)
        if dry_run:
            return _pushed(repo_id, recipes, patiently(publication.foreseen, repo_id))
        while (landed := patiently(publication.step, repo_id)) is None:
            pass
        builds.sweep()
    if not tag or create_pr or landed.commit is None or revision not in MAIN:
        return _pushed(repo_id, recipes, landed)
    move = force and landed.changed
    return _pushed(repo_id, recipes, landed, *make_tag(api, repo_id, landed.commit, recipes, move))


def _recipes(names: str | Sequence[str], preview: bool, **overrides: Any) -> list[Recipe]:
    listed = [names] if isinstance(names, str) else list(names)
    recipes = [load_recipe(name, **overrides) for name in listed]
    found = [recipe.name for recipe in recipes]
    if not found or len(set(found)) < len(found):
        raise HubError(f"give one or more configs, each once; got {', '.join(found) or 'none'}")
    return [Published(recipe).with_preview().recipe if preview else recipe for recipe in recipes]


def _plan(recipes: Sequence[Recipe], builds: Builds, force: bool, repository: Repository) -> Plan:
    """What is to change; configs are built where the repository does not hold them whole."""
    for recipe in () if force else recipes:
        refuse_conflicts(repository, recipe)
    held = {} if force else {r.name: published_content(repository, r) for r in recipes}
    built = builds.get([recipe for recipe in recipes if not held.get(recipe.name)])
    for content in () if force else built:
        refuse_other_digests(repository, content)
    contents = {c.recipe.name: c for c in [*filter(None, held.values()), *built]}
    return make_plan(repository, [contents[recipe.name] for recipe in recipes])


def _message(recipes: Sequence[Recipe]) -> str:
    told = ", ".join(f"{recipe.name} {recipe.version}" for recipe in recipes[:4])
    return f"Push {told}{f' and {len(recipes) - 4} more' if len(recipes) > 4 else ''}"


def _pushed(
    repo_id: str,
    recipes: Sequence[Recipe],
    landed: Landed,
    tag: str | None = None,
    note: str | None = None,
) -> Pushed:
    names = [recipe.name for recipe in recipes]
    done = (landed.url, landed.commit, landed.changed, names, landed.operations)
    return Pushed(repo_id, *done, tag, note)


@contextmanager
def _bars(quiet: bool) -> Iterator[None]:
    """Without the bars of uploads, if that is wanted."""
    hidden = quiet and not are_progress_bars_disabled()
    if hidden:
        disable_progress_bars()
    try:
        yield
    finally:
        if hidden:
            enable_progress_bars()
