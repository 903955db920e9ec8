"""Defects planted one by one: ``python -m tools.mutants`` shows that a test fails for each.

Every mutant is a change of one place in a copy of the sources; the test that is named beside it
passes without the change and must fail with it. With words only the mutants whose description
holds one of them are tried.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import ROOT

PARTS = ("deepbench_hf", "builders", "configs", "dataset_cards", "tests", "tools", "benchmarks")


class Mutant(NamedTuple):
    """A defect, the place and the change that make it, and the test that must see it."""

    what: str
    file: str
    old: str
    new: str
    test: str


FOLDER = "deepbench_hf/tables/folder.py"
STOPPED = "tests/tables/test_folder_stopped.py::test_"
MUTANTS = (
    Mutant(
        "a strength may be divided by a number that reaches zero",
        "deepbench_hf/recipe/sections.py",
        "if low <= 0 <= high:",
        "if low < 0 < high:",
        "tests/simulators/test_deepuq.py::"
        "test_a_strength_is_divided_by_a_number_that_is_never_zero",
    ),
    Mutant(
        "two builds work in one folder",
        FOLDER,
        'with FileLock(root / ".deepbench-hf.lock"):',
        "if True:",
        f"{STOPPED}only_one_build_at_a_time_works_in_a_folder",
    ),
    Mutant(
        "an old build is not restored when a move fails",
        FOLDER,
        'if (moving / "old" / part).exists():',
        "if False:",
        f"{STOPPED}a_move_that_fails_is_taken_back_and_the_build_runs_again",
    ),
    Mutant(
        "the README comes before the manifest",
        FOLDER,
        "        MANIFEST: root / MANIFEST,\n        README: root / README,\n",
        "        README: root / README,\n        MANIFEST: root / MANIFEST,\n",
        f"{STOPPED}a_move_that_fails_is_taken_back_and_the_build_runs_again",
    ),
    Mutant(
        "a build asks for twice the space that it needs",
        FOLDER,
        "if needed > free:",
        "if 2 * needed > free:",
        "tests/tables/test_folder_refused.py::test_a_build_needs_the_space_of_its_rows_and_no_more",
    ),
    Mutant(
        "verify compares sizes of files and no hashes",
        "deepbench_hf/hub/consistency.py",
        "or source.blob(name) != wanted[name]:",
        "or False:",
        "tests/hub/test_verify_manifest.py::"
        "test_a_file_whose_rows_and_size_are_right_is_told_by_its_hash",
    ),
    Mutant(
        "a detector holds any number of electrons",
        "deepbench_hf/noise/detector.py",
        "if most > self.MOST_ELECTRONS:",
        "if False:",
        "tests/noise/test_detector.py::test_an_image_that_the_detector_cannot_hold_is_refused",
    ),
    Mutant(
        "recipes of two names are equal",
        "deepbench_hf/recipe/recipe.py",
        "return self.fingerprint, self.name, self.description, self.card",
        "return self.fingerprint, self.description, self.card",
        "tests/recipe/test_recipe.py::test_recipes_of_other_names_or_words_are_others",
    ),
    Mutant(
        "a frozen mapping loses a key",
        "deepbench_hf/model.py",
        "setdefault = pop = popitem",
        "setdefault = popitem",
        "tests/recipe/test_recipe.py::test_a_recipe_is_frozen_and_can_be_pickled",
    ),
    Mutant(
        "a stale kernel is served",
        "deepbench_hf/exact/kernel_cache.py",
        "(self.sources, function.__module__,",
        '("", function.__module__,',
        "tests/exact/test_kernel.py::test_kernels_go_with_their_sources_wherever_these_lie",
    ),
    Mutant(
        "the variance of a quasar's step is below zero",
        "deepbench_hf/simulators/quasar/process.py",
        "return of_x, shared, max(of_y, 0.0)",
        "return of_x, shared, of_y",
        "tests/simulators/test_quasar_process.py::"
        "test_the_noise_of_a_short_step_has_no_negative_variance",
    ),
)


def passes(checkout: Path, tests: list[str]) -> bool:
    """Whether tests pass in a copy of the sources."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{', '.join(tests)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


def survives(checkout: Path, mutant: Mutant) -> bool:
    """Whether the test of a mutant does not see it."""
    file = checkout / mutant.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.file}: {mutant.old!r} is there {text.count(mutant.old)} times")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return passes(checkout, [mutant.test])
    finally:
        file.write_text(text, encoding="utf-8")


def main(words: list[str]) -> int:
    """Try the mutants; 1 if one survives or a test fails without any."""
    chosen = [m for m in MUTANTS if not words or any(word in m.what for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder)
        for part in PARTS:
            ignored = shutil.ignore_patterns("__pycache__", ".venv*")
            shutil.copytree(ROOT / part, checkout / part, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", checkout)
        if not passes(checkout, sorted({mutant.test for mutant in chosen})):
            print("a test fails without any mutant")
            return 1
        alive = [mutant.what for mutant in chosen if survives(checkout, mutant)]
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutants are seen by their tests")
    print(*(f"  survives: {what}" for what in alive), sep="\n", end="")
    return bool(alive)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
