"""The end of a build on many machines: records are summed up, and readers see all of it at once."""

from typing import Any

from deepbench_hf.errors import BuildError
from deepbench_hf.tables.manifest import MANIFEST, README, entry_of
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import SCAFFOLD, Target
from deepbench_hf.tables.work import RECORDS, State, index_of, plan_at, state_of


def finish(target: Target) -> list[dict[str, Any]]:
    """Write recipes, ``manifest.json`` and at last ``README.md``, and remove plan and records.

    The target then holds, byte for byte, what one machine writes. It may be killed and run again.

    Returns:
        For each config its ``name``, ``fingerprint``, number of ``rows`` and ``path``.

    Raises:
        BuildError: there is no plan, or a shard is missing, of another plan or of another size.
    """
    plan = plan_at(target)
    if _is_visible(plan, target):  # only the removal was left to do
        return _cleared(plan, target)
    state = state_of(plan, target)
    if state.missing:
        told = "; ".join(state.lines())
        what = f"{len(state.missing):,} of {len(plan):,} shards are missing: {told}"
        raise BuildError(f"{target.url}: {what}; run `deepbench-hf work` for them")
    _refuse_others(plan, target)
    for path, text in _texts(state, target).items():
        target.write(path, text)
    return _cleared(plan, target)


def _is_visible(plan: Plan, target: Target) -> bool:
    """Whether the README, which is written last, names all configs."""
    index = index_of(target)
    return all(recipe.name in index.configs for recipe in plan.recipes)


def _cleared(plan: Plan, target: Target) -> list[dict[str, Any]]:
    """Remove the records, then the plan, and say what is built."""
    target.remove(RECORDS)
    target.remove(SCAFFOLD)
    return [
        {
            "name": recipe.name,
            "fingerprint": recipe.fingerprint,
            "rows": sum(split.size for split in recipe.splits.values()),
            "path": f"{target.url}/{recipe.name}",
        }
        for recipe in plan.recipes
    ]


def _texts(state: State, target: Target) -> dict[str, str]:
    """All that is written beside the rows, in order: the README, which readers see, comes last."""
    index, texts, first = index_of(target), {}, 0
    for config in state.plan.configs:
        written = ((part, state.written[first + n]) for n, part in enumerate(config))
        texts |= index.texts_with(config.recipe, entry_of(config.recipe, written))
        now = (texts[README].encode(), texts[MANIFEST].encode())
        index = index.parse(target.url, target.name, *now)
        first += len(config)
    last = (MANIFEST, README)
    return {path: texts[path] for path in (*(texts.keys() - {*last}), *last)}


def _refuse_others(plan: Plan, target: Target) -> None:
    """Stop where files that are not of the plan would be read as rows."""
    for config in plan.configs:
        ours = {f"{config.recipe.name}/{part.file}" for part in config}
        if others := sorted(target.sizes(config.recipe.name).keys() - ours):
            what = f"{others[0]} is not of this plan and would be read as rows; move it away"
            raise BuildError(f"{target.url}: {what}")
