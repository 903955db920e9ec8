"""Streams as torch datasets; nothing else here imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deepbench_hf.fields import Columns
from deepbench_hf.rows.priors import row_numbers
from deepbench_hf.streams.sources import Source

try:
    import torch
    from torch.utils.data import Dataset, IterableDataset, get_worker_info
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ImportError('needs PyTorch: pip install -e ".[torch]" in a copy of the source') from error

if TYPE_CHECKING:
    from deepbench_hf.streams.batches import Stream


Tensors = dict[str, Any]
"""Tensors by column; objects are a dict of tensors by field."""


def tensors(batch: Columns) -> Tensors:
    """A batch as tensors in the same memory.

    Grey images get an axis of channels, ``(B, 1, H, W)``; images in colour, masks and segmentations
    keep the axes that they have. Objects, edges and other records become one tensor ``(B, most)``
    for each of their fields, zero beyond the last one. Text becomes a list of strings.
    """
    return {name: _tensor(values) for name, values in batch.items()}


def _tensor(values: np.ndarray) -> Any:
    if values.dtype.names:
        fields = values.dtype.names
        return {name: torch.from_numpy(np.ascontiguousarray(values[name])) for name in fields}
    if values.dtype.kind == "U":
        return values.tolist()
    is_image = values.ndim == 3 and values.dtype == np.float32
    return torch.from_numpy(values[:, None] if is_image else values)


def board(length: int) -> torch.Tensor:
    """Whole numbers that this process and the workers of its DataLoaders all see."""
    return torch.zeros(length, dtype=torch.int64).share_memory_()


class TorchBatches(IterableDataset):
    """Batches of tensors; made by `Stream.torch`."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[Tensors]:
        info = get_worker_info()
        stream = self.stream
        batches = iter(stream) if info is None else stream.worker(info.id, info.num_workers)
        return map(tensors, batches)

    def __len__(self) -> int:
        return len(self.stream)

    def state_dict(self, batches: int | None = None) -> dict[str, Any]:
        """As `Stream.state_dict`; in a worker, its own position, as StatefulDataLoader asks."""
        return self.stream.state_dict(batches)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """As `Stream.load_state_dict`; in a worker, of its own state."""
        info = get_worker_info()
        if info is None:
            self.stream.load_state_dict(state)
        else:
            self.stream.load_worker_state(state, info.id, info.num_workers)


class TorchRows(Dataset):
    """Rows of tensors by their index; made by `Stream.torch_dataset`."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __len__(self) -> int:
        return self.source.size

    def __getitem__(self, index: int | Sequence[int]) -> Tensors:
        """The row at an index, without an axis for it, or the batch of rows at a list of them."""
        if np.ndim(index):
            return tensors(self._rows(index))
        return _row(tensors(self._rows([index])), 0)

    def __getitems__(self, indices: Sequence[int]) -> list[Tensors]:
        """The rows at some indices, made by one call, for a collate function to put together."""
        batch = tensors(self._rows(indices))
        return [_row(batch, number) for number in range(len(indices))]

    def _rows(self, indices: Any) -> Columns:
        found = row_numbers(indices)
        wrong = found[(found < 0) | (found >= len(self))]
        if wrong.size:
            raise IndexError(f"row {wrong[0]}: there are rows 0 to {len(self) - 1}")
        return self.source.rows(found)


def _row(batch: Tensors, number: int) -> Tensors:
    return {k: _row(v, number) if isinstance(v, dict) else v[number] for k, v in batch.items()}
