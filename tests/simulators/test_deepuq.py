"""DeepUQ: noise on the input and noise on the output scatter the label equally."""

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf import RecipeError, generate, jacobian, load_recipe, simulate
from deepbench_hf.cards import tables as cards
from deepbench_hf.tables.arrow import features
from tests.support.recipes import extended

ROWS = 1000
FAR = stats.norm.isf(1e-6 / 2)
RUNGS = {"low": 0.01, "middle": 0.05, "high": 0.1}


def line_scatter(rows):
    """Observed height less the line at the observed place, (n, 100)."""
    line = rows["slope"][:, None] * rows["x_observed"] + rows["intercept"][:, None]
    return rows["y_observed"] - line


def flux_scatter(rows):
    """Measured label less the sum of the observed pixels, (n, 1)."""
    total = rows["image"].astype(float).sum(axis=(1, 2))
    return (rows["total_measured_e_s"] - total)[:, None]


SCATTER = {"deepuq_linear": line_scatter, "deepuq_flux": flux_scatter}


def split_of(injection, rung):
    return "test" if (injection, rung) == ("output", "middle") else f"test_{injection}_{rung}"


@pytest.fixture(scope="module", params=SCATTER)
def scatters(request):
    """The scatter of the label on every rung, by where the noise is put."""
    recipe, scatter = load_recipe(request.param), SCATTER[request.param]
    return {
        (injection, rung): scatter(generate(recipe, split_of(injection, rung), 0, ROWS))
        for injection in ("output", "input")
        for rung in RUNGS
    }


def test_both_injections_give_the_label_the_variance_that_is_declared(scatters):
    for (injection, rung), values in scatters.items():
        ratio = (values**2).mean() / RUNGS[rung] ** 2
        chance = FAR * np.sqrt(2 / values.size)
        assert abs(ratio - 1) < chance + 1e-4, (injection, rung)
        assert abs(ratio / 1.5 - 1) > chance, "it can fail"


def test_the_scatter_is_normal_and_independent_of_the_other_injection(scatters):
    one, other = (scatters[where, "middle"] / RUNGS["middle"] for where in ("output", "input"))
    for z in (one, other):
        assert stats.kstest(z.ravel()[:20_000], "norm").pvalue > 1e-6
    assert abs((one * other).sum()) < FAR * np.sqrt(one.size)


@pytest.mark.parametrize("name", SCATTER)
def test_injections_share_their_truths_row_by_row(name):
    recipe = load_recipe(name)
    for output, other in (("train", "train_input"), ("validation", "validation_input")):
        one, two = (generate(recipe, split, 0, 20) for split in (output, other))
        assert all(np.array_equal(one[p], two[p]) for p in recipe.priors)


def test_noise_is_on_one_side_only():
    lines = load_recipe("deepuq_linear")
    there, here = (generate(lines, split, 0, 20) for split in ("train", "train_input"))
    assert np.array_equal(there["x_observed"], there["x"].astype(np.float32))
    assert np.array_equal(here["y_observed"], here["y"].astype(np.float32))
    np.testing.assert_allclose(here["x_noise_sigma"], 0.05 / here["slope"], rtol=1e-15)


def test_the_amplitude_and_the_total_are_those_of_the_profile():
    from astropy.modeling.models import Sersic2D

    given = {"amplitude_e_s_px": 0.01, "half_light_radius_px": 4.0, "angle_deg": 40.0}
    found = simulate("deepuq_flux", **given)
    model = Sersic2D(0.01, 4.0, 1, 15.5, 15.5, 0.5, np.radians(40))
    fine = (np.arange(32 * 20) + 0.5) / 20 - 0.5
    values = model(*np.meshgrid(fine, fine)).reshape(32, 20, 32, 20).mean(axis=(1, 3))
    np.testing.assert_allclose(found["image"], values, atol=1e-3 * values.max())
    np.testing.assert_allclose(found["total_e_s"], values.sum(), rtol=1e-3)
    b = special.gammaincinv(2, 0.5)
    flux = 2 * np.pi * 4**2 * 0.5 * 0.01 * np.exp(b) / b**2
    np.testing.assert_allclose(found["flux_e_s"], flux, rtol=1e-8)
    assert found["total_e_s"] == pytest.approx(found["image"].astype(float).sum(), rel=1e-6)
    wide = simulate(load_recipe("deepuq_flux", image_size=64), **given)
    assert wide["total_e_s"] < wide["flux_e_s"] == found["flux_e_s"]


def test_the_best_estimate_of_the_total_scatters_as_its_bound_says():
    recipe, n, sigma = load_recipe("deepuq_flux", uncertainty=True), 100, 0.0015625
    rows = generate(recipe, "test_input_middle", 0, n)
    truth = {name: rows[name] for name in recipe.priors}
    slopes, clean = jacobian(recipe, **truth), simulate(recipe, **truth)["image"]
    names = ["amplitude_e_s_px", "half_light_radius_px", "angle_deg"]
    of_image = np.stack([slopes["image"][k].reshape(n, -1) for k in names], axis=1)
    of_total = np.stack([slopes["total_e_s"][k] for k in names], axis=1)
    residual = (rows["image"].astype(float) - clean).reshape(n, -1)
    step = np.linalg.solve(
        of_image @ of_image.transpose(0, 2, 1), (of_image * residual[:, None]).sum(-1)[..., None]
    )
    error = (of_total * step[..., 0]).sum(axis=1)
    assert np.mean((error / rows["total_crlb_e_s"]) ** 2) == pytest.approx(1, abs=0.3)
    assert rows["total_crlb_e_s"].max() < 32 * sigma  # of the sum of all pixels


def test_bounds_of_the_flux_have_a_unit_and_a_meaning():
    recipe = load_recipe("deepuq_flux", uncertainty=True)
    lines = {line[0].strip("`"): line for line in cards.columns(recipe)}
    assert {name for name in features(recipe) if "_crlb" in name} == {
        *("amplitude_crlb_e_s_px", "half_light_radius_crlb_px", "angle_crlb_deg"),
        *("flux_crlb_e_s", "total_crlb_e_s"),
    }
    assert lines["total_crlb_e_s"][2:4] == ("electron\xa0s⁻¹", "uncertainty")
    assert "Cramer-Rao bound of total_e_s" in lines["total_crlb_e_s"][4]


@pytest.mark.parametrize(
    ("over", "priors", "told"),
    [
        ("slop", {}, "noise.x.over: 'slop' is no number with a prior; did you mean 'slope'"),
        (
            "slope",
            {"slope": {"low": -1}},
            r"noise.x.over: slope reaches \[-1, 0.4\]; it must stay away from zero",
        ),
        ("slope", {"slope": {"low": 0}}, r"slope reaches \[0, 0.4\]; it must stay away"),
    ],
)
def test_a_strength_is_divided_by_a_number_that_is_never_zero(over, priors, told):
    with pytest.raises(RecipeError, match=told):
        extended("deepuq_linear", noise={"x": {"over": over}}, priors=priors)
