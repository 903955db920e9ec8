"""Tracks that stop: the charge of their rising loss, against quadrature along the track."""

import numpy as np
import pytest
from scipy.integrate import quad

from deepbench_hf import generate, load_recipe, simulate

TRACK = {
    **{"kind": "proton", "center_x_px": 200.0, "center_y_px": 64.0, "length_mm": 200.0},
    **{"angle_deg": 90.0, "dip_deg": 0.0},
}
A = {"proton": 17.0, "muon": 8.0}


def lone(**track):
    return simulate("lartpc_stopping", objects=[{**TRACK, **track}])


def loss(particle, left_cm):
    return A[particle] * min(left_cm, 30.0) ** -0.42


def freed(value):
    """Electrons for each cm, by Birks' law."""
    return 1e6 / 23.6 * value * 0.8 / (1 + 0.0486 / (1.396 * 0.5) * value)


@pytest.mark.parametrize(("particle", "length_mm"), [("proton", 150.0), ("muon", 380.0)])
def test_the_energy_of_a_track_is_the_integral_of_its_loss(particle, length_mm):
    found = lone(kind=particle, length_mm=length_mm)["objects"]["energy_MeV"][0]
    points = {"points": [30.0]} if length_mm > 300 else {}
    expected = quad(lambda r: loss(particle, r), 0, length_mm / 10, **points)[0]
    assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("particle", A)
def test_every_wire_gets_the_charge_of_the_mean_loss_on_it(particle):
    charge = lone(kind=particle)["truth_charge"].sum(axis=1, dtype=float)
    ends = np.clip((np.arange(129) - 0.5 - 64) * 0.47, -10, 10)  # cm along the track, wire by wire
    left = 10 - ends
    energy = np.array([quad(lambda r: loss(particle, r), 0, end)[0] for end in left])
    way = -np.diff(left)
    mean = np.divide(-np.diff(energy), way, out=np.zeros(128), where=way > 0)
    np.testing.assert_allclose(charge, freed(mean) * way, rtol=1e-6)
    seen = np.flatnonzero(charge)[1:-1]
    assert (np.diff(charge[seen]) > 0).all()


def test_the_angle_points_to_the_end_that_rises():
    for angle in (0.0, 90.0, 180.0, 270.0):
        charge = lone(angle_deg=angle)["truth_charge"].astype(float)
        y, x = np.indices(charge.shape)
        centre = (charge * x).sum() / charge.sum() - 200, (charge * y).sum() / charge.sum() - 64
        turn = np.radians(angle)
        assert centre[0] * 0.8 * np.cos(turn) + centre[1] * 4.7 * np.sin(turn) > 10  # mm


def test_objects_tell_the_particle_and_its_energy():
    recipe = load_recipe("lartpc_stopping")
    objects = generate(recipe, "train", 0, 40)["objects"]
    assert {"kind", "energy_MeV", "charge_e"} <= set(objects.dtype.names)
    assert "energy_loss_MeV_cm" not in objects.dtype.names
