"""Builds past one machine, for real: stores, clusters, and processes that are killed at random.

``python -m tools.scale [NAME...]`` runs the checks of these names, or all. ``s3`` and ``closed``
need s3fs and moto[server], ``full`` needs root, the clusters distributed.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deepbench_hf.tables.folder import build_folder
from tools.scale.clusters import dask, driver, scheduler
from tools.scale.common import RECIPE, hashes
from tools.scale.processes import full, kills, memory, shares, speed
from tools.scale.stores import closed, repository, s3

IN_ORDER = (shares, kills, full, s3, closed, repository, dask, driver, scheduler, memory, speed)
CHECKS = {one.__name__: one for one in IN_ORDER}


def main() -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        build_folder([RECIPE], root / "one" / "out", file_bytes=1)
        wanted = hashes(root / "one" / "out")
        for name in sys.argv[1:] or CHECKS:
            print(f"{name}: {CHECKS[name].__doc__}", flush=True)
            (root / name).mkdir()
            CHECKS[name](root / name, wanted)


if __name__ == "__main__":
    main()
