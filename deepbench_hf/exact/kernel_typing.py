"""Type inference that remembers what operators give.

Numba asks every implementation of an operator, those for text and sets among them, each time that
the operator stands in a kernel, and kernels add and multiply the same few types everywhere.
"""

from collections.abc import Mapping
from typing import Any, Literal

from numba import types
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NopythonTypeInference

PLAIN = (types.Number, types.Boolean, types.Array)

_known: dict[tuple[Any, ...], Any] = {}
"""What a call gives, by the function and the types of its arguments."""


class RememberingContext:
    """Numba's context of types, but that what a call gives is looked up once in a process."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def resolve_function_type(
        self, function: Any, args: tuple[Any, ...], kws: Mapping[str, Any]
    ) -> Any:
        """The signature of a call; remembered if it is one of Numba's own functions of numbers."""
        resolve = self._context.resolve_function_type
        if kws or not isinstance(function, types.Function):
            return resolve(function, args, kws)
        if not all(isinstance(one, PLAIN) for one in args):
            return resolve(function, args, kws)
        key = (function, *args)
        if key not in _known:
            found = resolve(function, args, kws)
            if found is None:
                return None
            _known[key] = found
        return _known[key]


@register_pass(mutates_CFG=True, analysis_only=False)
class RememberingTypeInference(NopythonTypeInference):
    """Numba's stage, with a `RememberingContext`."""

    _name = "deepbench_hf_type_inference"

    def run_pass(self, state: Any) -> Literal[True]:
        """Find the type of every variable."""
        context = state.typingctx
        state.typingctx = RememberingContext(context)
        try:
            super().run_pass(state)
        finally:
            state.typingctx = context
        return True
