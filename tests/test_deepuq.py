"""DeepUQ: noise on the input and noise on the output scatter the label equally."""

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf import RecipeError, generate, load_recipe, simulate

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


@pytest.mark.parametrize(
    ("over", "priors", "told"),
    [
        ("slop", "", "noise.x.over: 'slop' is no number with a prior; did you mean 'slope'"),
        (
            "slope",
            "priors: {slope: {low: -1}}",
            r"noise.x.over: slope reaches \[-1, 0.4\]; it must stay away from zero",
        ),
    ],
)
def test_a_strength_is_divided_by_a_number_that_is_never_zero(tmp_path, over, priors, told):
    file = tmp_path / "mine.yaml"
    noise = f"noise: {{x: {{over: {over}}}}}\n"
    file.write_text(f"extends: deepuq_linear\nversion: 1.0.0\n{noise}{priors}\n")
    with pytest.raises(RecipeError, match=told):
        load_recipe(file)
