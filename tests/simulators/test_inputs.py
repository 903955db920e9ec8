"""What a user may give for a parameter: numbers and quantities that convert, and nothing else."""

import astropy.constants as constants
import astropy.units as u
import numpy as np
import pytest

from deepbench_hf import jacobian, list_recipes, load_recipe, simulate
from deepbench_hf.noise import NOISES
from deepbench_hf.recipe.columns import schema
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.simulators.lartpc.wires import MV_ELECTRON

ROD = {"gravity_m_s2": 9.81, "theta0_rad": 0.5}


def test_every_unit_is_one_of_astropys():
    fields = [parameter for noise in NOISES.values() for parameter in noise.SETTINGS.values()]
    for kind in SIMULATORS.values():
        fields += [*all_parameters(kind()).values(), *kind().columns.values()]
    for name in list_recipes():
        for column in schema(load_recipe(name)).values():
            fields += [column.field, *column.field.fields.values()]
    for field in fields:
        u.Unit(field.unit)  # raises where astropy cannot read it


def test_the_charge_of_the_electron_is_that_of_the_si():
    assert pytest.approx(MV_ELECTRON, rel=1e-12) == 14.0 * constants.e.to_value("fC")


def test_a_quantity_is_converted_to_the_unit_of_its_column():
    metres = simulate("pendulum", length_m=1.0, **ROD)
    for length in (100 * u.cm, 1 * u.m, 0.001 * u.km):
        found = simulate("pendulum", length_m=length, **ROD)
        assert found["period_s"] == pytest.approx(metres["period_s"], rel=1e-15)
    turned = simulate("pendulum", length_m=1.0, theta0_rad=np.array([30]) * u.deg)
    assert turned["theta_rad"][0, 0] == pytest.approx(np.pi / 6)
    slopes = jacobian("pendulum", length_m=100 * u.cm, **ROD, time_s=[500.0] * u.ms)
    plain = jacobian("pendulum", length_m=1.0, **ROD, time_s=[0.5])
    assert slopes["x_m"]["length_m"] == pytest.approx(plain["x_m"]["length_m"], rel=1e-12)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1 * u.kg, r"length_m = 1.0 kg; its unit is m"),
        ([1 * u.m, 2 * u.s], r"length_m = 2.0 s; its unit is m"),
        ([[1.0], [2.0, 3.0]], "length_m must be a real number in m"),
        (True, "length_m must be a real number in m; got True"),
        ("2", "length_m must be a real number in m; got '2'"),
        (1 + 2j, "length_m must be a real number in m"),
        (None, "length_m must be a real number in m; got None"),
        (10**400, "length_m must be a real number in m"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), "length_m has masked values"),
        (np.inf, "length_m = inf m; the model accepts"),
    ],
)
def test_what_is_no_number_of_that_unit_is_refused_by_name(value, message):
    for entrance in (simulate, jacobian):
        with pytest.raises(ValueError, match=message):
            entrance("pendulum", length_m=value, **ROD)


def test_a_large_whole_number_is_a_number():
    planet = {"planet_mass_kg": 6 * 10**24, "planet_radius_m": 6_400_000}
    found = simulate("pendulum_hierarchical", **planet)
    assert found["gravity_m_s2"] == pytest.approx(9.8, rel=0.05)


def test_quantities_of_objects_are_converted_as_well():
    disc = {"kind": "circle", "center_x_px": 10, "center_y_px": 10, "style": "filled"}
    plain = simulate("shapes_scene", objects=[{**disc, "radius_px": 4.0, "angle_deg": 0.5}])
    found = simulate(
        "shapes_scene", objects=[{**disc, "radius_px": 4 * u.pix, "angle_deg": 30 * u.arcmin}]
    )
    np.testing.assert_allclose(found["image"], plain["image"], atol=1e-6)
    with pytest.raises(ValueError, match="radius_px = 4.0 kg; its unit is pix"):
        simulate("shapes_scene", objects=[{**disc, "radius_px": 4 * u.kg}])
