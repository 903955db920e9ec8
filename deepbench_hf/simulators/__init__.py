"""Pure forward models: arrays of parameters in, arrays of observables out."""

from collections.abc import Mapping

from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.allocation import Allocation
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.boltzmann import Boltzmann
from deepbench_hf.simulators.bragg import Bragg
from deepbench_hf.simulators.calorimeter import Shower
from deepbench_hf.simulators.cmb import LensedBackground
from deepbench_hf.simulators.collapse import ExcursionSet, TopHat
from deepbench_hf.simulators.collision import Collision
from deepbench_hf.simulators.copernicus import Copernicus
from deepbench_hf.simulators.decay import TwoBodyDecay
from deepbench_hf.simulators.even_totals import SelectedElliptical
from deepbench_hf.simulators.galaxy_shear import ShearedGalaxy
from deepbench_hf.simulators.halo import HaloMap, HaloNFW, HaloProfile
from deepbench_hf.simulators.kappa import GaussianConvergence, LognormalConvergence
from deepbench_hf.simulators.lartpc import StoppingTracks, Tracks
from deepbench_hf.simulators.line import ArcsinePoint, Line, LinePoint, SelectedPoint, StepPoint
from deepbench_hf.simulators.objectives import Objective
from deepbench_hf.simulators.oscillator import DampedOscillator, DrivenOscillator
from deepbench_hf.simulators.pairs import Pairs
from deepbench_hf.simulators.pendulum import (
    DampedPendulum,
    HamiltonianPendulum,
    HierarchicalPendulum,
    Pendulum,
    PotentialPendulum,
    SmallAnglePendulum,
    SmallAngleTimedPendulum,
    TimedPendulum,
)
from deepbench_hf.simulators.points import GalaxyPoints
from deepbench_hf.simulators.quasar import Quasar
from deepbench_hf.simulators.shapes import ColouredShapes, Shapes, ShapesScene
from deepbench_hf.simulators.sky import Elliptical, EllipticalTotal, Galaxy, SkyScene, Spiral, Star
from deepbench_hf.simulators.survey import LensSearch, SurveyGalaxy, TenClasses
from deepbench_hf.simulators.sz import ClusterCutout
from deepbench_hf.simulators.telescope import NightSchedule, NightTransition
from deepbench_hf.simulators.transients import Transient
from deepbench_hf.simulators.two_body import TwoBody
from deepbench_hf.simulators.volume import LognormalVolume
from deepbench_hf.simulators.vqa import ListedQuestion, ShapesQuestion

__all__ = ["SIMULATORS", "Columns", "Field", "Parameter", "Simulator", "family"]

SIMULATORS: dict[str, type[Simulator]] = {
    "pendulum": Pendulum,
    "pendulum_small_angle": SmallAnglePendulum,
    "pendulum_damped": DampedPendulum,
    "pendulum_hamiltonian": HamiltonianPendulum,
    "pendulum_hierarchical": HierarchicalPendulum,
    "pendulum_potential": PotentialPendulum,
    "pendulum_timed": TimedPendulum,
    "pendulum_timed_small_angle": SmallAngleTimedPendulum,
    "line": Line,
    "line_point": LinePoint,
    "step_point": StepPoint,
    "line_selected": SelectedPoint,
    "oscillator_driven": DrivenOscillator,
    "oscillator_damped": DampedOscillator,
    "shapes": Shapes,
    "shapes_scene": ShapesScene,
    "sky_star": Star,
    "sky_elliptical": Elliptical,
    "sky_elliptical_total": EllipticalTotal,
    "sky_elliptical_selected": SelectedElliptical,
    "sky_spiral": Spiral,
    "sky_galaxy": Galaxy,
    "sky_scene": SkyScene,
    "lartpc_tracks": Tracks,
    "lartpc_stopping": StoppingTracks,
    "pairs": Pairs,
    "kappa_gaussian": GaussianConvergence,
    "kappa_lognormal": LognormalConvergence,
    "survey_galaxy": SurveyGalaxy,
    "lens_search": LensSearch,
    "survey_ten_classes": TenClasses,
    "quasar": Quasar,
    "halo_profile": HaloProfile,
    "halo_nfw": HaloNFW,
    "halo_map": HaloMap,
    "cmb_lensing": LensedBackground,
    "sz_cutout": ClusterCutout,
    "calorimeter_shower": Shower,
    "bragg": Bragg,
    "two_body_decay": TwoBodyDecay,
    "galaxy_shear": ShearedGalaxy,
    "transient": Transient,
    "galaxy_points": GalaxyPoints,
    "lognormal_volume": LognormalVolume,
    "excursion_set": ExcursionSet,
    "tophat": TopHat,
    "copernicus": Copernicus,
    "shapes_vqa": ShapesQuestion,
    "allocation": Allocation,
    "objective": Objective,
    "two_body": TwoBody,
    "shapes_colour": ColouredShapes,
    "shapes_vqa_listed": ListedQuestion,
    "collision": Collision,
    "arcsine_point": ArcsinePoint,
    "boltzmann": Boltzmann,
    "telescope_schedule": NightSchedule,
    "telescope_transition": NightTransition,
}


def family(kind: str, simulators: Mapping[str, type] = SIMULATORS) -> str:
    """The physical family of a simulator: the file or folder in `simulators` that holds it.

    >>> family("pendulum_damped")
    'pendulum'
    """
    inside = simulators[kind].__module__.removeprefix(f"{__name__}.")
    return inside.split(".")[0]
