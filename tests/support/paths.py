"""Where the repository's own files are."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
ORACLES = ROOT / "tests" / "oracles"
DEEPBENCH = ROOT / "tests" / "deepbench_files"
DEEPBENCH_FILES = [f for f in sorted(DEEPBENCH.glob("*.yaml")) if f.stem != "default_astro_object"]
"""DeepBench's configurations, without the one that is empty."""


def copy_checkout(folder: Path) -> Path:
    """Copy what a checkout needs in order to run into a folder."""
    for part in ("deepbench_hf", "builders", "configs", "dataset_cards"):
        ignored = shutil.ignore_patterns("__pycache__", "rendered")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    return folder
