"""How spirals answer to their parameters: what bulge, disc and arms do, by their shares.

    image = F [B bulge + (1 - B) S / T],  S = (1 - C) 2 pi h^2 disc + C arms,

bulge and disc for a flux of 1, the arms as in `bands.py`, T the flux of S; all in float64.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.simulators.sky.bent import arms_answers
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, LOGARITHMIC, SPIRAL
from deepbench_hf.simulators.sky.sersic import sersic_b

MOVES = ("center_x_px", "center_y_px", "axis_ratio", "angle_deg", "psf_fwhm_px", "psf_beta")
"""What bulge, disc and arms answer to alike."""
TOGETHER = 32
"""Galaxies at a time: there are some fifty derivatives of each."""

Size = tuple[int, int]
Profiles = Callable[..., Columns]


def galaxy_answers(
    profiles: Profiles, galaxies: NDArray, size: Size, psf: int, *optics: NDArray
) -> Columns:
    """The derivatives of the images of ellipticals and spirals by parameter, (n, H, W) each.

    Args:
        profiles: what gives the derivatives of ellipticals under the same optics.
        galaxies: records, (n,).
        size: height and width of the images, px.
        psf: 0 none, 1 Gaussian, 2 Moffat; without one, the derivatives are at the pixels' centres.
        optics: full width at half maximum of the point-spread function, px, and its exponent.
    """
    found = defaultdict(lambda: np.zeros((len(galaxies), *size)))
    for kind, answers in ((ELLIPTICAL, profiles), (SPIRAL, partial(_spirals, profiles))):
        rows = np.flatnonzero(galaxies["kind"] == kind)
        for part in np.split(rows, range(TOGETHER, rows.size, TOGETHER)) if rows.size else ():
            some = answers(galaxies[part], size, psf, *(values[part] for values in optics))
            for name, values in some.items():
                found[name][part] = values
    return found


def _spirals(profiles: Profiles, spirals: NDArray, size: Size, *optics: Any) -> Columns:
    """The same for some spirals."""
    flux, bulge_share, h, contrast = (
        spirals[name][:, None, None].copy()
        for name in ("flux_e_s", "bulge_fraction", "scale_length_px", "arm_contrast")
    )
    spirals = spirals.copy()
    spirals["flux_e_s"] = 1.0
    bulge, b = profiles(spirals, size, *optics), sersic_b(1.0)
    arms, sums = arms_answers(spirals, size, *optics)
    spirals["sersic_index"], spirals["half_light_radius_px"] = 1.0, b * spirals["scale_length_px"]
    disc = profiles(spirals, size, *optics)
    round_, full = 2 * np.pi * h * h, "flux_e_s"  # its derivative is the light itself
    plain = (1 - contrast) * round_
    whole = plain + contrast * sums[full]
    per = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
    light = per * (plain * disc[full] + contrast * arms[full])

    def shaped(slope: NDArray, by_sum: NDArray) -> NDArray:
        """The image's derivative from those of S and T."""
        return flux * (1 - bulge_share) * per * (slope - light * by_sum)

    found = {
        name: flux * bulge_share * bulge[name]
        + flux * (1 - bulge_share) * per * (plain * disc[name] + contrast * arms[name])
        for name in MOVES
        if name in disc
    }
    found |= {
        full: bulge_share * bulge[full] + (1 - bulge_share) * light,
        "half_light_radius_px": flux * bulge_share * bulge["half_light_radius_px"],
        "sersic_index": flux * bulge_share * bulge["sersic_index"],
        "bulge_fraction": flux * (bulge[full] - light),
        "arm_contrast": shaped(arms[full] - round_ * disc[full], sums[full] - round_),
    }
    for name in sums.keys() - {full}:
        found[name] = shaped(contrast * arms[name], contrast * sums[name])
    growth = 2 / h * plain
    by_h = plain * b * disc["half_light_radius_px"] + growth * disc[full]
    found["scale_length_px"] += shaped(by_h, growth)
    return found | _in_force(spirals["arm_model"], found)


def _in_force(model: NDArray, found: Columns) -> Columns:
    """Pitch, or N and B: those of the other model do nothing."""
    first = (model == LOGARITHMIC)[:, None, None]
    bend, sweep = found.pop("bend"), found.pop("sweep")
    zero = np.zeros_like(bend)
    return {
        "pitch_deg": np.where(first, bend, zero),
        "winding": np.where(first, zero, bend),
        "sweep": np.where(first, zero, sweep),
    }
