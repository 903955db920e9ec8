"""Makes ``load_dataset("deepbench", ...)`` find the builder; `datasets` has no plug-ins."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import datasets
import datasets.inspect
import datasets.load

__all__ = ["NAME", "install", "installed", "load_dataset", "uninstall"]

NAME = "deepbench"
"""The path that names our builder in `datasets.load_dataset`."""

BUILDER_MODULE = "deepbench_hf.builders.deepbench"
PATCHED = {
    "dataset_module_factory": (datasets.load, datasets.inspect),
    "load_dataset_builder": (datasets, datasets.load, datasets.inspect),
}
"""The functions that are wrapped, and every module that looks them up under its own name."""

_config_name: ContextVar[str | None] = ContextVar("config_name", default=None)


def load_dataset(path: str, *args: Any, **kwargs: Any) -> Any:
    """`datasets.load_dataset`, sure to know ``"deepbench"``.

    Args:
        path: ``"deepbench"``, or anything that `datasets.load_dataset` takes.
        *args: as there; first the config's name.
        **kwargs: as there, and ``seed``, ``num_examples``, ``clean``, ``preview``.

    Returns:
        What `datasets.load_dataset` returns: a dataset, or one for each split.
    """
    with installed():
        return datasets.load_dataset(path, *args, **kwargs)


def install() -> None:
    """Wrap the functions; doing it again changes nothing."""
    for name, modules in PATCHED.items():
        wrap = _WRAPPERS[name]
        for module in modules:
            function = getattr(module, name)
            if not hasattr(function, "__deepbench__"):
                setattr(module, name, wrap(function))


def uninstall() -> None:
    """Put the functions of `datasets` back as they were."""
    for name, modules in PATCHED.items():
        for module in modules:
            setattr(
                module, name, getattr(getattr(module, name), "__deepbench__", getattr(module, name))
            )


@contextmanager
def installed() -> Iterator[None]:
    """With the functions wrapped, and afterwards as before."""
    before = {(m, n): getattr(m, n) for n, modules in PATCHED.items() for m in modules}
    install()
    try:
        yield
    finally:
        for (module, name), function in before.items():
            setattr(module, name, function)


def _wrap_module_factory(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def dataset_module_factory(path: str, *args: Any, **kwargs: Any) -> Any:
        if path != NAME or _local_folder_has(_config_name.get()):
            return original(path, *args, **kwargs)
        from deepbench_hf.catalog import catalog_hash

        hash_ = catalog_hash()[:16]
        return datasets.load.DatasetModule(BUILDER_MODULE, hash_, {"dataset_name": NAME})

    return _marked(dataset_module_factory, original)


def _wrap_load_builder(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_dataset_builder(path: str, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        token = _config_name.set(name)  # the module factory is never told which config is meant
        try:
            return original(path, name, *args, **kwargs)
        finally:
            _config_name.reset(token)

    return _marked(load_dataset_builder, original)


_WRAPPERS = {
    "dataset_module_factory": _wrap_module_factory,
    "load_dataset_builder": _wrap_load_builder,
}


def _marked(wrapper: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    wrapper.__deepbench__ = original
    return wrapper


def _local_folder_has(config_name: str | None) -> bool:
    """Whether a folder of our name in the working directory holds Parquet of this config."""
    readme = Path(NAME) / "README.md"
    if not readme.is_file():
        return False
    from huggingface_hub.repocard import metadata_load

    configs = (metadata_load(readme) or {}).get("configs") or []
    return any(
        config_name in (None, config.get("config_name"))
        and ".parquet" in str(config.get("data_files", ""))
        for config in configs
    )
