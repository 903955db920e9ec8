"""What kernels get for `np.empty`, `np.zeros`, `np.empty_like`, `max`, `min` and `int`.

Numba writes these in Python and compiles them, for every shape and type, as functions of their
own: an eighth of the time that a config takes to compile. Here each is an intrinsic, a few lines of
LLVM's intermediate representation in the kernel that calls it, with the same results.
"""

import builtins
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.core import ir as numba_ir
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.errors import TypingError
from numba.core.typing.npydecl import parse_dtype, parse_shape
from numba.extending import intrinsic
from numba.np.arrayobj import _parse_shape, get_itemsize, make_array, populate_array

ALIGNMENT = 64
"""Of new arrays, bytes: a line of the caches and the longest vector. Numba aligns to 32; a vector
that lies in two lines takes twice as long to read or write."""


def _new_array(context: Any, builder: Any, array: Any, lengths: Sequence[Any]) -> Any:
    """A C-ordered array and its bytes; no size of 2^63 bytes or more is looked for."""
    step = context.get_constant(types.intp, get_itemsize(context, array))
    strides = [step]
    for length in reversed(lengths):
        strides.insert(0, builder.mul(strides[0], length))
    align = context.get_constant(types.uint32, ALIGNMENT)
    memory = context.nrt.meminfo_alloc_aligned(builder, strides[0], align)
    data = context.nrt.meminfo_data(builder, memory)
    made = make_array(array)(context, builder)
    index = context.get_value_type(types.intp)
    populate_array(
        made,
        data=builder.bitcast(data, context.get_data_type(array.dtype).as_pointer()),
        shape=cgutils.pack_array(builder, lengths, ty=index),
        strides=cgutils.pack_array(builder, strides[1:], ty=index),
        itemsize=step,
        meminfo=memory,
    )
    return made, strides[0]


def _array_of(shape: Any, dtype: Any) -> Any:
    """The type of a new array."""
    item, dimensions = parse_dtype(dtype), parse_shape(shape)
    if item is None or dimensions is None:
        raise TypingError(f"no new array of shape {shape} and type {dtype} in a kernel")
    return types.Array(item, dimensions, "C")


def _allocation(zero: bool) -> Callable[..., Any]:
    """What writes the code of a new array, by the shape that is its first argument."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lengths = _parse_shape(context, builder, signature.args[0], arguments[0])
        made, size = _new_array(context, builder, signature.return_type, lengths)
        if zero:
            cgutils.memset(builder, made.data, size, 0)
        return made._getvalue()

    return write


@intrinsic
def empty(_context: Any, shape: Any, dtype: Any) -> Any:
    """`np.empty`."""
    return _array_of(shape, dtype)(shape, dtype), _allocation(zero=False)


@intrinsic
def empty_float64(_context: Any, shape: Any) -> Any:
    """`np.empty` without a type."""
    return _array_of(shape, types.DType(types.float64))(shape), _allocation(zero=False)


@intrinsic
def zeros(_context: Any, shape: Any, dtype: Any) -> Any:
    """`np.zeros`."""
    return _array_of(shape, dtype)(shape, dtype), _allocation(zero=True)


@intrinsic
def zeros_float64(_context: Any, shape: Any) -> Any:
    """`np.zeros` without a type."""
    return _array_of(shape, types.DType(types.float64))(shape), _allocation(zero=True)


@intrinsic
def empty_like(_context: Any, array: Any) -> Any:
    """`np.empty_like` of an array that is not in Fortran's order."""
    if not isinstance(array, types.Array) or array.layout == "F":
        raise TypingError(f"np.empty_like of {array} in a kernel")

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = make_array(signature.args[0])(context, builder, value=arguments[0])
        lengths = cgutils.unpack_tuple(builder, given.shape, count=array.ndim)
        return _new_array(context, builder, signature.return_type, lengths)[0]._getvalue()

    return types.Array(array.dtype, array.ndim, "C")(array), write


@intrinsic
def whole(_context: Any, number: Any) -> Any:
    """`int` of a number."""
    kept = number if isinstance(number, types.Integer) else types.intp

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.cast(builder, arguments[0], signature.args[0], signature.return_type)

    return kept(number), write


def _extreme(comparison: Callable[..., Any]) -> Callable[..., Any]:
    """`max` or `min` of numbers, of which the first stays unless one compares as asked."""

    def typed(context: Any, *numbers: Any) -> Any:
        found = context.unify_types(*numbers)
        if not isinstance(found, types.Number):
            raise TypingError(f"{comparison.__name__} of {numbers} in a kernel")

        def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            first, *others = (
                context.cast(builder, value, kind, found)
                for value, kind in zip(arguments, signature.args, strict=True)
            )
            compare = context.get_function(comparison, types.boolean(found, found))
            for other in others:
                first = builder.select(compare(builder, (other, first)), other, first)
            return first

        return found(*numbers), write

    return typed


_largest, _smallest = _extreme(operator.gt), _extreme(operator.lt)


@intrinsic
def largest_of_2(context: Any, a: Any, b: Any) -> Any:
    """`max` of two numbers."""
    return _largest(context, a, b)


@intrinsic
def largest_of_3(context: Any, a: Any, b: Any, c: Any) -> Any:
    """`max` of three numbers."""
    return _largest(context, a, b, c)


@intrinsic
def smallest_of_2(context: Any, a: Any, b: Any) -> Any:
    """`min` of two numbers."""
    return _smallest(context, a, b)


@intrinsic
def smallest_of_3(context: Any, a: Any, b: Any, c: Any) -> Any:
    """`min` of three numbers."""
    return _smallest(context, a, b, c)


INSTEAD: dict[tuple[Any, int], Any] = {
    (np.empty, 1): empty_float64,
    (np.empty, 2): empty,
    (np.zeros, 1): zeros_float64,
    (np.zeros, 2): zeros,
    (np.empty_like, 1): empty_like,
    (builtins.int, 1): whole,
    (builtins.max, 2): largest_of_2,
    (builtins.max, 3): largest_of_3,
    (builtins.min, 2): smallest_of_2,
    (builtins.min, 3): smallest_of_3,
}
"""By what is called, with how many arguments, the intrinsic that takes its place."""


@register_pass(mutates_CFG=False, analysis_only=False)
class OwnBuiltins(FunctionPass):
    """A stage of Numba's: calls of what `INSTEAD` names become calls of what stands there."""

    _name = "deepbench_hf_own_builtins"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> Any:
        """Put the intrinsics in."""
        blocks = state.func_ir.blocks.values()
        assigned = [one for block in blocks for one in block.find_insts(numba_ir.Assign)]
        named = {one.target.name: one for one in assigned}

        def meaning(name: str) -> Any:
            """What a variable stands for, where the text alone says it."""
            value = named[name].value if name in named else None
            if isinstance(value, (numba_ir.Global, numba_ir.FreeVar)):
                return value.value
            if isinstance(value, numba_ir.Expr) and value.op == "getattr":
                return getattr(np, value.attr, None) if meaning(value.value.name) is np else None
            return None

        changed = False
        for one in assigned:
            call = one.value
            if not isinstance(call, numba_ir.Expr) or call.op != "call" or call.vararg:
                continue
            called = meaning(call.func.name)
            key = (called, len(call.args) + len(call.kws))
            own = INSTEAD.get(key) if callable(called) else None
            if own is not None:
                at = named[call.func.name]
                at.value = numba_ir.Global(own.__name__, own, at.loc)
                state.func_ir._definitions[call.func.name] = [at.value]
                changed = True
        return changed
