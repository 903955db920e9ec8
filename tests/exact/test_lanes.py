"""Loops in registers give what loops over arrays give, bit for bit."""

import numpy as np
import pytest
from numba.core.errors import TypingError

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import COLUMNS, LANES, add_weighted, butterfly, go_down, weighted


@kernel
def down(planes, rows, column, work, count, factors):
    go_down(planes, rows, column, work, count, factors)


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
    work = np.concatenate([np.stack([light, step]), np.zeros((2, columns), dtype)])
    down(planes, rows, 7, work, columns, (bend,))
    assert np.array_equal(planes, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_light_goes_down_times_a_sum_of_cosines(dtype):
    random = np.random.default_rng(7)
    planes, columns = random.random((1, 12, 5 * LANES)).astype(dtype), 2 * LANES
    work = random.random((6, columns + 3)).astype(dtype)
    bend, *turns = dtype(0.93), dtype(2.01), dtype(2.2)
    value, ratio, *waves = work[:, :columns].copy()
    expected = planes.copy()
    for row in range(3, 9):
        expected[0, row, 7 : 7 + columns] += value * (waves[0] + waves[2])
        value, ratio = value * ratio, ratio * bend
        for k, turn in enumerate(turns):
            waves[2 * k : 2 * k + 2] = turn * waves[2 * k] - waves[2 * k + 1], waves[2 * k]
    down(planes, (3, 9), 7, work, columns, (bend, *turns))
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


@kernel
def turn(re, im, to_re, to_im, place, root):
    butterfly(re, im, to_re, to_im, place, root)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("start", "size"), [(0, COLUMNS), (COLUMNS, COLUMNS), (0, 4 * COLUMNS)])
def test_a_butterfly_is_a_sum_and_a_difference_turned(dtype, start, size):
    random = np.random.default_rng(9)
    re, im = random.normal(size=(2, 8 * COLUMNS)).astype(dtype)
    to_re, to_im = np.zeros_like(re), np.zeros_like(im)
    c, s = dtype(0.8), dtype(-0.6)
    near = slice(start, start + size)
    far = slice(near.start + 4 * COLUMNS, near.stop + 4 * COLUMNS)
    across, up = re[near] - re[far], im[near] - im[far]
    expected = np.zeros((2, 8 * COLUMNS), dtype)
    expected[:, 2 * start : 2 * start + size] = re[near] + re[far], im[near] + im[far]
    turned = c * across - s * up, c * up + s * across
    expected[:, 2 * start + size : 2 * start + 2 * size] = turned
    turn(re, im, to_re, to_im, (start, size), (c, s))
    assert np.array_equal([to_re, to_im], expected)


def test_arrays_that_are_not_in_order_are_refused():
    planes = np.zeros((1, 4, 2 * LANES), np.float32)[:, :, ::2]
    with pytest.raises(TypingError, match="C-ordered"):
        down(planes, (0, 4), 0, *np.ones((2, LANES), np.float32), np.float32(1.0))
