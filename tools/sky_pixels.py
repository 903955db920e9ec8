"""Compare stars and ellipticals with GalSim, and write some of its pixels: python -m
tools.sky_pixels (needs galsim; half an hour).

For every split of `sky_stars` and `sky_ellipticals` and four sizes of images, 200 rows each: the
worst pixel of each whole image, over its peak, is printed; the pixels about the centre and some
others, of unit flux, are written. GalSim (B. T. P. Rowe et al., Astronomy and Computing 10 (2015)
121) ends at a Sersic index of 6.2: beyond, the mixing density is integrated on a fine grid
(`tests.support.sky_model`), and the pixels by Gauss-Legendre points.
"""

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
STEEPEST = 6.2


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
    """The image of unit flux of a steep galaxy."""
    one = row | {"kind": ELLIPTICAL, "flux_e_s": 1.0}
    return sky_model.picture(one, (size, size), GAUSSIAN, row["psf_fwhm_px"])


def drawn(row, size):
    """The same by the library."""
    kind = STAR if "beta" in row else ELLIPTICAL
    values = {name: value for name, value in row.items() if name != "psf_fwhm_px"}
    place = values.pop("center_x_px"), values.pop("center_y_px")
    scene = [thing(kind, *place, flux_e_s=1.0, **values)]
    return picture(scene, (size, size), GAUSSIAN, row["psf_fwhm_px"])[0]


def chosen(row, size, rng):
    """Columns and rows of the pixels about the centre, and of some others."""
    around = np.arange(-1, 2)
    x = np.clip(np.round(row["center_x_px"]).astype(int) + np.tile(around, 3), 0, size - 1)
    y = np.clip(np.round(row["center_y_px"]).astype(int) + np.repeat(around, 3), 0, size - 1)
    more = rng.integers(0, size, (2, PIXELS - len(x)))
    return np.concatenate([x, more[0]]), np.concatenate([y, more[1]])


def main():
    """Write the file: parameters, places and values, by config, split and size."""
    rng, found = np.random.default_rng(5), {}
    for name, own in NAMES.items():
        names = ("center_x_px", "center_y_px", "psf_fwhm_px", *own)
        for split in load_recipe(name).splits:
            for size in SIZES:
                truths = generate(load_recipe(name, image_size=size), split, 0, ROWS)
                table, places, values, worst = [], [], [], []
                for i in range(ROWS):
                    row = {k: float(np.float32(truths[k][i])) for k in names}
                    steep = row.get("sersic_index", 0) > STEEPEST
                    image = (by_quadrature if steep else by_galsim)(row, size)
                    x, y = chosen(row, size, rng)
                    table.append(list(row.values()))
                    places.append((x, y))
                    values.append(image[y, x])
                    worst.append(np.abs(drawn(row, size) - image).max() / image.max())
                key, last = f"{name}/{split}/{size}", int(np.argmax(worst))
                found[f"{key}/row"] = np.array(table, np.float32)
                found[f"{key}/place"] = np.array(places, np.uint8)
                found[f"{key}/value"] = np.array(values, np.float32)
                print(f"{key}: worst {max(worst):.2e}, median {np.median(worst):.1e};"
                      f" worst row {last} {table[last]}", flush=True)  # fmt: skip
    np.savez_compressed(FILE, **found)


if __name__ == "__main__":
    main()
