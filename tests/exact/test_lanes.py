"""Loops in registers give what loops over arrays give, bit for bit."""

import numpy as np
import pytest
from numba.core.errors import TypingError

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import LANES, add_weighted, go_down, weighted


@kernel
def down(planes, rows, column, light, step, bend):
    go_down(planes, rows, column, light, step, bend)


@kernel
def sums(out, row, source, first, weights, adds):
    if adds:
        add_weighted(out, row, source, first, weights)
    else:
        weighted(out, row, source, first, weights)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rows", "columns"), [((2, 11), LANES), ((0, 1), 3 * LANES), ((5, 5), 16)])
def test_light_goes_down_by_its_ratio_and_the_ratio_by_its_bend(dtype, rows, columns):
    random = np.random.default_rng(7)
    planes = random.random((1, 12, 5 * LANES)).astype(dtype)
    light, step = random.random((2, columns)).astype(dtype)
    bend, expected = dtype(0.93), planes.copy()
    value, ratio = light.copy(), step.copy()
    for row in range(*rows):
        expected[0, row, 7 : 7 + columns] += value
        value, ratio = value * ratio, ratio * bend
    down(planes, rows, 7, light, step, bend)
    assert np.array_equal(planes, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("adds", [False, True])
@pytest.mark.parametrize("stride", [1, 40])
def test_a_weighted_sum_is_that_of_four_sums(dtype, adds, stride):
    random = np.random.default_rng(8)
    source = random.random((30, 40)).astype(dtype)
    out, weights = random.random((3, 64)).astype(dtype), random.random(20).astype(dtype)
    expected, size, taps, begin = out.copy(), 2 * LANES, 12, 45
    parts = np.zeros((4, size), dtype)
    for t in range(taps):
        line = source.ravel()[begin + t * stride :][:size]
        parts[t % 4] = parts[t % 4] + weights[t] * line
    total = (parts[0] + parts[1]) + (parts[2] + parts[3])
    row = expected[1, 4 : 4 + size]
    row[:] = row + total if adds else total
    sums(out, (64 + 4, size), source, (begin, stride, taps), weights, adds)
    assert np.array_equal(out, expected)


def test_arrays_that_are_not_in_order_are_refused():
    planes = np.zeros((1, 4, 2 * LANES), np.float32)[:, :, ::2]
    with pytest.raises(TypingError, match="C-ordered"):
        down(planes, (0, 4), 0, *np.ones((2, LANES), np.float32), np.float32(1.0))
