"""A position to which a stream resumes exactly; endless rows are new ones and go on for ever."""

import json

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, stream
from tests.support.streaming import BATCH, ROWS, indices, order_of, small


@pytest.fixture(scope="module")
def epoch():
    """The global batches of the first epoch, in one process."""
    return list(small())


@pytest.mark.parametrize("world_size", [1, 3])
def test_a_resume_at_any_batch_under_any_world_size_goes_on_bit_for_bit(world_size, epoch):
    for taken in range(len(epoch) + 1):
        states = []
        for rank in range(world_size):
            part = small(rank=rank, world_size=world_size)
            give = iter(part)
            for _ in range(taken):
                next(give)
            states.append(json.loads(json.dumps(part.state_dict())))
        assert all(state == states[0] for state in states)
        resumed = small(rank=1, world_size=2)
        resumed.load_state_dict(states[0])
        rest = indices(resumed)
        if taken == len(epoch):  # the epoch is over, and the next one begins
            assert rest == indices(small(epoch=1, rank=1, world_size=2))
        else:
            assert rest == [batch["index"][BATCH // 2 :].tolist() for batch in epoch[taken:]]


def test_a_pass_that_is_left_goes_on_where_it_was_left(epoch):
    batches = small()
    for number, _ in enumerate(batches):
        if number == 3:
            break
    assert (batches.state_dict()["epoch"], batches.state_dict()["batch"]) == (0, 4)
    assert indices(batches) == indices(epoch)[4:]
    assert batches.state_dict()["epoch"] == 1


def test_two_passes_side_by_side_end_where_one_ends():
    batches = small()
    for one, other in zip(batches, batches, strict=True):
        assert one["index"].tolist() == other["index"].tolist()
    assert (batches.position.epoch, batches.position.batch) == (1, 0)


def test_the_state_after_some_batches_of_a_pass_is_the_state_then():
    batches = small(start=2)
    give = iter(batches)
    for taken in (1, 2, 3):
        next(give)
        assert batches.state_dict(batches=taken) == batches.state_dict()
    with pytest.raises(TypeError):
        batches.state_dict(batches=1.5)
    assert batches.state_dict(batches=np.int64(3)) == batches.state_dict()
    with pytest.raises(ValueError, match=r"there is no such place; \d+ batches in an epoch"):
        batches.state_dict(batches=1000)
    with pytest.raises(ValueError, match="^batches: got -1, accepted: 0 and more$"):
        batches.state_dict(batches=-1)


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({"seed": 3}, "recipe"),
        ({"batch_size": BATCH // 2}, "batch_size"),
        ({"shuffle": 1}, "shuffle"),
        ({"shuffle": False}, "shuffle"),
        ({"drop_last": False}, "drop_last"),
        ({"endless": True}, "recipe"),
    ],
)
def test_a_state_of_another_stream_is_refused_in_one_line(other, key):
    with pytest.raises(ValueError, match=f"^the state is of another stream: {key} is .*$"):
        small().load_state_dict(small(**other).state_dict())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epoch": None}, "must be whole numbers"),
        ({"batch": -1}, "there is no such place"),
        ({"batch": 10**6}, "there is no such place"),
        ({"worker": [0, 2]}, "is that of one worker"),
    ],
)
def test_a_broken_state_is_refused_and_moves_nothing(change, message):
    batches = small(start=1)
    before = batches.state_dict()
    with pytest.raises(ValueError, match=message):
        batches.load_state_dict({**before, **change})
    with pytest.raises(ValueError, match="has no 'epoch'"):
        batches.load_state_dict({})
    assert batches.state_dict() == before


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
