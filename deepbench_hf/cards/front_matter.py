"""The front matter of a README: what the Hub and `datasets` read of a repository."""

from collections.abc import Sequence
from typing import Any, cast

import yaml
from datasets import DatasetInfo, SplitDict, SplitInfo
from datasets.info import DatasetInfosDict
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard, DatasetCardData

from deepbench_hf.cards.published import Published
from deepbench_hf.errors import BuildError
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.simulators.base import objects_of
from deepbench_hf.tables.arrow import features
from deepbench_hf.tables.manifest import README, data_files

NAME = "DeepBench: analytic physics with exact labels and known noise"
LICENSE = "apache-2.0"
TAGS = ["deepbench", "physics", "astronomy", "synthetic", "simulation"]
UNITS = ("K", "M", "B", "T")


def read_card(previous: str | None) -> DatasetCard:
    """The README of a repository, or an empty one.

    Raises:
        BuildError: its front matter is broken.
    """
    text = (previous or "").replace("\r\n", "\n")
    text = text if text.startswith("---") else f"---\n{{}}\n---\n{text}"
    try:
        card = DatasetCard(text)
        told_configs(data_of(card))
        _infos(data_of(card))
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError):
        hint = "mend it in the repository and try again"
        raise BuildError(f"{README}: its front matter is not as the Hub has it; {hint}") from None
    return card


def data_of(card: DatasetCard) -> DatasetCardData:
    """The front matter of a README."""
    return cast(DatasetCardData, card.data)


def told_configs(data: DatasetCardData) -> dict[str, dict[str, Any]]:
    """The configs that a front matter names, with where their files are."""
    return {config["config_name"]: config for config in data.get("configs") or []}


def tell(data: DatasetCardData, published: Sequence[Published]) -> None:
    """Write what is known of configs into a front matter; what it tells of others stays."""
    first = default_config(data, published)
    MetadataConfigs({p.recipe.name: _places(p) for p in published}).to_dataset_card_data(data)
    for config in data["configs"]:
        config.pop("default", None)
        if config["config_name"] == first:
            config["default"] = True
    DatasetInfosDict({p.recipe.name: _info(p) for p in published}).to_dataset_card_data(data)
    infos = _infos(data)
    for info in infos:
        for key in [key for key, value in info.items() if value is None]:
            del info[key]
    rows = sum(split.get("num_examples", 0) for info in infos for split in info.get("splits", ()))
    data["size_categories"] = [_size_category(rows)]
    data["license"] = data.get("license") or LICENSE
    data["pretty_name"] = data.get("pretty_name") or NAME
    data["annotations_creators"] = data.get("annotations_creators") or ["machine-generated"]
    data["source_datasets"] = data.get("source_datasets") or ["original"]
    tasks = sorted({task for p in published for task in _tasks(p)})
    data["task_categories"] = _united(data.get("task_categories"), tasks)
    data["tags"] = _united(data.get("tags"), TAGS)


def default_config(data: DatasetCardData, published: Sequence[Published]) -> str:
    """The config that loads where none is named: the one so far, else the first of ours."""
    told = told_configs(data)
    so_far = [name for name, config in told.items() if config.get("default")]
    return (so_far or [published[0].recipe.name])[0]


def _places(published: Published) -> dict[str, Any]:
    """Where the files of every split are."""
    return {"data_files": data_files(published.recipe.name, published.recipe.splits)}


def _info(published: Published) -> DatasetInfo:
    """Features and sizes; bytes of rows are at most these, pictures for viewers left out."""
    recipe, files = published.recipe, published.files
    width = row_bytes(recipe)
    splits = SplitDict()
    for name, split in recipe.splits.items():
        splits.add(SplitInfo(name, num_bytes=width * split.size, num_examples=split.size))
    rows = sum(split.size for split in recipe.splits.values())
    return DatasetInfo(
        features=features(recipe),
        splits=splits,
        download_size=None if files is None else sum(map(sum, files.values())),
        dataset_size=width * rows,
    )


def _infos(data: DatasetCardData) -> list[dict[str, Any]]:
    """What a front matter tells of each config's features and sizes."""
    told = data.get("dataset_info") or []
    infos = [told] if isinstance(told, dict) else list(told)
    return [info for info in infos if info.get("config_name", "default")]


def _size_category(rows: int) -> str:
    """The Hub's word for a number of rows.

    >>> [_size_category(n) for n in (10, 1000, 25_000, 2_000_000, 10**12)]
    ['n<1K', '1K<n<10K', '10K<n<100K', '1M<n<10M', 'n>1T']
    """
    if rows < 1000:
        return "n<1K"
    digits = len(str(rows)) - 1
    if digits >= 12:
        return "n>1T"
    low, high = (f"{10 ** (d % 3)}{UNITS[d // 3 - 1]}" for d in (digits, digits + 1))
    return f"{low}<n<{high}"


def _tasks(published: Published) -> list[str]:
    """What a config is good for, in the Hub's words."""
    simulator = published.recipe.simulator
    if not published.has_images:
        return ["time-series-forecasting", "tabular-regression"]
    denoising = ["image-to-image"] if published.recipe.noise else []
    if objects_of(simulator):
        return [*denoising, "object-detection", "image-segmentation"]
    return [*denoising, *(["image-classification"] if "label" in simulator.parameters else [])]


def _united(told: Any, ours: list[str]) -> list[str]:
    """What the README says, and ours behind it where it is missing."""
    before = [told] if isinstance(told, str) else list(told or [])
    return list(dict.fromkeys([*before, *ours]))
