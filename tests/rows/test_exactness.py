"""The same bits under every processor feature, Numba target and process."""

import json
import os

import pytest
from numpy._core import _multiarray_umath as umath

from deepbench_hf.recipe.recipe import GENERATOR_VERSION
from tests.support.children import printed
from tests.support.chosen import configs
from tools.golden import digests, golden

DISPATCH = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]]
WIDEST = [name for name in DISPATCH if "AVX512" in name or "V4" in name or "SVE" in name]
PLAIN_LIBM = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"}
X86 = "X86_V2" in umath.__cpu_features__ or "SSE42" in umath.__cpu_features__

BASELINE = {"NPY_DISABLE_CPU_FEATURES": " ".join(DISPATCH)}
VARIANTS = {
    "numpy_baseline_and_plain_libm": BASELINE | PLAIN_LIBM,
    "numba_for_nehalem": {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": ""}
    | BASELINE
    | PLAIN_LIBM,
}
if WIDEST:  # else this process is that one: its vectors are no wider
    VARIANTS["nothing_above_haswell"] = {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "",
        "NPY_DISABLE_CPU_FEATURES": " ".join(WIDEST),
    }
SOME = ("pendulum_noisy", "shapes_noisy", "deepuq_flux")
"""The configs of the children that lie between this process, which sees all configs, and the one
for Nehalem, which has every switch off and sees all kernels; with ``ALL_CONFIGS`` they see all."""
NARROWEST = "numba_for_nehalem"


def run_child(*names, **environment):
    """What `tools.golden --print` says in a process of its own; kernels are cached by target."""
    return json.loads(printed("-m", "tools.golden", "--print", *names, **environment))


def names_of(variant):
    """The configs that a child sees."""
    if os.environ.get("ALL_CONFIGS") or variant == NARROWEST:
        return configs()
    return SOME


@pytest.fixture(scope="module")
def children():
    """The reports of a child under every variant."""
    return {
        name: run_child(*names_of(name), **environment)
        for name, environment in VARIANTS.items()
        if X86 or "NUMBA_CPU_NAME" not in environment
    }


def test_this_process_gives_the_golden_digests():
    assert digests() == golden()["digests"]


def test_golden_digests_belong_to_this_generator_version():
    assert golden()["generator_version"] == GENERATOR_VERSION


def test_every_variant_gives_the_golden_digests(children):
    wanted = golden()["digests"]
    for name, child in children.items():
        assert {key.split()[0] for key in child["digests"]} == {*names_of(name)}, name
        assert child["digests"] == {key: wanted[key] for key in child["digests"]}, name


def test_the_switches_took_effect(children):
    for name, child in children.items():
        off = VARIANTS[name].get("NPY_DISABLE_CPU_FEATURES", "").split()
        assert not set(off) & set(child["numpy"]), name
        assert child["numba"] == VARIANTS[name].get("NUMBA_CPU_NAME", "host"), name
    if X86:
        assert children["numba_for_nehalem"]["registers"] == "xmm"
    if X86 and WIDEST:
        assert children["nothing_above_haswell"]["registers"] == "ymm"


@pytest.mark.skipif(not DISPATCH, reason="this processor has no feature to switch off")
def test_a_native_function_would_be_caught(children):
    native = {child["native"] for child in children.values()}
    assert len(native) > 1
