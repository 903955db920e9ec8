"""Makes ``load_dataset("deepbench", ...)`` find the builder; `datasets` has no plug-ins."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from deepbench_hf.files import as_pattern

if TYPE_CHECKING:
    import datasets

NAME = "deepbench"
"""The path that names our builder in `datasets.load_dataset`."""

BUILDER_MODULE = "deepbench_hf.builders.deepbench"
PATCHED = {
    "dataset_module_factory": ("datasets.load", "datasets.inspect"),
    "load_dataset_builder": ("datasets", "datasets.load", "datasets.inspect"),
}
"""The functions that are wrapped, and every module that looks them up under its own name."""

_config_name: ContextVar[str | None] = ContextVar("config_name", default=None)
"""The config that a plain call asks for: the module factory is never told."""


def load_dataset(path: str, *args: Any, **kwargs: Any) -> Any:
    """`datasets.load_dataset`, which knows ``"deepbench"`` as well.

    `datasets.load_dataset` itself knows it, too, once this package is imported.

    Args:
        path: ``"deepbench"``, or anything that `datasets.load_dataset` takes.
        *args: as there; first the config's name.
        **kwargs: as there, and ``seed``, ``num_examples``, ``splits``, ``clean``, ``preview``; for
            images also ``masks`` and ``image_size``. ``revision`` may only be the version that is
            made here.

    Returns:
        What `datasets.load_dataset` returns: a dataset, or one for each split.

    >>> rows = load_dataset("deepbench", "pendulum_noisy", split="train", streaming=True)
    >>> round(next(iter(rows))["length_m"], 2)
    2.79
    """
    import datasets

    with installed():
        return datasets.load_dataset(path, *args, **kwargs)


def builder(**kwargs: Any) -> datasets.DatasetBuilder:
    """Our builder itself, whatever folders there are.

    Args:
        **kwargs: ``config_name`` or ``data_files``, and the overrides that `load_recipe` takes.
    """
    from deepbench_hf.recipe.catalog import catalog_hash

    kwargs["config_name"] = _renamed(kwargs.get("config_name"), kwargs)
    module = importlib.import_module(BUILDER_MODULE)
    return module.DeepBench(dataset_name=NAME, hash=catalog_hash()[:16], **kwargs)


class WhenImported:
    """Wraps the functions of `datasets` once it is imported: that takes most of a second."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """What Python asks of everything in `sys.meta_path`; answers for `datasets` alone.

        Asking does not import: some packages only want to know whether `datasets` is there.
        """
        if name != "datasets":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((one for one in found if one is not None), None)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_install(module: ModuleType) -> None:
                run(module)
                install()

            setattr(spec.loader, "exec_module", run_and_install)  # noqa: B010 (a method)
        return spec


def install_when_imported() -> None:
    """Wrap the functions now if `datasets` is there, else as soon as it is."""
    if "datasets" in sys.modules:
        install()
    else:
        # Without the one that an import before a reload left: the two would ask each other.
        others = [one for one in sys.meta_path if type(one).__name__ != WhenImported.__name__]
        sys.meta_path[:] = [WhenImported(), *others]


def install() -> None:
    """Wrap the functions; doing it again changes nothing."""
    for module, name in _patched():
        function = getattr(module, name)
        if not hasattr(function, "__deepbench__"):
            setattr(module, name, _WRAPPERS[name](function))


def uninstall() -> None:
    """Put the functions of `datasets` back as they were."""
    for module, name in _patched():
        function = getattr(module, name)
        setattr(module, name, getattr(function, "__deepbench__", function))


def _patched() -> Iterator[tuple[ModuleType, str]]:
    for name, modules in PATCHED.items():
        for module in modules:
            yield importlib.import_module(module), name


@contextmanager
def installed() -> Iterator[None]:
    """With the functions wrapped, and afterwards as before."""
    before = {(module, name): getattr(module, name) for module, name in _patched()}
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
        from datasets.load import DatasetModule

        from deepbench_hf.recipe.catalog import catalog_hash

        return DatasetModule(BUILDER_MODULE, catalog_hash()[:16], {"dataset_name": NAME})

    return _marked(dataset_module_factory, original)


def _wrap_load_builder(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_dataset_builder(path: str, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        if path != NAME:
            return original(path, name, *args, **kwargs)
        from deepbench_hf.recipe.text import OVERRIDES

        if name is not None and Path(name).suffix in (".yaml", ".yml"):
            name, kwargs["data_files"] = None, str(name)  # a file works wherever a name does
        # A local folder, which is built already, cannot answer what asks for a build.
        ours_only = ("data_files", *OVERRIDES)
        plain = not args and not any(kwargs.get(key) is not None for key in ours_only)
        token = _config_name.set(name if plain else None)
        try:
            if name is not None and kwargs.get("data_files") is None:
                _check_name(name)
            name = _renamed(name, kwargs)
            found = original(path, name, *args, **kwargs)
        except ValueError as error:
            if f"{error}".startswith("BuilderConfig ") and "doesn't have a" in f"{error}":
                raise _unknown_override(original, name, kwargs) from None
            raise
        finally:
            _config_name.reset(token)
        if hasattr(found, "recipe"):  # not a local folder's
            from deepbench_hf.recipe.catalog import check_revision

            check_revision(found.recipe, kwargs.get("revision"))
        return found

    return _marked(load_dataset_builder, original)


_WRAPPERS = {
    "dataset_module_factory": _wrap_module_factory,
    "load_dataset_builder": _wrap_load_builder,
}


def _marked(wrapper: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    wrapper.__deepbench__ = original
    return wrapper


def _renamed(name: str | None, kwargs: dict[str, Any]) -> str | None:
    """The name for `datasets`, which makes a config that it does not list only under none."""
    from deepbench_hf.recipe.catalog import posterior_of

    if "data_files" in kwargs:  # to `datasets` these are patterns
        kwargs["data_files"] = as_pattern(kwargs["data_files"])
    if posterior_of(name) is None:
        return name
    kwargs["reference"] = name
    return None


def _unknown_override(original: Callable[..., Any], name: str | None, kwargs: Any) -> Exception:
    """The error for a word that `datasets` refuses with the whole of the config."""
    from deepbench_hf.errors import RecipeError, did_you_mean
    from deepbench_hf.recipe.text import OVERRIDES

    unknown = sorted(kwargs.keys() - {*inspect.signature(original).parameters, *OVERRIDES})
    problems = [f"{key}: unknown override; {did_you_mean(key, OVERRIDES)}" for key in unknown]
    return RecipeError(str(name or kwargs.get("data_files") or NAME), problems)


def _check_name(name: str) -> None:
    """Refuse a config that there is not, with the nearest names; `datasets` lists all of them.

    Raises:
        RecipeError: there is no such config, here or in a local folder.
    """
    from deepbench_hf.recipe.catalog import is_shipped, load_recipe

    if not is_shipped(name) and not _local_folder_has(name):
        load_recipe(name)


def _local_folder_has(config_name: str | None) -> bool:
    """Whether a folder of our name in the working directory holds Parquet of this config."""
    if config_name is None or not Path(NAME, "README.md").is_file():
        return False
    from deepbench_hf.errors import BuildError
    from deepbench_hf.tables.manifest import Index

    try:
        config = Index.read(Path(NAME)).configs.get(config_name, {})
    except (BuildError, OSError):
        return False
    found = config.get("data_files") or []
    patterns = [part.get("path", "") for part in found] if isinstance(found, list) else []
    return any(
        file.suffix == ".parquet"
        for pattern in patterns
        if isinstance(pattern, str) and pattern and not pattern.startswith("/")
        for file in Path(NAME).glob(pattern)
    )
