"""The density of voltages that are read out: Gaussian noise that wires share, gains, dead wires.

    y_w = g_w v_w + c + e_w,  g_w ~ N(1, s^2),  e_w ~ N(0, sigma^2 + step^2 / 12)

The coherent noise c of a group of wires is taken as the Gaussian process of its spectrum, and the
error of rounding as uniform. What wires share has few dimensions: two for each sinusoid, and one
gain for each wire; so the covariance is inverted by Woodbury's identity.

Source: M. A. Woodbury, Inverting modified matrices, Princeton (1950); B. Widrow, I. Kollar,
Quantization Noise (2008), chapter 5, for the uniform error.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.constants import LOG_ROOT_TWO_PI, TWO_PI
from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.noise.coherent import FLICKERING, LINE_MHZ, STEP_MHZ
from deepbench_hf.simulators.lartpc.wires import TICK_US

WIDEST = 2.0
"""Steps in standard deviations of the white noise: of wider ones the error is not uniform."""


def readout_density(seen: NDArray, clean: NDArray, settings: Columns, group: int) -> Array:
    """The logarithm of the density of images, ``(n,)``, in 1 / mV for each sample of a live wire.

    Args:
        seen: what is read out, mV, ``(n or 1, wires, ticks)``.
        clean: voltages, mV, ``(n, wires, ticks)``.
        settings: by their names in the recipe, ``(n,)`` or ``(1,)`` each.
        group: wires that share noise.

    Raises:
        ValueError: the steps of the converter are too wide beside the white noise.
    """
    found = np.zeros(len(clean))
    for i, voltages in enumerate(np.asarray(clean, np.float64)):
        one = {name: float(values[min(i, len(values) - 1)]) for name, values in settings.items()}
        white, step, dead = one["white_mV"], one["adc_step_mV"], one["dead_fraction"]
        if not white > 0.0 or step > WIDEST * white:
            told = f"readout: steps of {step:g} mV beside white noise of {white:g} mV"
            raise ValueError(f"{told}: the error of rounding is not uniform; no closed density")
        image = np.asarray(seen[min(i, len(seen) - 1)], np.float64)
        alive = (image != 0.0).any(axis=1) if dead > 0.0 else np.ones(len(image), bool)
        found[i] = alive.sum() * np.log1p(-dead) if dead < 1.0 else 0.0
        found[i] += (~alive).sum() * np.log(dead) if dead > 0.0 else 0.0
        waves = _waves(image.shape[1], one["flicker_mV"], one["line_mV"])
        square = white * white + step * step / 12.0
        for first in range(0, len(image), group):
            here = first + np.flatnonzero(alive[first : first + group])
            if len(here):
                off = image[here] - voltages[here]
                found[i] += _group(off, one["gain_spread"] * voltages[here], waves, square)
    return found


def _waves(ticks: int, flicker: float, line: float) -> Array:
    """Cosines and sines whose squares add up to the covariance of the coherent noise, (2 k, T)."""
    k = np.arange(1, FLICKERING + 1)
    frequency = np.append(k * STEP_MHZ, LINE_MHZ) * TICK_US
    variance = np.append(flicker * flicker / (k * (1.0 / k).sum()), 0.5 * line * line)
    turns = TWO_PI * frequency[:, None] * np.arange(ticks)
    waves = np.sqrt(variance)[:, None] * np.array([np.cos(turns), np.sin(turns)])
    return waves.reshape(-1, ticks)[np.tile(variance, 2) > 0.0]


def _group(off: Array, gains: Array, waves: Array, square: float) -> float:
    """Of the live wires of a group: residuals, and voltages times the spread of gains, (w, T)."""
    wires, ticks = off.shape
    cross = waves @ gains.T
    shared = np.block([[wires * waves @ waves.T, cross], [cross.T, np.diag((gains**2).sum(1))]])
    along = np.concatenate([waves @ off.sum(axis=0), (gains * off).sum(axis=1)])
    inner = np.eye(len(shared)) + shared / square
    _, determinant = np.linalg.slogdet(inner)
    fit = along @ np.linalg.solve(inner, along) / square**2
    quadratic = (off * off).sum() / square - fit
    size = wires * ticks
    return -0.5 * (quadratic + determinant + size * np.log(square)) - size * LOG_ROOT_TWO_PI
