"""What kernels get for `np.empty`, `max` and their like: the results of NumPy and Python."""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.kernel_linking import PartLibrary


@kernel(allocates=True)
def arrays(like, rows):
    """New arrays of every kind, those of zeros last."""
    plain, of_type, same = np.empty(rows), np.empty((rows, 2), np.int16), np.empty_like(like)
    typed = np.empty((rows, 3), dtype=like.dtype)
    return plain, of_type, same, typed, np.zeros((2, rows)), np.zeros(rows, np.float32)


@kernel
def extremes(out, a, b, whole):
    """Of floats, of integers and floats, of three, and of an integer that stands in the call."""
    out[0], out[1] = max(a, b), min(a, b)
    out[2], out[3] = max(whole, b), min(whole, b)
    out[4], out[5] = max(a, b, 1.0), min(a, 0.5, b)
    out[6], out[7] = max(whole, 0), min(whole, 0)
    out[8] = int(a) if abs(a) < 9 else -1


def test_new_arrays_are_those_of_numpy():
    like = np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::2]
    made = arrays(like, 4)
    for array, wanted in zip(made, arrays.py_func(like, 4), strict=True):
        assert (array.shape, array.dtype) == (wanted.shape, wanted.dtype)
        assert array.flags.c_contiguous
        array[:] = 1
    assert all(not array.any() for array in arrays(like, 4)[-2:])


def test_extremes_and_whole_numbers_are_those_of_python():
    values = (0.0, -0.0, 1.0, -2.75, 8.5, np.inf, -np.inf, np.nan)
    for a in values:
        for b in values:
            for whole in (-3, 0, 2):
                made, wanted = np.empty(9), np.empty(9)
                extremes(made, a, b, whole)
                extremes.py_func(wanted, a, b, whole)
                assert made.tobytes() == wanted.tobytes(), (a, b, whole)


def test_none_of_them_is_a_function_of_numba():
    for one in (arrays, extremes):
        for part in one.parts.overloads.values():
            numbas = [a.name for a in part.library.closure() if not isinstance(a, PartLibrary)]
            assert numbas in ([], ["nrt"])  # its runtime
