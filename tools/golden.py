"""Golden digests: the first block of every split of every shipped config, clean output included.

Image configs also at two other sizes, and the masks of their first rows; of one noisy config of
every simulator also the columns of uncertainty.

``python -m tools.golden`` writes them anew, which is right only together with a new generator
version; ``python -m tools.golden --check`` compares and says which differ; ``--print`` prints
them with the processor features that were in use. With names of configs, only these are
made.
"""

import hashlib
import json
import sys
from collections.abc import Iterable

import numpy as np

from deepbench_hf.fields import of_role
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.columns import digested, row_bytes, schema
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.digest import block_digest
from deepbench_hf.rows.generation import BLOCK, generate
from deepbench_hf.simulators.base import Layered
from tests.support.chosen import configs
from tests.support.paths import ROOT

FILE = ROOT / "tests" / "golden.json"
MOST_BYTES = 16 << 20
SIZES = ((28, 28), (33, 57))
FEW = 7
"""Rows of a digest of uncertainty: Jacobians take long."""


def digests(names: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """The digest of the first block of every split, by config and split; of all without names."""
    found = {}
    for name in names or list_recipes():
        recipe = load_recipe(name, clean=True)
        found[name] = first_blocks(recipe)
        if isinstance(recipe.simulator, Layered):
            found[name]["masks of train"] = masks(name)
            for size in SIZES:
                text = "x".join(map(str, size))
                found[f"{name} {text}"] = first_blocks(
                    load_recipe(name, clean=True, image_size=size)
                )
    return found


def first_blocks(recipe: Recipe) -> dict[str, str]:
    """The digest of the first block of every split, or of as many of its rows as fit."""
    rows = min(BLOCK, MOST_BYTES // row_bytes(recipe))
    return {
        split: block_digest(generate(recipe, split, 0, min(rows, part.size)), digested(recipe))
        for split, part in recipe.splits.items()
    }


def masks(name: str) -> str:
    """The digest of the masks and single objects of some rows of an image config."""
    recipe = load_recipe(name, masks=True)
    return block_digest(
        generate(recipe, "train", 0, 16), of_role(recipe.simulator.columns, "layer")
    )


def uncertainties(names: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """The digests of the columns of uncertainty, by config and split."""
    noisy = [load_recipe(name, uncertainty=True) for name in configs() if load_recipe(name).noise]
    chosen = [recipe for recipe in noisy if not names or recipe.name in names]
    return {
        recipe.name: {
            split: block_digest(generate(recipe, split, 0, FEW), uncertain(recipe))
            for split in list(recipe.splits)[:2]
        }
        for recipe in chosen
    }


def uncertain(recipe: Recipe) -> list[str]:
    """The names of the columns of uncertainty."""
    return [name for name, column in schema(recipe).items() if column.role == "uncertainty"]


def golden() -> dict:
    """The committed digests and their generator version."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def surroundings() -> dict:
    """What could make bits differ: what NumPy and Numba use, and what native functions give."""
    from numba.core.config import CPU_NAME
    from numpy._core import _multiarray_umath as umath

    x = np.linspace(-80, 80, 1 << 18)
    native = np.exp(x).tobytes() + np.exp(x.astype(np.float32)).tobytes() + np.sin(x).tobytes()
    return {
        "numpy": [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]],
        "numba": CPU_NAME or "host",
        "registers": widest_registers(),
        "native": hashlib.sha256(native).hexdigest(),
    }


def widest_registers() -> str:
    """Which vector registers Numba's code uses: zmm, ymm or xmm on x86."""
    import numba

    @numba.njit
    def add(a, b):
        for i in range(a.size):
            a[i] += b[i]

    add(np.ones(9), np.ones(9))
    (code,) = add.inspect_asm().values()
    return next((name for name in ("zmm", "ymm", "xmm") if f"%{name}" in code), "others")


def main(arguments: list[str]) -> int:
    """Write, check or print; the exit code is the number of differing digests, at most 1."""
    names = [argument for argument in arguments if not argument.startswith("--")]
    if not {*arguments} - {*names} <= {"--check", "--print"}:
        print(__doc__)
        return 2
    found = digests(names)
    if "--print" in arguments:
        print(json.dumps({"digests": found, **surroundings()}))
        return 0
    if "--check" not in arguments:
        made = {"digests": found, "uncertainty": uncertainties(names)}
        written: dict = {"generator_version": GENERATOR_VERSION}
        for part, digest in made.items():
            written[part] = dict(sorted({**(golden()[part] if names else {}), **digest}.items()))
        FILE.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        return 0
    wanted = golden()["digests"]
    wanted = {name: wanted.get(name, {}) for name in found} if names else wanted
    wrong = [
        f"{name} {split}"
        for name in wanted
        for split, digest in wanted[name].items()
        if found.get(name, {}).get(split) != digest
    ]
    total = sum(map(len, wanted.values()))
    print(f"{total - len(wrong)} of {total} golden digests agree", *wrong, sep="\n  ")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
