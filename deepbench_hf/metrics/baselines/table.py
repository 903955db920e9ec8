"""Which simulator has which baselines, those of a recipe, and their scores."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepbench_hf.metrics.baselines import closed_forms as forms
from deepbench_hf.metrics.baselines import clusters, lensing, likelihoods, objects, photometry
from deepbench_hf.metrics.baselines.templates import Predict
from deepbench_hf.metrics.evaluation import Evaluation, evaluate
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, rows_at, split_of


@dataclass(frozen=True)
class Baseline:
    """A pure function from what is observed to a prediction.

    Args:
        name: one phrase for tables, another one for each baseline of a simulator.
        target: the column that it predicts.
        needs: the columns that it looks at, those with noise as they are observed; a recipe that
            lacks one has no such baseline.
        predict: the predictions of rows, from the recipe (its simulator and the priors of its
            training rows) and the columns of ``needs``.
        split: the split that cards score it on, if the recipe has it.
    """

    name: str
    target: str
    needs: tuple[str, ...]
    predict: Predict
    split: str = "test"


PENDULUMS = (
    "pendulum", "pendulum_small_angle", "pendulum_hierarchical", "pendulum_potential",
)  # fmt: skip
TIMED = ("pendulum_timed", "pendulum_timed_small_angle")
KAPPA = ("kappa_gaussian", "kappa_lognormal")
GALAXIES = ("sky_galaxy", "survey_galaxy")
PROFILES = ("sky_star", "sky_elliptical")

TIMES, RESONANCE, POINTS = ("time_s", "x_m"), ("omega", "gamma"), ("x_observed", "y_observed")
OBSERVED = ("time_d", "valid", "magnitude_mag", "magnitude_noise_sigma_mag")
COUNTED, LIT = objects.DETECTED, ("image", "image_noise_sigma")
MIDDLE, FITTED = "test_input_middle", "matched filter, profile fitted"
HALOS = {
    "halo_profile": ("radius_kpc", "shell_counts", "particle_mass_Msun"),
    "halo_nfw": ("radius_kpc", "log10_density", "log10_density_noise_sigma"),
}

TABLE: tuple[tuple[tuple[str, ...], Baseline], ...] = (
    (PENDULUMS, Baseline(
        "peak of the spectrum, at the measured length", "gravity_m_s2",
        (*TIMES, "length_measured_m", "theta0_measured_rad"), forms.gravity_of_frequency)),
    (PENDULUMS, Baseline("least-squares cosine", "period_s", TIMES, forms.period_of("x_m"))),
    (("pendulum_hamiltonian",), Baseline(
        "least-squares cosine", "period_s", ("time_s", "q_rad"), forms.period_of("q_rad"))),
    (("pendulum_damped",), Baseline("Prony's method", "damping_1_s", TIMES, forms.damping)),
    (TIMED, Baseline(
        "closed form of length and mean period", "gravity_m_s2",
        ("gravity_estimate_m_s2", "gravity_estimate_sigma_m_s2"), forms.given_estimate)),
    (("oscillator_driven",), Baseline(
        "Lorentzian at the resonance", "amplitude", RESONANCE, forms.resonant_amplitude)),
    (("oscillator_driven",), Baseline(
        "phase of the Lorentzian", "phase_rad", RESONANCE, forms.resonant_phase)),
    (("oscillator_damped",), Baseline(
        "Prony's method", "answer_m", (*TIMES, "question_s"), forms.answer)),
    (("line",), Baseline(
        "least squares", "slope",
        (*POINTS, "x_noise_sigma", "y_noise_sigma"), forms.slope_of_points)),
    (("line_point",), Baseline(
        "least squares of 256 training rows", "y", ("x",), forms.learnt_line)),
    (("step_point",), Baseline(
        "largest step of 256 training rows", "y", ("x",), forms.learnt_step)),
    (("pairs",), Baseline(
        "correlation of normal scores", "mutual_information_nats",
        ("x", "y"), forms.normal_information)),
    (("quasar",), Baseline(
        "likelihood of a damped random walk", "tau_d",
        OBSERVED, likelihoods.posterior_of("tau_d"))),
    (("quasar",), Baseline(
        "the same likelihood", "sigma_mag", OBSERVED, likelihoods.posterior_of("sigma_mag"))),
    (KAPPA, Baseline("power spectrum", "amplitude", ("image",), likelihoods.amplitude)),
    (KAPPA, Baseline("slope of the power spectrum", "tilt", ("image",), likelihoods.tilt)),
    (KAPPA[1:], Baseline("skewness of the pixels", "shift", ("image",), likelihoods.shift)),
    *((("lartpc_tracks",), Baseline(
        f"median deviation of the {plane} plane", f"{plane}_white_mV",
        (plane,), forms.noise_of(plane))) for plane in ("induction", "collection")),
    (("shapes",), Baseline("matched filter", "label", ("image",), objects.class_of_even)),
    ((*GALAXIES, "lens_search"), Baseline(
        "matched filter", "label", COUNTED, objects.class_of_counted)),
    *(((kind,), Baseline(
        f"NFW fit within R200m{', the same' * k}", name, needs, forms.of_halo(k)))
        for kind, needs in HALOS.items() for k, name in enumerate(forms.HALO)),
    (("cmb_lensing",), Baseline(
        "power of the quadratic estimator", "lensing_amplitude",
        lensing.SEEN, lensing.lens_amplitude)),
    (("sz_cutout",), Baseline(
        "matched filter of three bands", "label", clusters.SEEN, clusters.is_cluster)),
    (("two_body_decay",), Baseline(
        "nearest invariant mass", "label",
        ("momentum_1_GeV", "momentum_2_GeV"), forms.decay_of_mass)),
    (("two_body_decay",), Baseline(
        "invariant mass of the true daughters", "parent_mass_GeV",
        ("mass_GeV",), forms.invariant_mass)),
    *((("galaxy_shear",), Baseline(
        f"mean second moment of a field, part {k}", f"shear_{k}",
        ("image", "field_index"), lensing.shear(k))) for k in (1, 2)),
    (("sky_scene",), Baseline(
        "peaks of a matched filter", "n_objects", COUNTED, objects.counted_peaks)),
    (PROFILES, Baseline(FITTED, "flux_e_s", COUNTED, photometry.fitted_flux)),
    ((*GALAXIES, *PROFILES, "sky_spiral"), Baseline(
        "sum of the pixels", "flux_e_s", COUNTED, objects.counted_light)),
    (("sky_elliptical_total",), Baseline(
        FITTED, "total_e_s", LIT, photometry.fitted_total, MIDDLE)),
    (("sky_elliptical_total",), Baseline(
        "sum of the pixels", "total_e_s", LIT, objects.sum_of_pixels, MIDDLE)),
)  # fmt: skip
"""Each baseline and the simulators that have it; the best of a target first."""

BASELINES = {
    kind: tuple(one for of, one in TABLE if kind in of) for kinds, _ in TABLE for kind in kinds
}
"""Those of each simulator."""


def baselines(recipe: Recipe | str | Path) -> list[Baseline]:
    """The baselines of a recipe: those of its simulator whose columns it has.

    >>> [one.target for one in baselines("deepuq_linear")]
    ['slope']
    """
    recipe = as_recipe(recipe)
    columns = schema(recipe).keys()
    known = BASELINES.get(recipe.simulator.kind, ())
    return [one for one in known if {one.target, *one.needs} <= columns]


def run_baseline(
    recipe: Recipe | str | Path, baseline: Baseline, split: str | None = None, rows: int = BLOCK
) -> Evaluation:
    """Score a baseline on the first rows of a split.

    Args:
        recipe: what is predicted, or its name or file.
        baseline: one of `baselines`.
        split: which split; None for the baseline's own, or `test`, or the first.
        rows: how many, or as many as there are.

    Raises:
        KeyError: no such split.
    """
    recipe = as_recipe(recipe)
    liked = (baseline.split, "test", *recipe.splits)
    split = split or next(name for name in liked if name in recipe.splits)
    index = np.arange(min(rows, split_of(recipe, split).size))
    columns = {name: _seen(recipe, name) for name in baseline.needs}
    found = rows_at(recipe, split, index, columns.values())
    mean, sigma = baseline.predict(recipe, {name: found[own] for name, own in columns.items()})
    given = {"index": index, baseline.target: mean}
    if sigma is not None:
        given[f"{baseline.target}_sigma"] = sigma
    return evaluate(recipe, given, split)


def _seen(recipe: Recipe, name: str) -> str:
    """The column that shows a parameter or an output: with its noise, where there is any."""
    return measurements(recipe)[name].column if name in recipe.noise else name
