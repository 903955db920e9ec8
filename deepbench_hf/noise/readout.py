"""The noise of wires read out by electronics: gains, dead wires, coherent noise, the converter."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Setting

from deepbench_hf.exact.draws import add_normals, uniform_rows
from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.noise import base
from deepbench_hf.noise.base import Made, Noise, Streams, Target
from deepbench_hf.noise.coherent import MODES, convert, hum
from deepbench_hf.noise.measurement import Measurement, measured_field
from deepbench_hf.noise.readout_density import readout_density
from deepbench_hf.priors import Constant, NumberPrior

UNIT = "mV"


ZERO: Any = Setting(default_factory=lambda: Constant(value=0.0))


class Readout(Noise):
    """What electronics make of the voltages of wires, the rows of an image.

    v' = round(g v + c + sigma z), in steps of the converter, with a gain g for each wire and noise
    c that 32 neighbouring wires share: sinusoids of 4, 8, ... 128 kHz whose variance goes as 1/f,
    and one of 60 kHz, each of a drawn phase. A dead wire has the gain 0 and reads 0.

    Args:
        white_mV: sigma of the noise of every sample, mV.
        flicker_mV: standard deviation of the 1/f part of the coherent noise, mV.
        line_mV: amplitude of the line at 60 kHz, mV.
        gain_spread: standard deviation of the gains about 1.
        dead_fraction: chance of a wire to be dead.
        adc_step_mV: step of the converter, mV; 0 for none.

    Source: B. Viren et al., Solving simulation systematics in and with AI/ML (2022), section 2; the
    spectrum is ours.
    """

    kind: Literal["readout"] = "readout"
    GROUP: ClassVar[int] = 32
    SETTINGS: ClassVar[Mapping[str, Parameter]] = {
        "white_mV": Parameter(
            UNIT, "standard deviation of the noise of every sample", 0, 1e3, symbol=r"\sigma"
        ),
        "flicker_mV": Parameter(
            UNIT, "standard deviation of the coherent 1/f noise", 0, 1e3, symbol=r"\sigma_{1/f}"
        ),
        "line_mV": Parameter(
            UNIT, "amplitude of the coherent line at 60 kHz", 0, 1e3, symbol=r"a_{60}"
        ),
        "gain_spread": Parameter(
            "1", "standard deviation of the wires' gains about 1", 0, 0.2, symbol=r"\sigma_g"
        ),
        "dead_fraction": Parameter("1", "chance of a wire to be dead", 0, 1, symbol="p"),
        "adc_step_mV": Parameter(
            UNIT, "step of the converter, 0 for none", 0, 1e3, symbol=r"\Delta"
        ),
    }

    white_mV: NumberPrior  # noqa: N815 - units keep their capitals
    flicker_mV: NumberPrior = ZERO  # noqa: N815
    line_mV: NumberPrior = ZERO  # noqa: N815
    gain_spread: NumberPrior = ZERO
    dead_fraction: NumberPrior = ZERO
    adc_step_mV: NumberPrior = ZERO  # noqa: N815

    def refuse(self, target: Target) -> str | None:
        if not base.is_image(target) or target.unit != UNIT:
            return f"readout needs an image in {UNIT}; use gaussian"
        return None

    def on(self, name: str, target: Target) -> Measurement:
        assert isinstance(target, Field)
        wires, ticks = target.shape
        shared = (-(-wires // self.GROUP), ticks)
        settings = {setting: f"{name}_{setting}" for setting in self.SETTINGS}
        gains, coherent = f"{name}_wire_gain", f"{name}_coherent"
        gain = f"gain of each wire of {name}, 0 of a dead one"
        noise = f"noise that each {self.GROUP} wires of {name} share"
        columns = {
            **self.stored(settings),
            gains: Field("1", gain, (wires,), "float32"),
            coherent: Field(UNIT, noise, shared, "float32"),
        }
        streams = (name, gains, f"{name}_dead", coherent)
        seen = measured_field(target)
        return Measurement(self, name, target, name, seen, settings, columns, streams)

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        white, flicker, line, spread, dead, step = (settings[name] for name in self.SETTINGS)
        whites, gains, deaths, phases = streams
        n, wires, ticks = clean.shape
        gain = np.ones((n, wires))
        add_normals(gain, spread, *gains)
        gain[uniform_rows(*deaths, wires) < dead[:, None]] = 0.0
        gain = gain.astype(np.float32)
        groups = -(-wires // self.GROUP)
        phase = uniform_rows(*phases, groups * MODES).reshape(n, groups, MODES)
        coherent = np.empty((n, groups, ticks), np.float32)
        hum(phase, flicker, line, coherent)
        observed = np.zeros((n, wires * ticks), np.float32)
        add_normals(observed, white, *whites)
        observed = observed.reshape(clean.shape)
        convert(clean, gain, coherent, step, self.GROUP, observed)
        return observed, gain, coherent

    def background(self, settings: Columns) -> Array:
        return np.sqrt(_variance(settings["white_mV"], settings["flicker_mV"], settings["line_mV"]))

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        """Over gains, dead wires and coherent noise as well; steps as uniform errors."""
        rows = (settings[name][:, None, None] for name in self.SETTINGS)
        white, flicker, line, spread, dead, step = rows
        alive, square = 1.0 - dead, np.square(clean, dtype=np.float64)
        noise = _variance(white, flicker, line) + step * step / 12.0
        return alive * (noise + square * (spread * spread + dead))

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        """Of Gaussian coherent noise of the same spectrum, and of uniform errors of rounding."""
        return readout_density(seen, clean, settings, self.GROUP)


def _variance(white: Array, flicker: Array, line: Array) -> Array:
    """Of the white and the coherent noise."""
    return white * white + flicker * flicker + 0.5 * line * line
