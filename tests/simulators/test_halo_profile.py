"""Whole profiles of halos: the cut-off, the steepest radius, and counts in shells."""

import numpy as np
import pytest
from scipy.integrate import quad

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.simulators.halo.density import RHO_M


def profile(**more):
    given = {"log10_mass_Msun": 14.0, "outer_amplitude": 1.0, "outer_slope": 1.5, **more}
    return simulate("halo_profile", **given)


def test_the_whole_profile_has_the_reference_values():
    c = simulate("halo_nfw", log10_mass_Msun=14.0)["concentration"]
    given = {"concentration_offset_dex": np.log10(6 / c), "accretion_rate": 2.0}
    radius = 1430.2586462571 * np.array([0.01, 0.1, 0.3, 1, 1.5, 3])
    found = profile(**given, radius_kpc=radius)
    assert found["concentration"] == pytest.approx(6, rel=1e-12)
    expected = [207365.729, 8965.20187, 1005.70391, 38.6785290, 9.52301038, 3.17374528]
    np.testing.assert_allclose(10 ** found["log10_density"], expected, rtol=2e-9)
    steepest = [
        profile(**{**given, "accretion_rate": rate})["splashback_radius_kpc"] / 1430.2586462571
        for rate in (0.5, 2.0, 4.0)
    ]
    np.testing.assert_allclose(steepest, [1.5030, 1.0658, 0.8048], rtol=4e-4)


def test_the_steepest_radius_falls_with_the_accretion_rate():
    found = profile(accretion_rate=np.linspace(0, 7, 29))["splashback_radius_kpc"]
    assert (np.diff(found) < 0).all()


def test_the_third_number_matters_outside_only():
    """d ln rho / d Gamma is below 4e-6 within a tenth of the cut-off, and of order 1 beyond."""
    slow, fast = (profile(accretion_rate=rate) for rate in (2.0, 2.1))
    change = np.abs(slow["log10_density"] - fast["log10_density"]) * np.log(10) / 0.1
    radius = slow["radius_kpc"] if "radius_kpc" in slow else np.geomspace(0.01, 3, 24) * 1430.26
    assert change[radius < 0.1 * 0.9 * 1430].max() < 4e-6
    assert change.max() > 0.1


def test_the_steepest_radius_is_where_the_slope_is_least():
    for rate in (0.2, 1.0, 3.0, 6.0):
        where = profile(accretion_rate=rate)["splashback_radius_kpc"]
        radius = where * np.exp(np.linspace(-0.3, 0.3, 601))
        density = profile(accretion_rate=rate, radius_kpc=radius)["log10_density"]
        slope = np.gradient(density, np.log(radius))
        assert radius[slope.argmin()] == pytest.approx(where, rel=2e-3)


def test_a_shell_holds_the_integral_of_the_density():
    radius = np.array([200.0, 400.0, 800.0])
    found = profile(accretion_rate=1.0, particle_mass_Msun=1e8, radius_kpc=radius)

    def mass(r):
        one = profile(accretion_rate=1.0, radius_kpc=[r, 2 * r])["log10_density"][0]
        return 4 * np.pi * r**2 * RHO_M * 10**one / 1e8

    expected = quad(mass, 400 / np.sqrt(2), 400 * np.sqrt(2), epsrel=1e-9)[0]
    assert found["shell_counts"][1] == pytest.approx(expected, rel=1e-8)


def test_observed_counts_are_poisson():
    rows = generate(load_recipe("halo_profile", clean=True), "train", 0, 1000)
    clean, seen = rows["shell_counts"], rows["shell_counts_observed"]
    bright = clean > 50
    z = (seen - clean)[bright] / np.sqrt(clean[bright])
    assert np.all(seen == np.rint(seen))
    assert abs(z.mean()) < 5 / np.sqrt(z.size)
    assert abs(z.var() - 1) < 5 * np.sqrt(2 / z.size)


def test_observed_densities_are_the_counts_over_the_volumes_of_their_shells():
    rows = generate("halo_profile", "test_coarse", 0, 50)
    edges = np.sqrt(rows["radius_kpc"][:, 1:] * rows["radius_kpc"][:, :-1])
    mass = np.maximum(rows["shell_counts_observed"].astype(float), 0.5)[:, 1:-1] * 1e10
    volume = 4 / 3 * np.pi * np.diff(edges**3, axis=1)
    expected = np.log10(mass / volume / RHO_M)
    np.testing.assert_allclose(rows["log10_density_observed"][:, 1:-1], expected, rtol=1e-12)
    assert (rows["shell_counts_observed"] == 0).any()


def test_derivatives_by_the_accretion_rate_are_those_of_the_cut_off():
    """d ln f_t / d ln r_t = 4 u^6 / (1 + u^6), u = r / r_t: nothing inside, order 1 outside."""
    given = {"log10_mass_Msun": 14.0, "accretion_rate": 2.0, "outer_amplitude": 1.0}
    found = jacobian("halo_profile", **given)["log10_density"]["accretion_rate"]
    rows = simulate("halo_profile", **given)
    radius = rows["radius_200m_kpc"] * np.geomspace(0.01, 3, 24)
    wide = 2.18 * np.exp(-2 / 1.91)
    u6 = (radius / (0.43 * (1 + 0.92 * 0.3) * (1 + wide) * rows["radius_200m_kpc"])) ** 6
    shape = 10 ** rows["log10_density"] - 1 - (radius / (5 * rows["radius_200m_kpc"])) ** -1.5
    slope = -4 * u6 / (1 + u6) * wide / 1.91 / (1 + wide)
    expected = shape / 10 ** rows["log10_density"] * slope / np.log(10)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert abs(found[radius < 0.1 * rows["radius_200m_kpc"]]).max() < 4e-6


@pytest.mark.parametrize("split", ["test", "test_massive", "test_nfw"])
def test_no_other_place_is_steeper_than_the_one_that_a_row_names(split):
    """The matter around a halo may flatten it at half its radius, before its cut-off."""
    rows = generate("halo_profile", split, 0, 300)
    x = np.exp(np.linspace(np.log(0.1), np.log(10), 3001))
    given = {k: v for k, v in rows.items() if k in load_recipe("halo_profile").priors}
    radius = rows["radius_200m_kpc"][:, None] * x
    model = load_recipe("halo_profile").splits[split].simulator
    density = model(**given, radius_kpc=radius)["log10_density"]
    place = np.gradient(density, np.log(x), axis=1).argmin(axis=1)
    expected = rows["radius_200m_kpc"] * x[place]
    np.testing.assert_allclose(rows["splashback_radius_kpc"], expected, rtol=5e-3)


@pytest.mark.parametrize(("amplitude", "slope"), [(0.0, 1.5), (0.01, 3.0), (0.021, 3.0)])
def test_derivatives_by_the_matter_around_are_right_where_there_is_little(amplitude, slope):
    """The profile and the counts are linear in b_e, which is never below 0."""
    given = {"log10_mass_Msun": 13.0, "accretion_rate": 1.0, "outer_slope": slope}
    found = jacobian("halo_profile", outer_amplitude=amplitude, **given)
    here, more, none = (
        simulate("halo_profile", outer_amplitude=b, **given) for b in (amplitude, 1.0, 0.0)
    )
    radius = here["radius_200m_kpc"] * np.geomspace(0.01, 3, 24)
    around = (radius / (5 * here["radius_200m_kpc"])) ** -slope
    expected = around / 10 ** here["log10_density"] / np.log(10)
    np.testing.assert_allclose(found["log10_density"]["outer_amplitude"], expected, rtol=1e-9)
    counts = more["shell_counts"] - none["shell_counts"]
    np.testing.assert_allclose(found["shell_counts"]["outer_amplitude"], counts, rtol=1e-9)


def test_the_matter_around_is_seen_inside_too_and_the_accretion_rate_is_not():
    """What the card says of the numbers that a profile needs within a tenth of R200m."""
    rows = generate("halo_profile", "test", 0, 1000)
    recipe = load_recipe("halo_profile")
    given = {name: rows[name] for name in recipe.priors if name in rows}
    radius = rows["radius_200m_kpc"][:, None] * [0.01, 0.1, 3]

    def logs(**other):
        parameters = {k: np.full(1000, v) for k, v in other.items()}
        return recipe.simulator(**given | parameters, radius_kpc=radius)["log10_density"]

    spread = logs(outer_amplitude=2.0) - logs(outer_amplitude=0.5)
    assert np.median(spread, axis=0)[:2] == pytest.approx([0.02, 0.02], abs=0.005)
    share = 1 - 10 ** (logs(outer_amplitude=0.0) - logs())
    assert np.median(share, axis=0)[:2] == pytest.approx([0.04, 0.04], abs=0.005)
    assert np.median(share, axis=0)[2] > 0.5
    for rate in (0.0, 2.5, 4.9):
        change = logs(accretion_rate=rate + 0.1) - logs(accretion_rate=rate)
        assert np.abs(change[:, :2]).max() * np.log(10) / 0.1 < 5e-6


@pytest.mark.parametrize("radius", [[100.0], [100.0, 100.0]])
def test_one_radius_has_no_shell(radius):
    """Its shell had no width, and held no particles."""
    with pytest.raises(ValueError, match="radius_kpc needs two different radii"):
        profile(radius_kpc=radius)
    assert simulate("halo_nfw", radius_kpc=radius)["enclosed_mass_Msun"].min() > 0


def test_mass_and_radius_are_those_of_the_uncut_profile_alone():
    """The whole profile has another mass within R200m, as the descriptions and the card say."""
    for split, ends, middle in (("test", (0.81, 1.23), 1.06), ("test_fast", (0.77, 1.05), 0.91)):
        rows = generate("halo_profile", split, 0, 1000)
        recipe = load_recipe("halo_profile")
        given = {k: v for k, v in rows.items() if k in recipe.priors} | {
            "particle_mass_Msun": np.full(1000, 1e8)
        }
        logs = np.linspace(np.log(1e-4), 0, 401)
        radius = rows["radius_200m_kpc"][:, None] * np.exp(logs)
        density = 10 ** recipe.simulator(**given, radius_kpc=radius)["log10_density"]
        within = 4 * np.pi * RHO_M * np.trapezoid(density * radius**3, logs, axis=1)
        share = within / 10 ** rows["log10_mass_Msun"]
        assert share.min() == pytest.approx(ends[0], abs=0.02)
        assert share.max() == pytest.approx(ends[1], abs=0.02)
        assert np.median(share) == pytest.approx(middle, abs=0.02)
    halo = load_recipe("halo_profile").simulator
    for told in (halo.parameters["log10_mass_Msun"], halo.columns["radius_200m_kpc"]):
        assert "uncut NFW profile alone" in told.meaning
    nfw = simulate("halo_nfw", log10_mass_Msun=14.0)
    at = simulate("halo_nfw", log10_mass_Msun=14.0, radius_kpc=[nfw["radius_200m_kpc"]])
    assert at["enclosed_mass_Msun"][0] == pytest.approx(1e14, rel=1e-12)
