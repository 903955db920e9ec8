"""Numbers that physics and geometry need everywhere, each the nearest float64."""

PI, TWO_PI, HALF_PI = 3.141592653589793, 6.283185307179586, 1.5707963267948966
LN_2, LN_10, LOG2_E = 0.6931471805599453, 2.302585092994046, 1.4426950408889634

ROOT_TWO_PI = 2.5066282746310002
LOG_ROOT_TWO_PI = 0.9189385332046727

DEGREE, ARCMIN = 0.017453292519943295, 2.908882086657216e-4
"""In radians."""

FWHM = 2.3548200450309493
"""Full width at half maximum of a Gaussian, in standard deviations: 2 sqrt(2 ln 2)."""

OCTAVES = 1.328771237954945
"""Powers of two of flux for each magnitude: 0.4 log2(10)."""
