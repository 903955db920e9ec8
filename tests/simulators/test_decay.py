"""The laws of two-body decays: four-momentum, invariant mass, uniform angles and energies."""

import numpy as np
import pytest
from particle import Particle
from scipy.stats import kstest

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.decay.decays import DECAYS, KAON, MUON, PION, PROTON

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
