"""The front matter of a README and what the Hub objects to in it."""

import re
from typing import Any

import yaml

SIZES = (
    *("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B"),
    *("1B<n<10B", "10B<n<100B", "100B<n<1T", "n>1T"),
)
LICENSES = {
    *("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "gpl-3.0", "lgpl-3.0", "mpl-2.0"),
    *("cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "unlicense"),
    *("odbl", "odc-by", "pddl", "other", "unknown"),
}
TEXTS = ("pretty_name", "license_name", "license_link")
TEXT_LISTS = (
    *("tags", "annotations_creators", "language_creators", "multilinguality"),
    *("source_datasets", "task_categories", "task_ids"),
)
BLOCK = re.compile(r"\A\s*---\s*\n(.*?)\n?---\s*(?:\n|\Z)", re.DOTALL)


def front_matter(readme: str) -> dict[str, Any] | None:
    """Return the YAML at the top of a README, None if there is none that can be read."""
    try:
        return parse(readme)
    except ValueError:
        return None


def parse(readme: str) -> dict[str, Any] | None:
    match = BLOCK.match(readme)
    if not match:
        return None
    try:
        data = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        raise ValueError(f"YAML: {error}".replace("\n", " ")) from None
    if data is not None and not isinstance(data, dict):
        raise ValueError("YAML: the front matter must be a mapping")
    return data


def problems(readme: str, kind: str) -> tuple[list[str], list[str]]:
    """Return the errors and the warnings about a README."""
    try:
        data = parse(readme)
    except ValueError as error:
        return [str(error)], []
    if not data:
        return [], ["empty or missing yaml metadata in repo card"]
    errors = [*text_problems(data), *license_problems(data)]
    if kind == "datasets":
        errors += [*size_problems(data), *config_problems(data), *info_problems(data)]
    return errors, []


def text_problems(data: dict[str, Any]) -> list[str]:
    wrong = [key for key in TEXTS if key in data and not isinstance(data[key], str)]
    lists = [key for key in TEXT_LISTS if key in data and not is_texts(data[key])]
    return [f'"{key}" must be a string' for key in wrong] + [
        f'"{key}" must be an array of strings' for key in lists
    ]


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def license_problems(data: dict[str, Any]) -> list[str]:
    if "license" not in data:
        return []
    given = data["license"] if isinstance(data["license"], list) else [data["license"]]
    errors = [
        f'"license" must be one of the known ones, not {x!r}' for x in given if x not in LICENSES
    ]
    if "other" in given and "license_name" not in data:
        errors.append('"license_name" is required when license is "other"')
    return errors


def size_problems(data: dict[str, Any]) -> list[str]:
    sizes = data.get("size_categories", [])
    given = sizes if isinstance(sizes, list) else [sizes]
    return [f'"size_categories" must be one of {SIZES}, not {x!r}' for x in given if x not in SIZES]


def config_problems(data: dict[str, Any]) -> list[str]:
    configs = data.get("configs", [])
    if not isinstance(configs, list) or not all(isinstance(config, dict) for config in configs):
        return ['"configs" must be an array of mappings']
    names = [config.get("config_name") for config in configs]
    errors = [
        f'"configs[{i}].config_name" is required' for i, x in enumerate(names) if not is_name(x)
    ]
    if len(set(map(str, names))) != len(names):
        errors.append('"configs" must have different names')
    if sum(bool(config.get("default")) for config in configs) > 1:
        errors.append('"configs" can have one default only')
    bad = [i for i, config in enumerate(configs) if not is_data_files(config.get("data_files", ""))]
    return errors + [f'"configs[{i}].data_files" must name paths, by split or not' for i in bad]


def is_name(value: Any) -> bool:
    """Whether a config may be called so; `data` would be every file of the repository."""
    return isinstance(value, str) and bool(value) and value != "data"


def is_data_files(value: Any) -> bool:
    if isinstance(value, str) or is_texts(value):
        return True
    return isinstance(value, list) and all(
        isinstance(item, dict)
        and isinstance(item.get("split"), str)
        and (isinstance(item.get("path"), str) or is_texts(item.get("path")))
        for item in value
    )


def info_problems(data: dict[str, Any]) -> list[str]:
    infos = data.get("dataset_info", [])
    listed = infos if isinstance(infos, list) else [infos]
    if not all(isinstance(info, dict) for info in listed):
        return ['"dataset_info" must be a mapping or an array of mappings']
    if len(listed) > 1 and not all(isinstance(info.get("config_name"), str) for info in listed):
        return ['"dataset_info[].config_name" is required']
    return []
