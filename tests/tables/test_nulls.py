"""Parameters that a row does not have: null in tables, in statistics, and when it is simulated."""

import datasets
import numpy as np
import pytest

from deepbench_hf import collate, generate, load_dataset, load_recipe, simulate, statistics_of
from deepbench_hf.tables.arrow import columns, table
from tests.support.draws import identical

SIZE = {"num_examples": 40}


@pytest.fixture(scope="module")
def galaxies():
    recipe = load_recipe("galaxy_morphology", **SIZE)
    rows = generate(recipe, "train")
    return recipe, rows, table(recipe, rows)


def test_a_parameter_is_null_for_the_classes_that_do_not_have_it(galaxies):
    recipe, rows, found = galaxies
    spiral, logarithmic = rows["label"] == 1, rows["arm_model"] == 0
    for name, has in (("arm_model", spiral), ("pitch_deg", spiral & logarithmic)):
        assert found[name].is_valid().to_numpy().tolist() == has.tolist()
        assert 0 < has.sum() < len(has)
    assert found["axis_ratio"].null_count == 0
    assert identical(columns(recipe, found), rows)


def test_objects_have_nulls_among_their_fields():
    recipe = load_recipe("sky_noisy", num_examples=20)
    rows = generate(recipe, "train")
    for objects in table(recipe, rows)["objects"].to_pylist():
        for one in objects:
            assert (one["beta"] is None) == (one["kind"] != 0)
            assert (one["pitch_deg"] is None) == ((one["kind"], one["arm_model"]) != (2, 0))


def test_rows_of_datasets_with_nulls_can_be_simulated(galaxies):
    recipe, rows, found = galaxies
    loaded = load_dataset("deepbench", "galaxy_morphology", split="train", **SIZE)
    assert isinstance(loaded, datasets.Dataset)
    place = int(np.flatnonzero(rows["label"] == 0)[0])
    row = loaded[place]
    assert row["pitch_deg"] is None and row["arm_model"] is None
    clean = generate(load_recipe("galaxy_morphology", clean=True, **SIZE), "train")["image_clean"]
    assert np.array_equal(simulate(recipe, **row)["image"], clean[place])
    names = [name for name in recipe.simulator.parameters if name in found.column_names]
    several = simulate(recipe, **{name: found[name].to_pylist() for name in names})
    assert np.array_equal(several["image"], clean)


def test_null_where_the_class_has_the_parameter_is_refused(galaxies):
    recipe, rows, found = galaxies
    place = int(np.flatnonzero(rows["label"] == 1)[0])
    row = found.slice(place, 1).to_pylist()[0]
    with pytest.raises(ValueError, match="scale_length_px is missing; only classes that do not"):
        simulate(recipe, **{**row, "scale_length_px": None})


def test_statistics_leave_out_what_is_not_there(galaxies):
    recipe, rows, _ = galaxies
    pitch = statistics_of(recipe)["pitch_deg"]
    assert pitch["count"] == ((rows["label"] == 1) & (rows["arm_model"] == 0)).sum()
    assert pitch["min"] >= 8


def test_batches_of_null_are_not_a_number_or_what_the_model_takes(galaxies):
    recipe, rows, found = galaxies
    blind, knowing = collate(found), collate(found, recipe=recipe)
    lacks = rows["label"] == 0
    assert np.isnan(blind["pitch_deg"][lacks]).all()
    assert (blind["arm_model"][lacks] == -1).all()
    assert identical(knowing, rows)


def test_without_noise_the_signal_to_noise_ratio_is_infinite_and_null_in_tables():
    recipe = load_recipe("shapes_snr")
    rows = generate(recipe, "test_noiseless", 0, 4)
    assert np.isposinf(rows["snr"]).all()
    found = table(recipe, rows)
    assert found["snr"].null_count == 4
    assert identical(columns(recipe, found), rows)
    noisy = generate(recipe, "test", 0, 4)["snr"]
    assert ((noisy > 0) & (noisy < np.inf)).all()
