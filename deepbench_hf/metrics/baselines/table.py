"""Which simulator has which baselines."""

from deepbench_hf.metrics.baselines.base import Baseline
from deepbench_hf.metrics.baselines.classes import class_of_counted, class_of_even
from deepbench_hf.metrics.baselines.convergence import amplitude, shift, tilt
from deepbench_hf.metrics.baselines.detection import counted_peaks
from deepbench_hf.metrics.baselines.light import DETECTED, counted_light, sum_of_pixels
from deepbench_hf.metrics.baselines.lines import learnt_line, learnt_step, slope_of_points
from deepbench_hf.metrics.baselines.oscillators import (
    answer,
    damping,
    resonant_amplitude,
    resonant_phase,
)
from deepbench_hf.metrics.baselines.pairs import normal_information
from deepbench_hf.metrics.baselines.pendulums import given_estimate, gravity_of_frequency, period_of
from deepbench_hf.metrics.baselines.photometry import fitted_flux, fitted_total
from deepbench_hf.metrics.baselines.quasars import posterior_of
from deepbench_hf.metrics.baselines.readout import noise_of

ESTIMATE = Baseline(
    "closed form of length and mean period",
    "gravity_m_s2",
    ("gravity_estimate_m_s2", "gravity_estimate_sigma_m_s2"),
    given_estimate,
)
GRAVITY = Baseline(
    "peak of the spectrum, at the measured length",
    "gravity_m_s2",
    ("time_s", "x_m", "length_measured_m", "theta0_measured_rad"),
    gravity_of_frequency,
)
PERIOD = Baseline("wave of least squares", "period_s", ("time_s", "x_m"), period_of("x_m"))
GALAXY = Baseline("matched filter", "label", DETECTED, class_of_counted)
LIGHT = Baseline("sum of the pixels", "flux_e_s", DETECTED, counted_light)
PROFILE = Baseline("matched filter, profile fitted", "flux_e_s", DETECTED, fitted_flux)
LIT = ("image", "image_noise_sigma")
OBSERVED = ("time_d", "valid", "magnitude_mag", "magnitude_noise_sigma_mag")
POWER = Baseline("power spectrum", "amplitude", ("image",), amplitude)
SLOPE = Baseline("slope of the power spectrum", "tilt", ("image",), tilt)

BASELINES: dict[str, tuple[Baseline, ...]] = {
    "pendulum": (GRAVITY, PERIOD),
    "pendulum_small_angle": (GRAVITY, PERIOD),
    "pendulum_hierarchical": (GRAVITY, PERIOD),
    "pendulum_potential": (GRAVITY, PERIOD),
    "pendulum_hamiltonian": (
        Baseline("wave of least squares", "period_s", ("time_s", "q_rad"), period_of("q_rad")),
    ),
    "pendulum_damped": (Baseline("Prony's method", "damping_1_s", ("time_s", "x_m"), damping),),
    "pendulum_timed": (ESTIMATE,),
    "pendulum_timed_small_angle": (ESTIMATE,),
    "oscillator_driven": (
        Baseline(
            "Lorentzian at the resonance", "amplitude", ("omega", "gamma"), resonant_amplitude
        ),
        Baseline("phase of the Lorentzian", "phase_rad", ("omega", "gamma"), resonant_phase),
    ),
    "oscillator_damped": (
        Baseline("Prony's method", "answer_m", ("time_s", "x_m", "question_s"), answer),
    ),
    "line": (
        Baseline(
            "least squares",
            "slope",
            ("x_observed", "y_observed", "x_noise_sigma", "y_noise_sigma"),
            slope_of_points,
        ),
    ),
    "line_point": (Baseline("least squares of 256 training rows", "y", ("x",), learnt_line),),
    "step_point": (Baseline("largest step of 256 training rows", "y", ("x",), learnt_step),),
    "pairs": (
        Baseline(
            "correlation of normal scores",
            "mutual_information_nats",
            ("x", "y"),
            normal_information,
        ),
    ),
    "quasar": (
        Baseline("likelihood of a damped random walk", "tau_d", OBSERVED, posterior_of("tau_d")),
        Baseline("the same likelihood", "sigma_mag", OBSERVED, posterior_of("sigma_mag")),
    ),
    "kappa_gaussian": (POWER, SLOPE),
    "kappa_lognormal": (
        POWER,
        SLOPE,
        Baseline("skewness of the pixels", "shift", ("image",), shift),
    ),
    "lartpc_tracks": tuple(
        Baseline(
            f"median deviation of the {plane} plane", f"{plane}_white_mV", (plane,), noise_of(plane)
        )
        for plane in ("induction", "collection")
    ),
    "shapes": (Baseline("matched filter", "label", ("image",), class_of_even),),
    "sky_galaxy": (GALAXY, LIGHT),
    "survey_galaxy": (GALAXY, LIGHT),
    "sky_scene": (Baseline("peaks of a matched filter", "n_objects", DETECTED, counted_peaks),),
    "sky_star": (PROFILE, LIGHT),
    "sky_elliptical": (PROFILE, LIGHT),
    "sky_spiral": (LIGHT,),
    "sky_elliptical_total": (
        Baseline(
            "matched filter, profile fitted", "total_e_s", LIT, fitted_total, "test_input_middle"
        ),
        Baseline("sum of the pixels", "total_e_s", LIT, sum_of_pixels, "test_input_middle"),
    ),
}
"""By simulator; the best of a target first."""
