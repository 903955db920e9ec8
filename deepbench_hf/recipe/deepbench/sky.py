"""DeepBench's images of the sky, and its single objects."""

from collections.abc import Callable
from typing import Any

from deepbench_hf.recipe.deepbench.bodies import Body, galaxy, spiral, star
from deepbench_hf.recipe.deepbench.draft import Draft, rounded
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.images import NOISES, frame, objects_of
from deepbench_hf.recipe.deepbench.light import BLUR_PX
from deepbench_hf.simulators.sky.galaxies import SkyScene

SKY_NAMES = ("SkyImage",)
FWHM = 2.3548200450309493
"""Of a Gaussian, in standard deviations."""


def sky(name: str, image: Entries, objects: Any, jitter: float, draft: Draft) -> None:
    """Write the recipe of an image of the sky; arguments as `shapes.shapes`."""
    size = frame(image, "image_shape")
    kind = image.word("object_noise_type", NOISES, "gaussian")
    level = image.number("object_noise_level", 0.0, least=0.0)
    where = image.at("object_noise_level")
    parts = objects_of(objects, "object_parameters", DRAWN, image.problems)
    found = [(entries, DRAWN[key](entries, 0.0, jitter, draft)) for key, entries in parts.items()]
    scale = 1.0
    if image.flag("scale", True):
        draft.tell("light", image.at("scale"))
        scale = max((one.peak for _, one in found), default=0.0) or 1.0
    image.close()
    _write(found, size, scale, draft)
    rate = (level if kind == "poisson" else 0.0) + sum(one.background for _, one in found)
    _noise(rate, level if kind == "gaussian" else 0.0, where, draft)


def astro(name: str, image: Entries, objects: Any, jitter: float, draft: Draft) -> None:
    """Write the recipe of one object of the sky; arguments as `shapes.shapes`."""
    outer = Entries("object_parameters", {} if objects is None else objects, image.problems)
    size = frame(image, "image_dimensions")
    for key in [key for key in CALLED if image.has(key)]:
        image.problems.append(f"{image.at(key)}: belongs under object_parameters")
    places = {key: outer.at(key) for key in (*CALLED, *outer.data)}
    entries = Entries(image.path, {**image.data, **outer.data}, image.problems, places)
    entries.asked.append("image_dimensions")
    draft.tell("unreachable", "object_type")
    kind, background = ASTRO[name]
    found = DRAWN[kind](entries, background, jitter, draft)
    _write([(entries, found)], size, 1.0, draft)
    _noise(found.background, 0.0, entries.at("noise_level"), draft)


def _write(found: list[tuple[Entries, Body]], size: list[int], scale: float, draft: Draft) -> None:
    """Simulator and priors; fluxes are divided by ``scale``."""
    for entries, _ in found:
        entries.close()
    draft.tell("order", "object_parameters")
    draft.tell("pixels", "object_parameters")
    kind = f"sky_{found[0][1].kind}" if len(found) == 1 else "sky_scene"
    draft.simulator = {"kind": kind, "image_size": size, "psf": "gaussian"}
    if len(found) > 1:
        draft.simulator["max_objects"] = len(found)
        draft.tell("one of each", "object_parameters")
    told = []
    for entries, one in found:
        flux = {"flux_e_s": (rounded(one.flux / scale), "amplitude")}
        told.append((one.kind, entries, one.priors | flux))
    if told:
        draft.place(told, "")
    for column, parameter in SkyScene.objects.items() if len(told) > 1 else ():
        if parameter.default is None and column not in draft.priors:
            draft.priors[column] = max(1.0, parameter.low)  # of kinds that the image has not
    draft.put("psf_fwhm_px", rounded(BLUR_PX * FWHM), "object_parameters")


def _noise(rate: float, sigma: float, where: str, draft: Draft) -> None:
    """Gaussian noise is read noise; what DeepBench calls Poisson noise is a background."""
    if rate:
        draft.noise["image"] = {"kind": "detector", "exposure_s": 1.0,
                                "sky_e_s_px": rounded(rate), "read_noise_e": sigma}  # fmt: skip
        draft.tell("shot noise", where)
    elif sigma:
        draft.noise["image"] = {"kind": "gaussian", "sigma": sigma}
    if rate or sigma:
        draft.origins["noise.image"] = where
        draft.tell("image noise", where)


DRAWN: dict[str, Callable[[Entries, float, float, Draft], Body]] = {
    "star": star,
    "galaxy": galaxy,
    "spiral_galaxy": spiral,
}
"""DeepBench's objects by their name in a file."""

CALLED = ("center_x", "center_y", "alpha")
"""Of a single object, what is under object_parameters."""

ASTRO = {
    "StarObject": ("star", 0.0),
    "GalaxyObject": ("galaxy", 0.2),
    "SpiralGalaxyObject": ("spiral_galaxy", 0.2),
}
"""DeepBench's classes: the object, and its noise level where the file gives none."""
