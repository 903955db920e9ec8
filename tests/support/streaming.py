"""What the tests of streams share: a small split, and global batches put together from ranks."""

import numpy as np

from deepbench_hf import stream

ROWS, BATCH = 500, 48
COLUMNS = ["index", "length_m", "x_observed_m"]


def small(batch_size=BATCH, columns=COLUMNS, **options):
    """A stream of 500 noisy pendulums, in batches of 48."""
    options.setdefault("num_examples", ROWS)
    return stream("pendulum_noisy", "train", batch_size, columns=columns, **options)


def joined(parts):
    """The global batches of which each rank has a part."""
    return [
        {name: np.concatenate([part[name] for part in batch]) for name in batch[0]}
        for batch in zip(*parts, strict=True)
    ]


def global_batches(world_size, **options):
    """The global batches that all ranks give together."""
    ranks = range(world_size)
    return joined([list(small(rank=rank, world_size=world_size, **options)) for rank in ranks])


def indices(batches):
    """The rows of each batch."""
    return [batch["index"].tolist() for batch in batches]


def order_of(batches):
    """The rows of all batches, one after the other."""
    return np.concatenate([batch["index"] for batch in batches]).tolist()
