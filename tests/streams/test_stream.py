"""A stream's batches: right rows, every order law, one global order, and exact resuming."""

import json
import pickle
import time

import numpy as np
import pytest

from deepbench_hf import RecipeError, collate, generate, load_dataset, load_recipe, stream
from deepbench_hf.exact.shuffle import permuted
from deepbench_hf.exact.words import stream_key
from deepbench_hf.streams.order import Order
from tests.support.draws import identical
from tests.support.streaming import BATCH, ROWS, global_batches, indices, order_of, small


@pytest.fixture(scope="module")
def rows():
    """All rows of the split, without any stream."""
    return generate(load_recipe("pendulum_noisy", num_examples=ROWS), "train")


@pytest.fixture(scope="module")
def epoch():
    """The global batches of the first epoch, in one process."""
    return list(small())


def test_a_batch_holds_the_bits_that_generate_gives(rows):
    for batch in small(columns=None):
        expected = {name: values[batch["index"]] for name, values in rows.items()}
        assert identical(batch, expected)


def test_generate_takes_names_and_files_as_the_others_do(rows):
    made = generate("pendulum_noisy", "train", 0, 5)
    assert identical(made, {name: values[:5] for name, values in rows.items()})
    with pytest.raises(RecipeError, match="did you mean 'pendulum_noisy'"):
        generate("pendulum_nosy", "train")


def test_arrays_may_be_written_to_and_share_no_memory():
    first, second = list(small(columns=None))[:2]
    before = second["x_observed_m"].copy()
    for values in first.values():
        values[...] = 0
    assert np.array_equal(second["x_observed_m"], before)


def test_noise_that_no_column_needs_leaves_the_bits_of_the_others(rows):
    for wanted in (["length_m"], ["x_observed_m", "index"], ["length_measured_m", "x_m"]):
        batch = next(iter(small(columns=wanted)))
        assert set(batch) == set(wanted)
        where = indices(small())[0]
        assert identical(batch, {name: rows[name][where] for name in batch})
    with pytest.raises(KeyError, match=r"columns: got 'length_m'; give a list, \['length_m'\]"):
        small(columns="length_m")
    with pytest.raises(ValueError, match="columns: got none of them; leave it out for all"):
        small(columns=[])


def test_every_epoch_holds_every_row_once_in_an_order_of_its_own():
    batches = small(drop_last=False)
    epochs = [order_of(batches) for _ in range(3)]
    assert all(sorted(epoch) == list(range(ROWS)) for epoch in epochs)
    assert len(set(map(tuple, epochs))) == 3


def test_without_the_last_batch_an_epoch_holds_no_row_twice():
    seen = order_of(small())
    assert len(seen) == len(set(seen)) == ROWS // BATCH * BATCH


def test_without_shuffling_rows_come_in_their_order():
    assert order_of(small(shuffle=False, drop_last=False)) == list(range(ROWS))


def test_whole_numbers_of_numpy_make_the_same_stream_and_a_state_for_json(epoch):
    batches = small(np.int32(BATCH), shuffle=np.bool_(True), start=np.int64(3))
    assert json.loads(json.dumps(batches.state_dict())) == small(start=3).state_dict()
    assert indices(batches) == indices(epoch)[3:]


def test_true_is_the_family_of_orders_0_and_others_are_others(epoch):
    assert indices(small(shuffle=0)) == indices(epoch)
    assert indices(small(shuffle=1)) != indices(epoch)


def test_the_order_does_not_depend_on_the_seed_but_on_the_split(epoch):
    assert indices(small(seed=5)) == indices(epoch)
    sizes = {"test": ROWS, "train": ROWS}
    other = stream("pendulum_noisy", "test", BATCH, num_examples=sizes)
    assert indices(other) != indices(epoch)


def test_any_batch_of_any_epoch_is_there_without_those_before_it():
    batches = small()
    for _ in range(2):
        list(batches)
    third = indices(batches)
    assert indices(small(epoch=2, start=4)) == third[4:]


@pytest.mark.parametrize("threads", [0, 1, 3])
@pytest.mark.parametrize("size", [BATCH // 2, 2 * BATCH])
def test_threads_and_what_is_made_together_do_not_show(threads, size):
    together = small(batch_size=BATCH, threads=2)
    one = order_of(together)
    two = order_of(small(batch_size=size, threads=threads))
    assert one[: len(two)] == two[: len(one)]


@pytest.mark.parametrize("world_size", [1, 2, 3, 4])
@pytest.mark.parametrize("drop_last", [True, False])
def test_ranks_take_disjoint_parts_of_the_same_global_batches(world_size, drop_last, epoch):
    whole = list(small(drop_last=drop_last))
    parts = global_batches(world_size, drop_last=drop_last)
    assert len(parts) == len(whole)
    assert all(identical(one, other) for one, other in zip(parts, whole, strict=True))


def test_ranks_share_the_rest_of_an_epoch_so_that_they_differ_by_a_row_at_most():
    last = len(small(drop_last=False)) - 1
    sizes = [
        len(next(iter(small(drop_last=False, start=last, rank=rank, world_size=4)))["index"])
        for rank in range(4)
    ]
    assert sum(sizes) == ROWS % BATCH
    assert max(sizes) - min(sizes) <= 1


def test_a_rank_without_a_row_of_the_rest_gets_an_empty_batch():
    few = stream("pendulum", "train", 8, num_examples=9, world_size=8, drop_last=False)
    shapes = [batch["x_m"].shape for batch in few]
    assert shapes == [(1, 100), (0, 100)]


def quickest(make):
    """What is made, and the least CPU time of three times: threads of other tests count as well."""
    times = []
    for _ in range(3):
        begin = time.process_time()
        made = make()
        times.append(time.process_time() - begin)
    return made, min(times)


def test_the_first_batch_of_a_thousand_million_shuffled_rows_is_there_at_once():
    next(iter(small()))  # kernels are loaded
    many = {"num_examples": 10**9}
    first, time_s = quickest(lambda: next(iter(stream("pendulum_noisy", "train", 64, **many))))
    assert time_s < 1
    assert len(np.unique(first["index"])) == 64
    assert first["index"].max() > 10**7


def first_of_shuffled(**options):
    """The first batch of a shuffled stream of `datasets`."""
    found = load_dataset("deepbench", "pendulum_noisy", split="train", streaming=True, **options)
    rows = found.with_format("arrow").shuffle(seed=1, buffer_size=1000)
    return collate(next(rows.iter(64)))


def test_so_is_that_of_a_shuffled_stream_of_datasets():
    first_of_shuffled()  # the recipes are read
    first, time_s = quickest(lambda: first_of_shuffled(num_examples=10**9))
    assert time_s < 1
    assert len(np.unique(first["index"])) == 64


def test_a_stream_can_be_pickled_and_told_apart(epoch):
    batches = small(start=3)
    copy = pickle.loads(pickle.dumps(batches))
    assert indices(copy) == indices(epoch)[3:]
    assert (
        repr(batches) == "<stream of pendulum_noisy/train: 10 batches of 48; at epoch 0, batch 3>"
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size 0"),
        ({"batch_size": 50, "world_size": 4}, ValueError, "a positive multiple of world_size"),
        ({"rank": 2, "world_size": 2}, ValueError, "rank 2 of world_size 2"),
        ({"batch_size": ROWS + 1}, ValueError, "fill no batch of 501; give a smaller batch_size"),
        ({"start": 11}, ValueError, "there is no such place; 10 batches in an epoch"),
        ({"epoch": -1}, ValueError, "epoch -1"),
        ({"batch_size": 48.0}, TypeError, "^batch_size: must be a whole number; got 48.0$"),
        ({"shuffle": "yes"}, TypeError, "^shuffle: must be a whole number; got 'yes'$"),
        ({"threads": -1}, ValueError, "threads: got -1"),
        ({"drop_last": "no"}, TypeError, "drop_last: got 'no', accepted: True and False"),
        ({"endless": "no"}, TypeError, "endless: got 'no', accepted: True and False"),
        ({"revision": "v0.0.1"}, RecipeError, "got 'v0.0.1', but generator version . makes v1.0.0"),
        ({"recipe": "no/such/folder"}, RecipeError, "there is no such file or folder"),
        ({"columns": ["x_observed"]}, KeyError, "did you mean 'x_observed_m'"),
        ({"columns": ["x_obs"]}, KeyError, "did you mean 'x_observed_m'"),
        ({"split": "trian"}, KeyError, "did you mean 'train'"),
        ({"recipe": "pendulum_nosy"}, RecipeError, "did you mean 'pendulum_noisy'"),
        ({"recipe": "user/deepbench"}, ValueError, "give config="),
        ({"colums": ["index"]}, RecipeError, "colums: unknown override"),
        ({"recipe": load_recipe("pendulum"), "seed": 1}, RecipeError, "give it to load_recipe"),
    ],
)
def test_what_cannot_be_streamed_is_refused_in_one_line(arguments, error, message):
    given = {"recipe": "pendulum_noisy", "split": "train", "batch_size": BATCH}
    sizes = {} if isinstance(arguments.get("recipe"), str) else {"num_examples": ROWS}
    if "seed" in arguments:
        sizes = {}
    with pytest.raises(error, match=message) as caught:
        stream(**{**given, **sizes, **arguments})
    assert "\n" not in str(caught.value)


def test_the_order_is_that_of_the_permutation_with_its_key():
    order = Order("train", ROWS, BATCH, shuffle=7, rank=1, world_size=2)
    key = stream_key("shuffle", 7, "train", 3)
    expected = permuted(key, np.arange(2 * BATCH + BATCH // 2, 3 * BATCH), ROWS)
    assert order.shuffled(3, order.positions(2)).tolist() == expected.tolist()
