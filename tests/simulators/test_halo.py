"""Halos against colossus and the laws of their profile."""

import numpy as np
import pytest
from colossus.cosmology import cosmology
from colossus.halo.profile_nfw import NFWProfile
from scipy.integrate import quad
from scipy.optimize import brentq

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.simulators.halo.density import RHO_M
from tests.support.paths import ROOT

MASSES = [12.0, 13.3, 14.0, 15.0]
ORACLE = [  # rho_s, Msun / kpc^3, and r_s, kpc, of tests/oracles/nfw.npz: halos of M200c and c200
    (0, 6089582.158081575, 20.627899313935695), (2, 1227586.600592568, 342.1171296443156),
    (4, 8003781.332953426, 43.54146777721778),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def universe():
    flat = {"flat": True, "H0": 70, "Om0": 0.3, "Ob0": 0.049, "sigma8": 0.81, "ns": 0.95}
    cosmology.setCosmology("ours", params={**flat, "relspecies": False})


def duffy(mass):
    """The mean concentration at a mass."""
    return 10.14 * (0.7 * mass / 2e12) ** -0.081


def given_by(rho_s, r_s):
    """The mass and the scatter of a halo of a scale density and radius, Msun and kpc."""

    def over(c):
        return 200 / 3 * c**3 / (np.log1p(c) - c / (1 + c)) - rho_s / RHO_M

    c = brentq(over, 0.1, 500, xtol=1e-13)
    mass = 800 / 3 * np.pi * RHO_M * (c * r_s) ** 3
    return {
        "log10_mass_Msun": np.log10(mass),
        "concentration_offset_dex": np.log10(c / duffy(mass)),
    }


def nfw(log10_mass, **more):
    return simulate("halo_nfw", log10_mass_Msun=log10_mass, concentration_offset_dex=0.0, **more)


def test_radius_and_concentration_have_the_reference_values():
    found = [nfw(mass) for mass in (12.0, 14.0, 15.0)]
    radius = [one["radius_200m_kpc"] for one in found]
    np.testing.assert_allclose(radius, [308.13989, 1430.25866, 3081.39886], rtol=2e-8)
    concentration = [one["concentration"] for one in found]
    np.testing.assert_allclose(concentration, [11.03998, 7.60271, 6.30911], rtol=1e-6)


@pytest.mark.parametrize("mass", MASSES)
def test_density_mass_and_surface_density_are_those_of_colossus(mass):
    base = nfw(mass)
    scale = base["radius_200m_kpc"] / base["concentration"]
    radius = scale * np.array([0.03, 0.3, 0.98, 0.9985, 1.0015, 1.02, 3.0, 20.0])
    found = nfw(mass, radius_kpc=radius)
    c = base["concentration"]
    rho_s = RHO_M * 200 / 3 * c**3 / (np.log1p(c) - c / (1 + c))
    theirs = NFWProfile(rhos=rho_s / 0.49, rs=scale * 0.7)  # Msun h^2 / kpc^3, kpc / h
    density = theirs.density(radius * 0.7) * 0.49
    np.testing.assert_allclose(10 ** found["log10_density"] * RHO_M, density, rtol=2e-12)
    mass = theirs.enclosedMass(radius * 0.7) / 0.7
    np.testing.assert_allclose(found["enclosed_mass_Msun"], mass, rtol=1e-12)
    away = np.abs(radius / scale - 1) > 0.01  # at r_s theirs is 0 / 0
    surface = theirs.surfaceDensity(radius * 0.7) * 0.7
    np.testing.assert_allclose(found["surface_Msun_kpc2"][away], surface[away], rtol=1e-12)


@pytest.mark.parametrize(("number", "rho_s", "r_s"), ORACLE)
def test_density_mass_and_surface_density_are_those_of_quadrature(number, rho_s, r_s):
    oracle = np.load(ROOT / "tests" / "oracles" / "nfw.npz")
    radius, rho, mass, sigma = (oracle[f"{n}_{number}"] for n in ("r", "rho", "M", "Sigma"))
    found = simulate("halo_nfw", **given_by(rho_s, r_s), radius_kpc=1e3 * radius)  # of Mpc
    np.testing.assert_allclose(10 ** found["log10_density"] * RHO_M, 1e-9 * rho, rtol=1e-10)
    np.testing.assert_allclose(found["enclosed_mass_Msun"], mass, rtol=1e-10)
    np.testing.assert_allclose(found["surface_Msun_kpc2"], 1e-6 * sigma, rtol=1e-8)


def test_a_halo_of_1e14_within_200_critical_densities_has_the_reference_values():
    radius = 957.462271 * np.array([0.01, 0.1, 0.5, 1, 2])
    given = given_by(1182432.9, 957.462271 / 5)
    found = simulate("halo_nfw", **given, radius_kpc=radius)
    rho = [2.14500293e7, 1.05105144e6, 3.86100527e4, 6.56907147e3, 9.77217243e2]
    np.testing.assert_allclose(10 ** found["log10_density"] * RHO_M, rho, rtol=5e-8)
    sigma = [1.22253442e9, 3.14396562e8, 4.26156223e7, 1.35943839e7, 3.8981861e6]
    np.testing.assert_allclose(found["surface_Msun_kpc2"], sigma, rtol=5e-8)


def test_the_integral_of_the_surface_density_is_the_mass_of_a_cylinder():
    base = nfw(14.0)
    scale = base["radius_200m_kpc"] / base["concentration"]
    nodes, weights = np.polynomial.legendre.leggauss(60)
    for x in (0.4, 3.0):
        part = (1 + nodes) / 2
        radius = x * scale * part**2  # so that nothing is sharp at 0
        sigma = nfw(14.0, radius_kpc=radius)["surface_Msun_kpc2"]
        found = 2 * np.pi * (weights / 2 * sigma * radius * 2 * x * scale * part).sum()
        root = np.sqrt(abs(1 - x**2))
        arc = np.arccosh(1 / x) / root if x < 1 else np.arccos(1 / x) / root
        rho_s = RHO_M * 200 / 3 * base["concentration"] ** 3
        rho_s /= np.log1p(base["concentration"]) - 1 + 1 / (1 + base["concentration"])
        expected = 4 * np.pi * rho_s * scale**3 * (np.log(x / 2) + arc)
        assert found == pytest.approx(expected, rel=1e-9)


def test_the_surface_density_is_smooth_through_the_scale_radius():
    base = nfw(14.0)
    scale = base["radius_200m_kpc"] / base["concentration"]
    x = 1 + np.linspace(-5e-3, 5e-3, 21)
    surface = nfw(14.0, radius_kpc=scale * x)["surface_Msun_kpc2"]
    smooth = np.polynomial.Polynomial.fit(x, surface, 6)(x)
    np.testing.assert_allclose(surface, smooth, rtol=3e-12)


def test_the_mass_within_the_radius_is_the_mass():
    base = nfw(14.0)
    found = nfw(14.0, radius_kpc=[base["radius_200m_kpc"], 2 * base["radius_200m_kpc"]])
    assert found["enclosed_mass_Msun"][0] == pytest.approx(1e14, rel=1e-12)


def test_the_slope_is_minus_one_plus_3x_over_one_plus_x_and_two_at_the_scale_radius():
    base = nfw(14.0)
    scale = base["radius_200m_kpc"] / base["concentration"]
    for x in (0.01, 0.3, 1.0, 5.0, 100.0):
        low, high = nfw(14.0, radius_kpc=x * scale * np.exp([-1e-4, 1e-4]))["log10_density"]
        slope = (high - low) * np.log(10) / 2e-4
        assert slope == pytest.approx(-(1 + 3 * x) / (1 + x), abs=1e-6)


def test_the_circular_velocity_peaks_at_2_1626_scale_radii():
    base = nfw(14.0)
    scale = base["radius_200m_kpc"] / base["concentration"]
    x = 2.1625816 + np.array([-1e-3, 0, 1e-3])
    left, top, right = nfw(14.0, radius_kpc=scale * x)["enclosed_mass_Msun"] / x
    assert left < top > right
    assert left - right == pytest.approx(0, abs=1e-9 * top)


def test_the_largest_circular_velocity_of_concentration_ten_is_1_2051_of_that_at_r200():
    offset = np.log10(10 / duffy(1e14))
    given = {"log10_mass_Msun": 14.0, "concentration_offset_dex": offset}
    radius = simulate("halo_nfw", **given)["radius_200m_kpc"] * np.array([0.21625816, 1.0])
    square = simulate("halo_nfw", **given, radius_kpc=radius)["enclosed_mass_Msun"] / radius
    assert np.sqrt(square[0] / square[1]) == pytest.approx(1.2051072, rel=1e-7)


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


def map_model(log10_mass, offset, ratio, angle):
    """The surface density of an ellipse, 24 x 32 pixels, in NumPy."""
    mass = 10**log10_mass
    radius, c = (3 * mass / (800 * np.pi * RHO_M)) ** (1 / 3), duffy(mass) * 10**offset
    rho_s = 200 / 3 * c**3 / (np.log1p(c) - c / (1 + c)) * RHO_M
    y, x = (np.indices((24, 32)) - np.array([11.5, 15.5])[:, None, None]) * 4 * radius / 32
    s, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    along, across = cosine * x + s * y, cosine * y - s * x
    near = np.sqrt(ratio * along**2 + across**2 / ratio) * c / radius
    arc = np.where(near < 1, np.arccosh(np.fmax(1 / near, 1)), np.arccos(np.fmin(1 / near, 1)))
    return 2 * rho_s * radius / c * (1 - arc / np.sqrt(abs(near**2 - 1))) / (near**2 - 1)


def test_a_map_and_its_derivatives_are_those_of_the_surface_density_of_an_ellipse():
    recipe = load_recipe("halo_map", image_size=(24, 32))
    for values in ([14.2, 0.1, 0.6, 25.0], [12.4, -0.2, 0.95, 130.0]):
        names = ["log10_mass_Msun", "concentration_offset_dex", "axis_ratio", "angle_deg"]
        given = dict(zip(names, values, strict=True))
        expected = map_model(*values)
        np.testing.assert_allclose(simulate(recipe, **given)["image"], expected, rtol=1e-6)
        found = jacobian(recipe, **given)["image"]
        for k, name in enumerate(names):
            step = 1e-4 * np.eye(4)[k]
            slope = (map_model(*(values + step)) - map_model(*(values - step))) / 2e-4
            np.testing.assert_allclose(found[name], slope, atol=1e-6 * abs(slope).max())


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
