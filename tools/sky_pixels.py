"""Write pixels of stars and ellipticals by GalSim: python -m tools.sky_pixels (needs galsim).

For every split of `sky_stars` and `sky_ellipticals` and four sizes of images, the pixels about the
centre and some others of each row, of unit flux. GalSim (B. T. P. Rowe et al., Astronomy and
Computing 10 (2015) 121) takes seconds for Sersic indices above some 2, and ends at 6.2: there the
mixing density is integrated on a fine grid (`tests.support.sky_model`), and the pixels by
Gauss-Legendre points.
"""

import galsim
import numpy as np

from deepbench_hf import generate, load_recipe
from tests.support import sky_model
from tests.support.paths import ORACLES

FILE = ORACLES / "sky_pixels.npz"
SIZES = (28, 48, 64, 128)
ROWS = 50  # of each split at each size
PIXELS = 32
NAMES = {
    "sky_stars": ("fwhm_px", "beta"),
    "sky_ellipticals": ("half_light_radius_px", "sersic_index", "axis_ratio", "angle_deg"),
}
EXACT = galsim.GSParams(
    folding_threshold=1e-3, maxk_threshold=1e-5, kvalue_accuracy=1e-7, xvalue_accuracy=1e-7,
    maximum_fft_size=16384,
)  # fmt: skip
STEEPEST = 2.0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


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


def by_quadrature(row, x, y):
    """Pixels of unit flux of a steep galaxy."""
    variance, share = sky_model.sersic_terms(row["sersic_index"])
    own, blur = variance * row["half_light_radius_px"] ** 2, sky_model.psf_terms(
        1, row["psf_fwhm_px"], 3.0
    )[0][0]  # fmt: skip
    a2, b2 = own + blur, own * row["axis_ratio"] ** 2 + blur
    c, s = np.cos(np.radians(row["angle_deg"])), np.sin(np.radians(row["angle_deg"]))
    found = np.zeros(len(x))
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        for other, factor in zip(NODES, WEIGHTS, strict=True):
            dx, dy = x + node / 2 - row["center_x_px"], y + other / 2 - row["center_y_px"]
            u, v = (c * dx + s * dy)[:, None], (c * dy - s * dx)[:, None]
            light = np.exp(-0.5 * (u * u / a2 + v * v / b2)) / (2 * np.pi * np.sqrt(a2 * b2))
            found += weight * factor / 4 * (light @ share)
    return found


def chosen(row, size, rng):
    """Columns and rows of the pixels about the centre, and of some others."""
    around = np.arange(-2, 3)
    x = np.clip(np.round(row["center_x_px"]).astype(int) + np.tile(around, 5), 0, size - 1)
    y = np.clip(np.round(row["center_y_px"]).astype(int) + np.repeat(around, 5), 0, size - 1)
    more = rng.integers(0, size, (2, PIXELS - len(x)))
    return np.concatenate([x, more[0]]), np.concatenate([y, more[1]])


def main():
    """Write the file: parameters, places and values, by config, split and size."""
    rng, found = np.random.default_rng(5), {}
    for name, own in NAMES.items():
        names = ("center_x_px", "center_y_px", "psf_fwhm_px", *own)
        for size in SIZES:
            recipe = load_recipe(name, image_size=size)
            for split in recipe.splits:
                truths = generate(recipe, split, 0, ROWS)
                table, places, values = [], [], []
                for i in range(ROWS):
                    row = {k: float(truths[k][i]) for k in names}
                    x, y = chosen(row, size, rng)
                    steep = row.get("sersic_index", 0) > STEEPEST
                    value = by_quadrature(row, x, y) if steep else by_galsim(row, size)[y, x]
                    table.append(list(row.values()))
                    places.append((x, y))
                    values.append(value)
                key = f"{name}/{split}/{size}"
                found[f"{key}/row"] = np.array(table)
                found[f"{key}/place"] = np.array(places, np.uint8)
                found[f"{key}/value"] = np.array(values, np.float32)
                print(key, flush=True)
    np.savez_compressed(FILE, **found)


if __name__ == "__main__":
    main()
