"""Transformed pairs and sets of other sizes: what they share, and what is refused."""

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.simulators.pairs.distributions import DISTRIBUTIONS, FITS, TRANSFORMS
from tests.support.recipes import extended


def test_a_transform_keeps_the_label_and_the_ranks():
    recipe = load_recipe("mi_toys_200")
    plain, rows = (generate(recipe, split, 0, 400) for split in ("test", "test_transformed"))
    for name in {*rows} - {"x", "y", "transform"}:
        assert np.array_equal(plain[name], rows[name]), name
    used = {TRANSFORMS[number] for number in rows["transform"]}
    assert used == {"cubed", "exp", "log"}
    for name in ("x", "y"):
        assert not np.array_equal(plain[name], rows[name])
        assert np.array_equal(plain[name].argsort(kind="stable"), rows[name].argsort(kind="stable"))


@pytest.mark.parametrize(
    ("name", "known"), [("cubed", lambda v: v**3), ("exp", np.exp), ("log", np.log)]
)
def test_a_transform_is_that_of_numpy(name, known):
    given = {"label": "ordered_weinman", "realization": 5}
    plain, other = (simulate("mi_toys", transform=t, **given) for t in ("identity", name))
    for values in ("x", "y"):
        np.testing.assert_allclose(other[values], known(plain[values]), rtol=1e-14)


def test_a_transform_without_a_value_is_refused():
    for label in DISTRIBUTIONS:
        for transform in TRANSFORMS:
            given = {"label": label, "transform": transform}
            if label in FITS.get(transform, DISTRIBUTIONS):
                made = simulate("mi_toys_50", **given)
                assert np.isfinite(made["x"]).all()
            else:
                told = f"transform = {transform} of label = {label}; {transform} fits "
                with pytest.raises(ValueError, match=told):
                    simulate("mi_toys_50", **given)


@pytest.mark.parametrize(
    ("label", "names", "priors", "told"),
    [
        (
            "gamma_exponential",
            ["log", "cubed"],
            {"shape": {"low": 0.1}},
            "needs a shape of at least 0.2",
        ),
        ("gamma_exponential", ["log"], {"shape": {"low": 0.1}}, None),
        ("gamma_exponential", ["cubed"], {"shape": {"low": 0.2}}, None),
        ("ordered_weinman", ["exp"], {"mean_gap": {"high": 19}}, "needs a mean_gap of at most 18"),
        ("ordered_weinman", ["exp"], {"mean_gap": {"high": 18}}, None),
        ("ordered_weinman", ["log"], {"mean_gap": {"high": 19}}, None),
        ("mixture_d1", ["log"], {"levels": 2}, "log fits gamma_exponential, ordered_weinman"),
    ],
)
def test_transforms_that_could_exceed_the_largest_number_are_refused(label, names, priors, told):
    def made():
        case, otherwise = ({"kind": "classes", "names": n} for n in (names, ["identity", "cubed"]))
        transform = {"kind": "conditional", "given": "label", "cases": {label: case}}
        priors["transform"] = {**transform, "otherwise": otherwise}
        splits = {"test_transformed": None, "test_published": None}
        return extended("mi_toys_50", priors=priors, splits=splits)

    if told is None:
        rows = generate(made(), "train", 0, 3000)
        assert np.isfinite(rows["x"]).all() and np.isfinite(rows["y"]).all()
    else:
        with pytest.raises(RecipeError, match=f"priors: transform = .* of label = {label}.*{told}"):
            made()


def test_a_call_that_could_exceed_the_largest_number_is_refused():
    with pytest.raises(ValueError, match=r"needs a shape of at least 0\.2; got 0\.1"):
        simulate("mi_toys_50", label="gamma_exponential", transform="cubed", shape=[1.0, 0.1])
    with pytest.raises(ValueError, match=r"needs a mean_gap of at most 18; got 20"):
        simulate("mi_toys_50", label="ordered_weinman", transform="exp", mean_gap=20)


def test_smaller_sets_are_the_first_pairs_of_larger_ones():
    for split in ("test", "test_transformed"):
        rows = {
            n: generate(load_recipe(f"mi_toys{n}"), split, 0, 40)
            for n in ("_50", "_200", "", "_10000")
        }
        large = rows["_10000"]
        for each in rows.values():
            for name in each.keys() - {"x", "y"}:
                assert np.array_equal(each[name], large[name]), name
            for name in ("x", "y"):
                size = each[name].shape[1]
                assert np.array_equal(each[name], large[name][:, :size])
