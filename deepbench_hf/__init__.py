"""Analytic physics simulators as deterministic Hugging Face datasets."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from deepbench_hf import registration
from deepbench_hf.errors import HubError, RecipeError

if TYPE_CHECKING:
    from deepbench_hf import metrics, statistics
    from deepbench_hf.catalog import list_recipes, load_recipe
    from deepbench_hf.generation import generate
    from deepbench_hf.hub.pushing import push
    from deepbench_hf.hub.verifying import verify
    from deepbench_hf.recipe import Recipe
    from deepbench_hf.registration import load_dataset
    from deepbench_hf.sensitivities import jacobian
    from deepbench_hf.simulation import simulate
    from deepbench_hf.streams.collating import collate
    from deepbench_hf.streams.streaming import stream

__all__ = [
    "HubError",
    "Recipe",
    "RecipeError",
    "collate",
    "generate",
    "jacobian",
    "list_recipes",
    "load_dataset",
    "load_recipe",
    "metrics",
    "push",
    "simulate",
    "statistics",
    "stream",
    "verify",
]

_HOMES = {
    "Recipe": "recipe",
    "collate": "streams.collating",
    "generate": "generation",
    "jacobian": "sensitivities",
    "list_recipes": "catalog",
    "load_dataset": "registration",
    "load_recipe": "catalog",
    "push": "hub.pushing",
    "simulate": "simulation",
    "stream": "streams.streaming",
    "verify": "hub.verifying",
}
_MODULES = {"metrics", "statistics"}

registration.install()


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
