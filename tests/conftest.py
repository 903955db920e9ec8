"""Every test has its own Hugging Face cache; kernels are compiled once for all of them."""

import getpass
import os
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault(
    "HF_HOME", str(Path(tempfile.gettempdir()) / f"deepbench_hf_tests_{getpass.getuser()}")
)

import datasets
import pytest
from filelock import FileLock

from deepbench_hf import generate
from deepbench_hf.recipe.catalog import list_recipes, load_recipe

from .support.hub.fixtures import hub  # noqa: F401
from .support.publishing import publisher  # noqa: F401
from .support.spoiling import built, copy  # noqa: F401

SHARES = {
    "sky": ("sky_noisy", "survey_pair", "galaxy_perturbed"),
    "others": (
        *("shapes_noisy", "shapes_scene", "lartpc_pair", "kappa_conditional", "quasar_cdrw"),
        *("mi_toys", "pendulum_noisy", "pendulum_damped", "pendulum_hamiltonian"),
    ),
}
"""Configs whose kernels take long to compile, in halves."""


@pytest.fixture(scope="session", autouse=True)
def compiled():
    """Each of two workers compiles a half of the kernels, and takes the other from the cache."""
    worker, home = os.environ.get("PYTEST_XDIST_WORKER", ""), Path(os.environ["HF_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    for share in {"": (), "gw0": [*SHARES]}.get(worker, [*SHARES][::-1]):
        with FileLock(home / f"{share}.lock"):
            for name in SHARES[share]:
                generate(load_recipe(name, clean=True), "train", 0, 1)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of data sets that no other test sees."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(params=list_recipes())
def recipe(request):
    """Each shipped recipe in turn."""
    return load_recipe(request.param)
