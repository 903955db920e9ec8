"""Endless rows are new ones, like those of their split, and go on for ever."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, stream
from tests.support.streaming import ROWS, order_of


def normals(batch):
    """What noise was drawn, in units of its strength."""
    return (batch["x_observed_m"] - batch["x_m"]) / batch["x_noise_sigma_m"][:, None]


def test_endless_rows_are_new_ones_and_go_on_for_ever():
    more = stream("pendulum_noisy", "train", 500, endless=True, num_examples=ROWS)
    give = iter(more)
    found = [next(give) for _ in range(2)]
    assert order_of(found) == list(range(1000))
    longer = generate(load_recipe("pendulum_noisy", num_examples=1000), "train")
    for name in ("length_m", "theta0_rad", "gravity_m_s2", "x_noise_sigma_m"):
        values = np.concatenate([batch[name] for batch in found])
        assert len(np.unique(values)) == 1000
        assert not np.intersect1d(values, longer[name]).size
    one, other = (normals(batch)[:500] for batch in (found[0], longer))
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 5.5 / np.sqrt(one.size)


def test_endless_rows_have_the_distributions_of_their_split():
    far = next(iter(stream("pendulum", "test_large_angle", 100, endless=True, start=10**12)))
    assert np.all(np.abs(far["theta0_rad"]) > np.pi / 2)
    assert far["index"][0] == 10**14


def test_endless_rows_are_resumed_and_split_over_ranks():
    more = stream("pendulum", "train", 6, endless=True)
    give = iter(more)
    for _ in range(5):
        next(give)
    again = stream("pendulum", "train", 6, endless=True, rank=2, world_size=3)
    again.load_state_dict(more.state_dict())
    assert next(iter(again))["index"].tolist() == [34, 35]


def test_an_endless_stream_has_neither_length_nor_epochs():
    more = stream("pendulum", "train", 6, endless=True)
    with pytest.raises(TypeError, match="no length"):
        len(more)
    with pytest.raises(ValueError, match="only epoch 0"):
        stream("pendulum", "train", 6, endless=True, epoch=1)
