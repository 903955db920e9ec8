"""The promises that every shipped recipe keeps."""

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.fields import absences, of_role
from deepbench_hf.noise.measurement import unit_suffix
from deepbench_hf.recipe.columns import any_plan, schema
from deepbench_hf.rows.digest import block_digest
from deepbench_hf.simulators.base import all_parameters, call_inputs, clean_fields, objects_of
from tests.support.chosen import configs
from tests.support.draws import another, fewer, identical


def test_any_cut_gives_the_same_rows(recipe):
    n = fewer(recipe, 300)
    whole = generate(recipe, "train", 200, 200 + n)
    for start, stop in ((0, 1), (50, 60), (n - 1, n), (20, n - 23), (n // 3, n // 3)):
        part = generate(recipe, "train", 200 + start, 200 + stop)
        assert identical(part, {k: v[start:stop] for k, v in whole.items()})


def test_growth_keeps_the_old_rows(recipe):
    longer = load_recipe(recipe.name, num_examples=10**9)
    size = recipe.splits["train"].size
    assert identical(
        generate(recipe, "train", size - 10), generate(longer, "train", size - 10, size)
    )
    assert generate(longer, "train", 10**9 - 1)["index"] == [10**9 - 1]


@pytest.mark.parametrize("name", configs())
def test_columns_are_as_declared_and_finite(name):
    recipe = load_recipe(name)
    for split in recipe.splits:
        n = min(fewer(recipe, 300), recipe.splits[split].size)
        rows = generate(recipe, split, 0, n)
        assert list(rows) == list(schema(recipe))
        for column, description in schema(recipe).items():
            assert rows[column].shape == (n, *description.field.shape), column
            assert rows[column].dtype == description.field.array_dtype, column
            assert rows[column].flags.c_contiguous, column
            parts = [rows[column][part] for part in rows[column].dtype.names or ()]
            for values in parts or [rows[column]]:
                there = values != description.field.absent if description.role == "noise" else ...
                fits = values != "" if description.field.is_text else np.isfinite(values)
                assert fits[there].all(), column


def test_names_end_in_their_unit(recipe):
    images = [n for n, field in clean_fields(recipe.simulator).items() if field.is_image]
    for name, column in schema(recipe).items():
        fields = column.field.fields or {name: column.field}
        of_image = column.field.is_image or name.startswith(tuple(f"{n}_" for n in images))
        if column.role not in ("index", "group", "layer") and not of_image:
            for part, field in fields.items():
                suffix = "" if "(" in field.unit else unit_suffix(field.unit)  # the root of a unit
                assert part.endswith(f"_{suffix}") if suffix else True, part
                assert field.meaning


def test_a_row_fed_back_gives_its_clean_output(recipe):
    recipe = load_recipe(recipe.name, clean=True)
    for split in recipe.splits:
        rows = generate(recipe, split, 0, 5)
        own = recipe.model_copy(update={"simulator": recipe.splits[split].simulator})
        outputs = {any_plan(recipe).clean[name] for name in clean_fields(recipe.simulator)}
        clean = simulate(own, **{k: v for k, v in rows.items() if k not in outputs})
        assert identical({k: rows[named(recipe, k)] for k in clean}, clean)
        one = simulate(own, **{k: v[3] for k, v in rows.items()})
        assert all(one[k].tobytes() == rows[named(recipe, k)][3].tobytes() for k in one)


def named(recipe, output):
    """The column of a clean output."""
    return any_plan(recipe).clean[output] if output in clean_fields(recipe.simulator) else output


LABELLING = {
    "two_body_decay": {"lifetimes"},
    "allocation": {"budget_share", "link_radius", "interaction"},
}
"""Parameters that decide labels alone: how far a parent flew is not seen in its daughters."""


def test_every_parameter_but_a_decoy_changes_the_output_c3(recipe):
    known = all_parameters(recipe.simulator)
    decoys = {name for name, parameter in known.items() if parameter.decoy}
    wanted = recipe.priors.keys() - {"n_objects"}
    labelling = LABELLING.get(recipe.simulator.kind, set())
    changing = changes_output(recipe, "train", wanted)
    assert not changing & (decoys | labelling)
    assert changes_output(recipe, "train", labelling, "label") == labelling
    for split in recipe.splits:  # what no object of train has may be had elsewhere
        missing = wanted - decoys - labelling - changing
        changing |= changes_output(recipe, split, missing) if missing else set()
    assert changing == wanted - decoys - labelling


def changes_output(recipe, split, names, role="output"):
    """Those of the parameters whose change changes a clean array of some row of a split."""
    recipe = recipe.model_copy(update={"clean": True})
    rows = generate(recipe, split, 0, 40)
    inputs = {name: rows[name] for name in rows.keys() & call_inputs(recipe.simulator)}
    before = simulate(recipe, **inputs)
    outputs = list(of_role(recipe.simulator.columns, role))
    found = set()
    for name in names:
        prior, parameter = recipe.splits[split].priors[name], all_parameters(recipe.simulator)[name]
        column = (
            inputs["objects"].copy() if name in objects_of(recipe.simulator) else rows[name].copy()
        )
        values = column[name] if column.dtype.names else column
        values[...] = another(prior, parameter, values)
        if name == "rise_d":
            values[...] = np.minimum(values, 0.9 * rows["fall_d"])  # or it has no peak
        given = {**inputs, "objects" if column.dtype.names else name: column}
        other_class = bool(parameter.names) and not parameter.decoy
        changed = simulate(recipe, **drawable(recipe.simulator, given, other_class))
        if any(changed[k].tobytes() != before[k].tobytes() for k in outputs):
            found.add(name)
    return found


def drawable(simulator, inputs, other_class):
    """Inputs with usual values of what another class needs, and a stroke for every shape."""
    given = {name: values.copy() for name, values in inputs.items()}
    parts = (simulator.parameters, given), (objects_of(simulator), given.get("objects", {}))
    for known, columns in parts:
        own = {name: columns[name] for name in known if name in (names_of(columns) or columns)}
        for name, parameter in known.items() if other_class else ():
            if name in own and parameter.only and not parameter.names:
                usual = np.clip(1.0, parameter.low, parameter.high)
                usual = usual if parameter.default is None else parameter.default
                lacks = ~absences(name, known, own) & (own[name] == parameter.absent)
                columns[name] = np.where(lacks, usual, own[name])
        if "stroke_width_px" in own:
            columns["stroke_width_px"] = np.maximum(columns["stroke_width_px"], 0.5)
    return given


def names_of(columns):
    """The fields of records; none of what is no array of them."""
    return getattr(getattr(columns, "dtype", None), "names", None) or ()


def test_without_clean_only_the_clean_outputs_are_missing(recipe):
    pictures = any(field.is_image for field in clean_fields(recipe.simulator).values())
    if not pictures and not any(c.role == "observed" for c in schema(recipe).values()):
        with pytest.raises(RecipeError, match="clean: false leaves no output"):
            load_recipe(recipe.name, clean=False)
        return
    full, without = (load_recipe(recipe.name, clean=clean) for clean in (True, False))
    rows, all_rows = generate(without, "train", 0, 10), generate(full, "train", 0, 10)
    missing = {name for name, column in schema(full).items() if column.role == "clean"}
    assert all_rows.keys() - rows.keys() == missing
    assert identical(rows, {k: v for k, v in all_rows.items() if k not in missing})


def test_a_digest_sees_one_changed_bit(recipe):
    rows = generate(recipe, "train", 0, fewer(recipe, 256))
    before = block_digest(rows, rows)
    for column in rows.values():
        view = column.view(np.uint8).reshape(-1)
        view[7] ^= 1
        assert block_digest(rows, rows) != before
        view[7] ^= 1
    assert block_digest(rows, rows) == before


def test_rows_that_are_no_whole_numbers_are_refused():
    recipe = load_recipe("pendulum")
    assert len(generate(recipe, "test", np.int64(3), np.int64(5))["index"]) == 2
    for start, stop in ((0.5, 4), (0, 3.7), ("0", 3)):
        with pytest.raises(TypeError, match="^(start|stop): must be a whole number; got "):
            generate(recipe, "test", start, stop)


def test_rows_out_of_range_are_refused(recipe):
    for start, stop in ((-1, 5), (5, 4), (0, 10**6)):
        with pytest.raises(
            IndexError, match=r"train has \d+ rows, numbered from 0 to \d+; got rows"
        ):
            generate(recipe, "train", start, stop)
    with pytest.raises(KeyError, match="did you mean 'train'"):
        generate(recipe, "trian")
