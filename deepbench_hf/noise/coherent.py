"""Noise that neighbouring wires share, and the converter behind them.

    c(t) = sigma sum_k sqrt(2 w_k) cos(2 pi (f_k t + u_k)) + a cos(2 pi (60 kHz t + u)),  w_k ~ 1/k

with f_k = k 4 kHz, k = 1 to 32, the w_k of sum 1 and uniform phases u: a sum of declared sinusoids,
which needs no Fourier transform. Each is turned from tick to tick by one complex product.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.lartpc.wires import TICK_US

FLICKERING = 32
STEP_MHZ, LINE_MHZ = 0.004, 0.060
MODES = FLICKERING + 1
"""Sinusoids, the line the last of them."""


@kernel
def _add_mode(total, frequency: float, phase: float, amplitude: float) -> None:
    """Add amplitude cos(2 pi (frequency tick + phase)) to the ticks of a line."""
    s, c = exact.sincos(TWO_PI * phase)
    up, across = exact.sincos(TWO_PI * frequency)
    for tick in range(total.size):
        total[tick] += amplitude * c
        s, c = s * across + c * up, c * across - s * up


@kernel(allocates=True)
def hum(phases, flicker, line, coherent) -> None:
    """Fill in the noise of every group of wires, mV, (n, groups, ticks).

    The phases u are turns, (n, groups, `MODES`); flicker is sigma and line is a, mV, (n,).
    """
    total, whole = np.empty(coherent.shape[2]), 0.0
    for k in range(1, FLICKERING + 1):
        whole += 1.0 / k
    for row in range(coherent.shape[0]):
        for group in range(coherent.shape[1]):
            total[:] = 0.0
            for k in range(1, MODES):
                amplitude = flicker[row] * np.sqrt(2.0 / (k * whole))
                if amplitude > 0.0:
                    frequency = k * STEP_MHZ * TICK_US
                    _add_mode(total, frequency, phases[row, group, k - 1], amplitude)
            if line[row] > 0.0:
                _add_mode(total, LINE_MHZ * TICK_US, phases[row, group, FLICKERING], line[row])
            for tick in range(total.size):
                coherent[row, group, tick] = total[tick]


@kernel
def convert(clean, gain, coherent, step, group: int, observed) -> None:
    """Turn white noise (n, wires, ticks), mV, into what is converted: round(g v + c + white).

    In its steps (n,), mV, 0 for none. v are the clean voltages, g (n, wires) the gains, 0 of dead
    wires, which read 0, and c (n, groups, ticks) the noise of each ``group`` wires.
    """
    for row in range(clean.shape[0]):
        for wire in range(clean.shape[1]):
            v, c, seen = clean[row, wire], coherent[row, wire // group], observed[row, wire]
            if gain[row, wire] == 0.0:
                seen[:] = 0.0
                continue
            for tick in range(seen.size):
                seen[tick] += gain[row, wire] * v[tick] + c[tick]
            if step[row] > 0.0:
                for tick in range(seen.size):
                    seen[tick] = step[row] * np.floor(seen[tick] / step[row] + 0.5)
