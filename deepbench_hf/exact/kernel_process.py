"""What is switched off in the process while a kernel is compiled: it took a quarter of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.compiler_lock import global_compiler_lock
from numba.core.postproc import PostProcessor, VariableLifetime
from numba.core.transforms import canonicalize_cfg


@contextmanager
def settled(context: Any) -> Iterator[None]:
    """With one look for new extensions of Numba, which would have hundreds for a kernel.

    What the code itself brings, such as an intrinsic, is still looked for in those it knows.
    """
    looked: list[bool] = []
    look_everywhere = type(context).refresh

    def look() -> None:
        if looked:
            for registry in tuple(context._registries):
                context.install_registry(registry)
        else:
            looked.append(True)
            look_everywhere(context)

    context.refresh = look
    try:
        yield
    finally:
        vars(context).pop("refresh", None)


@contextmanager
def lifetimes_when_asked() -> Iterator[None]:
    """With the variables that live at the start of a block left out.

    Numba looks for them after every stage, and only generators and its object mode read them. No
    other thread compiles: its lock is held.
    """
    whole = PostProcessor.run

    def run(self: Any, emit_dels: bool = False, extend_lifetimes: bool = False) -> None:
        if self.func_ir.is_generator:
            whole(self, emit_dels, extend_lifetimes)
            return
        self.func_ir.blocks = canonicalize_cfg(self.func_ir.blocks)
        self.func_ir.variable_lifetime = VariableLifetime(self.func_ir.blocks)
        self.func_ir.generator_info = None
        if emit_dels:
            self._insert_var_dels(extend_lifetimes=extend_lifetimes)

    with global_compiler_lock:
        PostProcessor.run = run
        try:
            yield
        finally:
            PostProcessor.run = whole


@contextmanager
def collector_off() -> Iterator[None]:
    """Leave reference cycles where they are, to be looked for with all that is old.

    What was made in the meantime is young, and the collector's next look at the young would go
    through all of it: a twentieth of the time that a config takes to compile.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        if on:
            gc.enable()
