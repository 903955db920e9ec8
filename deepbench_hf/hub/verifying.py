"""Verify: published rows against what their recipes make, bit for bit."""

import re
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from datasets.utils import tqdm

from deepbench_hf.errors import HubError, RecipeError, did_you_mean, install_command
from deepbench_hf.exact.shuffle import permuted
from deepbench_hf.exact.words import stream_key
from deepbench_hf.hub import consistency
from deepbench_hf.hub.client import TIMEOUT
from deepbench_hf.hub.comparing import (
    ConfigVerdict,
    Difference,
    SplitVerdict,
    Verdict,
    compare,
    like_posteriors,
)
from deepbench_hf.hub.entries import entry_problems
from deepbench_hf.hub.sources import PublishedRows, Source, find_source
from deepbench_hf.recipe.columns import digested
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.digest import block_digest
from deepbench_hf.rows.generation import BLOCK, generate, split_of
from deepbench_hf.tables.arrow import table
from deepbench_hf.tables.manifest import MANIFEST

SAMPLE = 4
"""Blocks of a split that are compared in a repository, unless all are."""

RELEASE = re.compile(r"[0-9][0-9A-Za-z.+!-]{0,40}")


def verify(
    place: str | Path,
    *,
    config: str | None = None,
    split: str | None = None,
    revision: str | None = None,
    sample: int | Literal["auto"] | None = "auto",
    token: str | None = None,
    timeout: float = TIMEOUT,
    quiet: bool = True,
) -> Verdict:
    """Compare published rows with what their recipes make, and manifest, card and files.

    Of a repository only the row groups that are compared are read, and the Hub tells the hashes of
    files; a folder is read whole. Posteriors depend on the last digits of linear algebra, which
    differ between machines: their truths are compared bit for bit, and draws, means and evidence
    within a small part of the posterior's width. The small pictures for viewers are compared by
    these hashes.

    Args:
        place: a repository, or a folder that `build -o` wrote or that was downloaded.
        config: one config instead of all.
        split: one split instead of all.
        revision: a branch, a tag or a commit of a repository.
        sample: how many blocks of 256 rows of a split are compared, 1 or more, always the same
            ones: the first, then the last, then others; None for all rows. By itself 4 of a
            repository, and all of a folder.
        token: for a private repository; None for the one of `hf auth login` or HF_TOKEN.
        timeout: seconds of trouble with the Hub, all attempts together, before it is given up.
        quiet: no progress bar.

    Returns:
        A `Verdict`: ``identical`` is whether everything agrees, ``conclusion`` says it in a line,
        and ``text()`` in full.

    Raises:
        ValueError: ``sample`` is less than 1.
        HubError: there is nothing to verify, or the Hub cannot be reached.

    >>> from tempfile import TemporaryDirectory
    >>> from deepbench_hf import build, verify
    >>> with TemporaryDirectory() as folder:
    ...     _ = build(["pendulum_noisy"], folder, quiet=True, splits=["train"], num_examples=10)
    ...     print(verify(folder).conclusion)
    identical: 10 of 10 rows compared
    """
    if isinstance(sample, int) and sample < 1:
        raise ValueError(f"sample: got {sample}, accepted: 1 and more, or None for all rows")
    source = _source(place, revision, token, timeout, quiet)
    if sample == "auto":
        sample = None if source.revision is None else SAMPLE
    entries = source.manifest["configs"]
    chosen = [_known(config, entries, "config")] if config else sorted(entries)
    look = partial(_config, source, split=split, sample=sample, quiet=quiet)
    verdicts = [source.retry(partial(look, name)) for name in chosen]
    if split and not any(verdict.splits or verdict.other_generator for verdict in verdicts):
        raise HubError(f"{source.where}: no config has a split {split!r}")
    problems, left_out = source.retry(partial(_card, source))
    return Verdict(source.where, source.revision, verdicts, problems, left_out)


def regenerate(
    place: str | Path,
    index: int,
    *,
    config: str | None = None,
    split: str | None = None,
    revision: str | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """One row from the published recipe alone; no published row is read.

    Args:
        place: as `verify` takes it.
        index: which row.
        config: which config; needed where there are several.
        split: which split; the first one unless given.
        revision: as `verify` takes it.
        token: likewise.

    Raises:
        HubError: no such config, split or row, or another generator version.
    """
    source = _source(place, revision, token, TIMEOUT, True)
    entries = source.manifest["configs"]
    if config is None and len(entries) > 1:
        raise HubError(f"{source.where}: give one of the configs {', '.join(sorted(entries))}")
    name = _known(config or next(iter(entries)), entries, "config")
    if other := _other_generator(entries[name]):
        raise HubError(f"{source.where}: {name}: {other}")
    recipe = source.retry(partial(consistency.published_recipe, source, name))
    recipe = recipe.model_copy(update={"preview": False})
    part = _known(split or next(iter(recipe.splits)), recipe.splits, "split")
    size = split_of(recipe, part).size
    if not 0 <= index < size:
        raise HubError(f"{source.where}: {part} has rows 0 to {size - 1}; got {index}")
    return table(recipe, generate(recipe, part, index, index + 1)).to_pylist()[0]


def _source(
    place: str | Path, revision: str | None, token: str | None, timeout: float, quiet: bool
) -> Source:
    source = find_source(place, revision, token, timeout, quiet)
    if not source.retry(lambda: source.manifest).get("configs"):
        raise HubError(f"{place}: {MANIFEST} names no config; `push` and `build -o` write it")
    return source


def _known(name: str, names: Any, what: str) -> str:
    if name not in names:
        raise HubError(f"there is no {what} {name!r}; {did_you_mean(name, names)}")
    return name


def _card(source: Source) -> tuple[list[str], list[str]]:
    """What is wrong with manifest and card, as far as recipes can be read; what is unchecked."""
    published = []
    for name, entry in sorted(source.manifest["configs"].items()):
        try:
            published.append((consistency.published_recipe(source, name), entry))
        except (HubError, RecipeError):
            continue  # this is said where its config is compared
    problems = list(consistency.manifest_problems(source))
    problems += consistency.card_problems(source, published)
    return problems, consistency.unchecked(source)


def _config(
    source: Source, name: str, split: str | None, sample: int | None, quiet: bool
) -> ConfigVerdict:
    entry = source.manifest["configs"][name]
    head = (name, entry.get("version"), entry.get("generator_version"))
    if other := _other_generator(entry):
        return ConfigVerdict(*head, other_generator=other)
    try:
        recipe = consistency.published_recipe(source, name)
    except (HubError, RecipeError) as error:
        return ConfigVerdict(*head, problems=str(error).splitlines())
    problems = list(entry_problems(recipe, entry))
    problems += consistency.file_problems(source, recipe, entry)
    names = [part for part in recipe.splits if split in (None, part)]
    splits = [_split(source, recipe, entry, part, sample, quiet) for part in names]
    return ConfigVerdict(*head, splits, problems)


def _split(
    source: Source,
    recipe: Recipe,
    entry: dict[str, Any],
    name: str,
    sample: int | None,
    quiet: bool,
) -> SplitVerdict:
    size, compared, problems = recipe.splits[name].size, 0, []
    difference: Difference | None = None
    try:
        rows = PublishedRows(source, recipe, name)
        if rows.size != size:
            raise HubError(f"{rows.size} rows are published, the recipe has {size}")
        blocks, label = _sampled(recipe, name, sample), f"{recipe.name} {name}"
        for number, first, last in tqdm(blocks, desc=label, disable=quiet or None, leave=False):
            made = generate(recipe, name, first, last)
            theirs = rows.read(first, last)
            if recipe.posterior is not None:
                made = like_posteriors(theirs, made)
            if block_digest(made, digested(recipe)) != _published_digest(entry, name, number):
                problems.append(f"{MANIFEST}: block {number} has not the recipe's digest")
            found = compare(theirs, made, first)
            difference = difference.and_then(found) if difference else found
            compared += last - first
    except HubError as error:
        problems.append(str(error))
    return SplitVerdict(name, size, compared, difference, problems)


def _sampled(recipe: Recipe, split: str, sample: int | None) -> list[tuple[int, int, int]]:
    """Number, start and stop of the blocks to compare, in order.

    The first block is among them, the last one, and others that the fingerprint decides.
    """
    size = recipe.splits[split].size
    blocks = -(-size // BLOCK)
    most = blocks if sample is None else min(sample, blocks)
    drawn = permuted(stream_key("verify", recipe.fingerprint, split), np.arange(most), blocks)
    chosen = list(dict.fromkeys([0, blocks - 1, *drawn.tolist()]))[:most]
    return [(n, n * BLOCK, min((n + 1) * BLOCK, size)) for n in sorted(chosen)]


def _published_digest(entry: dict[str, Any], split: str, block: int) -> Any:
    """The digest of a block in the manifest; None where it has none."""
    try:
        return entry["splits"][split]["blocks"][block]
    except (KeyError, IndexError, TypeError):
        return None


def _other_generator(entry: dict[str, Any]) -> str | None:
    """How to get the version that made an entry; None where it is this one."""
    theirs = entry.get("generator_version")
    if theirs == GENERATOR_VERSION:
        return None
    made_with = entry.get("made_with")
    release = made_with.get("deepbench-hf") if isinstance(made_with, dict) else None
    known = isinstance(release, str) and RELEASE.fullmatch(release)
    how = install_command(str(release)) if known else "the version that made it"
    made = f"made by generator version {theirs!r:.20}, this is {GENERATOR_VERSION}"
    return f"{made}; verify it with: {how}"
