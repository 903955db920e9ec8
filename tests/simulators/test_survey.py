"""Galaxies of two surveys: the same sky through two instruments, mergers, and lenses."""

from itertools import combinations

import datasets
import numpy as np
import pytest
from scipy import stats

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.tables.arrow import features, table
from tests.support.draws import ALPHA, continuous, identical
from tests.support.paths import ROOT
from tests.support.recipes import extended

ROWS = 300
ELLIPTICAL, SPIRAL, MERGER, LENS = range(4)
INSTRUMENT = {"pixel_scale_arcsec_px", "psf_fwhm_arcsec", "zero_point_mag"}
SEEN = {"image", "image_clean", "snr", "exposure_s", "sky_e_s_px", "read_noise_e", "gain_e_adu"}


@pytest.fixture(scope="module")
def rows():
    """Rows of every split but `validation`, with the clean image."""
    recipe = load_recipe("survey_pair", clean=True)
    splits = [split for split in recipe.splits if split != "validation"]
    return {split: generate(recipe, split, 0, ROWS) for split in splits}


def one(label, **parameters):
    """The clean output of one galaxy, its middle the frame's."""
    return simulate("survey_pair", **{"label": label, **CENTRE, **parameters})


CENTRE = {"center_x_arcsec": 0.3, "center_y_arcsec": -0.2}
FIRST = {"r_mag": 18.0, "half_light_radius_arcsec": 1.2, "sersic_index": 2.0, "axis_ratio": 0.7}
SECOND = {
    **{"second_distance_arcsec": 2.5, "second_direction_deg": 40.0, "second_r_mag": 18.5},
    **{"second_half_light_radius_arcsec": 0.9, "second_sersic_index": 1.0},
    **{"second_axis_ratio": 0.6, "second_angle_deg": 70.0},
}


def second_alone():
    """The second galaxy as an elliptical of its own."""
    turn = np.radians(SECOND["second_direction_deg"])
    step = SECOND["second_distance_arcsec"] * np.array([np.cos(turn), np.sin(turn)])
    names = ("r_mag", "half_light_radius_arcsec", "sersic_index", "axis_ratio", "angle_deg")
    own = {name: SECOND[f"second_{name}"] for name in names}
    place = {
        f"center_{a}_arcsec": CENTRE[f"center_{a}_arcsec"] + d
        for a, d in zip("xy", step, strict=True)
    }
    return one("elliptical", **own, **place)


def test_a_gaussian_behind_a_sphere_is_magnified_as_its_closed_form_says():
    sigma, einstein = 0.4, 3.0
    round_ = {"axis_ratio": 1.0, "second_axis_ratio": 1.0, "second_sersic_index": 0.5}
    behind = {"second_distance_arcsec": 0.0, "second_r_mag": 18.0, "r_mag": 30.0}
    size = {"second_half_light_radius_arcsec": sigma * np.sqrt(2 * np.log(2))}
    found = one("lens", einstein_radius_arcsec=einstein, **round_, **behind, **size)
    wanted = np.sqrt(2 * np.pi) * einstein / sigma  # the mean of 2 theta_E / beta
    assert found["flux_fraction"] == pytest.approx(wanted, rel=1e-3)
    total = found["image"].sum(dtype=float) / found["flux_e_s"]
    assert total == pytest.approx(float(found["flux_fraction"]), rel=1e-4)


def test_without_mass_a_lens_is_two_galaxies():
    weak = one("lens", **FIRST, **SECOND, einstein_radius_arcsec=1e-4)
    plain = one("elliptical", **FIRST)["image"] + second_alone()["image"]
    assert abs(weak["image"] - plain).max() < 3e-4 * plain.max()
    assert weak["image"].sum() == pytest.approx(plain.sum(), rel=2e-4)
    heavy = one("lens", **FIRST, **SECOND, einstein_radius_arcsec=2.0)["image"]
    assert abs(heavy - plain).max() > 0.1 * plain.max()  # it can fail


def test_a_merger_is_the_sum_of_its_parts():
    both = one("merger", **FIRST, **SECOND)
    first, second = one("spiral", **FIRST), second_alone()
    assert both["flux_e_s"] == first["flux_e_s"] + second["flux_e_s"]
    parts = first["image"] + second["image"]
    assert abs(both["image"] - parts).max() < 2e-6 * parts.max()
    light = [x["flux_e_s"] * x["flux_fraction"] for x in (both, first, second)]
    assert light[0] == pytest.approx(light[1] + light[2], rel=1e-6)


def through(recipe, split, side, n):
    """Images of the first rows of a split in a frame of another size and the same pixels."""
    simulator = recipe.simulator.model_copy(update={"image_size": (side, side)})
    truths = generate(recipe, split, 0, n)
    return simulator(**{k: truths[k] for k in simulator.parameters if k in truths}), truths


def test_the_pair_has_the_same_flux_and_centre_on_the_sky():
    recipe, seen = load_recipe("survey_pair"), []
    for split, side in (("test", 139), ("test_paired", 210)):  # 55 arcsec both
        found, truths = through(recipe, split, side, 60)
        image = found["image"].astype(float)
        flux = image.sum(axis=(1, 2))
        axis = np.arange(side) - (side - 1) / 2
        x, y = (image.sum(axis=1) @ axis) / flux, (image.sum(axis=2) @ axis) / flux
        scale, zero = truths["pixel_scale_arcsec_px"], truths["zero_point_mag"]
        seen.append((flux * 10 ** (-0.4 * zero), scale * x, scale * y))
    (flux, *place), (other, *there) = seen
    assert (truths["label"] == SPIRAL).sum() > 20  # narrow arms are hard
    assert abs(other / flux - 1).max() < 5e-4
    assert np.median(abs(other / flux - 1)) < 1e-4
    assert abs(np.subtract(there, place)).max() < 1e-4
    assert abs(np.array(place)).max() > 0.5  # arcsec: there is something to map


@pytest.mark.parametrize("split", ["test", "test_paired"])
def test_a_spiral_is_what_pixels_of_a_quarter_of_the_side_sum_up_to(split):
    recipe = load_recipe("survey_pair")
    truths = generate(recipe, split, 0, 40)
    row = {k: v[truths["label"] == SPIRAL] for k, v in truths.items() if k in recipe.priors}
    coarse = simulate(recipe, **row)["image"].astype(float)
    row["pixel_scale_arcsec_px"] = row["pixel_scale_arcsec_px"] / 4
    fine = recipe.simulator.resized((256, 256))(**row)["image"].astype(float)
    sums = fine.reshape(-1, 64, 4, 64, 4).sum(axis=(2, 4))
    error = abs(coarse - sums).max(axis=(1, 2)) / sums.max(axis=(1, 2))
    assert error.max() < 1e-3
    assert np.median(error) < 4e-4


def test_the_pair_differs_in_its_instrument_and_noise_only(rows):
    source, target = rows["test"], rows["test_paired"]
    same = source.keys() - INSTRUMENT - SEEN - {"flux_e_s", "flux_fraction"}
    assert identical({k: source[k] for k in same}, {k: target[k] for k in same})
    assert not any((source[k] == target[k]).any() for k in INSTRUMENT)
    np.testing.assert_allclose(target["flux_e_s"] / source["flux_e_s"], 10 ** (0.4 * 1.2))


def depth(found, i):
    """The magnitude of a point of five sigma in the matched filter of its Moffat image."""
    beta = load_recipe("survey_pair").simulator.parameters["psf_beta"].default
    fwhm = found["psf_fwhm_arcsec"][i] / found["pixel_scale_arcsec_px"][i]
    core = fwhm / 2 / np.sqrt(2 ** (1 / beta) - 1)
    y, x = np.mgrid[-40:41, -40:41]
    inside = (np.arange(8) + 0.5) / 8 - 0.5
    image = sum(
        (1 + ((x + across) ** 2 + (y + up) ** 2) / core**2) ** -beta
        for across in inside
        for up in inside
    )
    image *= (beta - 1) / (np.pi * core**2) / 64
    time, sky, read = (found[n][i] for n in ("exposure_s", "sky_e_s_px", "read_noise_e"))
    fluxes = np.geomspace(1, 1e4, 401)
    signal = time * fluxes[:, None] * image.ravel()
    snr = np.sqrt((signal**2 / (signal + time * sky + read**2)).sum(axis=1))
    return found["zero_point_mag"][i] - 2.5 * np.log10(np.interp(5, snr, fluxes))


def test_the_target_is_a_magnitude_and_a_half_deeper(rows):
    shallow, deep = (
        np.median([depth(rows[split], i) for i in range(50)]) for split in ("train", "train_target")
    )
    assert shallow == pytest.approx(22.73, abs=0.04)
    assert deep == pytest.approx(24.23, abs=0.04)
    card = (ROOT / "dataset_cards" / "survey.md").read_text(encoding="utf-8")
    assert "| 22.73 mag | 24.23 mag |" in card


def test_only_the_target_has_mergers_and_lenses(rows):
    for split in ("train", "test", "test_paired"):
        assert set(rows[split]["label"]) == {ELLIPTICAL, SPIRAL}
    for split in ("train_target", "test_target"):
        assert set(rows[split]["label"]) == {ELLIPTICAL, SPIRAL, MERGER, LENS}


def test_shared_classes_have_the_same_truths_in_both_domains(rows):
    one, other = rows["train"], rows["train_target"]
    for name, values in one.items():
        if name in SEEN | INSTRUMENT | {"index", "flux_e_s", "flux_fraction", "label_given"}:
            continue
        for label in (ELLIPTICAL, SPIRAL):
            ours, theirs = values[one["label"] == label], other[name][other["label"] == label]
            if len(np.unique(ours)) > 10:
                assert stats.ks_2samp(ours, theirs).pvalue > ALPHA, name
    flux = [x["flux_e_s"][x["label"] < MERGER] for x in (one, other)]
    assert stats.ks_2samp(*flux).pvalue < ALPHA  # it can fail: instruments do differ


def test_splits_share_no_galaxy_unless_they_say_so(rows):
    recipe = load_recipe("survey_pair")
    own = [split for split in rows if recipe.splits[split].truths == split]
    drawn = [dict(continuous(recipe, split, rows[split])) for split in own]
    assert len(own) == 4
    for one, other in combinations(drawn, 2):
        for name in one.keys() & other.keys():
            assert not np.isin(one[name], other[name]).any(), name


def test_labels_of_the_target_are_withheld_in_training_and_told_for_the_test(rows):
    for split, found in rows.items():
        hidden = split == "train_target"
        assert np.array_equal(found["label_given"], np.where(hidden, -1, found["label"]))


def test_datasets_reads_a_withheld_label_as_none_of_the_classes():
    recipe = load_recipe("survey_pair")
    made = table(recipe, generate(recipe, "train_target", 0, 4))
    read = datasets.Dataset(made).cast(features(recipe))
    assert read.features["label_given"] == datasets.ClassLabel(names=read.features["label"].names)
    assert read["label_given"][:] == [-1] * 4
    assert min(read["label"]) >= 0


def test_a_lens_does_not_depend_on_its_batch(rows):
    recipe, whole = load_recipe("survey_pair", clean=True), rows["test_target"]
    lens = int(np.flatnonzero(whole["label"] == LENS)[3])
    alone = generate(recipe, "test_target", lens, lens + 1)
    assert identical(alone, {k: v[lens : lens + 1] for k, v in whole.items()})


def test_other_pixels_see_the_same_sky(rows):
    recipe = load_recipe("survey_pair", clean=True, image_size=32)
    coarse, fine = generate(recipe, "test_target", 0, 60), rows["test_target"]
    assert (coarse["pixel_scale_arcsec_px"] == 0.524).all()
    for name in ("center_x_arcsec", "half_light_radius_arcsec", "flux_e_s"):
        assert np.array_equal(coarse[name], fine[name][:60])
    np.testing.assert_allclose(coarse["flux_fraction"], fine["flux_fraction"][:60], rtol=0.01)
    np.testing.assert_allclose(coarse["sky_e_s_px"], 4 * fine["sky_e_s_px"][:60])


def test_lengths_beyond_the_limits_in_pixels_are_refused():
    told = r"arm_width_arcsec reaches \[0.166667, 0.266667\] pixels; accepted: \[0.5, 256\]"
    with pytest.raises(RecipeError, match=told):
        extended("survey_pair", priors={"pixel_scale_arcsec_px": 3.0})
