"""Every test has its own cache of data sets; compiled kernels are kept for all of them."""

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

from deepbench_hf.recipe.catalog import load_recipe

from .support.chosen import configs
from .support.house import house, open_house  # noqa: F401
from .support.hub.client import hub  # noqa: F401
from .support.publishing import publisher  # noqa: F401
from .support.spoiling import built, copy  # noqa: F401


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of data sets that no other test sees."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(params=configs())
def recipe(request):
    """Shipped recipes in turn."""
    return load_recipe(request.param)
