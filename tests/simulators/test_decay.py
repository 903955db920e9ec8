"""The laws of two-body decays: four-momentum, invariant mass, uniform angles and energies."""

import numpy as np
import pytest
from particle import Particle
from scipy.stats import kstest

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.simulators.decay import DECAYS, KAON, MUON, PION, PROTON

IDS = {
    **{"k_short": 310, "lambda": 3122, "phi": 333, "j_psi": 443, "d_zero": 421, "z": 23},
    "pi_zero": 111,
}


@pytest.fixture(scope="module", params=["train", "test_boosted"])
def rows(request):
    return generate(load_recipe("two_body_decay", clean=True), request.param, 0, 1000)


def total(rows):
    energy = rows["energy_1_GeV"] + rows["energy_2_GeV"]
    return energy, rows["momentum_1_GeV"] + rows["momentum_2_GeV"]


def test_masses_and_lives_are_those_of_the_particle_data_group():
    for name, number in IDS.items():
        known, (mass, *_, c_tau) = Particle.from_pdgid(number), DECAYS[name]
        assert mass == pytest.approx(known.mass / 1000, rel=5e-6)
        if c_tau:
            assert c_tau == pytest.approx(known.ctau, rel=3e-3)
        else:
            assert known.ctau < 1e-8  # mm: it does not move
    for mass, number in ((PION, 211), (KAON, 321), (PROTON, 2212), (MUON, 13)):
        assert mass == pytest.approx(Particle.from_pdgid(number).mass / 1000, rel=1e-8)


def test_lives_are_the_mean_lives_of_the_listings_and_not_of_rounded_widths():
    """Seconds, https://pdglive.lbl.gov: nodes S012, S018, S032 and S009."""
    lives = {"k_short": 0.8954e-10, "lambda": 2.617e-10, "d_zero": 4.103e-13, "pi_zero": 8.43e-17}
    for name, life in lives.items():
        assert DECAYS[name][3] == pytest.approx(2.99792458e11 * life, rel=6e-5)


def test_momenta_in_the_rest_frame_have_the_reference_values():
    expected = {
        "k_short": 0.2059715589, "lambda": 0.1005797422, "phi": 0.1269180929,
        "j_psi": 1.5448409984, "d_zero": 0.8610594143, "z": 45.5936775743, "pi_zero": 0.0674884,
    }  # fmt: skip
    for name, value in expected.items():
        found = simulate("two_body_decay", label=name)["rest_momentum_GeV"]
        assert found == pytest.approx(value, rel=1e-9)


def test_four_momentum_is_conserved(rows):
    energy, momentum = total(rows)
    parent = np.hypot(rows["momentum_GeV"], rows["parent_mass_GeV"])
    np.testing.assert_allclose(energy, parent, rtol=1e-12)
    length = np.sqrt((momentum**2).sum(axis=1))
    np.testing.assert_allclose(length, rows["momentum_GeV"], atol=1e-12 * energy.max())


def test_the_invariant_mass_is_the_parents_under_any_boost(rows):
    energy, momentum = total(rows)
    square = energy**2 - (momentum**2).sum(axis=1)
    np.testing.assert_allclose(square, rows["parent_mass_GeV"] ** 2, atol=1e-12 * energy.max() ** 2)


def test_directions_in_the_rest_frame_are_isotropic_and_energies_uniform(rows):
    assert kstest(rows["decay_cos"], "uniform", (-1, 2)).pvalue > 1e-6
    mass, p = rows["parent_mass_GeV"], rows["momentum_GeV"]
    one = rows["energy_1_GeV"]
    own = np.array([daughter for _, daughter, _, _ in DECAYS.values()])[rows["label"]]
    rest = np.hypot(own, rows["rest_momentum_GeV"])
    low = (np.hypot(p, mass) * rest - p * rows["rest_momentum_GeV"]) / mass
    high = (np.hypot(p, mass) * rest + p * rows["rest_momentum_GeV"]) / mass
    assert kstest((one - low) / (high - low), "uniform").pvalue > 1e-6


def test_the_flight_is_exponential_for_a_momentum():
    rows = generate(load_recipe("two_body_decay", clean=True), "train", 0, 3000)
    table = np.array([c_tau for *_, c_tau in DECAYS.values()])[rows["label"]]
    moved = table > 0
    scale = table[moved] * rows["momentum_GeV"][moved] / rows["parent_mass_GeV"][moved]
    assert kstest(rows["flight_mm"][moved] / scale, "expon").pvalue > 1e-6


NAMES = ["momentum_GeV", "direction_cos", "direction_rad", "decay_cos", "decay_rad"]


def boosted(label, momentum, cosine, azimuth, rest_cosine, rest_azimuth):
    """Momenta of both daughters, (2, 3), by the matrix of the boost."""
    mass, *own, _ = DECAYS.get(label, (0.0, PION, PION, 0.0))

    def unit(c, phi):
        s = np.sqrt(1 - c * c)
        return np.array([s * np.cos(phi), s * np.sin(phi), c])

    n, d = unit(cosine, azimuth), unit(rest_cosine, rest_azimuth)
    if label == "unrelated":
        return momentum * np.array([n, d])
    p = np.sqrt((mass**2 - sum(own) ** 2) * (mass**2 - (own[0] - own[1]) ** 2)) / 2 / mass
    gamma, speed = np.hypot(momentum, mass) / mass, momentum / mass
    matrix = np.block([[gamma * np.eye(1), speed * n[None]], [speed * n[:, None], np.eye(3)]])
    matrix[1:, 1:] += (gamma - 1) * np.outer(n, n)
    energies = np.hypot(own, p)
    return np.array(
        [(matrix @ [e, *(sign * p * d)])[1:] for e, sign in zip(energies, (1, -1), strict=True)]
    )


@pytest.mark.parametrize("label", ["lambda", "z", "pi_zero", "unrelated"])
def test_momenta_and_their_derivatives_are_those_of_a_boost(label):
    values = np.array([3.2, 0.3, 1.1, -0.6, 2.5])
    given = {"label": label, **dict(zip(NAMES, values, strict=True))}
    made, found = simulate("two_body_decay", **given), jacobian("two_body_decay", **given)
    for k in range(2):
        np.testing.assert_allclose(made[f"momentum_{k + 1}_GeV"], boosted(label, *values)[k])
    for j, name in enumerate(NAMES):
        step = 1e-5 * np.eye(5)[j]
        slope = (boosted(label, *(values + step)) - boosted(label, *(values - step))) / 2e-5
        for k in range(2):
            ours = found[f"momentum_{k + 1}_GeV"][name]
            np.testing.assert_allclose(ours, slope[k], atol=1e-8 * abs(slope).max())


def test_bounds_are_those_of_errors_along_each_track_and_across_it():
    rows = generate(load_recipe("two_body_decay", uncertainty=True, clean=True), "train", 0, 20)
    slopes = jacobian("two_body_decay", **{n: rows[n] for n in ("label", *NAMES)})
    bound = np.stack([values for name, values in rows.items() if "_crlb" in name], axis=1)
    for row in range(20):
        fisher = np.zeros((5, 5))
        for k in ("momentum_1_GeV", "momentum_2_GeV"):
            p = rows[k][row]
            square, along = p @ p, np.outer(p, p)
            relative = 0.01**2 + 0.0005**2 * square
            covariance = relative * along + 1e-6 * (square * np.eye(3) - along)
            slope = np.stack([slopes[k][name][row] for name in NAMES])
            fisher += slope @ np.linalg.solve(covariance, slope.T)
        np.testing.assert_allclose(bound[row], np.diag(np.linalg.inv(fisher)) ** 0.5, rtol=1e-6)


def test_time_reversed_all_momenta_turn_round():
    given = dict(zip(NAMES, (7.0, 0.2, 0.4, -0.7, 2.0), strict=True))
    turned = (
        given | {n: -given[n] for n in NAMES[1::2]} | {n: given[n] + np.pi for n in NAMES[2::2]}
    )
    one, other = (simulate("two_body_decay", label="d_zero", **g) for g in (given, turned))
    for k in (1, 2):
        np.testing.assert_allclose(
            other[f"momentum_{k}_GeV"], -one[f"momentum_{k}_GeV"], rtol=1e-13
        )
        assert other[f"energy_{k}_GeV"] == pytest.approx(one[f"energy_{k}_GeV"], rel=1e-14)
