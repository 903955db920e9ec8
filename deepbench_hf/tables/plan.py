"""The plan of a build: its shards as ranges of rows, so that any machine can write any of them."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

from deepbench_hf.errors import BuildError, RecipeError
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.digest import versions
from deepbench_hf.tables.parquet import FILE_BYTES, Part, Parts, parts

MOST_SHARDS = 100_000
"""Files of one target: the Hub asks for fewer in a repository."""

WRITERS = ("deepbench-hf", "pyarrow")
"""The libraries that decide the bytes of a file: all workers need the same versions."""


@dataclass(frozen=True)
class Shard:
    """One file of a plan."""

    number: int  # in the plan, from 0
    recipe: Recipe  # the config
    part: Part  # which of its rows

    @property
    def path(self) -> str:
        """Where the file goes, below the target."""
        return f"{self.recipe.name}/{self.part.file}"

    @property
    def rows(self) -> int:
        """How many."""
        return self.part.stop - self.part.start


@dataclass(frozen=True)
class Plan:
    """Configs cut into shards; shard ``k`` is computed from ``k`` alone."""

    configs: tuple[Parts, ...]  # the files of each config
    writers: dict[str, str]  # versions of what decides the bytes of a file

    @classmethod
    def of(cls, recipes: Sequence[Recipe], file_bytes: int = FILE_BYTES) -> Self:
        """The plan of recipes, for the versions that are installed here.

        Raises:
            BuildError: a config twice, or too many files.
        """
        refuse_twice(recipes)
        plan = cls(tuple(parts(recipe, file_bytes) for recipe in recipes), writers())
        if len(plan) > MOST_SHARDS:
            raise BuildError(
                f"{len(plan):,} files; give a larger shard size or fewer configs: "
                f"{MOST_SHARDS:,} files are the most for one target"
            )
        return plan

    @classmethod
    def parse(cls, text: bytes, where: str) -> Self:
        """The plan in the text of a ``plan.json``.

        Raises:
            BuildError: it is none, or this version makes other rows of its recipes.
        """
        try:
            told = json.loads(text)
            made_by = told["generator_version"]
            recipes = [Recipe.from_mapping(one["name"], one["recipe"]) for one in told["configs"]]
            rows = [int(one["rows_per_file"]) for one in told["configs"]]
            prints = [one["fingerprint"] for one in told["configs"]]
            plan = cls(tuple(map(Parts, recipes, rows)), dict(told["written_with"]))
        except (ValueError, KeyError, TypeError, RecipeError) as error:
            raise BuildError(
                f"{where}: is not a plan that this version can read: {error}"
            ) from None
        if (made_by, prints) != (GENERATOR_VERSION, [recipe.fingerprint for recipe in recipes]):
            hint = f"install the version {plan.writers.get('deepbench-hf')} that made it"
            raise BuildError(f"{where}: this version makes other rows of its recipes; {hint}")
        return plan

    @property
    def content(self) -> dict[str, Any]:
        """Plain data that says all of it."""
        configs = [
            {
                "name": one.recipe.name,
                "fingerprint": one.recipe.fingerprint,
                "rows_per_file": one.rows,
                "splits": {
                    name: {"num_examples": split.size, "files": count}
                    for (name, split), count in zip(
                        one.recipe.splits.items(), one.counts, strict=True
                    )
                },
                "recipe": one.recipe.to_mapping(),
            }
            for one in self.configs
        ]
        return {
            "generator_version": GENERATOR_VERSION,
            "written_with": self.writers,
            "configs": configs,
        }

    @cached_property
    def id(self) -> str:
        """The sha256 of its content: records name the plan that they are of by it."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()

    @property
    def text(self) -> str:
        """The text of ``plan.json``."""
        return json.dumps({"id": self.id, **self.content}, indent=1)

    @property
    def recipes(self) -> list[Recipe]:
        """The configs."""
        return [one.recipe for one in self.configs]

    @property
    def rows(self) -> int:
        """Of all configs."""
        return sum(recipe.rows for recipe in self.recipes)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(map(len, self.configs)))

    def __len__(self) -> int:
        return self._ends[-1] if self.configs else 0

    def __getitem__(self, number: int) -> Shard:
        """A shard by its number.

        Raises:
            IndexError: there is none.
        """
        number = range(len(self))[number]
        place = bisect_right(self._ends, number)
        one = self.configs[place]
        return Shard(number, one.recipe, one[number - self._ends[place] + len(one)])

    def __iter__(self) -> Iterator[Shard]:
        return map(self.__getitem__, range(len(self)))

    def refuse_other_writers(self) -> None:
        """Make sure that this machine writes the bytes that all others write.

        Raises:
            BuildError: a library has another version.
        """
        here = writers()
        for name in WRITERS:
            if here[name] != self.writers.get(name):
                raise BuildError(
                    f"{name} is {here[name]} here and {self.writers.get(name)} in the plan: the "
                    "files would differ; install the same"
                )


def refuse_twice(recipes: Sequence[Recipe]) -> None:
    """Stop where two configs would go into one folder.

    Raises:
        BuildError: with their names.
    """
    names = [recipe.name for recipe in recipes]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BuildError(f"{', '.join(twice)}: given twice; each needs a folder of its own")


def writers() -> dict[str, str]:
    """The versions, on this machine, of what decides the bytes of a file."""
    return {name: version for name, version in versions().items() if name in WRITERS}
