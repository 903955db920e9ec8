"""The machine: one core for every contestant, and a description for the results."""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VECTORS = {
    "avx512f": "AVX-512, 512 bits", "avx2": "AVX2, 256 bits", "sse4.2": "SSE4.2, 128 bits",
    "neon": "NEON, 128 bits",
}  # fmt: skip
LIBRARIES = ("datasets", "numba", "numpy", "pillow", "pyarrow", "scipy", "astropy")
OPTIONAL = ("galsim", "torch")
SETTINGS = {
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_OFFLINE": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

_CORES: set[int] = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def pin() -> None:
    """Keep this process and its children to one core and one thread, and off the network.

    To be called before NumPy, Numba and `datasets` are imported: they read the environment once.
    """
    os.environ.update(SETTINGS)
    if _CORES:
        os.sched_setaffinity(0, {max(_CORES)})


@contextmanager
def all_cores() -> Iterator[None]:
    """Give the calling thread, and those that it starts, every core; then one again."""
    if not _CORES:
        yield
        return
    os.sched_setaffinity(0, _CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, {max(_CORES)})


def core_count() -> int:
    """How many cores this process was given."""
    return len(_CORES) or os.cpu_count() or 1


def describe() -> dict[str, Any]:
    """Processor, its vectors, system and the versions that the results depend on."""
    return {
        "processor": _processor(),
        "vectors": _vectors(),
        "cores": core_count(),
        "load_at_start": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _installed()},
    }


def _installed() -> list[str]:
    """The libraries that take part; some need not be there."""
    return [*LIBRARIES, *(name for name in OPTIONAL if find_spec(name))]


def _processor() -> str:
    """The processor's name where Linux tells it, else its architecture."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _vectors() -> str:
    """The widest vectors that LLVM, which compiles the kernels, sees in the processor."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    return next((width for key, width in VECTORS.items() if features.get(key)), "128 bits")
