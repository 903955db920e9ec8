"""A checkout uses its own recipes, cards and builder, whatever else is installed."""

import os
import shutil
import subprocess
import sys

from tests.support.paths import copy_checkout

PROGRAM = """
import inspect
from importlib import resources
import datasets, deepbench_hf
print(deepbench_hf.__file__)
print(inspect.getfile(type(datasets.load_dataset_builder("deepbench", "mine"))))
print(resources.files("deepbench_hf.configs"), resources.files("deepbench_hf.dataset_cards"))
"""


def test_a_checkout_on_the_path_uses_its_own_files_and_not_those_of_another_install(tmp_path):
    checkout = copy_checkout(tmp_path / "checkout")
    pendulums = checkout / "configs" / "pendulum"
    shutil.copy(pendulums / "pendulum.yaml", pendulums / "mine.yaml")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        str(checkout / "deepbench_hf" / "__init__.py"),
        str(checkout / "builders" / "deepbench.py"),
        f"{checkout / 'configs'} {checkout / 'dataset_cards'}",
    ]
