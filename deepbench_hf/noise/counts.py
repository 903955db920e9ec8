"""What a detector makes of a clean image: photon noise, sky, read noise; and how much is seen.

    N ~ Poisson(t (S + B)) + sigma z,  image = (N / t - B) / gain

with the clean image S and the sky B in electrons per second and pixel, the exposure t in seconds
and the read noise sigma in electrons. Every pixel is drawn by itself, so the noise is white, and
the sky is subtracted, so that an empty image has the mean 0.

Source: Howell, Handbook of CCD Astronomy, 2nd edition (2006), section 4.4.
"""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.exact.draws import fill_normals
from deepbench_hf.exact.kernel import Array, Array32, kernel
from deepbench_hf.exact.poisson import BLOCK, fill_counts
from deepbench_hf.exact.words import as_indices, fill_words


def expose(
    clean: Array32,
    exposure_s: ArrayLike,
    sky_e_s_px: ArrayLike,
    read_noise_e: ArrayLike,
    gain_e_adu: ArrayLike,
    photons: np.uint64,
    reads: np.uint64,
    indices: ArrayLike,
    out: Array32 | None = None,
) -> Array32:
    """Return observed images, computed in float32; S + B below 0 counts as 0.

    The photons of pixel j, counted row by row, take word j of the stream `photons`; the z are the
    normals of `draws.add_normals` in the stream `reads`.

    Args:
        clean: S, electrons/s/pixel, shape (n, H, W).
        exposure_s: t, above 0, s, shape (n,).
        sky_e_s_px: B, electrons/s/pixel, shape (n,); t (S + B) up to 1e9 electrons.
        read_noise_e: sigma, at least 0, electrons, shape (n,).
        gain_e_adu: Electrons per unit of the result, above 0, shape (n,); 1 for electrons/s.
        photons, reads: Two keys of `words.stream_key`.
        indices: Example indices, 0 to 2^63 - 1, shape (n,).
        out: Where the images are put, C-contiguous float32, shape (n, H, W); it may be `clean`.
    """
    flat = np.ascontiguousarray(clean).reshape(len(clean), clean.shape[1] * clean.shape[2])
    rows = [_column(x, len(flat)) for x in (exposure_s, sky_e_s_px, read_noise_e, gain_e_adu)]
    seen = np.empty(clean.shape, np.float32) if out is None else out
    keys = np.uint64(photons), np.uint64(reads)
    _expose(flat, *rows, *keys, as_indices(indices), seen.reshape(flat.shape))
    return seen


@kernel(allocates=True)
def _expose(clean, exposure_s, sky_e_s_px, read_noise_e, gain_e_adu, photons, reads, indices, out):
    """Do `expose` with flat images (n, m) and checked arguments."""
    lanes, words = np.empty((4, BLOCK // 4), np.int32), np.empty(BLOCK, np.int32)
    scratch = np.zeros((8, BLOCK), np.float32)
    for i in range(clean.shape[0]):
        t, sky = np.float32(exposure_s[i]), np.float32(sky_e_s_px[i])
        sigma, gain = np.float32(read_noise_e[i]), np.float32(gain_e_adu[i])
        settings = (t, sky, sigma, gain, photons, reads, indices[i])
        _expose_one(clean[i], *settings, lanes, words, scratch, out[i])


@kernel
def _expose_one(clean, t, sky, sigma, gain, photons, reads, index, lanes, words, scratch, out):
    """Do `expose` with one image, block by block."""
    z, rate, counts, more = scratch[0], scratch[1], scratch[2], scratch[3:]
    for start in range(0, clean.size, BLOCK):
        part, seen = clean[start : start + BLOCK], out[start : start + BLOCK]
        m = part.size
        for j in range(m):
            rate[j] = t * (part[j] + sky)
        fill_words(words, lanes, start, m, index, photons)
        fill_counts(counts[:m], rate[:m], words, more)
        if sigma > 0.0:
            fill_normals(z, lanes, start, m, index, reads)
        for j in range(m):
            seen[j] = (counts[j] + sigma * z[j]) / t - sky
        if gain != 1.0:
            for j in range(m):
                seen[j] /= gain


def signal_to_noise(
    clean: Array32, exposure_s: ArrayLike, sky_e_s_px: ArrayLike, read_noise_e: ArrayLike
) -> Array:
    """Return the signal-to-noise ratio of the best linear filter, which knows the clean image.

        snr = sqrt(sum over pixels of (t S)^2 / (t (S + B) + sigma^2))

    Pixels without signal or without noise count as 0; arguments as in `expose`.

    Source: Horne, An optimal extraction algorithm for CCD spectroscopy (PASP 98, 1986).
    """
    rows = [_column(x, len(clean)) for x in (exposure_s, sky_e_s_px, read_noise_e)]
    ratio = np.empty(len(clean))
    _signal_to_noise(np.ascontiguousarray(clean), *rows, ratio)
    return ratio


@kernel(allocates=True)
def _signal_to_noise(clean, exposure_s, sky_e_s_px, read_noise_e, ratio) -> None:
    """Do `signal_to_noise` with checked arguments."""
    _ratios(clean, exposure_s, sky_e_s_px, read_noise_e, np.empty(clean.shape[2]), ratio)


@kernel
def _ratios(clean, exposure_s, sky_e_s_px, read_noise_e, column, ratio) -> None:
    """Do `signal_to_noise`: a sum per column, which vectorises, then over the columns in order."""
    for i in range(clean.shape[0]):
        t, sky = exposure_s[i], sky_e_s_px[i]
        dark = read_noise_e[i] * read_noise_e[i]
        column[:] = 0.0
        for y in range(clean.shape[1]):
            line = clean[i, y]
            for x in range(line.size):
                rate = t * (line[x] + sky)
                variance = (rate if rate > 0.0 else 0.0) + dark
                signal = t * line[x]
                seen = variance > 0.0
                column[x] += (signal * signal if seen else 0.0) / (variance if seen else 1.0)
        ratio[i] = np.sqrt(_total(column))


def matched_filter(clean: Array32, sigma: ArrayLike) -> Array:
    """Return the signal-to-noise ratio sqrt(sum S^2) / sigma in Gaussian noise; inf without it.

    S are images (n, H, W) float32, sigma (n,) of every pixel is in their unit.

    Source: Turin, An introduction to matched filters (IRE Trans. Information Theory 6, 1960).
    """
    images, ratio = np.ascontiguousarray(clean), np.empty(len(clean))
    _matched_filter(images, _column(sigma, len(images)), ratio)
    return ratio


@kernel(allocates=True)
def _matched_filter(clean: Array32, sigma: Array, ratio: Array) -> None:
    """Do `matched_filter`, with sums as in `_signal_to_noise`."""
    column = np.empty(clean.shape[2])
    for i in range(clean.shape[0]):
        column[:] = 0.0
        for y in range(clean.shape[1]):
            line = clean[i, y]
            for x in range(line.size):
                signal = np.float64(line[x])
                column[x] += signal * signal
        ratio[i] = np.sqrt(_total(column)) / sigma[i] if sigma[i] > 0.0 else np.inf


@kernel
def _total(column: Array) -> float:
    """Return the sum, from the first to the last."""
    total = 0.0
    for x in range(column.size):
        total += column[x]
    return total


def _column(values: ArrayLike, n: int) -> Array:
    """Return one float64 value per example; one for all of them is repeated."""
    return np.ascontiguousarray(np.broadcast_to(np.asarray(values, dtype=np.float64), (n,)))
