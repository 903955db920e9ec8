"""What should not change: a class with the noise level or by one pixel, an invariant along time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.metrics.estimates import Array, Estimate, average, finite, positive

Model = Callable[[NDArray], ArrayLike]
"""Images ``(B, H, W)`` to the numbers of their classes ``(B,)``."""


def flip_rate(predicted: ArrayLike) -> Estimate:
    """The share of examples whose predicted class changes from level to level of noise.

        f_k = <predicted on level k differs from level 0>

    No truth is needed. Right and wrong answers flip alike, so it is at least the size of the
    drop in accuracy.

    Args:
        predicted: predicted classes on each level, the reference first, ``(k, n)``.

    Returns:
        Value and standard error ``(k,)``; the first is 0.

    Raises:
        ValueError: not two dimensions, or no level.

    Source: ours.

    >>> flip_rate([[0, 1], [0, 0]]).value
    array([0. , 0.5])
    """
    levels = np.asarray(predicted)
    if levels.ndim != 2 or not len(levels):
        raise ValueError(f"predicted {levels.shape}; give (k, n)")
    return average((levels != levels[0]).T)


def one_pixel_values(images: ArrayLike, sigma: ArrayLike, sigmas: float = 5.0) -> NDArray:
    """The values that the perturbation `one_pixel` may give a pixel: 0, max, k sigma, -k sigma.

    Args:
        images: ``(n, H, W)``.
        sigma: standard deviation of an empty pixel, in the unit of the images, ``(n,)`` or one.
        sigmas: k.

    Returns:
        The values of each image, float32 ``(n, 4)``.

    Raises:
        ValueError: shapes do not fit.

    Source: ours.

    >>> one_pixel_values([[[1.0, 3.0]]], 0.5).tolist()
    [[0.0, 3.0, 2.5, -2.5]]
    """
    from deepbench_hf.noise.perturbation import candidates

    pictures = _pictures(images)
    return candidates(pictures, _repeated("sigma", sigma, (len(pictures),)), sigmas)


def one_pixel_flips(
    model: Model,
    images: ArrayLike,
    values: ArrayLike,
    tries: int | None = None,
    seed: int = 0,
    batch: int = 1024,
) -> Array:
    """The share of replacements of one pixel that give an image another class.

        s_i = #{(p, v): model(x_i with v at p) != model(x_i)} / #{(p, v)}

    Args:
        model: images ``(B, H, W)`` to class numbers ``(B,)``; the same answer for the same image.
        images: x, ``(n, H, W)``.
        values: v, those that a pixel may be given, ``(n, V)``, or ``(V,)`` for all images.
        tries: how many of the H W V replacements, drawn at random; None for all of them.
        seed: of the draw, which is the same for all images.
        batch: images that the model is given at once.

    Returns:
        The shares ``(n,)``, from 0 to 1.

    Raises:
        ValueError: shapes do not fit, there are not so many replacements, or no image in a batch.

    Source: J. Su, D. V. Vargas, K. Sakurai, One Pixel Attack for Fooling Deep Neural Networks
    (2019), whose search is random; this one is exhaustive. A. Ciprijanovic et al.,
    DeepAdversaries: examining the robustness of deep learning models for galaxy morphology
    classification (2022), section 3.

    >>> def bright(images):  # is any pixel above 1?
    ...     return (images > 1).any(axis=(1, 2))
    >>> one_pixel_flips(bright, [[[0.0, 0.0]], [[2.0, 2.0]]], [0.0, 3.0])
    array([0.5, 0. ])
    """
    pictures = _pictures(images)
    if batch < 1:
        raise ValueError(f"batch: {batch}; give 1 or more")
    many = np.shape(values)[-1:]
    choices = _repeated("values", values, (len(pictures), *many))
    places = _places(pictures[0].size * choices.shape[1], tries, seed)
    pairs = zip(pictures, choices, strict=True)
    return np.array([_share(model, image, own, places, batch) for image, own in pairs])


def one_pixel_flip_rate(
    model: Model,
    images: ArrayLike,
    values: ArrayLike,
    tries: int | None = None,
    seed: int = 0,
    batch: int = 1024,
) -> Estimate:
    """The share of images to which some replacement of one pixel gives another class.

        r = #{i: s_i > 0} / n,  s_i of `one_pixel_flips`

    Few ``tries`` give a lower bound.

    Args:
        images: ``(n, H, W)``.
        model, values, tries, seed, batch: as `one_pixel_flips` takes them.

    Returns:
        Value and standard error, between 0 and 1.

    Source: that of `one_pixel_flips`.

    >>> one_pixel_flip_rate(lambda x: x.max(axis=(1, 2)) > 1, [[[0.0]], [[2.0]]], [1.5]).value
    np.float64(0.5)
    """
    return average(one_pixel_flips(model, images, values, tries, seed, batch) > 0)


def _share(
    model: Model, image: NDArray, values: NDArray, places: NDArray[np.int64], batch: int
) -> float:
    """The share of replacements, pixel by pixel and value by value, that give another class."""
    before, flipped = _classes(model, image[None]), 0
    for start in range(0, len(places), batch):
        pixel, value = np.divmod(places[start : start + batch], len(values))
        changed = np.repeat(image[None], len(pixel), axis=0)
        changed.reshape(len(pixel), -1)[np.arange(len(pixel)), pixel] = values[value]
        flipped += int((_classes(model, changed) != before).sum())
    return flipped / len(places)


def _places(count: int, tries: int | None, seed: int) -> NDArray[np.int64]:
    """All replacements, or some of them at random, none of them twice."""
    if tries is None:
        return np.arange(count)
    if not 1 <= tries <= count:
        raise ValueError(f"tries: {tries}; give 1 to {count}, or None for all")
    from deepbench_hf.exact import shuffle
    from deepbench_hf.exact.words import stream_key

    return shuffle.permuted(stream_key("one_pixel", seed), np.arange(tries), count)


def _classes(model: Model, images: NDArray) -> NDArray:
    """What the model answers."""
    found = np.asarray(model(images))
    if found.shape != images.shape[:1]:
        raise ValueError(f"model: {images.shape} gave {found.shape}; it must give one class each")
    return found


def _pictures(images: ArrayLike) -> NDArray:
    """Checked images in their own type of float."""
    checked, given = finite("images", images), np.asarray(images)
    if checked.ndim != 3:
        raise ValueError(f"images {checked.shape}; give (n, H, W)")
    return np.ascontiguousarray(given) if given.dtype.kind == "f" else checked


def _repeated(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """An argument with a row for every image."""
    try:
        return finite(name, np.broadcast_to(values, shape))
    except ValueError:
        raise ValueError(f"{name} {np.shape(values)}; give finite numbers {shape}") from None


def invariant_residuals(values: ArrayLike, scale: ArrayLike | None = None) -> Array:
    """The relative spread along time of a quantity that should not change.

        r = (max_t v - min_t v) / scale

    Args:
        values: the quantity at each time, such as an energy, ``(n, T, ...)``.
        scale: what counts as large, in the unit of the quantity, ``(n, ...)`` or a number; None for
            max_t |v|. A quantity that is conserved at zero, such as a total momentum, needs one.

    Returns:
        The residual of each example, ``(n, ...)``, pure numbers.

    Raises:
        ValueError: no time axis, a value that is not finite, or a scale of another shape or not
            above 0.

    Source: E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration (2006), chapter IX.

    >>> invariant_residuals([[2.0, 2.0, 1.5]])
    array([0.25])
    """
    values = finite("values", values)
    if values.ndim < 2:
        raise ValueError(f"values: shape {values.shape}; give (n, T, ...)")
    span = np.ptp(values, axis=1)
    if scale is not None:
        shape = span.shape if np.ndim(scale) else (1,)
        return span / positive("scale", finite("scale", np.atleast_1d(scale), shape))
    largest = np.abs(values).max(1)
    return np.divide(span, largest, out=np.zeros_like(span), where=largest > 0)
