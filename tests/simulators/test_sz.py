"""Sunyaev-Zel'dovich cutouts: scales by astropy, blur by transforms, bands, and the sky."""

import astropy.units as u
import numpy as np
import pytest
from astropy import constants
from astropy.cosmology import FlatLambdaCDM
from scipy.ndimage import map_coordinates
from scipy.stats import kstest

from deepbench_hf import Recipe, generate, jacobian, load_recipe, simulate
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.metrics.baselines import clusters
from deepbench_hf.rows.generation import rows_at
from deepbench_hf.simulators.sz.beam import RADII, add_cluster
from deepbench_hf.simulators.sz.cutouts import BANDS, T_CMB_UK, ClusterCutout
from deepbench_hf.simulators.sz.pressure import NODES, projected, table
from deepbench_hf.simulators.sz.sky import COUNTS_DEG2, point_sources

UNIVERSE = FlatLambdaCDM(H0=70, Om0=0.3, Tcmb0=0)
QUIET = {"dust_uK2": 0.0, "realization": 3}


@pytest.mark.parametrize(
    ("mass", "redshift", "theta", "y0"),
    [
        (1e14, 0.25, 2.7652, 1.85931e-5), (3e14, 0.5, 2.3220, 8.47496e-5),
        (5e14, 0.5, 2.7530, 1.50179e-4), (1e15, 0.3, 5.1340, 2.59049e-4),
        (2e14, 1.0, 1.2686, 9.74196e-5),
    ],
)  # fmt: skip
def test_size_and_depth_have_the_reference_values(mass, redshift, theta, y0):
    found = simulate(
        "sz_cutouts", label="cluster", log10_m500_Msun=np.log10(mass), redshift=redshift, **QUIET
    )
    assert found["theta500_arcmin"] == pytest.approx(theta, rel=1e-4)
    assert found["compton_y0"] == pytest.approx(y0, rel=3e-6)
    radius = (3 * mass * u.Msun / (2000 * np.pi * UNIVERSE.critical_density(redshift))) ** (1 / 3)
    angle = (radius / UNIVERSE.angular_diameter_distance(redshift)).to_value("")
    assert found["theta500_arcmin"] == pytest.approx(np.degrees(angle) * 60, rel=1e-4)


def test_the_response_of_the_bands_is_that_of_the_thermal_effect():
    for band, (response, unit, _) in BANDS.items():
        x = 6.62607015e-34 * band * 1e9 / (1.380649e-23 * 2.7255)
        assert response == pytest.approx(x / np.tanh(x / 2) - 4, abs=2e-7)
        # dB/dT of a black body, W m-2 Hz-1 sr-1 K-1; a jansky is 1e-26 W m-2 Hz-1.
        b = 2 * 6.62607015e-34 * (band * 1e9) ** 3 / 299792458**2 / np.expm1(x)
        slope = b * x / 2.7255 / (1 - np.exp(-x))
        assert unit == pytest.approx(1e-26 / slope * 1e6, rel=2e-6)


def blurred(theta, place, fwhm, size=512, step=0.25 / 8):
    """F behind a beam at the pixels of a cutout, by a transform of a fine grid."""
    axis = (np.arange(size) - size / 2) * step
    radius = np.hypot(*np.meshgrid(axis, axis)).ravel() / theta
    grid = projected(radius, *gauss_legendre(NODES)).reshape(size, size)
    wave = 2 * np.pi * np.fft.fftfreq(size, step)
    beam = np.exp(-(wave[:, None] ** 2 + wave[None] ** 2) * (fwhm / 2.3548200450309493) ** 2 / 2)
    image = np.fft.ifft2(np.fft.fft2(grid) * beam).real
    x, y = np.meshgrid(*2 * [(np.arange(32) - 15.5) * 0.25])
    at = [((y - place[1]) / step + size / 2).ravel(), ((x - place[0]) / step + size / 2).ravel()]
    return map_coordinates(image, at, order=5, mode="nearest").reshape(32, 32)


def test_a_blurred_cluster_is_a_convolution():
    theta, fwhm, place = 1.3, 1.0, (0.37, -1.1)
    field, beam = np.zeros((32, 32)), fwhm / 2.3548200450309493
    add_cluster(field, 1.0, theta, *place, beam, 0.25, *table(), *gauss_legendre(RADII))
    expected = blurred(theta, place, fwhm)
    near = expected > 0.01 * expected.max()  # beyond, the grid of the transform ends
    np.testing.assert_allclose(field[near], expected[near], atol=3e-4 * expected.max())


def scaled(log10_mass, redshift):
    """theta500, arcmin, and y for F = 1, by astropy."""
    mass, density = 10**log10_mass * u.Msun, UNIVERSE.critical_density(redshift)
    radius = ((3 * mass / (2000 * np.pi * density)) ** (1 / 3)).to(u.kpc)
    pressure = 1.65e-3 * UNIVERSE.efunc(redshift) ** (8 / 3) * u.keV / u.cm**3
    pressure *= (10**log10_mass / 3e14) ** (2 / 3 + 0.12)
    y = (constants.sigma_T / (constants.m_e * constants.c**2) * pressure * radius).to_value("")
    angle = (radius / UNIVERSE.angular_diameter_distance(redshift)).to_value("")
    return np.degrees(angle) * 60, y


def test_derivatives_are_those_of_a_convolved_cluster():
    values = np.array([14.2, 1.2, 0.37, -0.4])
    names = ["log10_m500_Msun", "redshift", "x_arcmin", "y_arcmin"]
    given = dict(zip(names, values, strict=True))
    found = jacobian("sz_cutouts", label="cluster", **given, **QUIET)["map_90_uK"]

    def signal(log10_mass, redshift, x, y):
        theta, scale = scaled(log10_mass, redshift)
        return T_CMB_UK * BANDS[90][0] * scale * blurred(theta, (x, y), BANDS[90][2])

    for k, name in enumerate(names):
        step = 0.01 * np.eye(4)[k]
        slope = (signal(*(values + step)) - signal(*(values - step))) / 0.02
        np.testing.assert_allclose(found[name], slope, atol=2e-3 * abs(slope).max())
    empty = jacobian("sz_cutouts", label="empty", **QUIET)["map_90_uK"]
    assert all((slope == 0).all() for slope in empty.values())


def test_the_effect_vanishes_at_217_507_ghz_and_is_that_of_the_oracle_elsewhere():
    found = ClusterCutout(band_offset_ghz=217.507400873709 - 219).bands[219][0]
    assert found == pytest.approx(0, abs=1e-9)
    table = {95: -1.5540075366095887, 150: -0.9533259202766557, 220: 0.038299578556894254}
    for frequency, expected in table.items():
        band = min(BANDS, key=lambda one: abs(one - frequency))
        bands = ClusterCutout(band_offset_ghz=float(frequency - band)).bands
        assert bands[band][0] == pytest.approx(expected, abs=1e-9)
    assert BANDS[90][0] / BANDS[148][0] == pytest.approx(1.63311, abs=1e-5)


def test_bands_that_are_offset_see_the_same_sky_by_their_own_response():
    given = {"log10_m500_Msun": 14.7, "redshift": 0.5, "label": "cluster", **QUIET}
    recipe = load_recipe("sz_cutouts")
    split = recipe.splits["test_offset_bands"].simulator
    one, other = recipe.simulator, split
    assert (one.band_offset_ghz, other.band_offset_ghz) == (0.0, 5.0)
    dips = []
    for model in (one, other):
        own = recipe.model_copy(update={"simulator": model})
        empty = simulate(own, **given | {"label": "empty"})["map_148_uK"].astype(float)
        dips.append(simulate(own, **given)["map_148_uK"] - empty)
    ratio = other.bands[148][0] / one.bands[148][0]
    np.testing.assert_allclose(dips[1], ratio * dips[0], atol=1e-4)


def test_y_grows_as_the_power_1_787_of_the_mass_and_two_thirds_of_the_expansion():
    given = {"label": "cluster", **QUIET}
    found = [
        simulate("sz_cutouts", **given, log10_m500_Msun=mass, redshift=z)
        for mass, z in ((14.0, 0.5), (15.0, 0.5), (14.0, 1.2))
    ]
    total = [one["compton_Y500_arcmin2"] for one in found]
    assert np.log10(total[1] / total[0]) == pytest.approx(2 / 3 + 1.12, abs=1e-10)
    distance = [UNIVERSE.angular_diameter_distance(z).value for z in (0.5, 1.2)]
    growth = UNIVERSE.efunc(1.2) / UNIVERSE.efunc(0.5)
    expected = growth ** (2 / 3) * (distance[0] / distance[1]) ** 2
    assert total[2] / total[0] == pytest.approx(expected, rel=1e-6)


def test_massive_are_the_clusters_above_the_threshold():
    rows = generate("sz_ladder", "test", 0, 40)
    there = (rows["label"] == 1) & (rows["log10_m500_Msun"] >= np.log10(2e14))
    assert np.array_equal(rows["massive"], there)
    assert 0 < there.sum() < (rows["label"] == 1).sum()
    assert not generate("sz_cutouts", "test_low_mass", 0, 20)["massive"].any()


def test_the_matched_filter_at_a_place_is_standard_normal_on_empty_cutouts():
    # Bright sources make a kurtosis of 20: 2000 rows tell the deviation to 0.05.
    recipe = load_recipe("sz_cutouts", image_size=16)
    data = recipe.to_mapping()
    data["priors"]["label"] = {"kind": "classes", "names": ["empty"]}
    data["priors"]["dust_uK2"] = 1
    own = Recipe.from_mapping("empty", {**data, "splits": {"train": {"size": 2000}}})
    rows = rows_at(own, "train", np.arange(2000), clusters.SEEN)
    seen = np.concatenate([rows[name].reshape(2000, -1) for name in clusters.MAPS], axis=1)
    sigma = tuple(float(rows[name][0]) for name in clusters.SEEN[3:])
    found = seen.astype(float) @ clusters._filters(own, sigma, (0.0, 0.0)).weights
    for statistic in found.T:
        assert kstest(statistic[:400], "norm").pvalue > 1e-6
        assert statistic.std() == pytest.approx(1, abs=0.15)


def test_a_cluster_is_added_to_what_is_there_without_it():
    given = {"log10_m500_Msun": 14.7, "redshift": 0.5, "x_arcmin": 0.5, "y_arcmin": -1.0}
    there = simulate("sz_cutouts", label="cluster", **given, **QUIET)
    empty = simulate("sz_cutouts", label="empty", **given, **QUIET)
    dip = {band: there[f"map_{band}_uK"] - empty[f"map_{band}_uK"] for band in BANDS}
    assert np.unravel_index(dip[148].argmin(), (32, 32)) in ((11, 17), (11, 18), (12, 17), (12, 18))
    assert dip[90].min() > -1.5979476 * T_CMB_UK * there["compton_y0"]
    assert 0 < dip[219].max() < 0.0229136 * T_CMB_UK * there["compton_y0"]
    assert empty["compton_y0"] == 0


def test_point_sources_have_the_declared_counts():
    found = [point_sources(np.array([float(k)])) for k in range(400)]
    mean = COUNTS_DEG2 * (0.5**-1.5 - 10**-1.5) * (16 / 60) ** 2
    assert np.mean([len(one) for one in found]) == pytest.approx(mean, rel=5 / np.sqrt(400 * mean))
    flux = np.concatenate(found)[:, 0]
    share = (1.0 - 10**-1.5) / (0.5**-1.5 - 10**-1.5)
    within = 5 * np.sqrt(share * (1 - share) / flux.size)
    assert np.mean(flux > 1) == pytest.approx(share, abs=within)


def test_the_background_has_its_variance():
    """The variance of a pixel in the cutout is the sum over all modes of the patch."""
    from deepbench_hf.simulators.cmb.spectra import spectra

    power = spectra(32, 64 / 60).temperature
    total = power[:, 0].sum() + 2 * power[:, 1:].sum()
    rows = simulate("sz_cutouts", label="empty", dust_uK2=0.0, realization=np.arange(300))
    middle = np.median(rows["map_90_uK"][:, 15:17, 15:17], axis=(1, 2))
    assert middle.std() == pytest.approx(np.sqrt(total), rel=0.25)


def test_rungs_differ_in_noise_only():
    recipe = load_recipe("sz_cutouts", clean=True)
    usual, low = (generate(recipe, split, 0, 5) for split in ("test", "test_noise_low"))
    assert np.array_equal(usual["map_148_uK_clean"], low["map_148_uK_clean"])
    noise = low["map_148_uK"] - low["map_148_uK_clean"]
    assert noise.std() == pytest.approx(0.3 * 2.6 / 0.25, rel=0.05)
