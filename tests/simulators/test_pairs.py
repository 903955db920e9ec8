"""Sets of pairs: their distributions, and the mutual information that is their label."""

import json

import numpy as np
import pytest
from scipy import spatial, special, stats

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.pairs.distributions import DISTRIBUTIONS, MIXTURES, OWN, digamma
from tests.support.paths import ORACLES

ITEMS = json.loads((ORACLES / "mutual_information.json").read_text(encoding="utf-8"))["items"]
NAMES = {"ordered_weinman_exponential": "ordered_weinman"}
FAR = stats.norm.isf(1e-7 / 2)
ROWS = 4
VALUES = {"correlation": 0.7, "shape": 0.6, "mean_gap": 1.3, "levels": 5.0}


@pytest.fixture(scope="module")
def sets():
    """By distribution, four sets of 10 000 pairs for the values above, and the label."""
    recipe = load_recipe("mi_toys_10000")
    given = {"realization": np.arange(ROWS), "transform": "identity", **VALUES}
    return {name: simulate(recipe, label=name, **given) for name in DISTRIBUTIONS}


def pooled(made):
    return made["x"].ravel(), made["y"].ravel()


def mixture_of(name):
    """Weights, means and covariances, as SciPy takes them."""
    mixture = MIXTURES[name]
    covariances = [np.array([[xx, xy], [xy, yy]]) for xx, xy, yy in mixture.covariances]
    return list(zip(mixture.weights, mixture.means, covariances, strict=True))


def densities(name):
    """The log densities of (x, y), of x and of y, from SciPy; of counts their log chances."""
    if name in MIXTURES:
        parts = mixture_of(name)
        return (
            lambda x, y: np.log(
                sum(
                    w * stats.multivariate_normal(m, c).pdf(np.stack([x, y], -1))
                    for w, m, c in parts
                )
            ),
            lambda x: np.log(sum(w * stats.norm.pdf(x, m[0], c[0, 0] ** 0.5) for w, m, c in parts)),
            lambda y: np.log(sum(w * stats.norm.pdf(y, m[1], c[1, 1] ** 0.5) for w, m, c in parts)),
        )
    a, g, m = VALUES["shape"], VALUES["mean_gap"], int(VALUES["levels"])
    rho = VALUES["correlation"] if name == "bivariate_gaussian" else 0.0
    normal = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    return {
        "gamma_exponential": (
            lambda x, y: stats.gamma.logpdf(x, a) + stats.expon.logpdf(y, scale=1 / x),
            lambda x: stats.gamma.logpdf(x, a),
            lambda y: stats.lomax.logpdf(y, a),
        ),
        "ordered_weinman": (
            lambda x, y: stats.expon.logpdf(x, scale=0.5) + stats.expon.logpdf(y - x, scale=g),
            lambda x: stats.expon.logpdf(x, scale=0.5),
            lambda y: np.log((np.exp(-y / g) - np.exp(-2 * y)) / (g - 0.5)),
        ),
        "discrete_continuous": (
            lambda x, y: np.log(np.where((x <= y) & (y <= x + 2), 0.5, 0) / m),
            lambda x: np.full_like(x, -np.log(m)),
            lambda y: np.log(np.where((y >= 1) & (y < m), 2, 1) / (2 * m)),
        ),
    }.get(
        name,
        (lambda x, y: normal.logpdf(np.stack([x, y], -1)), stats.norm.logpdf, stats.norm.logpdf),
    )


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["family"])
def test_the_label_is_the_mutual_information_of_the_oracle(item):
    name = NAMES.get(item["family"], item["family"].replace("gmm_D", "mixture_d"))
    given = {OWN[name]: item.get("rho", item.get("alpha"))} if name in OWN else {}
    found = simulate("mi_toys_50", label=name, transform="identity", realization=0, **given)
    quadrature = 1e-7 if name in MIXTURES else 1e-13
    assert found["mutual_information_nats"] == pytest.approx(item["mi_nats"], abs=quadrature)


def test_the_components_of_the_mixtures_are_those_of_the_oracle():
    for item in ITEMS[-3:]:
        parts = mixture_of(item["family"].replace("gmm_D", "mixture_d"))
        for own, key in zip(zip(*parts, strict=True), ("weights", "means", "covs"), strict=True):
            assert np.array_equal(own, item[key])


@pytest.mark.parametrize("name", MIXTURES)
def test_the_information_of_a_mixture_is_its_integral(name):
    step = 0.05
    x, y = np.arange(-11, 11, step), np.arange(-8, 11, step)
    joint, of_x, of_y = densities(name)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = joint(*np.meshgrid(x, y, indexing="ij"))
        ratio = log - of_x(x)[:, None] - of_y(y)
        density = np.exp(log)
    inside = density > 1e-300
    integral = (density[inside] * ratio[inside]).sum() * step**2
    assert density.sum() * step**2 == pytest.approx(1, abs=1e-12)
    assert integral == pytest.approx(MIXTURES[name].information, abs=1e-12)


def test_the_information_of_a_mixture_is_the_published_one_within_its_monte_carlo_error():
    """Sums of 1e8 draws, in notebooks/synthetic_GMMs/MI_synthetic_datasets of GMM-MI."""
    published = {
        "mixture_d1": 0.0871766935723889,
        "mixture_d3": 0.13237903422626118,
        "mixture_d5": 0.1681139530405749,
        "mixture_d3_prime": 0.3889299886693263,
        "mixture_d5_prime": 0.17976205019963604,
        "mixture_d3_correlated": 0.14824655717184537,
    }
    assert published.keys() == MIXTURES.keys()
    for name, value in published.items():
        assert MIXTURES[name].information == pytest.approx(value, abs=2e-4), name


def test_the_published_points_are_those_of_the_figures():
    """linspace(-0.99, 0.99, 20) and logspace(-1, 2, 20), in notebooks/comparisons of GMM-MI."""
    recipe = load_recipe("mi_toys_published")
    rho, alpha = np.linspace(-0.99, 0.99, 20), np.logspace(-1, 2, 20)
    slow = 2 * alpha  # of GMM-MI's piecewise form
    fast = np.where(slow > 1, (slow - 1) / slow, slow / (1 - slow))
    weinman = np.where(slow > 1, np.log(fast), -np.log(fast)) + np.euler_gamma
    weinman += special.psi(np.where(slow > 1, 1 / fast, 1 / (1 - slow)))
    for split, name, values, label in (
        ("test_gaussian", "correlation", rho, -np.log(1 - rho**2) / 2),
        ("test_gamma_exponential", "shape", alpha, special.psi(alpha + 1) - np.log(alpha)),
        ("test_ordered_weinman", "mean_gap", alpha, weinman),
    ):
        rows = generate(recipe, split)
        assert rows["x"].shape == (20, 200)
        assert rows[name] == pytest.approx(values, rel=1e-14)
        assert rows["mutual_information_nats"] == pytest.approx(label, abs=1e-13)
    rows = generate(load_recipe("mi_toys_200"), "test_published")
    labels = np.array(recipe.simulator.parameters["label"].names)[rows["label"]]
    for own, known in (("correlation", rho), ("shape", alpha), ("mean_gap", alpha)):
        mine = labels == next(name for name, of in OWN.items() if of == own)
        assert np.unique(rows[own][mine]) == pytest.approx(known, rel=1e-14)


def test_digamma_is_that_of_scipy():
    x = np.concatenate([np.geomspace(0.05, 1e16, 4001), [1.0, 2.0, 9.0]])
    found = np.array([digamma(value) for value in x])
    assert np.all(np.abs(found - special.digamma(x)) < 4e-15 * (1 + np.abs(np.log(x))))


def test_the_weinman_information_has_no_step_where_its_two_forms_meet():
    gap = 0.5 + np.array([-1e-3, -1e-6, -1e-9, -1e-13, 0, 1e-13, 1e-9, 1e-6, 1e-3])
    given = {"transform": "identity", "realization": 0, "mean_gap": gap}
    found = simulate("mi_toys_50", label="ordered_weinman", **given)["mutual_information_nats"]
    assert found[4] == pytest.approx(np.euler_gamma, abs=1e-15)
    slope = (found[-1] - found[0]) / (gap[-1] - gap[0])
    np.testing.assert_allclose(found, np.euler_gamma + slope * (gap - 0.5), atol=2e-6)
    assert np.all(np.diff(found) < 1e-13)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_mean_of_the_log_ratio_of_densities_is_the_label(sets, name):
    x, y = pooled(sets[name])
    joint, of_x, of_y = densities(name)
    ratio = joint(x, y) - of_x(x) - of_y(y)
    label = sets[name]["mutual_information_nats"][0]
    error = ratio.std() / np.sqrt(ratio.size) + 1e-15
    assert abs(ratio.mean() - label) < FAR * error
    assert abs(ratio.mean() - label - 0.05) > FAR * error, "it can fail"


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_each_of_a_pair_has_its_distribution(sets, name):
    x, y = pooled(sets[name])
    a, g, m = VALUES["shape"], VALUES["mean_gap"], VALUES["levels"]
    normal = stats.norm.cdf
    if name in MIXTURES:
        parts = mixture_of(name)
        known = [
            lambda v, k=k: sum(w * normal(v, c_m[k], c[k, k] ** 0.5) for w, c_m, c in parts)
            for k in range(2)
        ]
    else:
        known = {
            "gamma_exponential": (stats.gamma(a).cdf, stats.lomax(a).cdf),
            "ordered_weinman": (
                stats.expon(scale=0.5).cdf,
                lambda v: 1 - (g * np.exp(-v / g) - 0.5 * np.exp(-2 * v)) / (g - 0.5),
            ),
            "discrete_continuous": (None, lambda v: cdf_of_steps(v, m)),
        }.get(name, (normal, normal))
    for values, cdf in zip((x, y), known, strict=True):
        if cdf is not None:
            assert stats.kstest(values, cdf).pvalue > 1e-6
            assert stats.kstest(values + 0.1 * values.std(), cdf).pvalue < 1e-6, "it can fail"
    if name == "discrete_continuous":
        assert stats.chisquare(np.unique(x, return_counts=True)[1]).pvalue > 1e-6
        assert np.array_equal(np.unique(x), np.arange(m))


def cdf_of_steps(y, m):
    """The chance to be below y, where x is one of 0 ... m - 1 and y uniform on [x, x + 2]."""
    return sum(np.clip((y - x) / 2, 0, 1) for x in range(int(m))) / m


@pytest.mark.parametrize("shape", [0.1, 1.0, 3.7])
def test_gamma_variates_have_their_distribution_on_either_side_of_shape_one(shape):
    given = {"transform": "identity", "realization": np.arange(20), "shape": shape}
    x = simulate("mi_toys", label="gamma_exponential", **given)["x"].ravel()
    assert stats.kstest(x, stats.gamma(shape).cdf).pvalue > 1e-6


def ksg(x, y, k=4):
    """Mutual information in nats by Kraskov's first estimator, and its standard error.

    Source: A. Kraskov, H. Stoegbauer and P. Grassberger, Estimating mutual information, Physical
    Review E 69 (2004) 066138, equation 8.
    """
    # A rising function of each side keeps the information; normal ones suit the estimator best.
    x, y = (stats.norm.ppf(stats.rankdata(values) / (len(values) + 1)) for values in (x, y))
    points = np.stack([x, y], axis=1)
    reach = spatial.cKDTree(points).query(points, k + 1, p=np.inf)[0][:, -1] * (1 - 1e-12)
    estimate = special.digamma(k) + special.digamma(len(x))
    for own in (x, y):
        first, last = (np.searchsorted(np.sort(own), own + side) for side in (-reach, reach))
        estimate = estimate - special.digamma(last - first)
    return estimate.mean(), estimate.std() / np.sqrt(len(x))


@pytest.mark.parametrize("name", [n for n in DISTRIBUTIONS if n != "discrete_continuous"])
def test_neighbours_find_the_label_in_large_sets(sets, name):
    x, y = sets[name]["x"][0], sets[name]["y"][0]
    found, error = ksg(x, y)
    label = sets[name]["mutual_information_nats"][0]
    assert abs(found - label) < 5 * error + 0.01, (found, error, label)
    wrong, error = ksg(x, np.roll(y, 1))
    assert abs(wrong) < 5 * error + 0.01, "pairs of a row are independent of each other"
