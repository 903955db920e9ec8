"""The chamber in numbers, and from charge to voltage: attachment, wires, and the electronics.

    u_w = (k * q_w + kz * (a1 (q_w-1 + q_w+1) + a2 (q_w-2 + q_w+2))) * h,  q = Q e^(-t / lifetime),
    h(t) = G (t / tp)^4 e^(4 (1 - t / tp)) up to 6 tp

with * the convolution over ticks and w the wire. The collection plane takes the charge up: k is a
positive lobe of area 1. On the induction plane it comes and goes: k is the difference of a lobe
that rises to 5/8, so that the samples of every wire add up to zero. Charge that drifts to a wire
also induces a current on those beside it, which comes and goes: kz adds up to zero on either plane.

Source: h is the closed form of a shaper of order 4, as in cold electronics of such chambers; that
domains differ in their response: B. Viren et al., Solving simulation systematics in and with AI/ML
(2022), arXiv:2203.06112, sections 2 and 4. In its study of two domains, https://github.com/LS4GAN/
toyzero, one has the response over neighbouring wires and the other that of the central wire alone;
the form and size of kz, a1 and a2 are ours.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

TICK_US = 0.5
"""Time between two samples of a wire, microseconds."""

PITCH_CM = 0.47
DRIFT_CM_US = 0.16
CM_WIRE = (PITCH_CM, DRIFT_CM_US * TICK_US)
"""Distance between wires, and between the planes of electrons that arrive a tick apart, cm."""

DIFFUSION_CM2_US = 7.2e-6
DIFFUSION = 2.0 * DIFFUSION_CM2_US / (DRIFT_CM_US * DRIFT_CM_US * TICK_US)
"""Variance of the arrival for each tick of drift, ticks^2: sigma^2 = 2 D t / v^2."""

ELECTRONS_MEV = 1e6 / 23.6
"""Pairs of ion and electron for each MeV that a track loses."""

MV_ELECTRON = 14.0 * 1.602176634e-4
"""Gain: 14 mV for each fC."""

LONGEST_PEAKING_US = 3.0
TAIL = 48
"""Ticks of the window that are kept for tails: charge arrives before them."""


COLLECTION = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16.0
INDUCTION = np.array([1.0, 5.0, 9.0, 5.0, -5.0, -9.0, -5.0, -1.0]) / 32.0
"""Induced current of an electron, its charge a tick: all of them are exact in binary."""

CROSSTALK = np.array([1.0, 2.0, 1.0, -1.0, -2.0, -1.0]) / 8.0
"""Current that an electron induces on a wire beside its own, its charge a tick."""

SHAPED = 6.0  # peaking times, after which less than 3e-6 of the peak is left


@kernel
def respond(peaking_us: float, lobe, taps) -> int:
    """Fill in the voltages (`TAIL`,), mV, that follow an electron; return how many there are.

    The peaking time is tp, microseconds, at most `LONGEST_PEAKING_US`; the lobe is k, (m,).
    """
    taps[:] = 0.0
    used = min(int(SHAPED * peaking_us / TICK_US), TAIL - lobe.size) + 1
    for j in range(used):
        x = j * TICK_US / peaking_us
        h = MV_ELECTRON * (x * x) * (x * x) * exact.exp(4.0 * (1.0 - x))
        for i in range(lobe.size):
            taps[i + j] += lobe[i] * h
    return used + lobe.size - 1


@kernel(allocates=True)
def read_out(charge, lifetime_ms, peaking_us, near, far, lobe, voltage) -> None:
    """Fill in the voltages (n, wires, ticks), mV, of a plane whose lobe is k, (m,).

    The charge is Q, electrons, zero in the last `TAIL` ticks; lifetime (ms), tp (us) and the shares
    a1, a2 of the charge of the next wires and of those after are (n,).
    """
    wires, ticks = charge.shape[1:]
    taps, beside = np.empty(TAIL), np.empty(TAIL)
    left, line, drift = np.empty(ticks - TAIL), np.empty(ticks), np.empty(ticks - TAIL)
    for row in range(charge.shape[0]):
        count = respond(peaking_us[row], lobe, taps)
        side = respond(peaking_us[row], CROSSTALK, beside)
        for tick in range(left.size):
            left[tick] = exact.exp(-tick * TICK_US / (1e3 * lifetime_ms[row]))
        for wire in range(wires):
            line[:] = 0.0
            for tick in range(left.size):
                drift[tick] = charge[row, wire, tick] * left[tick]
            _add(drift, taps[:count], line)
            for distance in range(1, 3):
                share = near[row] if distance == 1 else far[row]
                for other in (wire - distance, wire + distance):
                    if share > 0.0 and 0 <= other < wires:
                        for tick in range(left.size):
                            drift[tick] = share * charge[row, other, tick] * left[tick]
                        _add(drift, beside[:side], line)
            for tick in range(ticks):
                voltage[row, wire, tick] = line[tick]


@kernel
def _add(electrons, taps, line) -> None:
    """Add what follows the electrons of every tick to the voltages of a wire."""
    for tick in range(electrons.size):
        if electrons[tick] > 0.0:
            after = line[tick : tick + taps.size]
            for k in range(taps.size):
                after[k] += electrons[tick] * taps[k]
