"""A stream has a position: passes go on from it, and resuming is exact and takes no time."""

import json

import numpy as np
import pytest

from tests.support.streaming import BATCH, indices, small


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
