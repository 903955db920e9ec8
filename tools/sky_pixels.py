"""Compare stars and ellipticals with GalSim, and write some of its pixels: needs galsim.

``python -m tools.sky_pixels`` does it for every split of `sky_stars` and `sky_ellipticals`, half an
hour of a core, ``python -m tools.sky_pixels sky_stars/train`` for one. At four sizes of images, 200
rows each: the worst pixel of each whole image, over its peak, is printed; the pixels about the
centre and some others, of unit flux, are written. GalSim (B. T. P. Rowe et al.,
Astronomy and Computing 10 (2015) 121) ends at a Sersic index of 6.2: beyond, the mixing density is
integrated on a fine grid (`tests.support.sky_model`), and the pixels by Gauss-Legendre points, in a
window of 40 pixels about the centre.
"""

import sys

import galsim
import numpy as np

from deepbench_hf import generate, load_recipe
from tests.support import sky_model
from tests.support.paths import ORACLES
from tests.support.sky_reference import ELLIPTICAL, GAUSSIAN, STAR, picture, thing

FILE = ORACLES / "sky_pixels.npz"
SIZES = (28, 48, 64, 128)
ROWS = 200  # of each split at each size
PIXELS = 12
NAMES = {
    "sky_stars": ("fwhm_px", "beta"),
    "sky_ellipticals": ("half_light_radius_px", "sersic_index", "axis_ratio", "angle_deg"),
}
EXACT = galsim.GSParams(
    folding_threshold=1e-3, maxk_threshold=1e-5, kvalue_accuracy=1e-7, xvalue_accuracy=1e-7,
    maximum_fft_size=16384,
)  # fmt: skip
STEEPEST, WINDOW = 6.2, 40


def by_galsim(row, size):
    """The image of unit flux."""
    if "beta" in row:
        light = galsim.Moffat(row["beta"], fwhm=row["fwhm_px"], gsparams=EXACT)
    else:
        round_radius = row["half_light_radius_px"] * np.sqrt(row["axis_ratio"])
        light = galsim.Sersic(row["sersic_index"], half_light_radius=round_radius, gsparams=EXACT)
        light = light.shear(q=row["axis_ratio"], beta=row["angle_deg"] * galsim.degrees)
    light = galsim.Convolve(light, galsim.Gaussian(fwhm=row["psf_fwhm_px"]), gsparams=EXACT)
    middle = 0.5 * (size - 1)
    offset = row["center_x_px"] - middle, row["center_y_px"] - middle
    return light.drawImage(nx=size, ny=size, scale=1, offset=offset, dtype=float).array


def by_quadrature(row, size):
    """The image of unit flux of a steep galaxy, where it is not too far from the centre."""
    x, y = (
        int(np.clip(row[f"center_{axis}_px"] - WINDOW / 2, 0, max(size - WINDOW, 0)))
        for axis in "xy"
    )
    side = min(size, WINDOW)
    one = row | {"kind": ELLIPTICAL, "flux_e_s": 1.0}
    one |= {"center_x_px": row["center_x_px"] - x, "center_y_px": row["center_y_px"] - y}
    image = np.full((size, size), np.nan)
    image[y : y + side, x : x + side] = sky_model.picture(
        one, (side, side), GAUSSIAN, row["psf_fwhm_px"]
    )
    return image


def drawn(row, size):
    """The same by the library."""
    kind = STAR if "beta" in row else ELLIPTICAL
    values = {name: value for name, value in row.items() if name != "psf_fwhm_px"}
    place = values.pop("center_x_px"), values.pop("center_y_px")
    scene = [thing(kind, *place, flux_e_s=1.0, **values)]
    return picture(scene, (size, size), GAUSSIAN, row["psf_fwhm_px"])[0]


def chosen(row, image, rng):
    """Columns and rows of the pixels about the centre, and of some others."""
    size, around = len(image), np.arange(-1, 2)
    x = np.clip(np.round(row["center_x_px"]).astype(int) + np.tile(around, 3), 0, size - 1)
    y = np.clip(np.round(row["center_y_px"]).astype(int) + np.repeat(around, 3), 0, size - 1)
    far = np.argwhere(np.isfinite(image))
    more = far[rng.integers(0, len(far), PIXELS - len(x))]
    return np.concatenate([x, more[:, 1]]), np.concatenate([y, more[:, 0]])


def compared(name, split, size):
    """Rows, places and values of a split at a size; the worst pixel of each whole image."""
    truths = generate(load_recipe(name, image_size=size), split, 0, ROWS)
    rng, found = np.random.default_rng(size), {"row": [], "place": [], "value": []}
    worst = []
    for i in range(ROWS):
        names = ("center_x_px", "center_y_px", "psf_fwhm_px", *NAMES[name])
        row = {k: float(np.float32(truths[k][i])) for k in names}
        steep = row.get("sersic_index", 0) > STEEPEST
        image = (by_quadrature if steep else by_galsim)(row, size)
        x, y = chosen(row, image, rng)
        found["row"].append(list(row.values()))
        found["place"].append((x, y))
        found["value"].append(image[y, x])
        worst.append(np.nanmax(np.abs(drawn(row, size) - image)) / np.nanmax(image))
    types = {"row": np.float32, "place": np.uint8, "value": np.float32}
    return {k: np.array(v, types[k]) for k, v in found.items()}, np.array(worst)


def main(wanted):
    """Add to the file, by config, split and size."""
    every = [f"{name}/{split}" for name in NAMES for split in load_recipe(name).splits]
    for key in wanted or every:
        for size in SIZES:
            found, worst = compared(*key.split("/"), size)
            last = int(worst.argmax())
            print(f"{key}/{size}: worst {worst[last]:.2e}, median {np.median(worst):.1e};"
                  f" worst row {last} {found['row'][last].tolist()}", flush=True)  # fmt: skip
            with np.load(FILE) as file:
                arrays = dict(file)
            arrays |= {f"{key}/{size}/{part}": values for part, values in found.items()}
            np.savez_compressed(FILE, **arrays)


if __name__ == "__main__":
    main(sys.argv[1:])
