"""The stages of a compilation: what one kernel becomes, and what is optimised together.

A part is typed and lowered to LLVM's intermediate representation; its library holds that code and
knows the libraries of what it calls. An entry's library optimises all of them once.
"""

from typing import Any, Literal

import numba
from numba import types
from numba.core import typed_passes, untyped_passes
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.ir import FreeVar, Global
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering, NopythonTypeInference

from deepbench_hf.exact.kernel_builtins import OwnBuiltins
from deepbench_hf.exact.kernel_typing import RememberingTypeInference

ONCE = numba.version_info.short >= (0, 62)
"""Whether LLVM's stages are those of its newer interface, of which one round does."""


class EntryLibrary(JITCodeLibrary):
    """The code of a kernel and of all that it calls, optimised once."""

    def _optimize_functions(self, ll_module: Any) -> None:
        """Leave for later what Numba optimises function by function, too."""
        if ONCE:
            ll_module.data_layout = self._codegen._data_layout
        else:
            super()._optimize_functions(ll_module)

    def _optimize_final_module(self) -> None:
        """All stages once; Numba has a first round, for counts of references that are left out."""
        if ONCE:
            stages, builder = self._codegen._module_pass_manager()
            stages.run(self._final_module, builder)
        else:
            super()._optimize_final_module()


Place = tuple[str, str, Any]
"""The module of a kernel, its name there, and the types of its arguments."""


class PartLibrary(EntryLibrary):
    """The code of one kernel, neither optimised nor run by itself."""

    place: Place | None = None
    """Where the kernel is found again; None within a function."""

    def finalize(self) -> None:
        """Leave the code as it is."""
        self._finalize_dynamic_globals()
        self._finalized = True

    def closure(self) -> list[Any]:
        """This library and all that it calls, each once, callers before what they call.

        LLVM's linker leaves out a function that nothing calls yet, so a function that comes before
        one of its callers would be missing.
        """
        done: dict[Any, None] = {}

        def visit(library: Any) -> None:
            if library in done:
                return
            if isinstance(library, PartLibrary):  # Numba's own hold all that they call
                for called in library._linking_libraries:
                    visit(called)
            done[library] = None

        visit(self)
        return [*reversed(done)]

    @property
    def has_dynamic_globals(self) -> bool:
        """Whether the code holds addresses of this process."""
        return any(bool(library._dynamic_globals) for library in self.closure())

    def code(self) -> tuple[bytes, list[Place]]:
        """Its code and that of what has no place; the places of what else it calls."""
        whole, places = self._get_module_for_linking().clone(), []
        for called in self._linking_libraries:
            if isinstance(called, PartLibrary) and called.place:
                places.append(called.place)
                continue
            for one in called.closure() if isinstance(called, PartLibrary) else [called]:
                whole.link_in(one._get_module_for_linking(), preserve=True)
        return whole.as_bitcode(), places


class PartLower(Lower):
    """Numba's lowering, but that a kernel which is called is no value."""

    def lower_assign(self, ty: Any, inst: Any) -> Any:
        """The value of a variable; Numba's for a kernel is its address in this process."""
        if isinstance(ty, types.Dispatcher) and isinstance(inst.value, (Global, FreeVar)):
            return self.context.get_dummy_value()
        return super().lower_assign(ty, inst)


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Numba's lowering, into a `PartLibrary`."""

    _name = "deepbench_hf_part_lowering"

    @property
    def lowering_class(self) -> type[Lower]:
        """What lowers."""
        return PartLower

    def run_pass(self, state: Any) -> Literal[True]:
        """Lower without machine code; a key that stands for the part takes its place."""
        state.flags.no_compile = True
        state.library = PartLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        super().run_pass(state)
        state.cr = state.cr._replace(cfunc=object())
        return True


NEEDLESS = (
    untyped_passes.WithLifting,
    untyped_passes.InlineClosureLikes,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll,
    untyped_passes.LiteralPropagationSubPipelinePass,
    typed_passes.InlineOverloads,
    typed_passes.NopythonRewrites,
    typed_passes.DumpParforDiagnostics,
)
"""Stages for what no kernel has: closures and comprehensions, context managers, literal types, sums
of whole arrays, parallel loops. Each of them looks through the whole of every kernel."""


class PartCompiler(Compiler):
    """Numba's stages without `NEEDLESS`, with own builtins, a memory for types, no machine code."""

    def define_pipelines(self) -> list[PassManager]:
        """The stages, in one list."""
        (own,) = super().define_pipelines()
        stages = PassManager("part")
        instead: dict[Any, tuple[Any, ...]] = dict.fromkeys(NEEDLESS, ()) | {
            NopythonTypeInference: (OwnBuiltins, RememberingTypeInference),
            NativeLowering: (PartLowering,),
        }
        for stage, told in own.passes:
            for one in instead.get(stage, (stage,)):
                stages.add_pass(one, told)
        stages.finalize()
        return [stages]
