"""The one Numba decorator: no fast-math, no GIL, machine code kept on disk (see `kernel_cache`).

Also the types of their arrays, the bits of a float as an integer, and back, and polynomials.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import config
from numba.extending import intrinsic
from numpy.typing import NDArray

from deepbench_hf.exact.kernel_cache import KernelCache
from deepbench_hf.exact.kernel_linking import Kernel

Array, Array32 = NDArray[np.float64], NDArray[np.float32]
Int64s, Int32s = NDArray[np.int64], NDArray[np.int32]
"""The arrays that kernels take."""

if getattr(config, "DISABLE_JIT", 0):
    raise RuntimeError(
        "NUMBA_DISABLE_JIT is not supported: the kernels of deepbench_hf run compiled"
    )


def kernel(
    function: Callable | None = None, *, inline: bool = False, allocates: bool = False
) -> Any:
    """Compile `function` with Numba on its first call, so that it gives the same bits on every CPU.

    Used as ``@kernel``, ``@kernel(allocates=True)`` or ``@kernel(inline=True)``. Numba counts the
    references to every array and every part of one, by atomic operations that can take longer than
    the work on a row of pixels. A function that only uses the arrays it is given needs none of
    that: none are counted unless it is said to allocate.

    Args:
        function: The scalar or array function to compile.
        inline: Whether Numba pastes the function into its callers before LLVM sees it, which a big
            function needs if the loop around it is to vectorise.
        allocates: Whether it makes arrays, returns one, or calls a kernel that returns one.
    """
    if function is None:
        return lambda wrapped: kernel(wrapped, inline=inline, allocates=allocates)
    options = {
        "nopython": True,
        "inline": "always" if inline else "never",
        "error_model": "numpy",
        "nogil": True,
        "fastmath": False,
        "boundscheck": False,
        "no_cfunc_wrapper": True,
        "_nrt": allocates,
    }
    return Kernel(function, options, allocates, KernelCache)


def _bit_cast(source: types.Type, target: types.Type) -> Any:
    """Return a function, for kernels, that reads the bits of a `source` as a `target`."""

    @intrinsic
    def cast(_typing_context: Any, _value: Any) -> Any:
        def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

        return target(source), generate

    return cast


int32_bits = _bit_cast(types.float32, types.int32)
float32_from_bits = _bit_cast(types.int32, types.float32)
int64_bits = _bit_cast(types.float64, types.int64)
float64_from_bits = _bit_cast(types.int64, types.float64)


def _horner(typing_context: Any, x: Any, coefficients: Any) -> Any:
    dtype = typing_context.unify_types(x, coefficients.dtype)

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        at = context.cast(builder, arguments[0], x, dtype)
        terms = [
            context.cast(builder, builder.extract_value(arguments[1], k), coefficients.dtype, dtype)
            for k in range(coefficients.count)
        ]
        total = terms.pop()
        while terms:
            total = builder.fadd(builder.fmul(total, at), terms.pop())
        return total

    return dtype(x, coefficients), generate


horner: Any = intrinsic(_horner)
"""c0 + c1 x + c2 x^2 + ... by Horner's rule, of x and a tuple of floats; for kernels only.

Written for LLVM, as Numba would compile a kernel anew for every number of coefficients.
"""
