"""What a folder says of its configs: the front matter of ``README.md``, and ``manifest.json``."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import yaml
from huggingface_hub import DatasetCard, DatasetCardData

from deepbench_hf.errors import BuildError
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import manifest_entry
from deepbench_hf.tables.parquet import Part, Written

MANIFEST, README, RECIPES = "manifest.json", "README.md", "recipes"

MEND = "mend it, move it away or give another folder"

DEFAULT = "default"
"""A config of this name is the default of `datasets` without being marked."""

INCOMPLETE = """\
---
configs:
- config_name: incomplete
  data_files: incomplete/*.parquet
---
The first upload to this repository is not complete yet.
"""
"""A README that shows readers nothing while the first files of a dataset arrive one by one."""


@dataclass(frozen=True)
class Index:
    """The two files of a folder, read before anything in it is changed."""

    root: Path  # the folder
    card: DatasetCard  # its README; other text and other keys than ``configs`` are kept
    manifest: dict[str, Any]  # the content of ``manifest.json``

    @classmethod
    def read(cls, root: Path) -> Self:
        """The index of a folder; an empty one where there is none.

        Raises:
            BuildError: a file is there and is not what it should be.
        """
        readme, manifest = (
            (root / name).read_bytes() if (root / name).exists() else None
            for name in (README, MANIFEST)
        )
        return cls.parse(str(root), root.resolve().name, readme, manifest)

    @classmethod
    def parse(cls, where: str, title: str, readme: bytes | None, manifest: bytes | None) -> Self:
        """The index that two files make, wherever they were read; None for one that is not there.

        Raises:
            BuildError: one is not what it should be.
        """
        places = (f"{where}/{README}", f"{where}/{MANIFEST}")
        readme = None if readme == INCOMPLETE.encode() else readme
        text = f"# {title}\n" if readme is None else _text(places[0], readme)
        there = "{}" if manifest is None else _text(places[1], manifest)
        card, entries = parse_readme(text, places[0]), parse_manifest(there, places[1])
        return cls(Path(where), card, entries)

    @property
    def configs(self) -> dict[str, dict[str, Any]]:
        """The configs that the README names, with where their files are."""
        return told_configs(data_of(self.card))

    @property
    def entries(self) -> dict[str, Any]:
        """What the manifest says of each config."""
        return self.manifest.get("configs", {})

    def check_place(self, name: str) -> None:
        """Make sure that a config's folder is free, or holds an earlier build of it.

        Raises:
            BuildError: it holds something else.
        """
        place = self.root / name
        if not place.exists() and not place.is_symlink():
            return
        ours = name in self.entries and place.is_dir() and not place.is_symlink()
        files = list(place.iterdir()) if ours else [place]
        foreign = [file for file in files if file.suffix != ".parquet"]
        if foreign:
            what = f"{foreign[0]} is not from an earlier build and would be replaced"
            raise BuildError(f"{what}; move it away or give another folder")

    def texts_with(self, recipe: Recipe, entry: dict[str, Any]) -> dict[str, str]:
        """The texts of a folder with one more config, by path, in the order to write them in.

        Args:
            recipe: the config.
            entry: what the manifest is to say of it.
        """
        readme = self.readme_with(recipe)
        own = {f"{RECIPES}/{recipe.name}.yaml": recipe.to_yaml()}
        manifest = self.manifest_with(recipe.name, entry, {**own, README: readme})
        return {**own, MANIFEST: manifest, README: readme}

    def manifest_with(self, name: str, entry: dict[str, Any], texts: dict[str, str]) -> str:
        """The text of ``manifest.json`` with a config's new entry, and hashes of other files."""
        configs = {**self.entries, name: entry}
        files = {**other_files(self.manifest)}
        files |= {path: file_hash(text.encode()) for path, text in texts.items()}
        changed = {"configs": dict(sorted(configs.items())), "files": dict(sorted(files.items()))}
        return sealed({**self.manifest, **changed})

    def readme_with(self, recipe: Recipe) -> str:
        """The text of the README whose front matter says where the config's splits lie.

        `datasets` caches what it read of a folder by this front matter, whatever became of the
        files: the fingerprint in it makes it read the rows of another recipe anew.
        """
        configs = {**self.configs, recipe.name: config_of(recipe, marked=True)}
        self.card.data["configs"] = [configs[key] for key in sorted(configs)]
        return str(self.card)


def entry_of(recipe: Recipe, written: Iterable[tuple[Part, Written]]) -> dict[str, Any]:
    """What the manifest says of a config whose files are all written.

    Args:
        recipe: the config.
        written: its files in order, and what is known of each.
    """
    digests: dict[str, list[str]] = {name: [] for name in recipe.splits}
    files = {}
    for part, one in written:
        digests[part.split] += one.blocks
        files[part.file] = {"size": one.size, "sha256": one.sha256}
    return {**manifest_entry(recipe, digests), "files": dict(sorted(files.items()))}


def other_files(manifest: dict[str, Any]) -> dict[str, Any]:
    """Size and sha256 of the files that hold no rows, as a manifest tells them."""
    files = manifest.get("files")
    return files if isinstance(files, dict) else {}


def file_hash(content: bytes | Path) -> dict[str, Any]:
    """Size and sha256 of a file, as the manifest keeps them."""
    if isinstance(content, bytes):
        return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with content.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"size": content.stat().st_size, "sha256": digest}


def sealed(manifest: dict[str, Any]) -> str:
    """The text of a manifest with a sha256 of all the rest of it: a change by hand shows."""
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    seal = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return json.dumps({**content, "sha256": seal}, indent=1)


def config_of(recipe: Recipe, marked: bool) -> dict[str, Any]:
    """What a front matter says of a config.

    Args:
        recipe: the config.
        marked: whether it says the fingerprint, so that another recipe shows.
    """
    mark = {"description": f"fingerprint {recipe.fingerprint[:16]}"} if marked else {}
    where = data_files(recipe.name, recipe.splits)
    return {"config_name": recipe.name, **mark, "data_files": where}


def data_files(config: str, splits: Iterable[str]) -> list[dict[str, str]]:
    """Where the files of a config's splits lie, as a front matter says it.

    >>> data_files("sky", ["train"])
    [{'split': 'train', 'path': 'sky/train-*'}]
    """
    return [{"split": split, "path": f"{config}/{split}-*"} for split in splits]


def parse_readme(text: str, where: str, hint: str = MEND) -> DatasetCard:
    """A README; one without front matter gets an empty one.

    Raises:
        BuildError: the front matter is not as the Hub has it, with a hint how to mend it.
    """
    text = text.replace("\r\n", "\n")
    text = text if text.startswith("---") else f"---\n{{}}\n---\n{text}"
    try:
        if "\n---" not in text:
            raise ValueError("the front matter has no end")
        card = DatasetCard(text)
        if not all(isinstance(name, str) for name in told_configs(data_of(card))):
            raise ValueError("a config has no name")
        told_infos(data_of(card))
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError):
        raise BuildError(f"{where}: its front matter is not as the Hub has it; {hint}") from None
    return card


def data_of(card: DatasetCard) -> DatasetCardData:
    """The front matter of a README."""
    return cast(DatasetCardData, card.data)


def told_configs(data: DatasetCardData) -> dict[str, dict[str, Any]]:
    """The configs that a front matter names, with where their files are."""
    return {config["config_name"]: config for config in data.get("configs") or []}


def told_infos(data: DatasetCardData) -> list[dict[str, Any]]:
    """What a front matter says of the features and sizes of each config that it describes."""
    told = data.get("dataset_info") or []
    infos = [told] if isinstance(told, dict) else list(told)
    return [info for info in infos if info.get("config_name", DEFAULT)]


def parse_manifest(
    text: str, where: str, error: type[Exception] = BuildError, hint: str = MEND
) -> dict[str, Any]:
    """The manifest of configs in a text, or the error with a hint how to mend it."""
    try:
        manifest = json.loads(text)
        configs = manifest.get("configs", {})
        if all(isinstance(entry, dict) for entry in configs.values()):
            return manifest
    except (ValueError, RecursionError, AttributeError):
        pass
    raise error(f"{where}: is not a manifest of configs; {hint}") from None


def _text(file: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BuildError(f"{file}: is not UTF-8 text; mend it, move it away") from None
