"""What stock `datasets` makes of a repository, asked before a commit: no push may spoil loading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from glob import has_magic
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import datasets
from datasets.data_files import DataFilesDict, DataFilesList
from datasets.packaged_modules.text.text import Text

from deepbench_hf.cards.pages import END
from deepbench_hf.errors import HubError, first_line
from deepbench_hf.hub.repository import Repository, Stored
from deepbench_hf.tables.manifest import README

READ_BY_DATASETS = (README, ".huggingface.yaml", "dataset_infos.json")
"""What decides how files are read; of all other files only the names do."""

MOST_README_BYTES = 40_000
"""Of a front page, of which the paths of all splits are most: nobody reads more, and the Hub posts
all of it to its check."""


@dataclass(frozen=True)
class Tree:
    """The files of a repository at one commit, or as a push would leave them."""

    # path in the repository, and where its content is: on this machine or at the Hub
    files: Mapping[str, str]
    texts: Mapping[str, bytes]  # the files that `datasets` reads to learn what there is
    token: str | bool | None = None  # for the Hub

    @cached_property
    def configs(self) -> dict[str, Config] | Exception:
        """Every config by name; the one that loads where none is named has its name too.

        An error where stock `datasets` can load nothing.
        """
        with TemporaryDirectory() as folder:
            root = Path(folder).resolve() / "repository"  # a link on a Mac: paths must compare
            if has_magic(str(root)):  # a path is a pattern to `datasets`, which would find nothing
                hint = "set TMPDIR to a folder without [, ? and * in its name"
                raise HubError(f"{folder}: `datasets` cannot read temporary files there; {hint}")
            for path in self.files:
                place = root / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self.texts.get(path, b""))
            try:
                names = datasets.get_dataset_config_names(str(root))
                default = datasets.get_dataset_default_config_name(str(root))
            except Exception as error:  # whatever a reader would see
                return error
            found = {name: self._config(root, name, name == default) for name in names}
        # Text files that no README names are notes, though `datasets` would read them as rows.
        named = b"config_name" in self.texts.get(README, b"")
        return {name: config for name, config in found.items() if named or not config.is_text}

    def _config(self, root: Path, name: str, default: bool) -> Config:
        """How one config would be read."""
        cache = str(root.parent / "cache")
        try:
            builder = datasets.load_dataset_builder(
                str(root), name, cache_dir=cache, token=self.token
            )
            found = {
                str(split): tuple(Path(file).relative_to(root).as_posix() for file in files)
                for split, files in (builder.config.data_files or {}).items()
            }
        except Exception as error:
            return Config(name, default, error=error)
        return Config(name, default, found, builder)

    def read_first_rows(self, config: Config) -> None:
        """Read the first row of every split.

        Raises:
            Exception: what a reader of this config would see.
        """
        if config.error or config.builder is None:
            raise config.error or ValueError("has no files")
        places = {s: [self.files[path] for path in files] for s, files in config.files.items()}
        lists = {s: DataFilesList(found, [("",)] * len(found)) for s, found in places.items()}
        config.builder.config.data_files = DataFilesDict(lists)
        for split in lists:
            rows = cast(datasets.IterableDataset, config.builder.as_streaming_dataset(split))
            next(iter(rows), None)


@dataclass(frozen=True)
class Config:
    """How stock `datasets` reads a config."""

    name: str  # the config's name
    default: bool  # whether it loads where none is named
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the paths of every split
    builder: datasets.DatasetBuilder | None = None  # what reads them
    error: Exception | None = None  # why nothing can

    @property
    def is_text(self) -> bool:
        """Whether each line of some files would be a row."""
        return isinstance(self.builder, Text)

    def reads_like(self, other: Config) -> bool:
        """Whether both read the same paths in the same way."""
        if self.builder is None or other.builder is None:
            return False
        kinds = type(self.builder).__name__ == type(other.builder).__name__
        features = self.builder.info.features == other.builder.info.features
        return kinds and features and self.files == other.files


def tree_of(repository: Repository) -> Tree:
    """A repository as it is."""
    place = f"hf://datasets/{repository.repo_id}@{repository.head}"
    files = {path: f"{place}/{path}" for path in repository.files}
    texts = {p: repository.download(p).read_bytes() for p in READ_BY_DATASETS if p in files}
    return Tree(files, texts, repository.api.token)


def planned_tree(
    repository: Repository, additions: Mapping[str, Stored | bytes], deletions: Sequence[str]
) -> Tree:
    """A repository as a push would leave it."""
    now = tree_of(repository)
    added = {p: data.url if isinstance(data, Stored) else p for p, data in additions.items()}
    files = {p: place for p, place in now.files.items() if p not in deletions} | added
    written = {p: data for p, data in additions.items() if isinstance(data, bytes)}
    texts = {p: text for p, text in {**now.texts, **written}.items() if p in READ_BY_DATASETS}
    return Tree(files, texts, now.token)


def refuse_unloadable(
    repository: Repository,
    additions: Mapping[str, Stored | bytes],
    deletions: Sequence[str],
    ours: Sequence[str],
) -> None:
    """Stop where a push would break what stock `datasets` can load.

    Configs that are read as before, from the same files, are not read again.

    Raises:
        HubError: something would not load, with what `datasets` says.
    """
    before, after = tree_of(repository), planned_tree(repository, additions, deletions)
    if isinstance(after.configs, Exception):
        raise _refused(repository, "the repository", after.configs)
    known = {} if isinstance(before.configs, Exception) else before.configs
    for name, config in after.configs.items():
        old, paths = known.get(name), {p for files in config.files.values() for p in files}
        if old and config.reads_like(old) and not additions.keys() & paths:
            continue
        problem = _problem(after, config)
        if problem and (name in ours or (old and not _problem(before, old))):
            raise _refused(repository, f"config {name!r}", problem)
    for name, config in known.items():
        if name in ours or _problem(before, config):
            continue
        if name not in after.configs:
            raise _refused(repository, f"config {name!r}", ValueError("it would be gone"))
        if config.default and not after.configs[name].default:
            other = ValueError("another config would load where none is named")
            raise _refused(repository, f"config {name!r}", other)


def refuse_long(repository: Repository, readme: str, configs: int) -> None:
    """Stop where a repository would hold more configs than one front page can name.

    What others wrote below our part does not count, and a page that was longer before is welcome.

    Raises:
        HubError: it would be too long.
    """
    size, before = len(readme.partition(END)[0].encode()), len((repository.card or "").encode())
    if size > max(MOST_README_BYTES, before):
        hint = "push fewer, or each family to a repository of its own with --per-family"
        raise HubError(
            f"{repository.repo_id}: the front page of {configs} configs would take "
            f"{size / 1000:.0f} kB, of at most {MOST_README_BYTES // 1000} kB; {hint}"
        )


def loading_problems(tree: Tree) -> Iterator[str]:
    """What stock `datasets` cannot find in a repository as it is; no rows are read."""
    if isinstance(tree.configs, Exception):
        yield f"{README}: stock `datasets` cannot load this: {_said_by(tree.configs)}"
        return
    for name, config in tree.configs.items():
        if config.error:
            yield f"{README}: stock `datasets` cannot load {name}: {_said_by(config.error)}"


def _problem(tree: Tree, config: Config) -> Exception | None:
    try:
        tree.read_first_rows(config)
    except Exception as error:
        return error
    return None


def _refused(repository: Repository, what: str, error: Exception) -> HubError:
    broken = f"after this push stock `datasets` could not load {what}: {_said_by(error)}"
    return HubError(f"{repository.repo_id}: {broken}; nothing was sent")


def _said_by(error: Exception) -> str:
    """What an error says, without folders of this machine."""
    return re.sub(r"\S*/repository/?", "", first_line(error))
