"""Likelihoods against SciPy's densities of what rows hold, and the data against the likelihood."""

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf import generate, load_recipe, log_likelihood, log_prior, observe
from deepbench_hf.inference.likelihoods import observations

SERIES = {
    "pendulum_noisy": {
        "length": ("log_normal", "length_m", "length_measured_m", "length_noise_sigma"),
        "gravity": ("log_normal", "gravity_m_s2", "gravity_measured_m_s2", "gravity_noise_sigma"),
        "angle": ("gaussian", "theta0_rad", "theta0_measured_rad", "theta0_noise_sigma_rad"),
        "x": ("gaussian", "x_m", "x_observed_m", "x_noise_sigma_m"),
    },
    "deeply_uncertain_t10": {
        "length": ("gaussian", "length_m", "length_measured_m", "length_noise_sigma_m"),
        "period": ("gaussian", "period_s", "period_observed_s", "period_noise_sigma_s"),
    },
    "deepuq_linear": {"y": ("gaussian", "y", "y_observed", "y_noise_sigma")},
    "halo_profile": {"counts": ("poisson", "shell_counts", "shell_counts_observed", "")},
}


def by_scipy(rows, measured, power=1):
    """The logarithm of the density of measured values, from the columns of rows."""
    total = 0.0
    for kind, clean, seen, sigma in measured.values():
        true, found = rows[clean].astype(float), rows[seen].astype(float)
        width = rows[sigma] ** power if sigma else None
        width = width[:, None] if sigma and true.ndim > 1 and width.ndim == 1 else width
        law = {
            "gaussian": lambda t=true, w=width: stats.norm(t, w).logpdf,
            "log_normal": lambda t=true, w=width: stats.lognorm(w, scale=t).logpdf,
            "poisson": lambda t=true: stats.poisson(t).logpmf,
        }[kind]()
        total = total + law(found).reshape(len(true), -1).sum(1)
    return total


@pytest.mark.parametrize("name", SERIES)
def test_the_likelihood_of_the_truth_is_the_density_of_the_columns(name):
    recipe, n = load_recipe(name), 50
    rows = generate(recipe, "test", 0, n)
    found = [one.log_likelihood({})[0] for one in observations(recipe, "test", np.arange(n))]
    np.testing.assert_allclose(found, by_scipy(rows, SERIES[name]), rtol=1e-9)
    if name != "halo_profile":  # a sigma that is taken for a variance is found
        assert np.abs(found - by_scipy(rows, SERIES[name], power=2)).min() > 1.0


def test_a_detected_star_has_the_exact_sum_over_counts_at_each_pixel():
    recipe = load_recipe("sky_stars", image_size=20, clean=True)
    rows = generate(recipe, "test", 0, 2)
    t, b, s = (rows[n][:, None, None] for n in ("exposure_s", "sky_e_s_px", "read_noise_e"))
    mean = t * (rows["image_clean"].astype(float) + b)
    electrons = t * (rows["image"].astype(float) + b)
    k = np.arange(int(max(electrons.max(), mean.max())) + 150)
    for row in range(2):
        found = log_likelihood(recipe, "test", row)[0]
        expected = 400 * np.log(t[row, 0, 0])
        for e, m in zip(electrons[row].ravel(), mean[row].ravel(), strict=True):
            near = k[np.abs(k - e) < 12 * s[row, 0, 0] + 5]
            terms = stats.poisson.logpmf(near, m) + stats.norm.logpdf(e - near, 0, s[row, 0, 0])
            expected += special.logsumexp(terms)
        assert found == pytest.approx(expected, rel=1e-9)


def test_a_quasar_has_the_density_of_its_gaussian_process():
    recipe = load_recipe("quasar_drw")
    rows = generate(recipe, "test", 0, 2)
    tau = np.array([30.0, 300.0])
    for row in range(2):
        there = rows["valid"][row].astype(bool)
        time, sigma = rows["time_d"][row][there], rows["sigma_mag"][row]
        error = rows["magnitude_noise_sigma_mag"][row][there].astype(float)
        seen = rows["magnitude_observed_mag"][row][there].astype(float)
        found = log_likelihood(recipe, "test", row, tau_d=tau)
        for value, one in zip(tau, found, strict=True):
            kernel = sigma**2 * np.exp(-np.abs(time[:, None] - time) / value)
            process = stats.multivariate_normal(np.zeros(len(time)), kernel + np.diag(error**2))
            assert one == pytest.approx(process.logpdf(seen), rel=1e-9)


def test_other_parameters_have_the_density_of_what_they_would_give():
    recipe = load_recipe("deeply_uncertain_t10")
    row = generate(recipe, "test", 0, 1)
    length = np.array([0.3, 0.5])
    found = log_likelihood(recipe, "test", 0, length_m=length)
    period = 2 * np.pi * np.sqrt(length / row["gravity_m_s2"])[:, None]
    true = row["period_s"].reshape(1, -1)[:, :1]
    share = row["period_noise_sigma_s"].reshape(1, -1)[:, :1] / true  # the strength is relative
    expected = stats.norm(length, 0.02 * length).logpdf(row["length_measured_m"])
    expected = expected + stats.norm(period, share * period).logpdf(row["period_observed_s"]).sum(1)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("wrong", [0.97, 1.03])
def test_noise_that_is_three_percent_wrong_is_found(wrong):
    """The squares of normal residuals add up to their number; the likelihood knows the sigma."""
    recipe, n = load_recipe("pendulum_ladder"), 600
    rows = generate(recipe, "test", 0, n)
    entropy = [one.log_likelihood({})[0] for one in observations(recipe, "test", np.arange(n))]
    size, sigma = rows["x_m"].shape[1], rows["x_noise_sigma_m"]
    usual = -size * (0.5 * np.log(2 * np.pi * np.e) + np.log(sigma))
    error = (size / 2 / n) ** 0.5
    assert abs(np.mean(entropy - usual)) < 5 * error
    square = size - 2 * (entropy - usual)  # (seen - true)^2 / sigma^2 of each row
    other = -0.5 * square / wrong**2 - size * np.log(wrong * sigma * np.sqrt(2 * np.pi))
    expected = usual - size * np.log(wrong)
    assert abs(np.mean(other - expected)) > 5 * error


@pytest.mark.parametrize(
    ("name", "split", "reason"),
    [
        ("sky_noisy", "test", "number of objects is unknown"),
        ("galaxy_perturbed", "test_jpeg_50", "images are perturbed"),
        ("pendulum", "test", "nothing is measured with noise"),
        ("deepuq_linear", "train_input", "y_observed has no noise"),
    ],
)
def test_what_has_no_closed_likelihood_says_so_in_one_line(name, split, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        log_likelihood(name, split, 0)
    assert "\n" not in str(caught.value)


def test_a_wrong_name_and_a_value_outside_the_model_are_told():
    with pytest.raises(ValueError, match="did you mean 'length_m'"):
        log_likelihood("pendulum_noisy", "test", 0, lenght_m=2.0)
    with pytest.raises(ValueError, match="the model accepts"):
        log_likelihood("pendulum_noisy", "test", 0, length_m=-2.0)


def test_the_prior_of_a_galaxy_depends_on_its_class_and_on_what_it_has():
    half = np.log(0.5)
    inside = -np.log(3.0) - np.log(np.log(12 / 3))
    given = {"label": ["elliptical", "spiral"], "half_light_radius_px": [3.0, 3.0]}
    found = log_prior("galaxy_morphology", **given)
    spiral = -np.log(3.0) - np.log(np.log(3 / 1))
    np.testing.assert_allclose(found, [half + inside, half + spiral])
    arms = log_prior(
        "galaxy_morphology", label=["elliptical", "elliptical", "spiral"], arms=[0, 2, 2]
    )
    np.testing.assert_allclose(arms, [half, -np.inf, half - np.log(3)])
    with pytest.raises(ValueError, match="depends on label"):
        log_prior("galaxy_morphology", half_light_radius_px=3.0)


def test_own_parameters_under_own_noise_are_the_row():
    for name in ("pendulum_noisy", "sky_stars"):
        rows = generate(name, "test", 3, 5)
        own = {n: rows[n] for n in load_recipe(name).priors}
        again = observe(name, "test", [3, 4], **own)
        assert rows.keys() == again.keys()
        assert all(np.array_equal(rows[n], again[n]) for n in rows)


def test_the_difference_of_a_pair_has_hardly_any_noise_left():
    flux = 300.0
    pair = [
        observe("sky_stars", "test", np.arange(30), flux_e_s=f)["image"]
        for f in (flux, 1.02 * flux)
    ]
    alone = observe("sky_stars", "test", np.arange(30, 60), flux_e_s=flux)["image"]
    total = [images.astype(float).sum((1, 2)) for images in (*pair, alone)]
    assert np.std(total[1] - total[0]) < 0.4 * np.std(total[0] - total[2])
    assert np.mean(total[1] - total[0]) == pytest.approx(0.02 * flux, rel=0.3)
