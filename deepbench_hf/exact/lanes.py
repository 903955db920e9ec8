"""Loops over rows of images in the registers of a processor: for kernels, written for LLVM.

A loop of Numba's over arrays reads and writes in every step what is needed again in the next. Here
it stays in vectors of `LANES` numbers, which LLVM divides into those that the processor has. Sums
and products are in the same order everywhere, so the bits are the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from deepbench_hf.exact.kernel import kernel

LANES = 16
"""Numbers that are worked on at once: rows that are drawn on have a multiple of it."""


@kernel
def padded(columns: int) -> int:
    """The length of a row that is drawn on: a multiple of `LANES`."""
    return (columns + LANES - 1) // LANES * LANES


class _Lanes:
    """What writes the code of vectors of one type of number.

    Args:
        context, builder: Numba's.
        dtype: float32 or float64.
        count: how many numbers a vector has.
    """

    def __init__(self, context: Any, builder: Any, dtype: Any, count: int = LANES) -> None:
        self.builder, self.size = builder, dtype.bitwidth // 8
        self.type = ir.VectorType(context.get_value_type(dtype), count)
        self.index = context.get_value_type(types.intp)

    def load(self, place: Any) -> Any:
        """The numbers from a place in memory on."""
        return self.builder.load(self._from(place), align=self.size)

    def store(self, value: Any, place: Any) -> None:
        """Write them there."""
        self.builder.store(value, self._from(place), align=self.size)

    def add(self, value: Any, place: Any) -> None:
        """Add them to what is there."""
        self.store(self.builder.fadd(self.load(place), value), place)

    def repeated(self, number: Any) -> Any:
        """One number in every lane."""
        undefined, half = ir.Constant(self.type, ir.Undefined), ir.IntType(32)
        first = self.builder.insert_element(undefined, number, half(0))
        return self.builder.shuffle_vector(
            first, undefined, ir.Constant(ir.VectorType(half, self.type.count), None)
        )

    def variables(self, count: int) -> list[Any]:
        """Vectors that change."""
        return [cgutils.alloca_once(self.builder, self.type) for _ in range(count)]

    @contextmanager
    def each(self, begin: Any, end: Any, step: int) -> Iterator[Any]:
        """A loop."""
        by = self.index(step)
        with cgutils.for_range_slice(self.builder, begin, end, by, self.index) as (k, _):
            yield k

    def _from(self, place: Any) -> Any:
        return self.builder.bitcast(place, self.type.as_pointer())


def _arrays(context: Any, builder: Any, kinds: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    if any(kind.layout != "C" for kind in kinds):
        raise TypingError(f"arrays that are not C-ordered in a loop of lanes: {kinds}")
    pairs = zip(kinds, values, strict=True)
    return [make_array(kind)(context, builder, value=value) for kind, value in pairs]


def _go_down(
    _context: Any, planes: Any, rows: Any, column: Any, work: Any, count: Any, factors: Any
) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, values = ([of[k] for k in (0, 3)] for of in (signature.args, arguments))
        image, lines = _arrays(context, builder, kinds, values)
        lanes = _Lanes(context, builder, work.dtype)
        begin, end = (builder.extract_value(arguments[1], k) for k in (0, 1))
        width, long = (builder.extract_value(of.shape, k) for of, k in ((image, 2), (lines, 1)))
        bend, *turns = (
            lanes.repeated(builder.extract_value(arguments[5], k)) for k in range(factors.count)
        )
        light, step, *waves = variables = lanes.variables(2 * factors.count)
        with lanes.each(lanes.index(0), arguments[4], LANES) as k:
            for number, variable in enumerate(variables):
                place = builder.add(k, builder.mul(long, lanes.index(number)))
                builder.store(lanes.load(builder.gep(lines.data, [place])), variable)
            top = builder.gep(image.data, [builder.add(arguments[2], k)])
            with lanes.each(begin, end, 1) as row:
                now, by, *heights = (builder.load(variable) for variable in variables)
                seen = now
                if turns:
                    seen = builder.fmul(now, reduce(builder.fadd, heights[::2]))
                lanes.add(seen, builder.gep(top, [builder.mul(row, width)]))
                builder.store(builder.fmul(now, by), light)
                builder.store(builder.fmul(by, bend), step)
                for number, turn in enumerate(turns):
                    here, before = heights[2 * number : 2 * number + 2]
                    after = builder.fsub(builder.fmul(turn, here), before)
                    builder.store(after, waves[2 * number])
                    builder.store(here, waves[2 * number + 1])
        return context.get_dummy_value()

    return types.none(planes, rows, column, work, count, factors), generate


go_down: Any = intrinsic(_go_down)
"""Add light to the first row, and go on: light, step = light * step, step * bend.

Along a column the ratio of a Gaussian's neighbours changes by a constant factor, the same in all
columns: two products a pixel take the place of an exponential. The light may be multiplied by a
sum of hyperbolic cosines, each of which goes on by c(y + 1) = 2 cosh(b) c(y) - c(y - 1).

Args:
    planes: (1, H, W), C-ordered, to which is added.
    rows: the first row, and the one after the last.
    column: the first column.
    work: (2 or more, n or more), C-ordered: what the first row gets; what the second gets over
        that; then each cosine, in the first row and in the one before it.
    count: columns, n, a multiple of `LANES`.
    factors: bend, what the next ratio is over one; then 2 cosh(b) of each cosine.
"""


def _weighted(adds: bool) -> Any:
    """What gives a row a weighted sum, or adds that to it."""

    def typed(_context: Any, out: Any, row: Any, source: Any, first: Any, weights: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kinds, values = ([of[k] for k in (0, 2, 4)] for of in (signature.args, arguments))
            line, given, factors = _arrays(context, builder, kinds, values)
            start, size = (builder.extract_value(arguments[1], k) for k in range(2))
            begin, stride, taps = (builder.extract_value(arguments[3], k) for k in range(3))
            lanes = _Lanes(context, builder, out.dtype)
            sums = lanes.variables(4)
            with lanes.each(lanes.index(0), size, LANES) as i:
                for part in sums:
                    builder.store(ir.Constant(lanes.type, None), part)
                place = builder.gep(given.data, [builder.add(begin, i)])
                with lanes.each(lanes.index(0), taps, 4) as t:
                    for k, part in enumerate(sums):
                        tap = builder.add(t, lanes.index(k))
                        weight = lanes.repeated(builder.load(builder.gep(factors.data, [tap])))
                        number = lanes.load(builder.gep(place, [builder.mul(tap, stride)]))
                        product = builder.fmul(weight, number)
                        builder.store(builder.fadd(builder.load(part), product), part)
                a, b, c, d = (builder.load(part) for part in sums)
                total = builder.fadd(builder.fadd(a, b), builder.fadd(c, d))
                here = builder.gep(line.data, [builder.add(start, i)])
                (lanes.add if adds else lanes.store)(total, here)
            return context.get_dummy_value()

        return types.none(out, row, source, first, weights), generate

    return typed


weighted: Any = intrinsic(_weighted(adds=False))
"""out[start + i] = sum over t of weights[t] source[begin + i + t stride], arrays taken as flat.

The sum is (a + b) + (c + d), of four sums of every fourth t.

Args:
    out: C-ordered.
    row: start and number of i, a multiple of `LANES`.
    source: C-ordered, of the same type.
    first: begin, stride and number of t, a multiple of 4.
    weights: of the same type.
"""
add_weighted: Any = intrinsic(_weighted(adds=True))
"""The same, added to what is there."""


COLUMNS = 8
"""Numbers of a row of `butterfly`."""


def _butterfly(
    _context: Any, re: Any, im: Any, to_re: Any, to_im: Any, place: Any, root: Any
) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = _arrays(context, builder, signature.args[:4], arguments[:4])
        start, size = (builder.extract_value(arguments[4], k) for k in range(2))
        lanes = _Lanes(context, builder, re.dtype, COLUMNS)
        c, s = (lanes.repeated(builder.extract_value(arguments[5], k)) for k in range(2))
        half = builder.lshr(builder.extract_value(given[0].shape, 0), lanes.index(1))
        out = builder.shl(start, lanes.index(1))
        add, subtract, times = builder.fadd, builder.fsub, builder.fmul
        with lanes.each(lanes.index(0), size, COLUMNS) as i:
            near = builder.add(start, i)
            places = near, builder.add(near, half)
            (a_re, b_re), (a_im, b_im) = (
                [lanes.load(builder.gep(one.data, [at])) for at in places] for one in given[:2]
            )
            across, up = subtract(a_re, b_re), subtract(a_im, b_im)
            turned_re = subtract(times(c, across), times(s, up))
            turned_im = add(times(c, up), times(s, across))
            first = builder.add(out, i)
            places = first, builder.add(first, size)
            for one, sum_, turned in (
                (given[2], add(a_re, b_re), turned_re),
                (given[3], add(a_im, b_im), turned_im),
            ):
                for value, at in zip((sum_, turned), places, strict=True):
                    lanes.store(value, builder.gep(one.data, [at]))
        return context.get_dummy_value()

    return types.none(re, im, to_re, to_im, place, root), generate


butterfly: Any = intrinsic(_butterfly)
"""Write the sums a + b, and the differences turned, (a - b) (c + i s), of rows half apart.

From a at start + j and b half of all numbers further, for 0 <= j < size, to 2 start + j and
2 start + size + j.

Args:
    re, im, to_re, to_im: C-ordered, of one type and size, all flat.
    place: start and size, a multiple of `COLUMNS`.
    root: c and s.
"""
