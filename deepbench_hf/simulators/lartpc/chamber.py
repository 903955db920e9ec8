"""The chamber: what its wires, its argon and its readout have in common, in numbers."""

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
