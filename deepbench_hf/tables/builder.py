"""The Hugging Face builder: a recipe's splits as Arrow tables that any process can make."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
from datasets.builder import Key

from deepbench_hf.errors import RecipeError
from deepbench_hf.recipe.catalog import list_recipes, load_recipe, shipped_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.text import OVERRIDES
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables.arrow import features, tables
from deepbench_hf.tables.processes import warn_where_useless

MOST_SHARDS = 1024
MOST_ROWS = 16 * BLOCK
"""Of a table, and of what `datasets` writes at once: its work on a table is small beside theirs."""


@dataclass(eq=False)  # `datasets` compares all attributes, read or not
class RecipeConfig(datasets.BuilderConfig):
    """A recipe and the overrides that `load_dataset` may pass.

    Args:
        seed: another seed: other examples.
        num_examples: size of the training splits, or sizes by split.
        splits: the names of those that are wanted; None for all.
        clean: keep the clean output beside the observed one.
        preview: add a small picture of each row.
        masks: add masks and single objects; image families only.
        uncertainty: add variances, propagated errors, Cramer-Rao bounds and optimal predictions,
            where there is noise.
        image_size: side, or (height, width), in pixels; image families only.
        draws: of each reference posterior; configs of posteriors only.
        reference: name of such a config.
        recipe: the recipe with the overrides in it; set by this class.
    """

    seed: int | None = None
    num_examples: int | dict[str, int] | None = None
    splits: list[str] | None = None
    clean: bool | None = None
    preview: bool | None = None
    masks: bool | None = None
    uncertainty: bool | None = None
    image_size: int | tuple[int, int] | None = None
    draws: int | None = None
    reference: str | None = None
    recipe: Recipe | None = field(default=None, repr=False)

    def create_config_id(
        self, config_kwargs: dict, custom_features: datasets.Features | None = None
    ) -> str:
        """The cache folder's name: the config's own, or with the fingerprint of what it became.

        Raises:
            RecipeError: an override or the user's file is not valid.
        """
        for key in config_kwargs.keys() & {"recipe", "version", "description"}:
            raise RecipeError(self.name, [f"{key}: cannot be given; write a recipe of your own"])
        self.recipe = load_recipe(self._source(), **{k: getattr(self, k) for k in OVERRIDES})
        self.name, self.version = self.recipe.name, datasets.Version(self.recipe.version)
        self.description = self.recipe.description
        config_id = self.name
        if self._is_shipped():
            self.data_files = None
            for override in OVERRIDES:
                setattr(self, override, None)
        else:
            config_id = f"{self.name}-{self.recipe.fingerprint[:16]}"
        if custom_features is None:
            return config_id
        return super().create_config_id({"recipe": config_id}, custom_features)

    def _source(self) -> str:
        """The name of a shipped recipe, or the path of the user's file."""
        if self.data_dir is not None:
            raise RecipeError(self.name, ["data_dir is not used; give data_files='my.yaml'"])
        if self.data_files is None:
            return self.reference or self.name
        files = [str(file) for part in self.data_files.values() for file in part]
        if len(files) != 1:
            raise RecipeError(self.name, [f"data_files must be one recipe; got {len(files)} files"])
        if self.name not in ("default", Path(files[0]).stem):
            raise RecipeError(self.name, [f"give either this name or data_files={files[0]!r}"])
        return files[0]

    def __eq__(self, other: object) -> bool:
        """Whether both make the same rows: a config of a shipped name may be no other."""
        return isinstance(other, RecipeConfig) and self._fingerprint() == other._fingerprint()

    def _fingerprint(self) -> str:
        return (self.recipe or shipped_recipe(self.name)).fingerprint

    def _is_shipped(self) -> bool:
        if self.recipe is None or self.name not in list_recipes():
            return False
        return self.recipe.fingerprint == shipped_recipe(self.name).fingerprint


def recipe_configs() -> list[RecipeConfig]:
    """One config for each shipped recipe, which is read when the config is chosen."""
    return [RecipeConfig(name) for name in list_recipes()]


class Core:
    """What the builder does; a class of its own module mixes it into `datasets`' builders."""

    BUILDER_CONFIG_CLASS = RecipeConfig
    DEFAULT_WRITER_BATCH_SIZE = MOST_ROWS

    config: RecipeConfig
    slices: dict[str, tuple[int, int]]
    """Rows of each split that a sliced stream is limited to."""

    @property
    def recipe(self) -> Recipe:
        """The recipe, overrides included."""
        assert self.config.recipe is not None
        return self.config.recipe

    def _info(self) -> datasets.DatasetInfo:
        width = row_bytes(self.recipe)
        splits = datasets.SplitDict()
        for name, split in self.recipe.splits.items():
            splits.add(datasets.SplitInfo(name, split.size * width, split.size))
        return datasets.DatasetInfo(
            description=self.recipe.description,
            features=features(self.recipe),
            splits=splits,
            download_size=0,
            size_in_bytes=sum(split.num_bytes for split in splits.values()),
        )

    def _download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        if (kwargs.get("num_proc") or 1) > 1:
            warn_where_useless(self.recipe, kwargs["num_proc"])
        super()._download_and_prepare(*args, **kwargs)  # type: ignore[misc]

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        limits = getattr(self, "slices", {})
        return [
            datasets.SplitGenerator(
                name=name,
                gen_kwargs={"split": name, "ranges": _ranges(*limits.get(name, (0, split.size)))},
            )
            for name, split in self.recipe.splits.items()
        ]

    def _generate_tables(
        self, split: str, ranges: list[tuple[int, int]]
    ) -> Iterator[tuple[Key, pa.Table]]:
        for first, start, stop in _runs(ranges):
            for piece, table in enumerate(tables(self.recipe, split, start, stop, MOST_ROWS)):
                yield Key(first, piece), table

    def _generate_examples(
        self, split: str, ranges: list[tuple[int, int]]
    ) -> Iterator[tuple[Key, dict[str, Any]]]:
        """The readable reference of `_generate_tables`: the same rows one by one."""
        for shard, (start, stop) in enumerate(ranges):
            row = 0
            for table in tables(self.recipe, split, start, stop):
                for example in table.to_pylist():
                    yield Key(shard, row), example
                    row += 1

    def as_streaming_dataset(
        self, split: Any = None, base_path: str | None = None
    ) -> datasets.IterableDataset | dict[str, datasets.IterableDataset]:
        """As `datasets` does it, and slices such as ``train[3900:3950]`` make only their rows."""
        if "[" not in str(split):
            return super().as_streaming_dataset(split, base_path)  # type: ignore[misc]
        sizes = {name: part.size for name, part in self.recipe.splits.items()}
        parts = datasets.ReadInstruction.from_spec(str(split)).to_absolute(sizes)
        streams = [self._slice(p.splitname, p.from_ or 0, p.to, base_path) for p in parts]
        return streams[0] if len(streams) == 1 else datasets.concatenate_datasets(streams)

    def _slice(
        self, split: str, start: int, stop: int | None, base_path: str | None
    ) -> datasets.IterableDataset:
        part = copy.copy(self)
        stop = self.recipe.splits[split].size if stop is None else stop
        part.slices = {split: (start, max(start, stop))}
        return super(Core, part).as_streaming_dataset(split, base_path)  # type: ignore[misc]


def _ranges(start: int, stop: int) -> list[tuple[int, int]]:
    """Rows cut into at most 1 024 ranges, each cut on the edge of a block."""
    first, last = start // BLOCK, -(-stop // BLOCK)
    step = max(1, -(-(last - first) // MOST_SHARDS)) * BLOCK
    edges = range(first * BLOCK, last * BLOCK, step)
    return [(max(start, edge), min(stop, edge + step)) for edge in edges]


def _runs(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Ranges joined where one begins at the end of another, each with the number of its first."""
    first = 0
    for number in range(1, len(ranges) + 1):
        if number == len(ranges) or ranges[number][0] != ranges[number - 1][1]:
            yield first, ranges[first][0], ranges[number - 1][1]
            first = number
