"""The noise of counting: a CCD's photons and read noise, and plain Poisson counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Setting

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.noise import base, counts
from deepbench_hf.noise.base import Made, Noise, Streams, Target
from deepbench_hf.noise.count_density import log_densities
from deepbench_hf.noise.measurement import Measurement, measured_field, of_image
from deepbench_hf.priors import Constant, NumberPrior


class Detector(Noise):
    """What a CCD counts: photons of object and sky, then the noise of reading them out.

    N = Poisson(t (S + B)) + sigma z, image = N / t - B, with S the clean image in electrons a
    second and pixel; with ``in_adu`` the image is divided by the gain. The sky is subtracted, its
    noise stays. ``snr`` = sqrt(sum of (t S)^2 / (t (S + B) + sigma^2)) over the pixels.

    Args:
        exposure_s: t, exposure time, s.
        sky_e_s_px: B, brightness of the sky, electrons a second and pixel.
        read_noise_e: sigma, standard deviation of the read noise, electrons.
        gain_e_adu: electrons for each count of the converter.
        in_adu: whether the image is in counts a second instead of electrons a second.

    Source: S. B. Howell, Handbook of CCD Astronomy, sections 3.3 to 3.7 and 4.4.
    """

    kind: Literal["detector"] = "detector"
    UNIT: ClassVar[str] = "electron s-1 pix-1"
    MOST_ELECTRONS: ClassVar[float] = 1e9
    SETTINGS: ClassVar[Mapping[str, Parameter]] = {
        "exposure_s": Parameter("s", "exposure time", 1e-3, 1e6, symbol="t"),
        "sky_e_s_px": Parameter(
            UNIT, "brightness of the sky, subtracted from the image", 0, 1e6,
            symbol=r"B_{\mathrm{sky}}",
        ),
        "read_noise_e": Parameter(
            "electron", "standard deviation of the read noise", 0, 1e4,
            symbol=r"\sigma_{\mathrm{read}}",
        ),
        "gain_e_adu": Parameter(
            "electron adu-1", "electrons for each count", 1e-3, 1e4, symbol="g"
        ),
    }  # fmt: skip

    exposure_s: NumberPrior
    sky_e_s_px: NumberPrior
    read_noise_e: NumberPrior
    gain_e_adu: NumberPrior = Setting(default_factory=lambda: Constant(value=1.0))
    in_adu: bool = False

    def refuse(self, target: Target) -> str | None:
        if not base.is_image(target) or target.unit != self.UNIT:
            return f"detector needs an image in {self.UNIT}; use gaussian"
        return None

    def on(self, name: str, target: Target) -> Measurement:
        seen = measured_field(target)
        if self.in_adu:
            seen = replace(seen, unit="adu s-1 pix-1")
        settings, streams = {setting: setting for setting in self.SETTINGS}, (name, "read_noise_e")
        stored = {**self.stored(settings), "snr": base.SNR}
        return Measurement(self, name, target, name, seen, settings, stored, streams, "snr")

    def signal_to_noise(self, clean: NDArray, settings: Columns) -> Array:
        return counts.signal_to_noise(clean, *_chain(settings))

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        exposure = settings["exposure_s"]
        # Of all images at once, as that takes a quarter of the time of each for itself.
        if clean.max(initial=0) * exposure.max(initial=0) > self.MOST_ELECTRONS:
            most = (clean.max(axis=(1, 2)) * exposure).max()
            if most > self.MOST_ELECTRONS:
                got = f"{most:.3g} electrons in a pixel"
                raise ValueError(f"{got}; the detector holds {self.MOST_ELECTRONS:g}")
        gain = settings["gain_e_adu"] if self.in_adu else np.ones_like(exposure)
        (photons, draws), (reads, _) = streams
        chain = (*_chain(settings), gain, photons, reads, draws)
        return (counts.expose(clean, *chain, out=clean),)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        exposure, sky, read_noise = (values[:, None, None] for values in _chain(settings))
        electrons = exposure * np.maximum(clean + sky, 0.0) + read_noise * read_noise
        return electrons / (exposure * exposure)

    def background(self, settings: Columns) -> Array:
        exposure, sky, read_noise = _chain(settings)
        return np.sqrt(exposure * sky + read_noise * read_noise) / exposure

    def response(self, settings: Columns) -> Array | float:
        return 1.0 / settings["gain_e_adu"] if self.in_adu else 1.0

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        """Of the images, by the exact sum over counts; of chances where nothing is read."""
        return _log_prob(seen, clean, *_chain(settings), 1.0 / self.response(settings))

    def resized(self, ratio: float) -> Self:
        sky = self.sky_e_s_px.stretched(1 / (ratio * ratio), 0.0)
        return self.model_copy(update={"sky_e_s_px": sky})


class Poisson(Noise):
    """Counts, as photons or particles give them, for an image of pure numbers.

    image = N / n - B, N = Poisson(n (S + B)), with S the clean image: a pixel of brightness 1 has
    the mean count n and the signal-to-noise ratio sqrt(n) without background. The background is
    subtracted, its noise stays. ``snr`` = sqrt(sum of n S^2 / (S + B)) over the pixels.

    Args:
        counts_per_unit: n, mean count of a pixel of brightness 1.
        background_level: B, in the unit of the image.

    Source: M. Voetberg et al., DeepBench, which names Poisson noise; the counts per unit and the
    background are ours.
    """

    kind: Literal["poisson"] = "poisson"
    SETTINGS: ClassVar[Mapping[str, Parameter]] = {
        "counts_per_unit": Parameter(
            "1", "mean count of a pixel of brightness 1", 1e-3, 1e6, symbol="n"
        ),
        "background_level": Parameter(
            "1", "background, subtracted from the image", 0, 100, symbol="B"
        ),
    }

    counts_per_unit: NumberPrior
    background_level: NumberPrior = Setting(default_factory=lambda: Constant(value=0.0))

    def refuse(self, target: Target) -> str | None:
        bright = isinstance(target, Field) and len(target.shape) == 2 and not target.signed
        if not bright or target.unit != "1":
            return "poisson needs a grey image of pure numbers, none of them negative"
        return None

    def on(self, name: str, target: Target) -> Measurement:
        settings = {setting: of_image(name, setting) for setting in self.SETTINGS}
        snr, streams = of_image(name, "snr"), (name, of_image(name, "background"))
        stored = {**self.stored(settings), snr: base.SNR}
        seen = measured_field(target)
        return Measurement(self, name, target, name, seen, settings, stored, streams, snr)

    def signal_to_noise(self, clean: NDArray, settings: Columns) -> Array:
        per_unit, background = (settings[name] for name in self.SETTINGS)
        return counts.signal_to_noise(clean, per_unit, background, 0.0)

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        (photons, draws), (unused, _) = streams  # there is no read noise
        per_unit, background = (settings[name] for name in self.SETTINGS)
        chain = (per_unit, background, 0.0, 1.0, photons, unused, draws)
        return (counts.expose(clean, *chain, out=clean),)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        scale, background = (settings[n][:, None, None] for n in self.SETTINGS)
        return np.maximum(clean + background, 0.0) / scale

    def background(self, settings: Columns) -> Array:
        return np.sqrt(settings["background_level"] / settings["counts_per_unit"])

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        """Of the images: the chances of their counts."""
        scale, background = (settings[n] for n in self.SETTINGS)
        return _log_prob(seen, clean, scale, background, np.zeros(1), 1.0)


def _log_prob(
    seen: NDArray, clean: NDArray, exposure: Array, sky: Array, read_noise: Array, gain: Any
) -> Array:
    """Of images ``(n, H, W)`` that are N / t - B over the gain, with N counted and read out."""
    t, b, g = (np.reshape(values, (-1, 1, 1)) for values in (exposure, sky, gain))
    mean = t * np.maximum(clean.astype(np.float64) + b, 0.0)
    found = log_densities(t * (g * seen.astype(np.float64) + b), mean, read_noise)
    scale = np.where(read_noise > 0.0, np.log(exposure * gain), 0.0)
    return found + seen[0].size * scale


def _chain(settings: Columns) -> tuple[Array, Array, Array]:
    """Exposure, sky and read noise, ``(n,)`` each."""
    return settings["exposure_s"], settings["sky_e_s_px"], settings["read_noise_e"]
