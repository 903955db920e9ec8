"""Train a small network to tell elliptical galaxies from spirals, from a stream.

    pip install -e ".[torch]"
    python examples/train.py

No galaxy comes twice: they are made while the network learns. At its defaults it tells at least
88 % of the galaxies of the test split, or exits with 1. It told 94.5 % when this was written, in 54
seconds of one core; some of the others are too faint for anybody.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from deepbench_hf import stream

ACCURACY = 0.88
"""On the test split, at the defaults."""

COLUMNS = ["image", "label"]


def network() -> nn.Module:
    """Four convolutions, each at half the size of the one before, and a sum of what they see."""
    sizes = [(1, 8, 5), (8, 32, 5), (32, 64, 3), (64, 128, 3)]
    layers = [
        nn.Sequential(nn.Conv2d(a, b, k, 2, padding=k // 2), nn.BatchNorm2d(b), nn.ReLU())
        for a, b, k in sizes
    ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(512, 2))


def scaled(images: Tensor) -> Tensor:
    """Images in units of their own noise, with bright pixels compressed by asinh."""
    flat = images.flatten(1)
    sky = flat.median(dim=1, keepdim=True).values
    noise = 1.48 * (flat - sky).abs().median(dim=1, keepdim=True).values
    return torch.asinh((flat - sky) / noise).view_as(images) / 3


def train(model: nn.Module, steps: int, batch_size: int) -> Iterator[float]:
    """Take steps of gradient descent; yields the loss of each."""
    batches = stream("galaxy_morphology", "train", batch_size, columns=COLUMNS, endless=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    model.train()
    for batch in islice(batches.torch(), steps):
        loss = cross_entropy(model(scaled(batch["image"])), batch["label"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        yield loss.item()


@torch.no_grad()
def accuracy(model: nn.Module, split: str = "test") -> float:
    """The part of a split that the network tells correctly."""
    rows = stream("galaxy_morphology", split, 250, columns=COLUMNS, shuffle=False, drop_last=False)
    model.eval()
    right = [
        model(scaled(batch["image"])).argmax(dim=1) == batch["label"] for batch in rows.torch()
    ]
    return torch.cat(right).double().mean().item()


def main(arguments: list[str] | None = None) -> int:
    """Train, test, and say whether it is as good as promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000, help="of gradient descent (1000)")
    parser.add_argument("--batch-size", type=int, default=64, help="galaxies of a step (64)")
    parser.add_argument("--seed", type=int, default=0, help="of the network's first weights (0)")
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)
    model = network()
    for step, loss in enumerate(train(model, options.steps, options.batch_size), 1):
        if step % 100 == 0:
            print(f"step {step}: loss {loss:.3f}", file=sys.stderr)
    reached = accuracy(model)
    print(f"accuracy on test: {reached:.3f}")
    promised = (options.steps, options.batch_size) == (1000, 64)
    return int(promised and reached < ACCURACY)


if __name__ == "__main__":
    sys.exit(main())
