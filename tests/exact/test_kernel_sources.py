"""What sources must not do: be long, inexact on the data path, or a kernel that calls itself."""

import ast
import re
from pathlib import Path

import pytest

import deepbench_hf
from tests.support.paths import ROOT

PACKAGE = Path(deepbench_hf.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
DATA_PATH = ("exact", "noise", "priors", "rows", "simulators")
"""The rooms in which the bits of rows are made."""
BESIDE = (
    *("summary.py", "count_density.py", "readout_density.py"),
    *("likelihoods.py", "posteriors.py", "tasks.py"),
)
"""Files there that describe or judge rows and make none."""
DENSITIES = (
    *("log_prob", "_log_prob", "normal_density", "_within", "_log", "share", "_density"),
    "density_of_modes",
)
"""Functions there that weigh values and make none."""
EXACT = (
    *("pow(GENERATOR, power, POINTS)", "np.cumsum", "end ** power", "mean", "CELLS ** 3"),
    "Unit('' if unit == '1' else unit) ** 0.5",
)
"""Powers and sums of integers, the limits of a refusal, which reach no row, an argument, a unit."""
INEXACT = set(
    """
    exp exp2 expm1 log log2 log10 log1p pow power float_power cbrt hypot
    sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh asin acos atan atan2
    sum mean std var dot matmul einsum vdot inner outer cumsum linspace logspace
    random fft linalg erf gamma fastmath parallel fsum
    """.split()  # noqa: SIM905 (forty names in forty lines)
)
"""Names of functions and options whose result depends on the processor or the library."""


ROOMS = ("deepbench_hf", "builders", "benchmarks", "examples", "tests", "tools")
MOST_LINES = 250


def test_no_file_is_longer_than_250_lines():
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    lines = {f.relative_to(ROOT).as_posix(): f.read_text().count("\n") for f in files}
    lines = {file: n for file, n in lines.items() if "/." not in file}  # no virtual environments
    assert {file.split("/")[0] for file in lines} == {*ROOMS}
    assert {file: length for file, length in lines.items() if length > MOST_LINES} == {}


def nodes(tree):
    """All that makes values: a file's nodes but those of `DENSITIES`."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.FunctionDef) and node.name in DENSITIES):
            yield from nodes(node)


def inexact_names(tree):
    """Inexact functions of NumPy, `math` or SciPy that a file uses, and forbidden options."""
    for node in nodes(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if owner == "special" or (node.attr in INEXACT and owner in ("np", "numpy")):
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
            modules = ("math", "cmath", "random", "scipy")
            yield from (n for n in names if n in modules and "special" not in names)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Pow, ast.MatMult)):
            small = isinstance(node.right, ast.Constant) and node.right.value == 2
            constant = isinstance(node.left, ast.Constant)
            if not (isinstance(node.op, ast.Pow) and (small or constant)):
                yield ast.unparse(node)


@pytest.mark.parametrize("room", DATA_PATH)
def test_the_data_path_uses_exact_operations_only(room):
    files = [file for file in (PACKAGE / room).rglob("*.py") if file.name not in BESIDE]
    found = {f.name: set(inexact_names(ast.parse(f.read_text()))) - {*EXACT} for f in files}
    assert files
    assert {name: names for name, names in found.items() if names} == {}


def recursive_kernels(tree):
    """Functions of a file that call themselves."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.decorator_list:
            calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            decorated = [ast.unparse(part).split("(")[0] for part in function.decorator_list]
            if "kernel" in decorated and function.name in map(ast.unparse, calls):
                yield function.name


def test_no_kernel_calls_itself_as_its_machine_code_could_not_be_cached():
    for file in FILES:
        assert list(recursive_kernels(ast.parse(file.read_text()))) == [], file


def test_a_kernel_that_calls_itself_is_found():
    text = "@kernel(inline=True)\ndef f(n):\n    return f(n - 1)"
    assert list(recursive_kernels(ast.parse(text))) == ["f"]


def kernels(tree):
    """The kernels of a file, and whether each is said to allocate."""
    for function in ast.walk(tree):
        for part in getattr(function, "decorator_list", ()):
            if ast.unparse(part).split("(")[0] == "kernel":
                yield function, "allocates=True" in ast.unparse(part)


def makers(tree):
    """The names of kernels that allocate and return what may be an array."""
    for function, allocates in kernels(tree):
        returns = any(isinstance(node, ast.Return) and node.value for node in ast.walk(function))
        told = ast.unparse(function.returns) if function.returns else "an array, maybe"
        if allocates and returns and set(re.findall(r"\w+", told)) - {"tuple", "int", "float"}:
            yield function.name


def leaks(tree, made):
    """Kernels that do not count references, but call one of ``made`` or of their own file.

    Those are pairs of a module and a name, which is what files import.
    """
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    known = {
        alias.asname or alias.name
        for node in imports
        for alias in node.names
        if (node.module, alias.name) in made
    } | {*makers(tree)}
    for function, allocates in kernels(tree):
        calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        if not allocates and names & known:
            yield function.name


def test_a_kernel_that_counts_no_references_is_given_no_new_array():
    trees = {
        ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts): ast.parse(
            file.read_text()
        )
        for file in FILES
    }
    made = {(module, name) for module, tree in trees.items() for name in makers(tree)}
    assert made
    assert [name for tree in trees.values() for name in leaks(tree, made)] == []


def test_a_kernel_that_would_leak_an_array_is_found():
    text = """
@kernel(allocates=True)
def new(n):
    return np.empty(n)
@kernel
def use(n):
    return new(n)[0]"""
    assert list(leaks(ast.parse(text), set())) == ["use"]
    elsewhere = text.replace("@kernel(allocates=True)", "from there import new as fresh")
    elsewhere = elsewhere.replace("new(n)[0]", "fresh(n)[0]")
    assert list(leaks(ast.parse(elsewhere), {("there", "new")})) == ["use"]
    assert list(leaks(ast.parse(elsewhere), {("else", "new")})) == []


@pytest.mark.parametrize(
    "line", ["np.exp(x)", "x ** 1.5", "a @ b", "import math", "x.sum()", "jit(fastmath=True)"]
)
def test_an_inexact_operation_is_found(line):
    assert list(inexact_names(ast.parse(line)))
