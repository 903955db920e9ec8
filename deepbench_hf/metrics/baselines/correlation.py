"""Images against templates: smaller, centred, shifted, and how well they correlate."""

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]


def binned(images: NDArray, factor: int) -> Images:
    """Means over squares of ``factor`` pixels, (n, h, w); what does not fill one is left out."""
    height, width = (side // factor * factor for side in images.shape[1:])
    total = np.zeros((len(images), height // factor, width // factor), np.float32)
    for y, x in np.ndindex(factor, factor):  # faster than a sum over two short axes
        total += images[:, y:height:factor, x:width:factor]
    return total / np.float32(factor * factor)


def centroids(images: NDArray) -> NDArray[np.float64]:
    """Centre of the light along y and x, pixels, (n, 2); the middle where there is none."""
    total = images.sum(axis=(1, 2), dtype=np.float64)
    found = np.empty((len(images), 2))
    for axis, side in enumerate(images.shape[1:]):
        profile = images.sum(axis=2 - axis, dtype=np.float64)
        moment = profile @ np.arange(side)
        found[:, axis] = np.divide(
            moment, total, out=np.full(len(images), side / 2), where=total > 0
        )
    return found


def centred(images: NDArray, at: NDArray) -> Images:
    """The images with pixel ``at`` (n, 2), rounded, moved to the middle; zero beyond the frame."""
    size = images.shape[1:]
    half = [side // 2 for side in size]
    first = np.clip(np.rint(at).astype(int), 0, size)
    wide = np.pad(images, ((0, 0), *((side, side) for side in half)))
    found = np.empty(images.shape, np.float32)
    for i, (y, x) in enumerate(first):
        found[i] = wide[i, y : y + size[0], x : x + size[1]]
    return found


def normalised(images: Images) -> Images:
    """The images over the root of the sum of their squares."""
    norm = np.sqrt((images * images).sum(axis=(1, 2), keepdims=True))
    return images / np.maximum(norm, np.finfo(np.float32).tiny)


def shifts(images: Images, templates: Images) -> tuple[NDArray, NDArray[np.int64]]:
    """Where each template fits each image best, over all shifts up to half the frame.

        c(d) = sum_r image(r + d) template(r), by the Fourier transform

    Args:
        images: (n, h, w).
        templates: of the same size, (T, h, w).

    Returns:
        The largest c, (T, n), and its d along y and x, pixels, (T, n, 2).

    Source: G. L. Turin, An introduction to matched filters, IRE Trans. Inf. Theory 6 (1960) 311.
    """
    size = [side + side // 2 for side in images.shape[1:]]  # empty borders: nothing comes around
    down, right = (np.r_[0 : side // 2 + 1, -(side // 2) : 0] for side in images.shape[1:])
    spectrum = np.fft.rfft2(images, size)
    best = np.empty((len(templates), len(images)), np.float32)
    at = np.empty((len(templates), len(images)), np.int64)
    for i, template in enumerate(templates):
        filtered = spectrum * np.fft.rfft2(template, size).conj()
        correlation = np.fft.irfft2(filtered, size)[:, down[:, None], right]
        flat = correlation.reshape(len(images), -1)
        at[i] = flat.argmax(axis=1)
        best[i] = np.take_along_axis(flat, at[i][:, None], 1)[:, 0]
    return best, np.stack([down[at // len(right)], right[at % len(right)]], axis=-1)
