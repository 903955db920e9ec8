"""DeepBench's images of the sky, and its single stars, galaxies and spiral galaxies.

Amplitudes become fluxes and peaks: those of the blurred image, the profile's mean under a Gaussian
with the variance of DeepBench's blur and of a pixel, 0.7^2 + 1 / 12.
"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from deepbench_hf.exact.constants import FWHM
from deepbench_hf.recipe.deepbench import entries
from deepbench_hf.recipe.deepbench.conversion import Conversion, Priors, rounded
from deepbench_hf.recipe.deepbench.entries import Entry, NotNegative, Number, Sides
from deepbench_hf.simulators.sky import profiles
from deepbench_hf.simulators.sky.galaxies import SkyScene
from deepbench_hf.simulators.sky.objects import DISC, SERSIC, STAR

BLUR_PX = 0.7  # standard deviation of the blur that DeepBench has built in
SIGMA_PX = math.sqrt(BLUR_PX * BLUR_PX + 1 / 12)
STEPS, FARTHEST = 400, 6.0  # points of the mean, and its reach in standard deviations


def arms_light(
    arms: int, width: float, pitch: float, scale: float, strength: float
) -> tuple[float, float]:
    """Flux and peak of a disc with logarithmic arms whose crests tend to exp(-r / scale).

    Crests are exp(k) / I0(k) times as bright as the disc, with k of `sky.arms`; the flux is that of
    the disc, 2 pi h^2 times its centre, with the scale length h in pixels; the pitch is in rad.
    """
    from scipy.special import i0e

    centre = float(i0e(strength))
    r = 5 * scale * np.arange(1, STEPS) / STEPS
    k = strength * np.exp(-0.5 * (width * arms / (r * math.sin(pitch))) ** 2)
    crests = centre * np.exp(-r / scale) / i0e(k)
    return 2 * math.pi * scale * scale * centre, max(centre, float(crests.max()))


def _peak(profile: Callable[[np.ndarray], np.ndarray]) -> float:
    """Mean of a profile under the Gaussian: Simpson's rule in the root of the radius."""
    from scipy.integrate import simpson

    root = np.linspace(0.0, math.sqrt(FARTHEST), STEPS + 1)
    u = root * root
    return float(simpson(profile(SIGMA_PX * u) * u * np.exp(-0.5 * u * u) * 2 * root, x=root))


STRENGTH = 3.0  # of the density wave: sharp ridges, as DeepBench's arms are
STEEP = 2.5  # in the place of an alpha whose light has no end
ELLIPSE, ANGLE_RAD = (0.1, 0.9), (-1.5, 1.5)  # drawn by DeepBench where a file has none

# Radii in pixels and brightness that can be meant; the recipe's own limits are narrower.
Radius = Annotated[float, Field(ge=0.01, le=1000)]
Amplitude = Annotated[float, Field(ge=0, le=1e9)]
PITCH_RAD = [math.radians(DISC["pitch_deg"].low), math.radians(DISC["pitch_deg"].high)]


class SkyImage(entries.Image):
    """``image_parameters`` of an image of the sky."""

    scale: bool = True


class Body(Entry):
    """What all objects of the sky have: I = amplitude * profile(r / radius).

    ``seen`` of any gives its priors, and its flux and peak for the amplitude 1.
    """

    kind: ClassVar[str]
    hidden: ClassVar[int] = 10  # what DeepBench multiplies the noise level by

    image_dimensions: Sides | None = None
    center_x: Number = Field(description="a number, pixels")
    center_y: Number = Field(description="a number, pixels")
    amplitude: Amplitude = 1.0
    noise_level: NotNegative | None = None
    seed: Any = None

    def noise(self, usual: float) -> float:
        """The rate of its Poisson noise, electrons/s/pixel; its own seed decides nothing."""
        level = usual if self.noise_level is None else self.noise_level
        self.tell("seed", "seed", when=self.seed is not None)
        self.tell("noise_level", "ten times", when=level and self.hidden > 1)
        return self.hidden * level


class Star(Body):
    """I = A (1 + r^2 / radius^2)^-alpha."""

    kind: ClassVar[str] = "star"
    hidden: ClassVar[int] = 1

    radius: Radius = 1.0
    alpha: float = Field(1.0, ge=1e-30, le=STAR["beta"].high)

    def seen(self) -> tuple[Priors, float, float]:
        fwhm = 2 * self.radius * math.sqrt(2 ** min(1 / self.alpha, 300.0) - 1)
        endless = self.alpha <= STAR["beta"].low
        self.tell("alpha", "infinite light", when=endless)
        beta = STEEP if endless else self.alpha
        gamma = profiles.moffat_gamma(fwhm, beta)
        peak = _peak(lambda r: (1 + (r / gamma) ** 2) ** -beta)
        priors: Priors = {"fwhm_px": (rounded(fwhm), "radius"), "beta": (beta, "alpha")}
        return priors, profiles.moffat_flux(gamma, beta), peak


class Galaxy(Body):
    """Sersic's law; amplitude is the brightness at the half-light radius."""

    kind: ClassVar[str] = "elliptical"

    center_x: Number = 5.0
    center_y: Number = 5.0
    radius: Radius = 25.0
    n: float = Field(1.0, ge=SERSIC["sersic_index"].low, le=SERSIC["sersic_index"].high)
    ellipse: float | None = Field(None, ge=0, le=1 - SERSIC["axis_ratio"].low)
    theta: Number | None = None

    def seen(self) -> tuple[Priors, float, float]:
        self.tell("amplitude", "mean ellipse", when=self.ellipse is None)
        shape = 0.5 if self.ellipse is None else 1 - self.ellipse
        b, size = (
            profiles.sersic_b(self.n),
            self.radius * math.sqrt(shape),
        )  # round, of the same area
        peak = _peak(lambda r: np.exp(-b * ((r / size) ** (1 / self.n) - 1)))
        (round_, flat), (low, high) = ELLIPSE, map(math.degrees, ANGLE_RAD)
        priors: Priors = {
            "half_light_radius_px": (self.radius, "radius"),
            "sersic_index": (self.n, "n"),
            "axis_ratio": self.given("ellipse", lambda x: 1 - x, 1 - flat, flat - round_),
            "angle_deg": self.given("theta", lambda x: math.degrees(x) % 180, low, high - low),
        }
        return priors, size * size * profiles.sersic_flux(self.n) * math.exp(b), peak


class SpiralGalaxy(Body):
    """Logarithmic arms as sharp waves of a disc that holds all of the light.

    DeepBench's arms start at r = radius / pi in the direction of +x; amplitude is the brightness of
    the crests, exp(-r / h) of it at r.
    """

    kind: ClassVar[str] = "spiral"

    radius: Radius = 25.0
    arm_thickness: Radius = 1.0
    winding_number: int = Field(2, ge=1, le=int(DISC["arms"].high))
    spiral_pitch: float = Field(0.2, ge=PITCH_RAD[0], le=PITCH_RAD[1])

    def seen(self) -> tuple[Priors, float, float]:
        self.tell("", "spiral")
        self.tell("center_x", "place")
        pitch, scale = self.spiral_pitch, self.radius / profiles.DISC_HALF_LIGHT
        phase = math.degrees(math.log(math.pi / profiles.DISC_HALF_LIGHT) / math.tan(pitch)) % 360
        light = arms_light(self.winding_number, self.arm_thickness, pitch, scale, STRENGTH)
        no_bulge = dict.fromkeys(("half_light_radius_px", "sersic_index", "axis_ratio"), 1)
        return {
            **{column: (value, "radius") for column, value in no_bulge.items()},
            "scale_length_px": (rounded(scale), "radius"),
            "arms": (self.winding_number, "winding_number"),
            "arm_phase_deg": (rounded(phase), "spiral_pitch"),
            "pitch_deg": (rounded(math.degrees(pitch)), "spiral_pitch"),
            "arm_strength": (STRENGTH, "arm_thickness"),
            "arm_width_px": (self.arm_thickness, "arm_thickness"),
        }, *light


AnyBody = Star | Galaxy | SpiralGalaxy
BODIES: dict[str, type[AnyBody]] = {
    "star": Star, "galaxy": Galaxy, "spiral_galaxy": SpiralGalaxy,
}  # fmt: skip
"""DeepBench's objects by their name in a file."""


def sky(image: Any, objects: Any, to: Conversion) -> None:
    """Write the recipe of an image, ``image_parameters``, of objects, ``object_parameters``."""
    if (read := entries.read_image(SkyImage, BODIES, image, objects, to)) is None:
        return
    frame, found = read
    to.tell(frame.at("scale"), "light", when=frame.scale)
    _write(found, frame.image_shape, frame.scale, to)
    poisson, level = frame.object_noise_type == "poisson", frame.object_noise_level
    rate = (level if poisson else 0.0) + sum(body.noise(0.0) for body in found)
    _write_noise(rate, 0.0 if poisson else level, frame.at("object_noise_level"), to)


def astro(model: type[AnyBody], level: float, image: Any, objects: Any, to: Conversion) -> None:
    """Write the recipe of one object, which has its parameters in both sections.

    Its noise has the ``level`` where the file gives none.
    """
    body = model.read({"object_parameters": objects, "image_parameters": image}, to)
    if body is None or body.image_dimensions is None:
        if body:
            to.problems.append("image_parameters.image_dimensions: is missing: two sides, pixels")
        return
    to.tell("object_type", "unreachable")
    _write([body], body.image_dimensions, False, to)
    _write_noise(body.noise(level), 0.0, body.at("noise_level"), to)


def _write(found: Sequence[AnyBody], size: list[int], scale: bool, to: Conversion) -> None:
    """Simulator and priors; fluxes in units of the brightest peak where they are scaled."""
    to.tell("object_parameters", "order", "pixels")
    seen = [(body, *body.seen()) for body in found]
    unit = (max(body.amplitude * peak for body, _, _, peak in seen) if scale else 1.0) or 1.0
    objects = []
    for body, priors, flux, _ in seen:
        priors |= body.centred([body.center_x, body.center_y], "center_x", "center_y")
        priors["flux_e_s"] = rounded(body.amplitude * flux / unit), "amplitude"
        objects.append((body, body.kind, priors))
    entries.put_objects(objects, f"sky_{found[0].kind}", "sky_scene", to)
    to.simulator |= {"image_size": size, "psf": "gaussian"}
    for column, parameter in SkyScene.objects.items() if len(found) > 1 else ():
        if parameter.default is None and column not in to.priors:
            to.priors[column] = max(1.0, parameter.low)  # of kinds that the image has not
    to.put("psf_fwhm_px", rounded(BLUR_PX * FWHM), "object_parameters")


def _write_noise(rate: float, sigma: float, where: str, to: Conversion) -> None:
    """Gaussian noise is read noise; what DeepBench calls Poisson noise is a background."""
    if rate:
        levels = {"sky_e_s_px": rounded(rate), "read_noise_e": sigma}
        to.put_noise(where, kind="detector", exposure_s=1.0, **levels)
        to.tell(where, "shot noise")
    elif sigma:
        to.put_noise(where, kind="gaussian", sigma=sigma)
