"""Where the repository's own files are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
ORACLES = ROOT / "tests" / "oracles"
DEEPBENCH_FILES = ROOT / "tests" / "deepbench_files"
