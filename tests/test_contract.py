"""The promises that every shipped recipe keeps."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.catalog import list_recipes
from deepbench_hf.digest import block_digest
from deepbench_hf.priors import Constant
from deepbench_hf.schema import measured_name, schema, sigma_name
from deepbench_hf.simulators.base import unit_suffix

ALPHA = 1e-7
"""False-alarm probability of one comparison; a test makes at most ten of them."""


def identical(one, other):
    """Whether two dicts of columns hold the same bits."""
    return one.keys() == other.keys() and all(
        one[k].dtype == other[k].dtype and one[k].tobytes() == other[k].tobytes() for k in one
    )


def test_any_cut_gives_the_same_rows(recipe):
    whole = generate(recipe, "train", 100, 400)
    for start, stop in ((100, 101), (250, 260), (399, 400), (120, 377), (200, 200)):
        part = generate(recipe, "train", start, stop)
        assert identical(part, {k: v[start - 100 : stop - 100] for k, v in whole.items()})


def test_growth_keeps_the_old_rows(recipe):
    longer = load_recipe(recipe.name, num_examples=10**9)
    assert identical(generate(recipe, "train", 9990), generate(longer, "train", 9990, 10000))
    assert generate(longer, "train", 10**9 - 1)["index"] == [10**9 - 1]


@pytest.mark.parametrize("name", list_recipes())
def test_columns_are_as_declared_and_finite(name):
    recipe = load_recipe(name)
    for split in recipe.splits:
        rows = generate(recipe, split, 0, 300)
        assert list(rows) == list(schema(recipe))
        for column, description in schema(recipe).items():
            assert rows[column].shape == (300, *description.field.shape), column
            assert rows[column].dtype == description.field.dtype, column
            assert np.isfinite(rows[column]).all(), column
            assert rows[column].flags.c_contiguous, column


def test_names_end_in_their_unit(recipe):
    for name, column in schema(recipe).items():
        if not (column.role == "index" or column.role == "group"):
            suffix = unit_suffix(column.field.unit)
            assert name.endswith(f"_{suffix}") if suffix else True, name
            assert column.field.meaning


def test_no_label_is_constant(recipe):
    for split, part in recipe.splits.items():
        rows = generate(recipe, split, 0, 300)
        for name, prior in part.priors.items():
            assert isinstance(prior, Constant) or len(np.unique(rows[name])) > 10, name


def test_parameters_follow_their_priors(recipe):
    for split, part in recipe.splits.items():
        rows = generate(recipe, split, 0, 1000)
        for name, prior in part.priors.items():
            low, high = prior.support
            values = rows[name]
            assert low <= values.min() and values.max() <= high, (split, name)
            if not isinstance(prior, Constant):
                values = np.unique(values)  # one for each member of a level
                p_value = uniformity(prior, values)
                assert p_value > ALPHA, (split, name, p_value)


def uniformity(prior, values):
    """Kolmogorov-Smirnov p value of draws against a prior's quantile function."""
    u = np.linspace(0, 1, 4001, endpoint=False)
    return stats.kstest(np.interp(values, prior.quantile(u), u), "uniform").pvalue


def test_the_prior_test_fails_on_a_planted_defect():
    recipe = load_recipe("pendulum")
    prior = recipe.priors["length_m"]
    values = generate(recipe, "train", 0, 1000)["length_m"]
    assert uniformity(prior, values) > ALPHA
    assert uniformity(prior, prior.support[0] + 0.8 * (values - prior.support[0])) < ALPHA


def test_a_seed_shares_nothing_with_its_neighbour(recipe):
    other = load_recipe(recipe.name, seed=recipe.seed + 1)
    one, two = generate(recipe, "train", 0, 500), generate(other, "train", 0, 500)
    for name, prior in recipe.priors.items():
        if not isinstance(prior, Constant):
            assert not np.isin(one[name], two[name]).any(), name


def test_splits_with_other_truths_share_nothing(recipe):
    train, test = generate(recipe, "train", 0, 1000), generate(recipe, "test", 0, 1000)
    for name, prior in recipe.priors.items():
        if not isinstance(prior, Constant):
            assert not np.isin(train[name], test[name]).any(), name


def test_a_row_fed_back_gives_its_clean_output(recipe):
    fields = recipe.simulator.fields
    for split in recipe.splits:
        rows = generate(recipe, split, 0, 5)
        clean = simulate(recipe, **{k: v for k, v in rows.items() if k not in fields})
        assert identical({k: rows[k] for k in clean}, clean)
        one = simulate(recipe, **{k: v[3] for k, v in rows.items()})
        assert all(one[k].tobytes() == rows[k][3].tobytes() for k in one)


def test_every_parameter_changes_the_output_c3(recipe):
    before = generate(recipe, "train", 0, 1)
    for name, prior in recipe.priors.items():
        values = {key: before[key] for key in recipe.priors}
        if not isinstance(prior, Constant):
            values[name] = prior.quantile(np.array([0.987]))
        else:
            values[name] = before[name] * 1.01
        changed = simulate(recipe, **values)
        same = [np.array_equal(changed[k], before[k]) for k in changed if k in before]
        assert not all(same), name


def observed_series(recipe):
    """Residual / sigma of 1 000 rows for each noisy series."""
    rows = generate(recipe, "train", 0, 1000)
    for name, noise in recipe.noise.items():
        target = {**recipe.simulator.parameters, **recipe.simulator.fields}[name]
        if name in recipe.simulator.fields and target.shape:
            sigma = rows[sigma_name(name, noise, target)][:, None]
            yield name, (rows[measured_name(name, target)] - rows[name]) / sigma


def test_residuals_are_independent_and_of_the_declared_strength_c1(recipe):
    for name, z in observed_series(recipe):
        assert stats.kstest(z.ravel(), "norm").pvalue > ALPHA, name
        # Sums over n products of independent standard normals have variance n.
        for pairs in (z[:-1] * z[1:], z[:, :-1] * z[:, 1:]):
            assert abs(pairs.sum()) / np.sqrt(pairs.size) < stats.norm.isf(ALPHA / 2), name
        neighbours = (z[:-1] * z[1:]).sum(axis=1) / np.sqrt(z.shape[1])
        assert abs(neighbours).max() < 7, name


def test_the_residual_test_fails_on_a_repeated_noise_field():
    z = dict(observed_series(load_recipe("pendulum_noisy")))["x_m"]
    repeated = np.broadcast_to(z[0], z.shape)
    assert abs((repeated[:-1] * repeated[1:]).sum()) / np.sqrt(z.size) > 7


def test_measured_parameters_have_one_error_each_p2(recipe):
    rows = generate(recipe, "train", 0, 1000)
    for name, noise in recipe.noise.items():
        target = recipe.simulator.parameters.get(name)
        if target is None:
            continue
        sigma = rows[sigma_name(name, noise, target)]
        true, measured = rows[name], rows[measured_name(name, target)]
        assert measured.shape == (1000,)
        error = np.log(measured / true) if noise.unitless else measured - true
        z = np.unique(np.round(error / sigma, 9))
        level = recipe.levels.get(noise.level)
        members = 1000 if level is None else 1 if level.rows == "all" else -(-1000 // level.rows)
        assert len(z) == members, name
        if members > 20:
            assert stats.kstest(z, "norm").pvalue > ALPHA, name


def test_noise_differs_between_splits_and_configs():
    noisy = load_recipe("pendulum_noisy")
    rows = {split: generate(noisy, split, 0, 1) for split in ("train", "test")}
    residual = {s: (r["x_observed_m"] - r["x_m"]) / r["x_noise_sigma_m"] for s, r in rows.items()}
    assert not np.isclose(residual["train"], residual["test"], rtol=1e-3).any()


def test_all_configs_of_the_family_hold_the_same_pendulums():
    reference = generate(load_recipe("pendulum"), "test", 0, 100)
    for name in ("pendulum_noisy", "pendulum_small_angle", "pendulum_damped"):
        rows = generate(load_recipe(name), "test", 0, 100)
        for column in ("length_m", "gravity_m_s2", "theta0_rad", "time_s"):
            assert np.array_equal(rows[column], reference[column])


def test_without_clean_only_the_clean_series_are_missing(recipe):
    if not any(column.role == "observed" for column in schema(recipe).values()):
        with pytest.raises(RecipeError, match="clean: false leaves no output"):
            load_recipe(recipe.name, clean=False)
        return
    without = load_recipe(recipe.name, clean=False)
    rows, full = generate(without, "train", 0, 10), generate(recipe, "train", 0, 10)
    missing = {name for name, column in schema(recipe).items() if column.role == "clean"}
    assert full.keys() - rows.keys() == missing
    assert identical(rows, {k: v for k, v in full.items() if k not in missing})


def test_a_digest_sees_one_changed_bit(recipe):
    rows = generate(recipe, "train", 0, 256)
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
        with pytest.raises(TypeError):
            generate(recipe, "test", start, stop)


def test_rows_out_of_range_are_refused(recipe):
    for start, stop in ((-1, 5), (5, 4), (0, 10**6)):
        with pytest.raises(IndexError, match="it has rows 0 to"):
            generate(recipe, "train", start, stop)
    with pytest.raises(KeyError, match="did you mean 'train'"):
        generate(recipe, "trian")
