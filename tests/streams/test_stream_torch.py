"""Torch faces: tensors in the same memory, one global order for any workers, and exact resuming."""

import json
import sys
from functools import partial

import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler
from torchdata.stateful_dataloader import StatefulDataLoader

from deepbench_hf import collate, generate, load_dataset, load_recipe, stream
from deepbench_hf.streams.tensors import tensors
from tests.support.children import printed
from tests.support.draws import identical
from tests.support.streaming import BATCH, ROWS, joined, small

loader_of = partial(DataLoader, batch_size=None)


@pytest.fixture(scope="module")
def epochs():
    """The global batches of the first three epochs, in one process."""
    batches = small()
    return [list(batches) for _ in range(3)]


def arrays(batches):
    """Batches of tensors as arrays."""
    return [{name: values.numpy() for name, values in batch.items()} for batch in batches]


def same(batches, expected):
    pairs = zip(batches, expected, strict=True)
    return all(identical(one, other) for one, other in pairs)


def test_neither_the_package_nor_a_stream_of_arrays_imports_torch():
    code = """
import sys
from deepbench_hf import stream
batch = next(iter(stream("pendulum", "train", 8)))
assert batch["x_m"].shape == (8, 100)
assert "torch" not in sys.modules
"""
    printed("-c", code)


def test_tensors_are_in_the_memory_of_the_arrays():
    batch = {"image": np.zeros((2, 4, 5), np.float32), "label": np.arange(2)}
    found = tensors(batch)
    batch["image"][1, 2, 3], batch["label"][0] = 7, 9
    assert found["image"].shape == (2, 1, 4, 5)
    assert (found["image"][1, 0, 2, 3], found["label"][0]) == (7, 9)


def test_masks_keep_their_axes_and_objects_become_tensors_of_their_fields():
    found = next(iter(stream("shapes_scene", "train", 4, masks=True).torch()))
    rows = next(iter(stream("shapes_scene", "train", 4, masks=True)))
    assert found["image"].shape == (4, 1, 64, 64)
    assert found["mask"].shape == rows["mask"].shape
    assert found["segmentation"].shape == (4, 64, 64)
    for name in rows["objects"].dtype.names:
        assert np.array_equal(found["objects"][name].numpy(), rows["objects"][name])


def test_direct_iteration_gives_the_same_batches_and_moves_the_stream(epochs):
    batches = small()
    assert same(arrays(batches.torch()), epochs[0])
    assert same(arrays(batches.torch()), epochs[1])
    assert batches.state_dict()["epoch"] == 2


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("world_size", [1, 3])
def test_ranks_and_workers_leave_the_global_order_as_it_is(world_size, workers, epochs):
    taken = 3 + world_size
    parts, rest = [], []
    for rank in range(world_size):
        part = small(rank=rank, world_size=world_size)
        loader = loader_of(part.torch(), num_workers=workers)
        parts.append(arrays(loader))
        resumed = small(rank=rank, world_size=world_size)
        resumed.load_state_dict(small(start=taken).state_dict())
        rest.append(arrays(loader_of(resumed.torch(), num_workers=workers)))
    assert same(joined(parts), epochs[0])
    assert same(joined(rest), epochs[0][taken:])


@pytest.mark.parametrize(
    ("method", "persistent"), [("fork", False), ("fork", True), ("spawn", True)]
)
def test_every_pass_of_a_loader_is_the_next_epoch(method, persistent, epochs):
    options = {"multiprocessing_context": method, "persistent_workers": persistent}
    batches = small()
    loader = loader_of(batches.torch(), num_workers=2 if method == "fork" else 1, **options)
    assert len(loader) == len(epochs[0])
    for number, _ in enumerate(loader, 1):
        if number == 4:  # left early: the next pass is the next epoch all the same
            break
    state = json.loads(json.dumps(batches.state_dict(batches=4)))
    assert same(arrays(loader), epochs[1])
    assert (state["epoch"], state["batch"]) == (0, 4)
    batches.load_state_dict(state)
    assert same(arrays(loader), epochs[0][4:])
    if method == "fork":
        assert same(arrays(loader), epochs[1])
        assert batches.state_dict(batches=len(epochs[1]))["epoch"] == 2


def test_a_loader_forks_while_threads_of_this_process_are_at_work(epochs):
    other = iter(stream("pendulum_noisy", "train", 48, endless=True, threads=3))
    next(other)
    for _ in range(3):
        assert same(arrays(loader_of(small().torch(), num_workers=2)), epochs[0])
        next(other)


def test_a_state_that_only_workers_know_is_refused_and_not_guessed():
    batches = small()
    give = iter(loader_of(batches.torch(), num_workers=2))
    next(give)
    with pytest.raises(ValueError, match=r"state_dict\(batches=n\)"):
        batches.state_dict()
    with pytest.raises(ValueError, match="in workers of a DataLoader"):
        iter(batches)
    assert batches.state_dict(batches=1)["batch"] == 1


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stateful_loader_resumes_in_the_middle_and_goes_on_to_the_next_epoch(workers, epochs):
    make = partial(StatefulDataLoader, batch_size=None, num_workers=workers)
    loader, seen = make(small().torch()), []
    for number, batch in enumerate(loader, 1):
        seen.append(batch)
        if number == 5:
            state = json.loads(json.dumps(loader.state_dict()))
            break
    again = make(small().torch())
    again.load_state_dict(state)
    assert same(arrays(seen + list(again)), epochs[0])
    assert same(arrays(again), epochs[1])
    ended = again.state_dict()
    last = make(small().torch())
    last.load_state_dict(ended)
    assert same(arrays(last), epochs[2])


def test_the_state_of_a_worker_fits_that_worker_only():
    batches = small()
    batches.torch()  # makes the board that workers share
    batches.worker(1, 2)
    state = json.loads(json.dumps(batches.state_dict()))
    assert (state["batch"], state["worker"]) == (1, [1, 2])
    with pytest.raises(ValueError, match=r"the state is of worker \[1, 2\], this is worker 0 of 2"):
        small().load_worker_state(state, 0, 2)
    with pytest.raises(ValueError, match="is that of one worker"):
        small().load_state_dict(state)


def test_workers_share_endless_rows_and_never_begin_them_again():
    more = stream("pendulum", "train", 6, columns=["index"], endless=True)
    loader = loader_of(more.torch(), num_workers=2)
    give = iter(loader)
    seen = [next(give)["index"] for _ in range(5)]
    assert torch.cat(seen).tolist() == list(range(30))
    with pytest.raises(ValueError, match="an endless stream would begin again"):
        next(iter(loader))
    more.load_state_dict(more.state_dict(batches=5))
    assert next(iter(loader))["index"].tolist() == list(range(30, 36))


def test_an_error_in_a_worker_tells_its_cause_and_its_batch(monkeypatch):
    batches = small()
    monkeypatch.setattr(type(batches.source), "rows", lambda self, indices: 1 / 0)
    loader = loader_of(batches.torch(), num_workers=1)
    with pytest.raises(ZeroDivisionError, match=r"while making batches 0 to 9 of epoch 0 of train"):
        next(iter(loader))


@pytest.fixture(scope="module")
def rows():
    """All rows of the split, without any stream."""
    return generate(load_recipe("pendulum_noisy", num_examples=ROWS), "train")


def test_the_map_style_face_gives_rows_by_index_and_batches_by_list(rows):
    face = small().torch_dataset()
    assert len(face) == ROWS
    assert face[7]["length_m"] == rows["length_m"][7]
    assert np.array_equal(face[7]["x_observed_m"].numpy(), rows["x_observed_m"][7])
    assert face[[3, 499]]["length_m"].tolist() == rows["length_m"][[3, 499]].tolist()
    assert [row["index"].item() for row in face.__getitems__([5, 2])] == [5, 2]
    with pytest.raises(IndexError, match=f"row {ROWS}: there are rows 0 to {ROWS - 1}$"):
        face[ROWS]


@pytest.mark.parametrize("workers", [0, 1])
def test_the_map_style_face_works_with_a_sampler_of_batches_and_with_one_of_rows(workers, rows):
    face = small().torch_dataset()
    sampler = RandomSampler(face, generator=torch.Generator().manual_seed(1))
    whole = loader_of(face, sampler=BatchSampler(sampler, BATCH, False), num_workers=workers)
    batches = list(whole)
    assert sorted(torch.cat([batch["index"] for batch in batches]).tolist()) == list(range(ROWS))
    stacked = next(iter(DataLoader(face, batch_size=BATCH, num_workers=workers)))
    for batch in (*batches, stacked):
        where = batch["index"].numpy()
        assert np.array_equal(batch["x_observed_m"].numpy(), rows["x_observed_m"][where])


def test_an_endless_stream_has_no_map_style_face():
    with pytest.raises(TypeError, match="no rows to choose from"):
        stream("pendulum", "train", 6, endless=True).torch_dataset()


def test_collate_gives_a_loader_the_batches_of_the_stream():
    found = load_dataset(
        "deepbench", "pendulum_noisy", split="train", streaming=True, num_examples=ROWS
    )
    batches = found.with_format("arrow").batch(BATCH, drop_last_batch=True)
    loader = loader_of(batches, collate_fn=partial(collate, torch=True), num_workers=1)
    expected = small(columns=None, shuffle=False)
    assert same(arrays(loader), list(expected))


def test_without_torch_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "deepbench_hf.streams.tensors", raising=False)
    with pytest.raises(ImportError, match=r'pip install -e ".\[torch\]"'):
        small().torch()
