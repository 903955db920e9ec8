"""Imports go down the layers only, and the data path uses exact operations only."""

import ast
import re
from pathlib import Path

import pytest

import deepbench_hf
from deepbench_hf.exact.kernel import WITHOUT_KERNELS

PACKAGE = Path(deepbench_hf.__file__).parent
LAYERS = [
    {"errors"},
    {"kernel"},
    {"exact", "exact32"},
    {"random_words", "boxmuller", "philox", "poisson", "quantiles", "detector", "compression"},
    {"information", "shuffling", "fourier"},
    {"model", "reading"},
    {"simulators", "priors"},
    {"noise", "perturbation", "truths", "scenes"},
    {"checks"},
    {"recipe"},
    {"uncertainty"},
    {"schema", "resizing"},
    {"generation"},
    {"importing"},
    {"arrow", "digest", "catalog", "thumbnails"},
    {"simulation", "parquet", "index"},
    {"sensitivities"},
    {"builder", "registration", "folder"},
    {"streams", "metrics", "statistics"},
    {"building", "figures"},
    {"reports"},
    {"cards"},
    {"hub"},
    {"cli"},
]
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
DATA_PATH = {
    *("exact", "exact32", "random_words", "boxmuller", "philox", "poisson", "quantiles"),
    *(
        "detector",
        "priors",
        "noise",
        "compression",
        "perturbation",
        "truths",
        "scenes",
        "generation",
        "information",
        "fourier",
        "uncertainty",
    ),
}
INEXACT = {
    *(
        [
            "exp",
            "exp2",
            "expm1",
            "log",
            "log2",
            "log10",
            "log1p",
            "pow",
            "power",
            "float_power",
            "cbrt",
            "hypot",
        ]
    ),
    *(
        [
            "sin",
            "cos",
            "tan",
            "arcsin",
            "arccos",
            "arctan",
            "arctan2",
            "sinh",
            "cosh",
            "tanh",
            "asin",
            "acos",
            "atan",
            "atan2",
        ]
    ),
    *(
        [
            "sum",
            "mean",
            "std",
            "var",
            "dot",
            "matmul",
            "einsum",
            "vdot",
            "inner",
            "outer",
            "cumsum",
            "linspace",
            "logspace",
        ]
    ),
    *(["random", "fft", "linalg", "erf", "gamma", "fastmath", "parallel", "fsum"]),
}


def modules():
    """Every source file of the package with its module's top-level name."""
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in ("builders", "configs", "dataset_cards", "__init__"):
            yield parts[0], file


def imported(tree):
    """The modules of the package that a file imports when it is loaded."""
    nested = {n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    for node in ast.walk(tree):
        if node in nested or not isinstance(node, ast.ImportFrom):
            continue
        if node.module == "deepbench_hf":
            yield from (alias.name for alias in node.names)
        elif node.module and node.module.startswith("deepbench_hf."):
            yield node.module.split(".")[1]


def inexact_names(tree):
    """Inexact functions of NumPy, `math` or SciPy that a file names, and forbidden options."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in INEXACT:
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner in ("np", "numpy", "math", "scipy", "special"):
                yield f"{owner}.{node.attr}"
        if isinstance(node, ast.Call):
            if getattr(node.func, "attr", "") in ("sum", "mean", "std", "dot"):
                yield ast.unparse(node)
            if getattr(node.func, "id", "") in ("sum", "pow"):
                yield ast.unparse(node)
            on = [k.arg for k in node.keywords if getattr(k.value, "value", True)]
            yield from (name for name in on if name in INEXACT)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (name for name in names if name in ("math", "cmath", "random", "scipy"))
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Pow, ast.MatMult)):
            small = isinstance(node.right, ast.Constant) and node.right.value == 2
            constant = isinstance(node.left, ast.Constant)
            if not (isinstance(node.op, ast.Pow) and (small or constant)):
                yield ast.unparse(node)


@pytest.mark.parametrize(
    ("module", "file"), list(modules()), ids=lambda value: str(value).split("/")[-1]
)
def test_imports_go_down_only(module, file):
    assert module in RANK, f"{module} has no layer"
    for name in imported(ast.parse(file.read_text())):
        same_folder = name == module
        assert same_folder or RANK[name] <= RANK[module], f"{file.name} imports {name}"


def data_path_files():
    return [f for m, f in modules() if m in DATA_PATH or m == "simulators"]


@pytest.mark.parametrize("file", data_path_files(), ids=lambda file: file.name)
def test_the_data_path_uses_exact_operations_only(file):
    assert list(inexact_names(ast.parse(file.read_text()))) == []


def recursive_kernels(tree):
    """Functions of a file that call themselves."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.decorator_list:
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            decorated = [ast.unparse(part).split("(")[0] for part in function.decorator_list]
            if "kernel" in decorated and function.name in map(ast.unparse, calls):
                yield function.name


def test_sources_that_the_kernel_cache_ignores_hold_no_kernels():
    assert min(RANK[name] for name in WITHOUT_KERNELS) > RANK["generation"]
    for module, file in modules():
        assert (
            module not in WITHOUT_KERNELS or "deepbench_hf.exact.kernel" not in file.read_text()
        ), file


@pytest.mark.parametrize("file", [f for _, f in modules()], ids=lambda file: file.name)
def test_no_kernel_calls_itself_as_its_machine_code_could_not_be_cached(file):
    assert list(recursive_kernels(ast.parse(file.read_text()))) == []


def test_a_kernel_that_calls_itself_is_found():
    text = "@kernel(inline=True)\ndef f(n):\n    return f(n - 1)"
    assert list(recursive_kernels(ast.parse(text))) == ["f"]


def kernels(tree):
    """The kernels of a file, and whether each is said to allocate."""
    for function in ast.walk(tree):
        for part in getattr(function, "decorator_list", ()):
            if ast.unparse(part).split("(")[0] == "kernel":
                yield function, "allocates=True" in ast.unparse(part)


def makers(trees):
    """The names of kernels that allocate and return what may be an array."""
    for function, allocates in (kernel for tree in trees for kernel in kernels(tree)):
        returns = any(isinstance(node, ast.Return) and node.value for node in ast.walk(function))
        told = ast.unparse(function.returns) if function.returns else "an array, maybe"
        if allocates and returns and set(re.findall(r"\w+", told)) - {"tuple", "int", "float"}:
            yield function.name


def leaks(tree, made):
    """Kernels that do not count references, but call one that hands over an array."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    made = made - own | {*makers([tree])}
    for function, allocates in kernels(tree):
        calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        if not allocates and names & made:
            yield function.name


def test_a_kernel_that_counts_no_references_is_given_no_new_array():
    trees = [ast.parse(file.read_text()) for _, file in modules()]
    made = set(makers(trees))
    assert "new_scratch" in made
    assert [name for tree in trees for name in leaks(tree, made)] == []


def test_a_kernel_that_would_leak_an_array_is_found():
    text = """
@kernel(allocates=True)
def new(n):
    return np.empty(n)
@kernel
def use(n):
    return new(n)[0]"""
    assert list(leaks(ast.parse(text), {*makers([ast.parse(text)])})) == ["use"]


@pytest.mark.parametrize(
    "line", ["np.exp(x)", "x ** 1.5", "a @ b", "import math", "x.sum()", "jit(fastmath=True)"]
)
def test_an_inexact_operation_is_found(line):
    assert list(inexact_names(ast.parse(line)))
