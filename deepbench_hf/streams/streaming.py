"""`stream`: batches of a split for training loops."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deepbench_hf.errors import RecipeError, whole
from deepbench_hf.recipe.catalog import check_revision, is_shipped, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.streams.batches import Stream
from deepbench_hf.streams.order import Order, Position
from deepbench_hf.streams.sources import Source, endless_rows, generated, published


def stream(
    recipe: Recipe | str | Path,
    split: str,
    batch_size: int,
    *,
    shuffle: bool | int = True,
    epoch: int = 0,
    rank: int = 0,
    world_size: int = 1,
    columns: Sequence[str] | None = None,
    start: int = 0,
    endless: bool = False,
    drop_last: bool = True,
    config: str | None = None,
    revision: str | None = None,
    threads: int = 1,
    **overrides: Any,
) -> Stream:
    """Batches of a split for a training loop: made in the background, shuffled exactly, resumable.

    Batch k of epoch e is positions ``k * batch_size`` to ``(k + 1) * batch_size`` of a permutation
    of the whole split that only (shuffle, split, epoch) decide; each row comes once in an epoch.
    No buffer is filled, so any batch is there at once, whatever the size of the split. The order
    is the same for any number of ranks, workers and threads, made or published.

    Args:
        recipe: a recipe, its name or its file; with ``config``, a dataset repository or a folder
            that ``build -o`` wrote: rows are loaded once by `datasets`, then gathered.
        split: which split.
        batch_size: rows of a batch, all ranks together; a multiple of ``world_size``.
        shuffle: True for a new order in every epoch; a whole number from 1 for other orders of
            that kind (True is 0); False for the order of the rows.
        epoch: where to begin.
        rank: whose part of every batch to take: ``batch_size / world_size`` consecutive rows.
        world_size: how many ranks there are.
        columns: those that are wanted; None for all. Noise that none of them needs is not made.
        start: the first batch in that epoch.
        endless: rows like those of the split, never one twice and none of any split: index 0, 1,
            2 and so on, without end, epochs or shuffling, as they are independent of each other.
        drop_last: leave out the rows that fill no batch; else an epoch ends in a smaller batch, of
            which every rank gets its part, maybe of no rows.
        config: which config of a repository or folder.
        revision: which branch, tag or commit of a repository; of rows that are made, only the
            recipe's own version, ``vX.Y.Z``.
        threads: how many make the next batches while one is used; 0 for none, 2 and more where
            making them takes longer than using them and cores are free.
        **overrides: as `load_recipe` takes them.

    Returns:
        An iterable of dicts of arrays ``(rows, ...)``, with `Stream.state_dict`, `Stream.torch`
        and `Stream.torch_dataset`.

    Raises:
        RecipeError: the recipe or an override is not valid.
        KeyError: no such split or column.
        TypeError: a number is not whole, or a truth value is neither True nor False.
        ValueError: numbers that do not go together, or a batch that does not exist.
        HubError: published rows cannot be had.

    >>> from deepbench_hf import stream
    >>> batches = stream("pendulum_noisy", "train", 64, columns=["x_observed_m", "length_m"])
    >>> len(batches), next(iter(batches))["x_observed_m"].shape
    (156, (64, 100))
    """
    batch_size, epoch = whole("batch_size", batch_size), whole("epoch", epoch)
    start, threads = whole("start", start), whole("threads", threads)
    rank, world_size = whole("rank", rank), whole("world_size", world_size)
    endless, drop_last = _truth("endless", endless), _truth("drop_last", drop_last)
    source = _source(recipe, split, columns, endless, config, revision, overrides)
    name, family = (f"{split}/endless", None) if endless else (split, _family(shuffle))
    order = Order(name, source.size, batch_size, family, drop_last, rank, world_size)
    if threads < 0:
        raise ValueError(f"threads: got {threads}, accepted: 0 and more")
    return Stream(source, order, Position(epoch, start, order.batches, endless), threads)


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: got {value!r}, accepted: True and False")
    return bool(value)


def _family(shuffle: bool | int) -> int | None:
    """The number of a family of orders; None for the order of the rows."""
    if isinstance(shuffle, (bool, np.bool_)):
        return 0 if shuffle else None
    return whole("shuffle", shuffle)


def _source(
    recipe: Recipe | str | Path,
    split: str,
    columns: Iterable[str] | None,
    endless: bool,
    config: str | None,
    revision: str | None,
    overrides: Mapping[str, Any],
) -> Source:
    """The rows that the arguments of `stream` ask for."""
    changed = [f"{key}: cannot be given here" for key, v in overrides.items() if v is not None]
    if config is not None:
        if endless:
            raise ValueError(f"{recipe}: published rows end; endless ones need the recipe itself")
        if changed or isinstance(recipe, Recipe):
            raise RecipeError(str(config), changed or ["config: cannot be given with a recipe"])
        return published(str(recipe), split, columns, config, revision)
    if isinstance(recipe, Recipe):
        if changed:
            raise RecipeError(recipe.name, [f"{line}; give it to load_recipe" for line in changed])
    else:
        recipe = load_recipe(_recipe_name(str(recipe)), **overrides)
    check_revision(recipe, revision)
    return (endless_rows if endless else generated)(recipe, split, columns)


def _recipe_name(name: str) -> str:
    """A name that is a recipe's, and not that of a place where rows are published."""
    is_place = Path(name).is_dir() or (name.count("/") == 1 and not name.endswith("/"))
    if is_place and not is_shipped(name) and Path(name).suffix not in (".yaml", ".yml"):
        raise ValueError(f"{name}: give config=, which of the configs there")
    return name
