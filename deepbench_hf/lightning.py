"""A `LightningDataModule` of streams, whose checkpoints hold the place in the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.streams.batches import Stream
from deepbench_hf.streams.streaming import stream
from deepbench_hf.streams.tensors import Tensors

try:
    from lightning import LightningDataModule  # pyright: ignore[reportMissingImports] - an extra
except ModuleNotFoundError as error:
    raise ImportError('needs Lightning: pip install -e ".[lightning]"') from error


class DataModule(LightningDataModule):  # pyright: ignore[reportGeneralTypeIssues] - an extra
    """The splits of a recipe as batches of tensors for a Lightning `Trainer`.

    Every rank takes its part of every batch, so the order of rows is that of one process. A
    checkpoint holds the place of the training stream: a `Trainer` that resumes in the middle of an
    epoch goes on with the next batch, at once. Leave ``use_distributed_sampler`` as it is: streams
    have no sampler.

    Args:
        recipe: a recipe, its name or its file.
        batch_size: rows of a batch, all ranks together.
        train: the split to train on.
        validation: the split to validate on; its rows come in their order.
        test: the splits to test on, one loader for each.
        columns: those that are wanted; None for all.
        **options: as `deepbench_hf.stream` takes them, such as ``threads`` or ``seed``.

    Raises:
        RecipeError: the recipe or an override is not valid.

    Source: of the interface, the documentation of Lightning 2, `LightningDataModule`.
    """

    def __init__(
        self,
        recipe: Recipe | str | Path,
        batch_size: int = 64,
        *,
        train: str = "train",
        validation: str = "validation",
        test: str | Iterable[str] = "test",
        columns: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.train, self.validation = train, validation
        self.test = [test] if isinstance(test, str) else list(test)
        wanted = None if columns is None else list(columns)
        self._arguments = {"recipe": recipe, "batch_size": batch_size, "columns": wanted, **options}
        self._stream: Stream | None = None
        self._state: dict[str, Any] | None = None

    def train_dataloader(self) -> Iterable[Tensors]:
        """The training batches, shuffled in every epoch; it goes on where a checkpoint was."""
        self._stream = self._made(self.train)
        if self._state is not None:
            self._stream.load_state_dict(self._state)
        return self._stream.torch()

    def val_dataloader(self) -> Iterable[Tensors]:
        """The batches to validate on, in the order of the rows."""
        return Passes(self._made(self.validation, shuffle=False, drop_last=False))

    def test_dataloader(self) -> list[Iterable[Tensors]]:
        """The batches of each split to test on, in the order of the rows."""
        return [Passes(self._made(one, shuffle=False, drop_last=False)) for one in self.test]

    def state_dict(self) -> dict[str, Any]:
        """The place of the training stream, which Lightning keeps in its checkpoints."""
        return {} if self._stream is None else self._stream.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on at the place of a checkpoint.

        Raises:
            ValueError: when training begins, if the state is of another recipe, split or batch.
        """
        self._state = state_dict or None

    def _made(self, split: str, **changes: Any) -> Stream:
        trainer = self.trainer
        rank, ranks = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        return stream(split=split, rank=rank, world_size=ranks, **{**self._arguments, **changes})


class Passes:
    """Batches of tensors that begin anew with every pass, also after one that was left early.

    Args:
        batches: whose.
    """

    def __init__(self, batches: Stream) -> None:
        self.batches, self.start = batches, batches.state_dict()

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Tensors]:
        self.batches.load_state_dict(self.start)
        return iter(self.batches.torch())
