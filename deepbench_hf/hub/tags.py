"""The tag of a push: the version that all of its configs have."""

from collections.abc import Sequence
from functools import partial

from huggingface_hub import HfApi

from deepbench_hf.hub.failures import patiently
from deepbench_hf.recipe.recipe import Recipe


def make_tag(
    api: HfApi, repo_id: str, commit: str, recipes: Sequence[Recipe], move: bool
) -> tuple[str | None, str | None]:
    """Tag a commit ``vX.Y.Z``: where configs differ in their version there is no tag.

    A tag that exists stays where it is, as people have pinned it.

    Args:
        api: the client.
        repo_id: the repository.
        commit: what is tagged.
        recipes: the configs that were pushed.
        move: whether an older tag of this name is moved.

    Returns:
        The tag that names the commit, or None and why there is none.
    """
    found = sorted({recipe.version for recipe in recipes})
    if len(found) > 1:
        return None, f"no tag, as the configs have the versions {', '.join(found)}"
    tag = f"v{found[0]}"
    return patiently(partial(_made, api, repo_id, commit, tag, move), repo_id)


def _made(
    api: HfApi, repo_id: str, commit: str, tag: str, move: bool
) -> tuple[str | None, str | None]:
    refs = api.list_repo_refs(repo_id, repo_type="dataset")
    there = {ref.name: ref.target_commit for ref in refs.tags}.get(tag)
    if there == commit:
        return tag, None
    if there and not move:
        return None, f"the tag {tag} stays at {there[:7]}; pin revision={commit[:7]}"
    if there:
        api.delete_tag(repo_id, tag=tag, repo_type="dataset")
    api.create_tag(repo_id, tag=tag, revision=commit, repo_type="dataset", exist_ok=True)
    return tag, None
