"""Fourier series of real square fields, the same bits on every CPU.

    field[y, x] = sum over k_y, k_x of a[k_y, k_x] e^(2 pi i (k_y y + k_x x) / n)

FFT libraries order their sums by what the CPU has, so their last bits differ. This is a radix-2
transform with a fixed order, in float64. It works on eight columns at a time, which fit in the
caches and in vector registers.

Source: the autosorting scheme of T. G. Stockham, High-speed convolution and correlation (1966).
"""

from functools import lru_cache

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.lanes import COLUMNS, butterfly

_WIDTH = COLUMNS
"""Columns, or pairs of rows, that are transformed together."""


def real_series(real: Array, imaginary: Array) -> Array:
    """The real field (n, n) of coefficients a = real + i imaginary, n a power of two from 16 on.

    As the field is real, a[-k] is the conjugate of a[k], and only k_y >= 0 is taken: a[k_y, k_x]
    stands at [k_x mod n, k_y], (n, n / 2 + 1). At k_y = 0 and n / 2, where the field is real after
    the sum over k_x, whatever would not make it so is ignored.

    >>> a = np.zeros((16, 9))
    >>> a[0, 1] = 0.5  # k_y = 1, and with it k_y = -1
    >>> bool(abs(real_series(a, 0 * a)[8, 3] - np.cos(np.pi)) < 1e-15)
    True
    """
    n = len(real)
    if n < 2 * _WIDTH or n & (n - 1) or not real.shape == imaginary.shape == (n, n // 2 + 1):
        accepted = "accepts (n, n / 2 + 1) with n a power of two from 16 on"
        raise ValueError(f"coefficients: got {real.shape} and {imaginary.shape}, {accepted}")
    field = np.empty((n, n))
    _real_series(np.ascontiguousarray(real), np.ascontiguousarray(imaginary), *_roots(n), field)
    return field


def real_coefficients(field: Array) -> tuple[Array, Array]:
    """Real and imaginary parts of the coefficients of a real field, the inverse of `real_series`.

    a[k_y, k_x] = sum over y, x of field[y, x] e^(-2 pi i (k_y y + k_x x) / n) / n^2, at
    [k_x mod n, k_y] for 0 <= k_y <= n / 2, (n, n / 2 + 1) each.

    >>> a = np.zeros((16, 9))
    >>> a[3, 2] = 0.5
    >>> bool(np.allclose(real_coefficients(real_series(a, 0.5 * a))[1], 0.5 * a))
    True
    """
    n = len(field)
    if n < 2 * _WIDTH or n & (n - 1) or field.shape != (n, n):
        raise ValueError(f"field: got {field.shape}, accepts (n, n), n a power of two from 16 on")
    real, imaginary = np.empty((n, n // 2 + 1)), np.empty((n, n // 2 + 1))
    _real_coefficients(np.ascontiguousarray(field), *_roots(n), real, imaginary)
    return real, imaginary


def even_series(coefficients: Array) -> Array:
    """The field of real coefficients a[k] = a[-k], as `real_series`: a sum of cosines.

    The transform is its own inverse but for a factor n^2: the coefficients of an even field f are
    ``even_series(f[:, : n // 2 + 1]) / n**2``.
    """
    return real_series(coefficients, np.zeros(coefficients.shape))


@lru_cache
def _roots(n: int) -> tuple[Array, Array]:
    """Cosine and sine of 2 pi j / n, (n / 2,) each."""
    cosines, sines = np.empty(n // 2), np.empty(n // 2)
    _fill_roots(cosines, sines)
    return cosines, sines


@kernel
def _fill_roots(cosines: Array, sines: Array) -> None:
    for j in range(cosines.size):  # 180 j / (n / 2) degrees has no error, n being a power of two
        sines[j], cosines[j] = exact.sincosd(180.0 * j / cosines.size)


@kernel(allocates=True)
def _real_series(real: Array, imaginary: Array, cosines: Array, sines: Array, field: Array) -> None:
    """Do `real_series`: sum over k_x for eight k_y at a time, then over k_y for 16 columns."""
    n, columns = real.shape
    re, im = np.zeros(n * _WIDTH), np.zeros(n * _WIDTH)
    re2, im2 = np.zeros(n * _WIDTH), np.zeros(n * _WIDTH)
    along_re, along_im = np.zeros(real.shape), np.zeros(real.shape)
    for start in range(0, columns, _WIDTH):
        width = min(_WIDTH, columns - start)
        if not _has_any(real, imaginary, start, width):
            continue
        for k in range(n):
            for w in range(width):
                re[k * _WIDTH + w] = real[k, start + w]
                im[k * _WIDTH + w] = imaginary[k, start + w]
        out_re, out_im = _transform(re, im, re2, im2, cosines, sines)
        for x in range(n):
            for w in range(width):
                along_re[x, start + w] = out_re[x * _WIDTH + w]
                along_im[x, start + w] = out_im[x * _WIDTH + w]
    for start in range(0, n, 2 * _WIDTH):
        _join(along_re, along_im, start, re, im)
        out_re, out_im = _transform(re, im, re2, im2, cosines, sines)
        for y in range(n):
            for w in range(_WIDTH):
                field[y, start + w] = out_re[y * _WIDTH + w]
                field[y, start + _WIDTH + w] = out_im[y * _WIDTH + w]


@kernel
def _has_any(real: Array, imaginary: Array, start: int, width: int) -> bool:
    """Whether some of the columns from ``start`` on hold anything: a padded series has many empty.

    What is minus zero counts, as signs of zeros go through a transform.
    """
    for k in range(real.shape[0]):
        for w in range(start, start + width):
            if real[k, w] != 0.0 or imaginary[k, w] != 0.0:
                return True
            if np.signbit(real[k, w]) or np.signbit(imaginary[k, w]):
                return True
    return False


@kernel(allocates=True)
def _real_coefficients(field, cosines, sines, real, imaginary) -> None:
    """Do `real_coefficients`: sums with e^(+i), first over y, then over x; then the conjugates."""
    n, half = field.shape[0], field.shape[0] // 2
    re, im = np.zeros(n * _WIDTH), np.zeros(n * _WIDTH)
    re2, im2 = np.zeros(n * _WIDTH), np.zeros(n * _WIDTH)
    along_re, along_im = np.zeros((n, half + _WIDTH)), np.zeros((n, half + _WIDTH))
    for start in range(0, n, _WIDTH):
        for y in range(n):
            for w in range(_WIDTH):
                re[y * _WIDTH + w], im[y * _WIDTH + w] = field[y, start + w], 0.0
        out_re, out_im = _transform(re, im, re2, im2, cosines, sines)
        for k in range(half + 1):
            for w in range(_WIDTH):
                along_re[start + w, k] = out_re[k * _WIDTH + w]
                along_im[start + w, k] = out_im[k * _WIDTH + w]
    for start in range(0, half + 1, _WIDTH):
        for x in range(n):
            for w in range(_WIDTH):
                re[x * _WIDTH + w] = along_re[x, start + w]
                im[x * _WIDTH + w] = along_im[x, start + w]
        out_re, out_im = _transform(re, im, re2, im2, cosines, sines)
        for k in range(n):
            for w in range(min(_WIDTH, half + 1 - start)):
                real[k, start + w] = out_re[k * _WIDTH + w] / (n * n)
                imaginary[k, start + w] = -out_im[k * _WIDTH + w] / (n * n)


@kernel
def _join(along_re: Array, along_im: Array, start: int, re: Array, im: Array) -> None:
    """Write f + i g for eight pairs of columns: both sums are real, so they part by themselves."""
    n, half = along_re.shape[0], along_re.shape[0] // 2
    for k in range(half + 1):
        here, mirrored = k * _WIDTH, (n - k) % n * _WIDTH
        for w in range(_WIDTH):
            f, g = start + w, start + _WIDTH + w
            f_re, g_re = along_re[f, k], along_re[g, k]
            f_im = along_im[f, k] if 0 < k < half else 0.0
            g_im = along_im[g, k] if 0 < k < half else 0.0
            re[mirrored + w], im[mirrored + w] = f_re + g_im, g_re - f_im
            re[here + w], im[here + w] = f_re - g_im, f_im + g_re


@kernel(allocates=True)
def _transform(re, im, re2, im2, cosines, sines) -> tuple[Array, Array]:
    """Return sum over k of a[k] e^(2 pi i k x / n) of eight columns, in one of the pairs given.

    All are flat, column w of row k at 8 k + w, and are overwritten.
    """
    groups, size = cosines.size, re.size // (2 * cosines.size)
    while groups:
        for group in range(groups):
            place = group * size // _WIDTH
            root = cosines[place], sines[place]
            butterfly(re, im, re2, im2, (group * size, size), root)
        re, im, re2, im2 = re2, im2, re, im
        groups, size = groups // 2, size * 2
    return re, im
