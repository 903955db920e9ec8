"""Kernels are lowered one by one, and optimised once for every kernel that Python calls.

Numba optimises a function and makes machine code of it before it links it into those that call it,
which are then optimised and turned into machine code with all that they call. So a function at the
end of a chain of calls is compiled once for every link of the chain. Here a kernel that a kernel
calls is a *part*: typed and lowered to LLVM's intermediate representation, no more. What Python
calls is an *entry*: its part and all parts below, each once, with a wrapper for Python, optimised
together. `docs/decisions/0033-cold-start.md` gives the times.
"""

from collections.abc import Callable
from copy import copy
from importlib import import_module
from typing import Any

import llvmlite.binding as llvm
from numba import types
from numba.core.compiler import CompileResult, compile_result
from numba.core.environment import Environment
from numba.core.registry import CPUDispatcher

from deepbench_hf.exact.kernel_process import collector_off, lifetimes_when_asked, settled
from deepbench_hf.exact.kernel_stages import EntryLibrary, PartCompiler, PartLibrary, Place


class Parts(CPUDispatcher):
    """A kernel as kernels call it: the parts of all argument types."""

    _compiler: Any
    _cache: Any

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What a call returns; a number that stands in the call makes no part of its own."""
        unliteral = types.unliteral
        kws = {name: unliteral(one) for name, one in kws.items()}
        return super().get_call_template(tuple(map(unliteral, args)), kws)

    def compile(self, sig: Any) -> Any:
        """Make a part known to the kernels that call it; its key.

        Numba's own method would time every call of LLVM once for each part that is under way.
        """
        if sig not in self.overloads:
            part = self._cache.load_overload(sig, self.targetctx)
            if part is None:
                part = self._compiler.compile(sig, None)
                self._cache.save_overload(sig, part)
            module, name = self.py_func.__module__, self.py_func.__qualname__
            part.library.place = (module, name, sig) if name.isidentifier() else None
            self.targetctx.insert_user_function(part.entry_point, part.fndesc, [part.library])
            self.overloads[sig] = part
        return self.overloads[sig].entry_point


def pack_part(part: CompileResult) -> tuple[Any, ...]:
    """What is stored of a part: its code, and where the kernels are that it calls."""
    part.fndesc.typemap = part.fndesc.calltypes = None
    return *part.library.code(), part.fndesc, part.environment, part.signature


def unpack_part(
    context: Any, code: bytes, places: list[Place], fndesc: Any, env: Any, signature: Any
) -> CompileResult:
    """The part that was packed, with those that it calls.

    Raises:
        LookupError: one of those has another name now. Numba puts a number into names that each
            process counts by itself, so of two processes that compile the same kernels at once
            one may store a part under the name that the other's do not know.
    """
    library, known = PartLibrary(context.codegen(), fndesc.qualname), set()
    library._final_module = llvm.parse_bitcode(code)
    for module, name, kinds in places:
        parts = getattr(import_module(module), name).parts
        parts.compile(kinds)
        library.add_linking_library(parts.overloads[kinds].library)
        known.add(parts.overloads[kinds].fndesc.llvm_func_name)
    if unknown := unlinked(library) - known:
        raise LookupError(f"{fndesc.qualname} calls {', '.join(sorted(unknown))}")
    library.finalize()
    return compile_result(
        typing_context=context.typing_context,
        target_context=context,
        entry_point=object(),
        typing_error=None,
        type_annotation="",
        library=library,
        signature=signature,
        objectmode=False,
        lifted=(),
        fndesc=fndesc,
        environment=env,
        reload_init=[],
    )


class Kernel(CPUDispatcher):
    """A kernel as Python calls it: the entries of all argument types."""

    _compiler: Any

    def __init__(
        self, function: Callable, options: dict[str, Any], allocates: bool, cache: Callable
    ) -> None:
        super().__init__(function, {}, options)
        self.allocates = allocates
        self.parts = Parts(function, {}, options | {"no_cpython_wrapper": True}, PartCompiler)
        self.parts._cache = cache(function, allocates, pack_part, unpack_part)
        self._compiler.compile = self.link
        self._cache = cache(function, allocates, CompileResult._reduce, CompileResult._rebuild)

    def compile(self, sig: Any) -> Any:
        """Compile without the garbage collector, which would take a fifth of the time."""
        with collector_off(), lifetimes_when_asked(), settled(self.targetctx):
            return super().compile(sig)

    def link(self, args: tuple[Any, ...], _return_type: Any) -> CompileResult:
        """Optimise a part with all that it calls and with a wrapper for Python."""
        self.parts.compile(args)
        part = self.parts.overloads[args]
        self.targetctx.refresh()  # a part from the cache has not asked for what a wrapper needs
        context = part.target_context.subtarget(enable_nrt=self.allocates)
        library: Any = EntryLibrary(context.codegen(), part.fndesc.qualname)
        library.enable_object_caching()
        for one in part.library.closure():
            library.add_linking_library(one)
        # The wrapper has an environment of its own: Numba has one for each name, and that of the
        # part may be there already, without what the wrapper adds to it.
        described = copy(part.fndesc)
        described.env_name += "_of_wrapper"
        environment = Environment.from_fndesc(described)
        with context.push_code_library(library):
            context.create_cpython_wrapper(
                library, described, environment, part.call_helper, release_gil=True
            )
        entry = part._replace(
            library=library,
            fndesc=described,
            environment=environment,
            entry_point=context.get_executable(library, described, environment),
            metadata=None,
        )
        check_linked(library)
        for one in entry._find_referenced_environments():
            library.codegen.set_env(one.env_name, one)
        return entry

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What a call from a kernel returns; compiles the part."""
        return self.parts.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """The key of the part that a kernel calls."""
        return self.parts.get_overload(sig)


def check_linked(library: Any) -> None:
    """Refuse code that would call a function which is not there, as that ends the process."""
    for name in unlinked(library):
        raise AssertionError(f"{library.name}: {name} is not linked")


def unlinked(library: Any) -> set[str]:
    """The names of the compiled functions that code calls and does not hold."""
    functions = library._final_module.functions
    return {one.name for one in functions if one.is_declaration and one.name.startswith("_ZN")}
