"""Analytic physics simulators as deterministic Hugging Face datasets."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

_program = sys.argv[0] if sys.argv else ""
if _program == "-m" or _program.endswith(("deepbench-hf", "deepbench-hf.exe")):
    # The command line: Ctrl-C while the libraries load, before `cli.main` is there to hear it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

from deepbench_hf.errors import HubError, RecipeError  # noqa: E402
from deepbench_hf.tables import registration  # noqa: E402

if TYPE_CHECKING:
    from deepbench_hf import metrics, statistics
    from deepbench_hf.figures.preview import show
    from deepbench_hf.hub.pushing import push
    from deepbench_hf.hub.verifying import verify
    from deepbench_hf.recipe.catalog import list_recipes, load_recipe
    from deepbench_hf.recipe.recipe import Recipe
    from deepbench_hf.rows.generation import generate
    from deepbench_hf.rows.likelihoods import log_likelihood
    from deepbench_hf.rows.posteriors import posterior
    from deepbench_hf.rows.priors import log_prior
    from deepbench_hf.rows.simulation import simulate
    from deepbench_hf.rows.summary import statistics_of
    from deepbench_hf.rows.tasks import sbi_task
    from deepbench_hf.rows.variations import jacobian, observe
    from deepbench_hf.streams.collating import collate
    from deepbench_hf.streams.streaming import stream
    from deepbench_hf.tables.building import build
    from deepbench_hf.tables.registration import load_dataset

__all__ = [
    "HubError",
    "Recipe",
    "RecipeError",
    "build",
    "collate",
    "generate",
    "jacobian",
    "list_recipes",
    "load_dataset",
    "load_recipe",
    "log_likelihood",
    "log_prior",
    "metrics",
    "observe",
    "posterior",
    "push",
    "sbi_task",
    "show",
    "simulate",
    "statistics",
    "statistics_of",
    "stream",
    "verify",
]

_HOMES = {
    "Recipe": "recipe.recipe",
    "build": "tables.building",
    "collate": "streams.collating",
    "generate": "rows.generation",
    "jacobian": "rows.variations",
    "list_recipes": "recipe.catalog",
    "load_dataset": "tables.registration",
    "load_recipe": "recipe.catalog",
    "log_likelihood": "rows.likelihoods",
    "log_prior": "rows.priors",
    "observe": "rows.variations",
    "posterior": "rows.posteriors",
    "push": "hub.pushing",
    "sbi_task": "rows.tasks",
    "show": "figures.preview",
    "simulate": "rows.simulation",
    "statistics_of": "rows.summary",
    "stream": "streams.streaming",
    "verify": "hub.verifying",
}
_MODULES = {"exact", "metrics", "statistics"}

_ROOT = Path(__file__).parents[1]
if not Path(__file__).with_name("configs").is_dir() and (_ROOT / "configs").is_dir():
    __path__.append(str(_ROOT))  # a checkout: its builders, configs and cards lie one folder up

registration.install_when_imported()


def __getattr__(name: str) -> Any:
    """Load what is asked for, and nothing before (PEP 562)."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
