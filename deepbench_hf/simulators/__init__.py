"""Pure forward models: arrays of parameters in, arrays of observables out."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.base import Simulator

__all__ = ["SIMULATORS", "Columns", "Field", "Parameter", "Simulator", "family"]


class Kinds(MutableMapping[str, type[Simulator]]):
    """Simulators by kind; the file of one is imported when it is asked for.

    Args:
        places: the file or folder in `simulators`, a dot, and the name of the class.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._found: dict[str, str | type[Simulator]] = {**places}

    def __getitem__(self, kind: str) -> type[Simulator]:
        found = self._found[kind]
        if isinstance(found, str):
            file, name = found.split(".")
            found = self._found[kind] = getattr(import_module(f"{__name__}.{file}"), name)
        return found

    def __setitem__(self, kind: str, simulator: type[Simulator]) -> None:
        self._found[kind] = simulator

    def __delitem__(self, kind: str) -> None:
        del self._found[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


SIMULATORS = Kinds(
    {
        "pendulum": "pendulum.Pendulum",
        "pendulum_small_angle": "pendulum.SmallAnglePendulum",
        "pendulum_damped": "pendulum.DampedPendulum",
        "pendulum_hamiltonian": "pendulum.HamiltonianPendulum",
        "pendulum_hierarchical": "pendulum.HierarchicalPendulum",
        "pendulum_potential": "pendulum.PotentialPendulum",
        "pendulum_timed": "pendulum.TimedPendulum",
        "pendulum_timed_small_angle": "pendulum.SmallAngleTimedPendulum",
        "line": "line.Line",
        "line_point": "line.LinePoint",
        "step_point": "line.StepPoint",
        "line_selected": "line.SelectedPoint",
        "oscillator_driven": "oscillator.DrivenOscillator",
        "oscillator_damped": "oscillator.DampedOscillator",
        "shapes": "shapes.Shapes",
        "shapes_scene": "shapes.ShapesScene",
        "sky_star": "sky.Star",
        "sky_elliptical": "sky.Elliptical",
        "sky_elliptical_total": "sky.EllipticalTotal",
        "sky_elliptical_selected": "even_totals.SelectedElliptical",
        "sky_spiral": "sky.Spiral",
        "sky_galaxy": "sky.Galaxy",
        "sky_scene": "sky.SkyScene",
        "lartpc_tracks": "lartpc.Tracks",
        "lartpc_stopping": "lartpc.StoppingTracks",
        "pairs": "pairs.Pairs",
        "kappa_gaussian": "kappa.GaussianConvergence",
        "kappa_lognormal": "kappa.LognormalConvergence",
        "survey_galaxy": "survey.SurveyGalaxy",
        "lens_search": "survey.LensSearch",
        "survey_ten_classes": "survey.TenClasses",
        "quasar": "quasar.Quasar",
        "halo_profile": "halo.HaloProfile",
        "halo_nfw": "halo.HaloNFW",
        "halo_map": "halo.HaloMap",
        "cmb_lensing": "cmb.LensedBackground",
        "sz_cutout": "sz.ClusterCutout",
        "calorimeter_shower": "calorimeter.Shower",
        "bragg": "bragg.Bragg",
        "two_body_decay": "decay.TwoBodyDecay",
        "galaxy_shear": "galaxy_shear.ShearedGalaxy",
        "transient": "transients.Transient",
        "galaxy_points": "points.GalaxyPoints",
        "lognormal_volume": "volume.LognormalVolume",
        "excursion_set": "collapse.ExcursionSet",
        "tophat": "collapse.TopHat",
        "copernicus": "copernicus.Copernicus",
        "shapes_vqa": "vqa.ShapesQuestion",
        "allocation": "allocation.Allocation",
        "objective": "objectives.Objective",
        "two_body": "two_body.TwoBody",
        "shapes_colour": "shapes.ColouredShapes",
        "shapes_vqa_listed": "vqa.ListedQuestion",
        "collision": "collision.Collision",
        "arcsine_point": "line.ArcsinePoint",
        "boltzmann": "boltzmann.Boltzmann",
        "telescope_schedule": "telescope.NightSchedule",
        "telescope_transition": "telescope.NightTransition",
    }
)


def family(kind: str, simulators: Mapping[str, type] = SIMULATORS) -> str:
    """The physical family of a simulator: the file or folder in `simulators` that holds it.

    >>> family("pendulum_damped")
    'pendulum'
    """
    inside = simulators[kind].__module__.removeprefix(f"{__name__}.")
    return inside.split(".")[0]
