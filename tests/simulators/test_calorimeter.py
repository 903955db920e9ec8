"""The laws of showers: energy is conserved, cells do not matter, shares are incomplete gammas."""

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import gammainc

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.exact.gamma import gamma_p
from deepbench_hf.simulators.calorimeter import CORE_MM


def sums(rows):
    """The energy in each layer, overflow included, and behind, MeV."""
    layers = [rows[f"layer_{k}"].sum(axis=(-1, -2), dtype=float) for k in range(3)]
    inside = np.stack(layers, axis=-1) + rows["overflow_MeV"]
    return np.concatenate([inside, rows["leakage_MeV"][..., None]], axis=-1)


def test_the_incomplete_gamma_function_is_scipys():
    a = np.random.default_rng(0).uniform(0.5, 40, 2000)
    x = np.random.default_rng(1).uniform(0, 90, 2000)
    found = [gamma_p(*pair) for pair in zip(a, x, strict=True)]
    np.testing.assert_allclose(found, gammainc(a, x), atol=1e-13)


@pytest.mark.parametrize("split", ["train", "test_high", "test_low", "test_shifted"])
def test_all_energy_is_somewhere(split):
    rows = generate(load_recipe("calo_shower", clean=True), split, 0, 200)
    clean = {**rows, **{f"layer_{k}": rows[f"layer_{k}_clean"] for k in range(3)}}
    np.testing.assert_allclose(sums(clean).sum(axis=1), 1000 * rows["energy_GeV"], rtol=1e-6)


@pytest.mark.parametrize(
    ("energy", "expected"),
    [
        (10.0, [0.282301538, 0.717040173, 4.38620943e-4, 2.1967e-4]),
        (100.0, [0.12246355, 0.87471289, 0.00178445, 0.00103910]),
    ],
)
def test_shares_of_a_positron_have_the_reference_values(energy, expected):
    found = sums(simulate("calo_shower", label="positron", energy_GeV=energy, x_mm=0, y_mm=0))
    np.testing.assert_allclose(found / (1000 * energy), expected, rtol=2e-5)


def test_the_mean_depth_is_that_of_a_gamma_distribution():
    """The mean of a Gamma distribution is a / b: the share before any depth must agree with it."""
    energy, depths = 20.0, (5.774259, 28.037237, 30.796049)
    found = sums(simulate("calo_shower", label="positron", energy_GeV=energy, x_mm=0, y_mm=0))
    a = 1 + 0.5 * (np.log(1000 * energy / 9.316) - 0.5)
    np.testing.assert_allclose(
        np.cumsum(found)[:3] / (1000 * energy), gammainc(a, 0.5 * np.array(depths)), rtol=1e-6
    )


def test_a_cell_holds_the_integral_of_the_lateral_density():
    found = simulate("calo_shower", label="positron", energy_GeV=10.0, x_mm=7.0, y_mm=-11.0)
    layer = found["layer_1"]
    share = layer / (layer.sum(dtype=float) + found["overflow_MeV"][1])

    def density(y, x):
        r2 = (x - 7.0) ** 2 + (y + 11.0) ** 2
        return CORE_MM**2 / (np.pi * (r2 + CORE_MM**2) ** 2)

    for i, j in ((5, 5), (6, 5), (6, 6), (3, 8)):
        x, y = -240 + 40 * i, -240 + 40 * j
        expected = dblquad(density, x, x + 40, y, y + 40, epsabs=1e-12)[0]
        assert share[i, j] == pytest.approx(expected, rel=1e-5)


def test_cells_do_not_change_what_a_region_holds():
    """A quarter of the face has the same share under the cells of every layer."""
    found = simulate("calo_shower", label="positron", energy_GeV=10.0, x_mm=15.0, y_mm=4.0)
    total = sums(found)
    shares = [
        found[f"layer_{k}"][:, n // 2 :].sum(dtype=float) / total[k]
        for k, n in enumerate((96, 12, 6))
    ]
    np.testing.assert_allclose(shares, shares[0], rtol=1e-6)


def test_a_pion_that_does_not_interact_only_ionises():
    found = simulate(
        "calo_shower", label="pion", energy_GeV=50.0, x_mm=0, y_mm=0, start_depth_x0=100, em_share=1
    )
    np.testing.assert_allclose(sums(found)[:3].sum(), 80 * 3.39, rtol=1e-6)
