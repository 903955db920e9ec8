"""The laws of showers: energy is conserved, cells do not matter, shares are incomplete gammas."""

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import gammainc

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.exact.gamma import gamma_p
from deepbench_hf.simulators.calorimeter import CELLS, CORE_MM, _corner, _longitudinal


def sums(rows):
    """The energy in each layer, overflow included, and behind, MeV."""
    layers = [rows[f"layer_{k}"].sum(axis=(-1, -2), dtype=float) for k in range(3)]
    inside = np.stack(layers, axis=-1) + rows["overflow_MeV"]
    return np.concatenate([inside, rows["leakage_MeV"][..., None]], axis=-1)


def test_the_incomplete_gamma_function_is_scipys():
    a = np.exp(np.random.default_rng(0).uniform(np.log(0.01), np.log(400), 4000))
    x = a * np.random.default_rng(1).uniform(0, 3, 4000)
    found = [gamma_p(*pair) for pair in zip(a, x, strict=True)]
    np.testing.assert_allclose(found, gammainc(a, x), rtol=0, atol=2e-13)


@pytest.mark.parametrize("split", ["train", "test_high", "test_low", "test_shifted"])
def test_all_energy_is_somewhere(split):
    rows = generate(load_recipe("calo_shower", clean=True), split, 0, 200)
    clean = {**rows, **{f"layer_{k}": rows[f"layer_{k}_clean"] for k in range(3)}}
    np.testing.assert_allclose(sums(clean).sum(axis=1), 1000 * rows["energy_GeV"], rtol=1e-6)


def test_what_is_left_in_depth_closes_to_rounding():
    rows = generate("calo_shower", "train", 0, 200)
    depth = (rows[name] for name in ("energy_GeV", "start_depth_x0", "em_share"))
    total = _longitudinal(rows["label"], *depth).sum(axis=1)
    np.testing.assert_allclose(total, 1000 * rows["energy_GeV"], rtol=1e-15)


def test_rectangles_hold_the_reference_shares():
    def held(x0, x1, y0, y1):
        x0, x1, y0, y1 = np.array([x0, x1, y0, y1]) * CORE_MM / 12
        return _corner(x1, y1) - _corner(x0, y1) - _corner(x1, y0) + _corner(x0, y0)

    assert held(-5, 20, -40, 3) == pytest.approx(0.39092213039474, abs=1e-14)
    assert held(0, 40, 0, 40) == pytest.approx(0.23289001881909, abs=1e-14)


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


def model(label, energy, x, y, start, share):
    """The three layers, by SciPy, MeV."""
    gap = 2 / 5.612 + 4 / 140
    edges = gap * np.array([0, 90, 437, 480]) / 6
    left, ionised, rate = 1000 * energy, np.zeros(3), 0.5
    if label == "pion":
        ionised = 3.39 * np.clip(start - edges[:-1], 0, np.diff(edges)) / gap
        left, rate = share * (left - ionised.sum()), 0.25
    shape = 1 + rate * (np.log(left / 9.316) - 0.5)
    within = gammainc(shape, rate * np.maximum(edges - start, 0))
    within[0] = 0  # nothing lies before the face
    layers = []
    for deposit, (n, m) in zip(left * np.diff(within) + ionised, CELLS, strict=True):
        a, b = np.linspace(-240, 240, n + 1)[:, None] - x, np.linspace(-240, 240, m + 1) - y
        far_a, far_b = np.hypot(a, CORE_MM), np.hypot(b, CORE_MM)
        corner = (a / far_a * np.arctan(b / far_a) + b / far_b * np.arctan(a / far_b)) / 2 / np.pi
        layers.append(deposit * np.diff(np.diff(corner, axis=0), axis=1))
    return layers


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("positron", [20.0, 5.0, -7.0, 0.0, 1.0]), ("photon", [4.0, 5.0, -7.0, 1.3, 1.0]),
        ("pion", [40.0, -12.0, 3.0, 9.0, 0.6]),
    ],
)  # fmt: skip
def test_derivatives_are_those_of_the_same_shower_by_scipy(label, values):
    names = ["energy_GeV", "x_mm", "y_mm", "start_depth_x0", "em_share"]
    found = jacobian("calo_shower", label=label, **dict(zip(names, values, strict=True)))
    for k, name in enumerate(names):
        step = 1e-4 * np.eye(5)[k] * max(abs(values[k]), 0.1)
        pairs = zip(model(label, *(values + step)), model(label, *(values - step)), strict=True)
        for layer, (up, down) in enumerate(pairs):
            slope = (up - down) / (2 * step[k])
            if label == "positron" and name == "start_depth_x0":
                slope *= 0  # it starts at the face
            within = 2e-7 * abs(slope).max()
            np.testing.assert_allclose(found[f"layer_{layer}"][name], slope, atol=within + 1e-12)
