"""Building by name: into the cache of `datasets`, a folder or a store; and the end of a build."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import datasets.config
from datasets.exceptions import DatasetGenerationError
from datasets.utils import tqdm

from deepbench_hf.errors import BuildError, first_line
from deepbench_hf.recipe.catalog import inapplicable, is_shipped, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables import registration
from deepbench_hf.tables.folder import build_folder, check_space
from deepbench_hf.tables.manifest import MANIFEST, README, entry_of
from deepbench_hf.tables.parquet import FILE_BYTES
from deepbench_hf.tables.plan import Plan, refuse_twice
from deepbench_hf.tables.target import SCAFFOLD, Target, is_url
from deepbench_hf.tables.work import RECORDS, State, index_of, lay, plan_at, state_of, work


def build(
    names: str | Sequence[str],
    folder: str | Path | None = None,
    num_proc: int = 1,
    quiet: bool = False,
    say: Callable[[str], Any] = lambda line: None,
    client: Any = None,
    max_shard_size: int = FILE_BYTES,
    **overrides: Any,
) -> list[dict[str, Any]]:
    """Make the rows of configs and write them, as Parquet files or into the cache of `datasets`.

    All recipes are checked before the first is begun. `datasets.load_dataset` then reads the
    folder by its path and the config's name.

    Args:
        names: one shipped config or path of a recipe, or several.
        folder: where Parquet goes, a path or an address that `fsspec` knows, such as
            ``s3://bucket/out``; None for the cache of `datasets`.
        num_proc: workers on this machine.
        quiet: no progress bars.
        say: called with a line for each override that is left out of a config.
        client: a ``distributed.Client`` of Dask whose workers write the files; the folder must be
            one that all of them see. A build that was stopped goes on where it was.
        max_shard_size: about how many bytes of rows, uncompressed, go into one file.
        **overrides: as `load_recipe` takes them; one of several configs is built without those
            that mean nothing to it.

    Returns:
        For each config its ``name``, ``fingerprint``, number of ``rows`` and ``path``.

    Raises:
        RecipeError: a recipe is not valid.
        BuildError: the disk is too small, a folder cannot be written, or the cluster is gone.

    >>> from tempfile import TemporaryDirectory
    >>> from deepbench_hf import build
    >>> with TemporaryDirectory() as folder:
    ...     (built,) = build(["pendulum"], folder, quiet=True, splits=["train"], num_examples=10)
    >>> built["name"], built["rows"]
    ('pendulum', 10)
    """
    names = [names] if isinstance(names, (str, Path)) else names
    options = applicable(names, overrides, say)
    recipes = [load_recipe(name, **own) for name, own in zip(names, options, strict=True)]
    if folder is not None and not str(folder):
        raise BuildError("the folder has no name; give one, or '.' for this one")
    if client is not None and folder is None:
        raise BuildError("a cluster needs a folder or an address that all its workers can write to")
    if folder is not None and (client is not None or is_url(folder)):
        target, plan = Target(folder), Plan.of(recipes, max_shard_size)
        return run_plan(lay(plan, target), target, num_proc, quiet, client)
    if folder is None:
        paths = _into_cache(recipes, names, options, num_proc, quiet)
    else:
        refuse_twice(recipes)
        with progress(sum(recipe.rows for recipe in recipes), 0, quiet) as bar:
            build_folder(recipes, folder, num_proc, bar.update, max_shard_size)
        paths = [str(Path(folder) / recipe.name) for recipe in recipes]
    return _built(recipes, paths)


def run_plan(
    plan: Plan, target: Target, workers: int = 1, quiet: bool = False, client: Any = None
) -> list[dict[str, Any]]:
    """Write what is missing of a plan that lies at a target, here or by a cluster, and finish it.

    Returns, Raises:
        as `build`.
    """
    state = state_of(plan, target)
    missing, rows = list(state.missing), state.rows
    del state  # of many shards it is large
    with progress(plan.rows, rows, quiet) as bar:
        if client is None:
            work(target, plan, missing, workers, bar.update)
        else:
            from deepbench_hf.tables.cluster import work_on

            work_on(client, target, plan, missing, bar.update)
    return finish(target)


def progress(rows: int, done: int, quiet: bool) -> tqdm:
    """A bar with rows a second and the time left."""
    return tqdm(total=rows, initial=done, unit=" rows", desc="Building", disable=quiet or None)


def applicable(
    names: Sequence[str], overrides: Mapping[str, Any], say: Callable[[str], Any]
) -> list[dict[str, Any]]:
    """The overrides of each config: all of them if none of the configs can use one."""
    overrides = {key: value for key, value in overrides.items() if value is not None}
    useless = [inapplicable(load_recipe(name)) for name in names]
    nowhere = frozenset(overrides).intersection(*useless)
    found = []
    for name, left_out in zip(names, useless, strict=True):
        skipped = overrides.keys() & left_out - nowhere
        for option in sorted(skipped):
            say(f"{name}: built without {option}, which means nothing to it")
        found.append({key: value for key, value in overrides.items() if key not in skipped})
    return found


def _built(recipes: Sequence[Recipe], paths: Sequence[str]) -> list[dict[str, Any]]:
    """What is told of each config."""
    return [
        {"name": r.name, "fingerprint": r.fingerprint, "rows": r.rows, "path": path}
        for r, path in zip(recipes, paths, strict=True)
    ]


def _into_cache(
    recipes: Sequence[Recipe],
    names: Sequence[str],
    options: Sequence[dict[str, Any]],
    num_proc: int,
    quiet: bool,
) -> list[str]:
    """Fill the cache as `load_dataset` does, and say where; what is there takes no more space."""
    root, bars = Path(datasets.config.HF_DATASETS_CACHE), datasets.is_progress_bar_enabled()
    if quiet:
        datasets.disable_progress_bars()
    try:
        builders = []
        for name, own in zip(names, options, strict=True):
            source = {"config_name": name} if is_shipped(name) else {"data_files": name}
            builders.append(registration.builder(**own, **source))
        made = zip(recipes, builders, strict=True)
        check_space([r for r, one in made if not Path(one.cache_dir).exists()], root)
        for one in builders:
            one.download_and_prepare(num_proc=num_proc if num_proc > 1 else None)
    except (OSError, DatasetGenerationError) as error:
        if (reason := _refusal(error)) is None:
            raise
        raise BuildError(f"{root}: the build stopped: {reason}; whole configs stay") from error
    finally:
        if quiet and bars:
            datasets.enable_progress_bars()
    return [one.cache_dir for one in builders]


def _refusal(error: OSError | DatasetGenerationError) -> str | None:
    """Why the system refused to write; of what a worker process met, only a text comes back."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if isinstance(cause, OSError):
        return cause.strerror or first_line(cause)
    told = re.search(r"^\w*Error: \[Errno \d+\] (.+)$", str(cause), re.MULTILINE)
    return told and told[1]


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
        raise BuildError(f"{target.shown}: {what}; run `deepbench-hf work` for them")
    _refuse_others(plan, target)
    for path, text in _texts(state, target).items():
        target.write(path, text)
    return _cleared(plan, target)


def _is_visible(plan: Plan, target: Target) -> bool:
    """Whether the README, which is written last, names all configs, and the manifest these ones."""
    index = index_of(target)
    entries = ((recipe, index.entries.get(recipe.name, {})) for recipe in plan.recipes)
    ours = all(entry.get("fingerprint") == recipe.fingerprint for recipe, entry in entries)
    return ours and all(recipe.name in index.configs for recipe in plan.recipes)


def _cleared(plan: Plan, target: Target) -> list[dict[str, Any]]:
    """Remove the records, then the plan, and say what is built."""
    target.remove(RECORDS)
    target.remove(SCAFFOLD)
    return _built(plan.recipes, [f"{target.shown}/{recipe.name}" for recipe in plan.recipes])


def _texts(state: State, target: Target) -> dict[str, str]:
    """All that is written beside the rows, in order: the README, which readers see, comes last."""
    index, texts, first = index_of(target), {}, 0
    for config in state.plan.configs:
        written = ((part, state.written[first + n]) for n, part in enumerate(config))
        texts |= index.texts_with(config.recipe, entry_of(config.recipe, written))
        now = (texts[README].encode(), texts[MANIFEST].encode())
        index = index.parse(target.shown, target.name, *now)
        first += len(config)
    last = (MANIFEST, README)
    return {path: texts[path] for path in (*(texts.keys() - {*last}), *last)}


def _refuse_others(plan: Plan, target: Target) -> None:
    """Stop where files that are not of the plan would be read as rows."""
    for config in plan.configs:
        ours = {f"{config.recipe.name}/{part.file}" for part in config}
        if others := sorted(target.sizes(config.recipe.name).keys() - ours):
            what = f"{others[0]} is not of this plan and would be read as rows; move it away"
            raise BuildError(f"{target.shown}: {what}")
