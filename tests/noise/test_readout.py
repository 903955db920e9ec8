"""The noise `readout`: coherent noise, gains, dead wires and the converter, on tracks in argon."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import Recipe, RecipeError, generate
from deepbench_hf.fields import Field
from deepbench_hf.noise import NOISES
from deepbench_hf.recipe.text import read_recipe
from tests.support.chamber import PLANES, ROWS, domains, total


@pytest.fixture(scope="module")
def rows():
    return domains()


def own(readout=None, noise=None):
    """A recipe of a few small frames with noise of one's own."""
    data = dict(read_recipe("lartpc_pair")[1])
    readout = {"kind": "readout", **(readout or {"white_mV": 1})}
    data["noise"] = noise or dict.fromkeys(PLANES, readout)
    return Recipe.from_mapping("own", {**data, "clean": True, "splits": {"train": {"size": 50}}})


def test_the_sum_of_an_observed_induction_wire_is_noise_alone(rows):
    found = rows["test"]
    sigma = np.sqrt(512) * found["induction_white_mV"][:, None]
    z = (total(found["induction"]) / sigma).ravel()
    assert stats.kstest(z, "norm").pvalue > 1e-6
    assert (
        stats.kstest(total(found["collection"]).ravel() / sigma.repeat(128), "norm").pvalue < 1e-6
    )


def parts(found, name):
    """What is left of an observed image without its signal, by wire; dead wires are left out."""
    gain = found[f"{name}_wire_gain"]
    left = found[name] - gain[:, :, None] * found[f"{name}_clean"]
    return left, gain > 0


def test_the_median_of_a_group_takes_the_coherent_noise_away(rows):
    found = rows["test_real"]
    for name in PLANES:
        left, alive = parts(found, name)
        for row in range(ROWS):
            white = np.sqrt(found[f"{name}_white_mV"][row] ** 2 + 0.5**2 / 12)
            for group in range(4):
                wires = slice(32 * group, 32 * group + 32)
                noise = left[row, wires][alive[row, wires]].astype(float)
                assert noise.std() > 1.2 * white
                removed = noise - np.median(noise, axis=0)
                assert removed.std() == pytest.approx(white, rel=0.05)


def test_the_coherent_noise_and_the_gains_are_columns(rows):
    found = rows["test_real"]
    for name in PLANES:
        left, alive = parts(found, name)
        left = left - np.repeat(found[f"{name}_coherent"], 32, axis=1)
        white = np.sqrt(found[f"{name}_white_mV"] ** 2 + 0.5**2 / 12)
        z = left[alive] / np.repeat(white, alive.sum(axis=1))[:, None]
        assert abs((z**2).mean() - 1) * np.sqrt(z.size / 2.5) < 6
        gains = found[f"{name}_wire_gain"][alive]
        assert abs(gains.std() / 0.02 - 1) * np.sqrt(2 * gains.size) < 6
        assert (found[name][~alive] == 0).all()
        dead = (~alive).sum()
        assert abs(dead - 0.01 * alive.size) < 6 * np.sqrt(0.01 * alive.size)


def test_the_coherent_noise_has_its_strength_and_its_line():
    recipe = own({"white_mV": 1, "flicker_mV": 2, "line_mV": 3})
    found = generate(recipe, "train", 0, 40)["induction_coherent"]
    t = 0.5e-3 * np.arange(500)  # ms: a whole period of all sinusoids
    wave = found[:, :, :500].reshape(-1, 500).astype(float)
    power = abs(np.fft.rfft(wave)) ** 2 / 500**2 * 2
    frequency = np.fft.rfftfreq(500, 0.5e-3)  # kHz
    flicker = (wave.var(axis=1) - 3**2 / 2).mean()
    assert flicker == pytest.approx(4, rel=0.1)
    assert power.argmax(axis=1).tolist() == [15] * len(power)
    law = power.mean(axis=0)[[1, 2, 4, 8]] * frequency[[1, 2, 4, 8]]
    np.testing.assert_allclose(law, law[0], rtol=1e-3)
    assert power.mean(axis=0)[33:].max() < 1e-9 * t.size


def test_groups_and_planes_share_no_noise(rows):
    found = rows["test_real"]
    waves = np.concatenate([found[f"{name}_coherent"].reshape(-1, 512) for name in PLANES])
    assert len(np.unique(waves[:, 0])) == len(waves) == 2 * 4 * ROWS


def test_the_converter_gives_whole_steps_and_the_simulation_none(rows):
    for name in PLANES:
        real, plain = (rows[split][name].astype(float) / 0.5 for split in ("test_real", "test"))
        assert (real == np.round(real)).all()
        assert np.mean(plain == np.round(plain)) < 0.01


def test_two_images_with_gaussian_noise_have_a_signal_to_noise_each():
    noise = {
        "induction": {"kind": "gaussian", "sigma": 1},
        "collection": {"kind": "gaussian", "sigma": 2},
    }
    found = generate(own(noise=noise), "train", 0, 3)
    for name, sigma in (("induction", 1), ("collection", 2)):
        signal_squared = (found[f"{name}_clean"].astype(float) ** 2).sum(axis=(1, 2))
        np.testing.assert_allclose(found[f"{name}_snr"], np.sqrt(signal_squared) / sigma, rtol=1e-6)


def test_a_readout_without_noise_reads_what_is_true():
    found = generate(own({"white_mV": 0}), "train", 0, 3)
    for name in PLANES:
        assert np.array_equal(found[name], found[f"{name}_clean"])


def test_a_readout_is_refused_where_it_makes_no_sense():
    readout = NOISES["readout"](white_mV=1.0)
    image = Field("electron s-1 pix-1", "brightness", (8, 8))
    assert readout.refuse(image) == "readout needs an image in mV; use gaussian"
    with pytest.raises(RecipeError, match=r"gain_spread: is 0.5; accepted is"):
        own({"white_mV": 1, "gain_spread": 0.5})
