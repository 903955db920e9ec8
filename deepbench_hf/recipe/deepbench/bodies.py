"""DeepBench's star, galaxy and spiral galaxy."""

import math
from dataclasses import dataclass
from typing import Any

from deepbench_hf.recipe.deepbench.draft import Draft, Priors, rounded, spread
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.images import place
from deepbench_hf.recipe.deepbench.light import (
    STEEP,
    arms_light,
    moffat_fwhm,
    moffat_light,
    sersic_light,
)
from deepbench_hf.simulators.sky.objects import DISC, SERSIC, STAR

HALF_LIGHT = 1.6783469900166605
"""Half-light radius of an exponential disc, in scale lengths."""
STRENGTH = 3.0
"""Of the density wave: sharp ridges, as DeepBench's arms are."""
RADII, BRIGHTEST = (0.01, 1000.0), 1e9
"""Pixels and amplitudes that can be meant; the recipe's own limits are narrower."""
ELLIPSE, ANGLE_RAD = (0.1, 0.9), (-1.5, 1.5)
"""From which DeepBench draws what a galaxy leaves out."""


@dataclass(frozen=True)
class Body:
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


def star(entries: Entries, background: float, jitter: float, draft: Draft) -> Body:
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
    return Body("star", priors, amplitude * flux, amplitude * peak, noise)


def galaxy(entries: Entries, background: float, jitter: float, draft: Draft) -> Body:
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
    return Body("elliptical", priors, amplitude * flux, amplitude * peak, noise)


def _drawn(entries: Entries, key: str, value: Any, draft: Draft) -> Any:
    """A number, or a uniform prior from its low end and width."""
    if not isinstance(value, tuple):
        return rounded(value)
    draft.tell("default", entries.at(key))
    return spread(*map(rounded, value))


def spiral(entries: Entries, background: float, jitter: float, draft: Draft) -> Body:
    """Logarithmic arms as sharp waves of a disc that holds all of the light.

    DeepBench's arms start at r = radius / pi in the direction of +x; amplitude is the brightness of
    the crests, exp(-r / h) of it at r.
    """
    amplitude, radius = _size(entries)
    width = entries.number("arm_thickness", 1.0, *RADII)
    arms = entries.whole("winding_number", 2, 1, int(DISC["arms"].high))
    limits = DISC["pitch_deg"]
    least, most = math.radians(limits.low), math.radians(limits.high)
    pitch = entries.number("spiral_pitch", 0.2, least=least, most=most)
    draft.tell("spiral", entries.path)
    draft.tell("place", entries.at("center_x"))
    scale = radius / HALF_LIGHT
    flux, peak = arms_light(arms, width, pitch, scale, STRENGTH)
    phase = math.degrees(math.log(math.pi / HALF_LIGHT) / math.tan(pitch)) % 360
    plain = dict.fromkeys(("half_light_radius_px", "sersic_index", "axis_ratio"), 1)
    priors: Priors = {
        **_center(entries, None, jitter, draft),
        **{name: (value, "radius") for name, value in plain.items()},
        "scale_length_px": (rounded(scale), "radius"),
        "arms": (arms, "winding_number"),
        "arm_phase_deg": (rounded(phase), "spiral_pitch"),
        "pitch_deg": (rounded(math.degrees(pitch)), "spiral_pitch"),
        "arm_strength": (STRENGTH, "arm_thickness"),
        "arm_width_px": (width, "arm_thickness"),
    }
    noise = _background(entries, background, 10.0, draft)
    return Body("spiral", priors, amplitude * flux, amplitude * peak, noise)


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
