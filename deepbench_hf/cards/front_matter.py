"""The front matter of a README: what the Hub and `datasets` read of a repository."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml
from huggingface_hub import DatasetCard, DatasetCardData

from deepbench_hf.cards.published import Published, family_page
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.purposes import tasks_of
from deepbench_hf.tables.manifest import (
    DEFAULT,
    README,
    config_of,
    data_of,
    parse_readme,
    told_configs,
    told_infos,
)

NAME = "DeepBench"
LICENSE = "apache-2.0"
TAGS = [
    *("deepbench", "physics", "synthetic", "simulation", "benchmark"),
    *("uncertainty-quantification", "simulation-based-inference", "out-of-distribution"),
]
MOST_NAMED = 3
"""Families that a title names one by one."""

OF_IMAGES = {
    "classification": "image-classification",
    "detection": "object-detection",
    "segmentation": "image-segmentation",
    "denoising": "image-to-image",
}
OF_NUMBERS = {"classification": "tabular-classification", "regression": "tabular-regression"}
"""What the Hub calls the tasks of images, and of all others."""
UNITS = ("K", "M", "B", "T")


def read_card(previous: str | None) -> DatasetCard:
    """The README of a repository, or an empty one.

    Raises:
        BuildError: its front matter is broken.
    """
    return parse_readme(previous or "", README, "mend it in the repository and try again")


def complete(data: DatasetCardData, published: Sequence[Published]) -> None:
    """Write what is known of configs into a front matter; what it says of others stays.

    Features and sizes are not written: every Parquet file holds its features, and a front matter
    with those of a hundred configs is too long for the Hub.
    """
    first, names = default_config(data, published), {one.recipe.name for one in published}
    configs = told_configs(data)
    for recipe in (one.recipe for one in published):
        marked = "description" in configs.get(recipe.name, {})  # by `build`, in a folder
        configs[recipe.name] = config_of(recipe, marked)
    for name, config in configs.items():
        config.pop("default", None)
        if name == first != DEFAULT:  # marked twice it would be no default at all
            config["default"] = True
    data["configs"] = [configs[name] for name in sorted(configs)]
    infos = [info for info in told_infos(data) if info.get("config_name", DEFAULT) not in names]
    if "dataset_info" in data:
        data["dataset_info"] = infos
        if not infos:
            del vars(data)["dataset_info"]
    rows = sum(one.recipe.rows for one in published)
    rows += sum(s.get("num_examples", 0) for info in infos for s in info.get("splits", ()))
    data["size_categories"] = [_size_category(rows)]
    pages = [family_page(name) for name in dict.fromkeys(p.recipe.family for p in published)]
    data["license"] = data.get("license") or _license(published)
    ours_before = str(data.get("pretty_name", "")).startswith(NAME)
    if ours_before or not data.get("pretty_name"):
        data["pretty_name"] = _title(published, [page.title for page in pages])
    data["annotations_creators"] = data.get("annotations_creators") or ["machine-generated"]
    data["source_datasets"] = data.get("source_datasets") or ["original"]
    tasks = sorted({task for p in published for task in _tasks(p)})
    data["task_categories"] = _united(data.get("task_categories"), tasks)
    most = None if len(pages) <= MOST_NAMED else 1  # of many families the first tag of each
    tags = [*TAGS, *(tag for page in pages for tag in page.tags[:most])]
    data["tags"] = _united(data.get("tags"), tags)


def front_text(data: DatasetCardData) -> str:
    """The front matter as text, a line for each config."""
    content = data.to_dict()
    configs = content.pop("configs", None) or []
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True) if content else ""
    style = {"default_flow_style": True, "sort_keys": False, "width": 10**6, "allow_unicode": True}
    lines = "".join(f"- {yaml.safe_dump(config, **style)}" for config in configs)
    head = "configs:\n" if configs else ""
    return f"---\n{text}{head}{lines}---\n"


def _title(published: Sequence[Published], families: Sequence[str]) -> str:
    """The title of a repository: a recipe's own, or what the families are."""
    own = {p.recipe.card.title for p in published if p.recipe.card and p.recipe.card.title}
    if len(own) == 1 and all(p.recipe.card for p in published):
        return own.pop()
    named = f"{NAME}: {', '.join(families)}" if len(families) <= MOST_NAMED else ""
    return named or f"{NAME}: analytic physics with exact labels and known noise"


def _license(published: Sequence[Published]) -> str | list[str]:
    """The licence of a repository; several where recipes have others than ours."""
    own = [(p.recipe.card and p.recipe.card.license) or LICENSE for p in published]
    found = list(dict.fromkeys(own))
    return found[0] if len(found) == 1 else found


def default_config(data: DatasetCardData, published: Sequence[Published]) -> str:
    """The config that loads where none is named: the one so far, else the first of ours."""
    told = told_configs(data)
    if len(told) == 1:
        return next(iter(told))
    so_far = [name for name, config in told.items() if config.get("default") or name == DEFAULT]
    ours = [one.recipe.name for one in published]
    return (so_far or [name for name in ours if name == DEFAULT] or ours)[0]


def with_config(card: str | None, name: str, files: Mapping[str, Sequence[str]]) -> str:
    """A README that names one config more, with the paths of every split."""
    found = read_card(card)
    places = [{"split": split, "path": list(paths)} for split, paths in files.items()]
    data = data_of(found)
    data["configs"] = [*(data.get("configs") or []), {"config_name": name, "data_files": places}]
    return front_text(data) + found.text


def without_configs(card: str | None, names: Collection[str]) -> str:
    """A README without some configs."""
    found = read_card(card)
    data = data_of(found)
    data["configs"] = [c for n, c in told_configs(data).items() if n not in names]
    data["dataset_info"] = [
        i for i in told_infos(data) if i.get("config_name", DEFAULT) not in names
    ]
    return front_text(data) + found.text


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
    recipe = published.recipe
    if recipe.posterior is not None:
        return []
    columns = {name: column.field for name, column in schema(recipe).items()}
    words = OF_IMAGES if published.has_images else OF_NUMBERS
    found = [words[task] for task in tasks_of(recipe) if task in words]
    if published.has_images and any(field.is_text for field in columns.values()):
        found.append("visual-question-answering")
    if any(field.shape and name.startswith("time_") for name, field in columns.items()):
        found.append("time-series-forecasting")
    return found


def _united(told: Any, ours: list[str]) -> list[str]:
    """What the README says, and ours behind it where it is missing."""
    before = [told] if isinstance(told, str) else list(told or [])
    return list(dict.fromkeys([*before, *ours]))
