"""Tracks in liquid argon: charge, response, and what two domains read of the same tracks."""

import numpy as np
import pytest
from scipy import ndimage, signal, special

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.recipe.columns import schema
from deepbench_hf.simulators.lartpc.wires import COLLECTION, INDUCTION, TAIL, read_out, respond
from tests.support.chamber import PLANES, domains, total

REAL = {"train_real": "train_real", "validation_real": "validation", "test_real": "test"}
MV_ELECTRON = 14 * 1.602176634e-4
TRACK = {
    **{"center_x_px": 200.0, "center_y_px": 64.0, "length_mm": 200.0, "angle_deg": 40.0},
    **{"dip_deg": 0.0, "energy_loss_MeV_cm": 2.1},
}


@pytest.fixture(scope="module")
def rows():
    return domains()


def shaper(peaking_us):
    """h(t) at every tick, mV for each electron."""
    t = 0.5 * np.arange(int(12 * peaking_us) + 1) / peaking_us
    return MV_ELECTRON * t**4 * np.exp(4 * (1 - t))


def electrons(found):
    """The charge that reaches the wires, from the columns of rows."""
    ticks = np.arange(found["truth_charge"].shape[-1])
    left = np.exp(-0.5e-3 * ticks / found["lifetime_ms"][:, None])
    return found["truth_charge"].astype(float) * left[:, None, :]


def lone(**track):
    """The outputs of one track."""
    return simulate("lartpc_pair", objects=[{**TRACK, **track}])


def test_the_voltages_are_the_convolution_that_scipy_makes(rows):
    for found in rows.values():
        for lobe, name in ((INDUCTION, "induction"), (COLLECTION, "collection")):
            for row in range(4):
                near, far = (found[n][row] for n in (f"{name}_crosstalk", "far_crosstalk"))
                beside = np.array([1, 2, 1, -1, -2, -1]) / 8
                field = np.zeros((5, 8))  # wires by ticks
                field[2, : len(lobe)] = lobe
                for wire, share in ((0, far), (1, near), (3, near), (4, far)):
                    field[wire, :6] = share * beside
                pulse = signal.convolve(field, shaper(found["peaking_time_us"][row])[None, :])
                wanted = signal.convolve(electrons(found)[row], pulse, method="direct")
                wanted = wanted[2:-2, : found[name].shape[-1]]
                clean = found[f"{name}_clean"][row]
                np.testing.assert_allclose(clean, wanted, atol=1e-6 * abs(wanted).max())


def test_the_samples_of_an_induction_wire_add_up_to_zero(rows):
    for found in rows.values():
        clean = found["induction_clean"]
        n, largest = clean.shape[-1], abs(clean).max()
        assert abs(total(clean)).max() < 2.0**-24 * n * largest  # each is rounded to float32
        exact = np.empty(clean.shape, np.float64)
        names = ("lifetime_ms", "peaking_time_us", "induction_crosstalk", "far_crosstalk")
        settings = (found[name] for name in names)
        read_out(found["truth_charge"], *settings, INDUCTION, exact)
        assert abs(total(exact)).max() < 1e-12 * n * largest


def test_the_samples_of_a_collection_wire_add_up_to_gain_times_charge(rows):
    for found in rows.values():
        gain = np.array([shaper(time).sum() for time in found["peaking_time_us"]])
        charge = total(electrons(found))
        wanted = gain[:, None] * charge
        np.testing.assert_allclose(total(found["collection_clean"]), wanted, rtol=1e-6, atol=1e-3)


def test_only_the_real_wires_see_the_charge_of_their_neighbours():
    along = {"center_x_px": 200.0, "angle_deg": 0.0, "length_mm": 2.0}  # on wire 64 alone
    plain = lone(**along)
    field = {"induction_crosstalk": 0.25, "collection_crosstalk": 0.15, "far_crosstalk": 0.05}
    real = simulate("lartpc_pair", objects=[{**TRACK, **along}], **field)
    assert np.array_equal(plain["truth_charge"], real["truth_charge"])
    for name in PLANES:
        one, other = plain[name].astype(float), real[name].astype(float)
        assert np.flatnonzero(abs(one).max(axis=1)).tolist() == [64]
        assert np.flatnonzero(abs(other).max(axis=1)).tolist() == [62, 63, 64, 65, 66]
        assert np.array_equal(one[64], other[64])
        assert abs(other).sum() > 1.1 * abs(one).sum()
        n, largest = other.shape[1], abs(other).max()
        assert abs(total(other[[62, 63, 65, 66]])).max() < 2.0**-24 * n * largest
        ratio = field[f"{name}_crosstalk"] / field["far_crosstalk"]
        assert other[63] == pytest.approx(ratio * other[62], abs=1e-6 * largest)


def test_both_domains_read_the_same_charge_once_the_lifetime_is_put_right(rows):
    one, other = (rows[split] for split in ("test", "test_real"))
    assert one["truth_charge"].tobytes() == other["truth_charge"].tobytes()
    assert one["objects"].tobytes() == other["objects"].tobytes()
    assert (one["lifetime_ms"] == 8).all() and (other["lifetime_ms"] == 3).all()
    collected = {}
    for split, found in rows.items():
        gain = np.array([shaper(time).sum() for time in found["peaking_time_us"]])
        charge, arrived = (v.sum((1, 2)) for v in (found["truth_charge"], electrons(found)))
        sum_mv = found["collection_clean"].sum((1, 2), dtype=float)
        collected[split] = sum_mv / gain * charge / arrived
        assert (arrived < 0.999 * charge).all()
    np.testing.assert_allclose(collected["test"], collected["test_real"], rtol=1e-5)


def test_the_charge_of_an_image_is_that_of_its_tracks(rows):
    found = rows["test"]
    here = np.arange(4) < found["n_objects"][:, None]
    per_track = np.where(here, found["objects"]["charge_e"], 0).sum(axis=1)
    np.testing.assert_allclose(found["truth_charge"].sum((1, 2), dtype=float), per_track, rtol=1e-6)
    assert (found["truth_charge"][:, :, -TAIL:] == 0).all()


def test_a_track_inside_the_frame_keeps_what_escapes_recombination():
    for loss, share in ((2.1, 0.698), (8.0, 0.514)):  # Birks' law at 0.5 kV/cm
        track = lone(energy_loss_MeV_cm=loss, length_mm=100.0, dip_deg=30.0)
        freed = 10 * loss * 1e6 / 23.6
        assert track["objects"]["charge_e"][0] / freed == pytest.approx(share, abs=2e-3)


def test_a_track_along_the_wires_plane_spreads_by_diffusion_alone():
    for tick in (4.0, 100.0, 400.0):
        flat = lone(center_x_px=tick, angle_deg=90.0)["truth_charge"]
        share = flat.sum(axis=0, dtype=float) / flat.sum(dtype=float)
        sigma = np.sqrt(2 * 7.2e-6 * tick * 0.5 / 0.16**2) / 0.5  # ticks
        edges = (np.arange(len(share) + 1) - 0.5 - tick) / sigma
        np.testing.assert_allclose(share, np.diff(special.ndtr(edges)), atol=1e-3)


def test_a_track_that_leaves_the_window_has_all_its_charge_in_the_last_tick():
    for angle in (0.0, 180.0):  # what arrives later diffuses into it
        line = lone(center_x_px=512.0 - TAIL, length_mm=400.0, angle_deg=angle)["truth_charge"][64]
        np.testing.assert_allclose(line[-TAIL - 20 : -TAIL], line[400], rtol=1e-4)


def test_a_track_lies_where_its_parameters_say():
    for angle in (25.0, 90.0, 130.0):
        charge = lone(angle_deg=angle, dip_deg=20.0)["truth_charge"].astype(float)
        wire, tick = ndimage.center_of_mass(charge)
        assert abs(wire - 64) < 0.05 and abs(tick - 200) < 0.05
        y, x = np.indices(charge.shape)
        rise = 4.7 * (y - wire), 0.8 * (x - tick)
        tensor = [[(charge * a * b).sum() / charge.sum() for a in rise] for b in rise]
        length = np.sqrt(12 * np.trace(tensor))
        assert length == pytest.approx(200 * np.cos(np.radians(20)), rel=0.01)
        along = np.linalg.eigh(tensor)[1][:, 1]
        found = np.degrees(np.arctan2(along[0], along[1])) % 180
        assert found == pytest.approx(angle, abs=1.0)


def test_twice_the_tracks_are_the_sum_of_each_alone():
    other = {**TRACK, "center_x_px": 150.0, "angle_deg": 120.0}
    both = simulate("lartpc_pair", objects=[TRACK, other])
    for name in (*PLANES, "truth_charge"):
        apart = lone()[name] + simulate("lartpc_pair", objects=[other])[name]
        np.testing.assert_allclose(both[name], apart, atol=1e-6 * abs(apart).max())


def test_a_pulse_of_charge_peaks_after_the_peaking_time():
    taps = np.empty(TAIL)
    for peaking in (1.0, 2.0, 3.0):
        count = respond(peaking, np.ones(1), taps)
        assert taps[:count].argmax() * 0.5 == peaking
        assert taps.max() == pytest.approx(MV_ELECTRON, rel=1e-12)


def test_the_domains_of_training_have_other_tracks_and_those_of_a_test_the_same():
    recipe = load_recipe("lartpc_pair")
    assert {real: recipe.splits[real].truths for real in REAL} == REAL
    one, other = (generate(recipe, split, 0, 40) for split in ("train", "train_real"))
    for name in recipe.simulator.objects:
        theirs, ours = (found["objects"][name][:, 0] for found in (one, other))
        assert not np.isin(ours, theirs).any(), name


def test_all_images_of_a_row_are_kept_apart_from_its_truth():
    recipe = load_recipe("lartpc_pair", clean=True)
    roles = {name: column.role for name, column in schema(recipe).items()}
    assert roles["truth_charge"] == "derived"
    for name in PLANES:
        assert (roles[name], roles[f"{name}_clean"]) == ("observed", "clean")
        assert roles[f"{name}_wire_gain"] == roles[f"{name}_coherent"] == "noise"
    plain = load_recipe("lartpc_pair")
    assert schema(recipe).keys() - schema(plain).keys() == {f"{name}_clean" for name in PLANES}


def test_a_frame_without_room_for_tails_is_refused():
    with pytest.raises(RecipeError, match="must have more than 48 ticks; got 16 x 48"):
        load_recipe("lartpc_pair", image_size=(16, 48))
    small = load_recipe("lartpc_pair", image_size=(16, 49))
    assert generate(small, "train", 0, 2)["collection"].shape == (2, 16, 49)
