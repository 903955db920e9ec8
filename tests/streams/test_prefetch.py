"""Work ahead of use: in order, within bounds, and no thread outlives whoever stops early."""

import gc
import threading
import time

import pytest

from deepbench_hf import stream
from deepbench_hf.streams.batches import in_order
from tests.support.children import python
from tests.support.streaming import small


def workers():
    """The threads that are at work."""
    return [t for t in threading.enumerate() if t.name.startswith("deepbench_hf.stream")]


def wait_for(condition):
    """Whether something comes true within ten seconds."""
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_results_come_in_the_order_of_their_tasks(threads):
    def make(task):
        time.sleep(0.002 * (task % 3))
        return task * task

    assert list(in_order(make, range(40), threads)) == [task * task for task in range(40)]


@pytest.mark.parametrize("threads", [1, 2])
def test_no_more_is_made_than_there_is_room_for(threads):
    made = []
    give = in_order(lambda task: made.append(task) or task, iter(range(1000)), threads)
    assert next(give) == 0
    assert wait_for(lambda: len(made) >= threads + 2)
    time.sleep(0.05)
    assert len(made) == threads + 2  # the one taken, and those that wait
    give.close()


def test_work_goes_on_while_the_caller_does_something_else():
    begun = threading.Event()
    give = in_order(lambda task: task == 1 and begun.set(), range(3), 1)
    next(give)
    assert begun.wait(10)


def test_an_endless_row_of_tasks_is_read_as_far_as_needed():
    def tasks():
        yield from range(10)
        raise AssertionError("read too far")

    give = in_order(str, tasks(), 2)
    assert [next(give) for _ in range(5)] == list("01234")
    give.close()


@pytest.mark.parametrize("threads", [0, 2])
def test_an_error_comes_in_its_turn_as_it_was_raised(threads):
    def make(task):
        if task == 3:
            raise OSError("no more") from KeyError("the cause")
        return task

    give = in_order(make, range(10), threads)
    assert [next(give) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="no more") as caught:
        next(give)
    assert isinstance(caught.value.__cause__, KeyError)
    assert wait_for(lambda: not workers())


def test_posteriors_come_a_batch_at_a_time(monkeypatch):
    """A thousand of them take minutes."""
    asked = []
    batches = stream("pendulum_noisy_posterior", "test", 2, draws=5, columns=["index"], threads=0)
    monkeypatch.setattr(type(batches.source), "rows", lambda _, rows: asked.append(rows) or {})
    next(iter(batches))
    assert [len(rows) for rows in asked] == [2]


def test_a_caller_that_breaks_leaves_no_thread():
    for _ in small(threads=2, batch_size=4, num_examples=10**6):
        assert workers()
        break
    assert wait_for(lambda: not workers())


def test_a_caller_that_fails_leaves_no_thread():
    with pytest.raises(KeyError):
        for _ in small(threads=2, batch_size=4, num_examples=10**6):
            raise KeyError
    assert wait_for(lambda: not workers())


def test_an_iterator_that_is_forgotten_leaves_no_thread():
    give = iter(small(threads=2, batch_size=4, num_examples=10**6))
    next(give)
    del give
    gc.collect()
    assert wait_for(lambda: not workers())


def test_a_program_that_ends_in_the_middle_ends():
    code = """
from deepbench_hf import stream
give = iter(stream("pendulum", "train", 4, endless=True, threads=3))
next(give)
print("the end")
"""
    done = python("-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the end\n", "")


def test_an_error_tells_which_batches_were_being_made(monkeypatch):
    batches = small()
    monkeypatch.setattr(type(batches.source), "rows", lambda self, indices: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        next(iter(batches))
    assert caught.value.__notes__ == ["while making batches 0 to 9 of epoch 0 of train"]
