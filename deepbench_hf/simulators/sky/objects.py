"""What an object of the sky is: its kinds and the parameters of each."""

from deepbench_hf.fields import CENTER, Parameter, one_of

STAR_KIND, ELLIPTICAL, SPIRAL = range(3)
KINDS = ("star", "elliptical", "spiral")

LOGARITHMIC, RINGERMACHER_MEAD, ARCHIMEDEAN = range(3)
ARM_MODELS = ("logarithmic", "ringermacher_mead", "archimedean")

OF_STARS = {"kind": ("star",)}
OF_GALAXIES = {"kind": ("elliptical", "spiral")}
OF_SPIRALS = {"kind": ("spiral",)}
OF_LOGARITHMIC = OF_SPIRALS | {"arm_model": ("logarithmic",)}
OF_RINGERMACHER_MEAD = OF_SPIRALS | {"arm_model": ("ringermacher_mead",)}
OF_LENGTH = OF_SPIRALS | {"arm_model": ("ringermacher_mead", "archimedean")}

PLACE = {
    **CENTER,
    "flux_e_s": Parameter(
        "electron s-1", "flux, all of it, also outside the frame", 0, 1e9, symbol="F"
    ),
}

# fmt: off
STAR = {
    "fwhm_px": Parameter(
        "pix", "full width at half maximum of the star's Moffat profile",
        0.2, 256, only=OF_STARS, symbol=r"\mathrm{FWHM}"),
    "beta": Parameter(
        "1", "exponent of the star's Moffat profile", 1.5, 20, only=OF_STARS, symbol=r"\beta"),
}

SERSIC = {
    "half_light_radius_px": Parameter(
        "pix", "semi-major axis of the ellipse with half of the flux of elliptical or bulge",
        0.2, 1024, only=OF_GALAXIES, symbol="r_e"),
    "sersic_index": Parameter(
        "1", "Sersic index n of the elliptical or the bulge",
        0.5, 8, only=OF_GALAXIES, symbol="n"),
    "axis_ratio": Parameter(
        "1", "minor over major axis; of a disc, the cosine of its inclination",
        0.05, 1, default=1, only=OF_GALAXIES, absent=1, symbol="q"),
    "angle_deg": Parameter(
        "deg", "of the major axis, from +x to +y",
        -360, 360, default=0, only=OF_GALAXIES, symbol=r"\theta", period=180),
}

DISC = {
    "scale_length_px": Parameter(
        "pix", "scale length h of the exponential disc", 0.2, 1024, only=OF_SPIRALS, symbol="h"),
    "bulge_fraction": Parameter(
        "1", "share of the Sersic bulge in the flux",
        0, 1, default=0, only=OF_SPIRALS, symbol="B/T"),
    "arm_model": one_of(
        "law of the phase of the arms", ARM_MODELS, default=0, only=OF_SPIRALS, symbol="L"),
    "arms": Parameter(
        "1", "number of arms", 1, 12, default=2, whole=True, only=OF_SPIRALS, symbol="M"),
    "handedness": Parameter(
        "1", "1: going out, the arms wind from +x to +y; -1: the other way",
        -1, 1, default=1, whole=True, only=OF_SPIRALS, symbol="s"),
    "arm_phase_deg": Parameter(
        "deg",
        "azimuth of an arm in the disc, from the major axis, at one scale length, or at the centre "
        "if not logarithmic",
        -360, 360, default=0, only=OF_SPIRALS, symbol=r"\phi_0",
        period=360, folds={"arms": (1, *range(1, 13))}),
    "pitch_deg": Parameter(
        "deg", "pitch angle of logarithmic arms",
        2, 80, default=20, only=OF_LOGARITHMIC, symbol=r"\psi"),
    "winding": Parameter(
        "1", "N of Ringermacher-Mead arms: larger is tighter",
        0.5, 20, default=4, only=OF_RINGERMACHER_MEAD, symbol="N"),
    "sweep": Parameter(
        "1", "B of Ringermacher-Mead arms: larger is more sweep and less bar",
        0.05, 10, default=1, only=OF_RINGERMACHER_MEAD, symbol="B"),
    "arm_scale_px": Parameter(
        "pix", "A of phi = 2 N arctan(B exp(-A / r)), or of Archimedean phi = r / A",
        0.5, 1024, default=10, only=OF_LENGTH, symbol="A"),
    "arm_strength": Parameter(
        "1", "strength K of the density wave; 0: no arms",
        0, 4, default=1.5, only=OF_SPIRALS, symbol="K"),
    "arm_width_px": Parameter(
        "pix", "w, what the wave is smoothed over, in the plane of the disc",
        0.5, 256, default=2, only=OF_SPIRALS, symbol="w"),
}
# fmt: on

BENDING = tuple(name for name, value in DISC.items() if not (value.whole or value.names))
"""The parameters of a disc and its arms that are continuous."""
