"""Jacobians against references that are not ours."""

import numpy as np
import pytest
from astropy.modeling.models import Moffat2D, Sersic2D
from scipy.integrate import solve_ivp
from scipy.special import gamma, gammaincinv

from deepbench_hf import jacobian, load_recipe, simulate
from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.pendulum import Pendulum
from deepbench_hf.simulators.sky import Elliptical, EllipticalTotal, Star
from tests.support.swinging import FAMILY, inputs

SIZE = (21, 25)
Y, X = np.mgrid[: SIZE[0], : SIZE[1]].astype(float)
STAR = {"center_x_px": 10.3, "center_y_px": 9.1, "flux_e_s": 300.0, "fwhm_px": 3.0, "beta": 2.7}
GALAXY = {
    "center_x_px": 10.3, "center_y_px": 9.1, "flux_e_s": 300.0, "half_light_radius_px": 3.0,
    "sersic_index": 2.2, "axis_ratio": 0.6, "angle_deg": 37.0,
}  # fmt: skip
BY_AMPLITUDE = {("amplitude_e_s_px" if k == "flux_e_s" else k): v for k, v in GALAXY.items()}
CASES = [
    (Star, STAR),
    (Star, {**STAR, "beta": 1.5, "fwhm_px": 8.0}),
    (Elliptical, GALAXY),
    (Elliptical, {**GALAXY, "sersic_index": 0.5}),
    (Elliptical, {**GALAXY, "sersic_index": 6.0, "axis_ratio": 0.2, "angle_deg": 137.0}),
    (EllipticalTotal, BY_AMPLITUDE),
]


def linearised(time, w0, theta0, omega0, b=0.0):
    """Derivatives of theta with respect to theta0 and omega0 along the motion, by DOP853."""

    def slope(_, y):
        pull = w0**2 * np.cos(y[0])
        forces = -(w0**2) * np.sin(y[0]), -pull * y[2], -pull * y[4]
        rates = [(v, force - b * v) for v, force in zip(y[1::2], forces, strict=True)]
        return np.array(rates).ravel()

    options = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-14}
    return solve_ivp(slope, (0, time[-1]), [theta0, omega0, 1, 0, 0, 1], t_eval=time, **options).y


def moffat(center_x_px, center_y_px, flux_e_s, fwhm_px, beta):
    """Astropy's star of a given flux."""
    core = fwhm_px / (2 * np.sqrt(2 ** (1 / beta) - 1))
    top = flux_e_s * (beta - 1) / np.pi / core**2
    return Moffat2D(top, center_x_px, center_y_px, core, beta)(X, Y)


def sersic(**given):
    """Astropy's galaxy of a given flux."""
    x, y, flux, radius, n, q, angle = given.values()
    b = gammaincinv(2 * n, 0.5)
    total = 2 * np.pi * radius**2 * q * n * np.exp(b) * b ** (-2 * n) * gamma(2 * n)
    return Sersic2D(flux / total, radius, n, x, y, 1 - q, np.deg2rad(angle))(X, Y)


def sersic_by_amplitude(**given):
    """Astropy's galaxy as it is."""
    x, y, amplitude, radius, n, q, angle = given.values()
    return Sersic2D(amplitude, radius, n, x, y, 1 - q, np.deg2rad(angle))(X, Y)


REFERENCES = {Star: moffat, Elliptical: sersic, EllipticalTotal: sersic_by_amplitude}


def differs(found, expected):
    """The largest difference, relative to the largest value of each row."""
    axes = tuple(range(1, expected.ndim))
    scale = np.abs(expected).max(axis=axes, keepdims=True)
    return (np.abs(found - expected) / np.where(scale > 0, scale, 1)).max()


@pytest.mark.parametrize("kind", FAMILY, ids=lambda kind: kind.__name__)
def test_derivatives_of_a_pendulum_are_the_differences_of_its_series(kind):
    rows, simulator = inputs(kind), kind()
    found, clean = simulator.derivatives(**rows), simulator(**rows)
    assert found.keys() == {
        name for name, field in simulator.columns.items() if field.role == "output"
    }
    for output, slopes in found.items():
        assert list(slopes) == list(kind.parameters) == list(simulator.sensitive)
        for name, slope in slopes.items():
            step = 2e-4 * np.abs(rows[name])
            (expected,) = richardson(
                lambda v, n=name, o=output: (simulator(**rows | {n: v})[o],), rows[name], step
            )
            error, size = np.abs(slope - expected) * step[:, None], np.abs(expected).max(axis=1)
            least = 2e-7 * np.abs(clean[output]).max(axis=1)  # below it rounding counts
            largest = np.maximum(size * step, least)
            assert np.all(error <= 1e-6 * largest[:, None]), (output, name)


@pytest.mark.parametrize(
    ("theta0", "omega0", "b"),
    [
        (0.7, 0.0, 0.0), (-1.5, 0.0, 0.0), (3.0, 0.0, 0.0), (0.3, 1.0, 0.0), (-0.3, -4.0, 0.0),
        (1e-6, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.9, 2.0, 0.3), (-2.5, 0.5, 0.1),
    ],
)  # fmt: skip
def test_answers_to_the_start_solve_the_linearised_equation(theta0, omega0, b):
    time, w0 = np.linspace(0, 25, 60), np.sqrt(9.81 / 4)
    config = "pendulum_damped" if b else "pendulum"
    more = {"damping_1_s": b} if b else {}
    start = {"theta0_rad": theta0, "omega0_rad_s": omega0}
    found = jacobian(config, length_m=4.0, gravity_m_s2=9.81, time_s=time, **start, **more)
    expected = linearised(time, w0, theta0, omega0, b)[2:]
    got = [found[output][name] for name in start for output in ("theta_rad", "omega_rad_s")]
    for ours, theirs in zip(got, expected, strict=True):
        assert differs(ours[None], theirs[None]) < 1e-8


@pytest.mark.parametrize(("theta0", "omega0", "b"), [(3.1415, 0.0, 0.1), (-3.1415, 1e-3, 0.0)])
def test_differences_of_a_damped_pendulum_do_not_pass_the_top(theta0, omega0, b):
    """The largest start is 9.3e-5 from the top, beyond which a pendulum falls the other way."""
    time, w0 = np.linspace(0, 6, 13), np.sqrt(9.81)
    start = {"theta0_rad": theta0, "omega0_rad_s": omega0}
    rod = {"length_m": 1.0, "gravity_m_s2": 9.81, "damping_1_s": b}
    found = jacobian("pendulum_damped", **rod, time_s=time, **start)["theta_rad"]
    expected = linearised(time, w0, theta0, omega0, b)
    assert differs(found["theta0_rad"][None], expected[2][None]) < 1e-7
    assert differs(found["omega0_rad_s"][None], expected[4][None]) < 1e-7


def test_length_and_gravity_of_a_pendulum_from_rest_follow_the_published_formula():
    rod = {"length_m": [0.7, 9.0], "gravity_m_s2": [25.0, 2.0], "theta0_rad": [1.5, -3.0]}
    row = {**rod, "time_s": np.linspace([0, 0], [25, 50], 80, axis=1)}
    motion, slopes = Pendulum()(**row), Pendulum().derivatives(**rod, time_s=row["time_s"])
    length = np.array(rod["length_m"])[:, None]
    swept = row["time_s"] / 2 * length * np.cos(motion["theta_rad"]) * motion["omega_rad_s"]
    by_log = {n: slopes["x_m"][n] * np.array(rod[n])[:, None] for n in ("length_m", "gravity_m_s2")}
    assert by_log["gravity_m_s2"] == pytest.approx(swept, abs=1e-10)
    assert by_log["length_m"] == pytest.approx(motion["x_m"] - swept, abs=1e-10)


@pytest.mark.parametrize(("kind", "row"), CASES)
def test_derivatives_of_a_sampled_image_are_the_differences_of_astropy(kind, row):
    reference = REFERENCES[kind]
    simulator = kind(image_size=SIZE, psf="none", sampled=True)
    columns = {name: np.array([value]) for name, value in row.items()}
    found = simulator.derivatives(**columns)["image"]
    assert list(found) == list(row)
    for name, value in columns.items():
        (expected,) = richardson(
            lambda v, n=name: (reference(**row | {n: v[0]})[None],), value, 1e-3 * value
        )
        assert differs(found[name], expected) < 1e-6, name


def test_a_galaxy_centred_on_a_pixel_has_finite_derivatives():
    simulator = Elliptical(image_size=SIZE, psf="none", sampled=True)
    row = {**GALAXY, "center_x_px": 10.0, "center_y_px": 9.0, "sersic_index": 4.0}
    found = simulator.derivatives(**{name: np.array([value]) for name, value in row.items()})
    assert all(np.isfinite(slope).all() for slope in found["image"].values())


def test_a_jacobian_has_the_shape_of_the_output():
    one, many = jacobian("pendulum"), jacobian("pendulum", length_m=[1.0, 2.0, 3.0])
    clean = simulate("pendulum", length_m=[1.0, 2.0, 3.0])
    for output, slopes in many.items():
        for name, slope in slopes.items():
            assert slope.shape == clean[output].shape
            assert slope.dtype == np.float64
            assert one[output][name].shape == clean[output].shape[1:]


def test_a_config_without_a_jacobian_says_which_have_one():
    with pytest.raises(
        ValueError, match="shapes_scene has no derivatives here; these models have: pendulum, "
    ):
        jacobian("shapes_scene")
    with pytest.raises(ValueError, match="'lenght_m' is no input of the model; did you mean"):
        jacobian(load_recipe("pendulum"), lenght_m=1.0)
