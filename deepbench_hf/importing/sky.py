"""DeepBench's sky: star, galaxy and spiral galaxy, alone or in one image."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deepbench_hf.importing.draft import Draft, Priors, rounded, spread
from deepbench_hf.importing.entries import Entries
from deepbench_hf.importing.images import NOISES, frame, objects_of, place
from deepbench_hf.importing.light import (
    BLUR_PX,
    STEEP,
    arms_light,
    moffat_fwhm,
    moffat_light,
    sersic_light,
)
from deepbench_hf.simulators.sky.models import SkyScene
from deepbench_hf.simulators.sky.objects import DISC, SERSIC, STAR

__all__ = ["ASTRO", "SKY_NAMES", "astro", "sky"]

SKY_NAMES = ("SkyImage",)
FWHM = 2.3548200450309493
"""Of a Gaussian, in standard deviations."""
HALF_LIGHT = 1.6783469900166605
"""Half-light radius of an exponential disc, in scale lengths."""
RADII, BRIGHTEST = (0.01, 1000.0), 1e9
"""Pixels and amplitudes that can be meant; the recipe's own limits are narrower."""
ELLIPSE, ANGLE_RAD = (0.1, 0.9), (-1.5, 1.5)
"""From which DeepBench draws what a galaxy leaves out."""


@dataclass(frozen=True)
class Found:
    """An object of an image.

    Args:
        kind: its kind.
        priors: its priors, but for the flux.
        flux, peak: of its light, electrons/s, and blurred, electrons/s/pixel.
        background: the Poisson noise that it brings, electrons/s/pixel.
    """

    kind: str
    priors: Priors
    flux: float
    peak: float
    background: float


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
    for key in image.data.keys() & set(CALLED):
        image.problems.append(f"{image.at(key)}: belongs under object_parameters")
    places = {key: outer.at(key) for key in (*CALLED, *outer.data)}
    entries = Entries(image.path, {**image.data, **outer.data}, image.problems, places)
    entries.asked.append("image_dimensions")
    draft.tell("unreachable", "object_type")
    kind, background = ASTRO[name]
    found = DRAWN[kind](entries, background, jitter, draft)
    _write([(entries, found)], size, 1.0, draft)
    _noise(found.background, 0.0, entries.at("noise_level"), draft)


def _write(found: list[tuple[Entries, Found]], size: list[int], scale: float, draft: Draft) -> None:
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


def _star(entries: Entries, background: float, jitter: float, draft: Draft) -> Found:
    """I = A (1 + r^2 / radius^2)^-alpha."""
    amplitude = entries.number("amplitude", 1.0, least=0.0, most=BRIGHTEST)
    alpha = entries.number("alpha", 1.0, above=0.0, most=STAR["beta"].high)
    fwhm = moffat_fwhm(entries.number("radius", 1.0, *RADII), alpha)
    if alpha <= STAR["beta"].low:
        draft.tell("infinite light", entries.at("alpha"))
        alpha = STEEP
    flux, peak = moffat_light(fwhm, alpha)
    priors = {
        **_center(entries, None, jitter, draft),
        "fwhm_px": (rounded(fwhm), "radius"),
        "beta": (alpha, "alpha"),
    }
    noise = _background(entries, background, 1.0, draft)
    return Found("star", priors, amplitude * flux, amplitude * peak, noise)


def _galaxy(entries: Entries, background: float, jitter: float, draft: Draft) -> Found:
    """Sersic's law; amplitude is the brightness at the half-light radius."""
    amplitude, radius = _size(entries)
    limits = SERSIC["sersic_index"]
    n = entries.number("n", 1.0, least=limits.low, most=limits.high)
    ratio: Any = 1 - entries.number("ellipse", 0.5, least=0.0, most=1 - SERSIC["axis_ratio"].low)
    angle: Any = rounded(math.degrees(entries.number("theta", 0.0)) % 180)
    flux, peak = sersic_light(radius, n, ratio)
    if not entries.has("ellipse"):
        ratio = 1 - ELLIPSE[1], ELLIPSE[1] - ELLIPSE[0]
        draft.tell("mean ellipse", entries.at("amplitude"))
    if not entries.has("theta"):
        angle = math.degrees(ANGLE_RAD[0]), math.degrees(ANGLE_RAD[1] - ANGLE_RAD[0])
    priors = {
        **_center(entries, 5.0, jitter, draft),
        "half_light_radius_px": (radius, "radius"),
        "sersic_index": (n, "n"),
        "axis_ratio": (_drawn(entries, "ellipse", ratio, draft), "ellipse"),
        "angle_deg": (_drawn(entries, "theta", angle, draft), "theta"),
    }
    noise = _background(entries, background, 10.0, draft)
    return Found("elliptical", priors, amplitude * flux, amplitude * peak, noise)


def _drawn(entries: Entries, key: str, value: Any, draft: Draft) -> Any:
    """A number, or a uniform prior from its low end and width."""
    if not isinstance(value, tuple):
        return rounded(value)
    draft.tell("default", entries.at(key))
    return spread(*map(rounded, value))


def _spiral(entries: Entries, background: float, jitter: float, draft: Draft) -> Found:
    """Logarithmic arms of one turn that hold all of the light; amplitude is that of their crest."""
    amplitude, radius = _size(entries)
    width = entries.number("arm_thickness", 1.0, *RADII)
    arms = entries.whole("winding_number", 2, 1, int(DISC["arms"].high))
    limits = DISC["pitch_deg"]
    least, most = math.radians(limits.low), math.radians(limits.high)
    pitch = entries.number("spiral_pitch", 0.2, least=least, most=most)
    draft.tell("spiral", entries.path)
    draft.tell("place", entries.at("center_x"))
    start, scale = radius / math.pi, radius / HALF_LIGHT
    end = min(start * math.exp(2 * math.pi * math.tan(pitch)), DISC["arm_extent_px"].high)
    flux, peak = arms_light(arms, width, pitch, start, end, scale)
    radii = {"scale_length_px": scale, "arm_scale_px": start, "arm_extent_px": end}
    plain = dict.fromkeys(("half_light_radius_px", "sersic_index", "axis_ratio", "arm_contrast"), 1)
    priors: Priors = {
        **_center(entries, None, jitter, draft),
        **{name: (rounded(value), "radius") for name, value in {**radii, **plain}.items()},
        "arms": (arms, "winding_number"),
        "pitch_deg": (rounded(math.degrees(pitch)), "spiral_pitch"),
        "arm_width_px": (width, "arm_thickness"),
    }
    noise = _background(entries, background, 10.0, draft)
    return Found("spiral", priors, amplitude * flux, amplitude * peak, noise)


def _size(entries: Entries) -> tuple[float, float]:
    """Amplitude and radius of a galaxy."""
    amplitude = entries.number("amplitude", 1.0, least=0.0, most=BRIGHTEST)
    return amplitude, entries.number("radius", 25.0, *RADII)


def _center(entries: Entries, default: float | None, jitter: float, draft: Draft) -> Priors:
    keys = ("center_x", "center_y")
    x, y = (entries.number(key, default) for key in keys)
    return place(x, y, jitter, keys, draft)


def _background(entries: Entries, default: float, factor: float, draft: Draft) -> float:
    """The rate of an object's Poisson noise; its own seed decides nothing."""
    level = entries.number("noise_level", default, least=0.0)
    if entries.take("seed") is not None:
        draft.tell("seed", entries.at("seed"))
    if level and factor > 1:
        draft.tell("ten times", entries.at("noise_level"))
    return factor * level


DRAWN: dict[str, Callable[[Entries, float, float, Draft], Found]] = {
    "star": _star,
    "galaxy": _galaxy,
    "spiral_galaxy": _spiral,
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
