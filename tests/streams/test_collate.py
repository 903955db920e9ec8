"""Arrow tables of `datasets` become the batches that a stream gives."""

import numpy as np
import pyarrow as pa
import pytest

from deepbench_hf import collate, load_dataset, load_recipe, stream
from tests.support.draws import identical

SCENE = {"num_examples": 20, "masks": True, "preview": True}


def rows_of(name, **options):
    """A split, streamed by `datasets` in the format of Arrow."""
    found = load_dataset("deepbench", name, split="train", streaming=True, **options)
    return found.with_format("arrow")


def unshuffled(name, batch_size, **options):
    return list(stream(name, "train", batch_size, shuffle=False, **options))


@pytest.mark.parametrize("name", ["pendulum_noisy", "pendulum_hamiltonian"])
def test_tables_batches_and_rows_give_what_a_stream_gives(name):
    rows = rows_of(name, num_examples=96)
    ways = [
        map(collate, rows.iter(48)),
        map(collate, rows.batch(48)),
        [collate(list(rows.take(48))), collate(list(rows.skip(48)))],
    ]
    for batches in ways:
        expected = unshuffled(name, 48, num_examples=96)
        pairs = zip(batches, expected, strict=True)
        assert all(identical(one, other) for one, other in pairs)


def test_scenes_have_room_for_as_many_objects_as_the_fullest_row_or_as_is_asked_for():
    (expected,) = unshuffled("shapes_scene", 20, **SCENE)
    rows = rows_of("shapes_scene", **SCENE)
    for batch in (next(rows.iter(20)), next(iter(rows.batch(20)))):
        found = collate(batch, recipe=load_recipe("shapes_scene", **SCENE))
        assert identical(found, expected)
        objects = collate(batch)["objects"]
        assert any(np.isnan(objects[name]).any() for name in objects.dtype.names)
        assert "preview" not in found
        fullest = expected["n_objects"].max()
        assert collate(batch)["objects"].shape == (20, fullest)
        with pytest.raises(ValueError, match=f"a row has {fullest} objects; most_objects is 1"):
            collate(batch, most_objects=1)


def test_what_it_gives_may_be_written_to_and_is_not_the_memory_of_the_table():
    table = next(rows_of("pendulum").iter(8))
    before = table["x_m"].to_pylist()
    batch = collate(table)
    for values in batch.values():
        values[...] = 0
    assert table["x_m"].to_pylist() == before


def test_tensors_are_those_of_the_stream():
    found = collate(next(rows_of("pendulum").iter(8)), torch=True)
    expected = next(iter(stream("pendulum", "train", 8, shuffle=False).torch()))
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[name].numpy(), expected[name].numpy()) for name in found)


def test_what_is_not_arrow_is_refused():
    with pytest.raises(TypeError, match=r"got dict, accepted: Arrow tables, of with_format"):
        collate([{"x": 1}])
    with pytest.raises(ValueError, match="there are none"):
        collate([])
    with pytest.raises(ValueError, match="^rows: the tables differ in their columns or types$"):
        collate([pa.table({"a": [1]}), pa.table({"b": [1]})])
    assert collate(pa.table({"a": [1, 2]}))["a"].tolist() == [1, 2]
