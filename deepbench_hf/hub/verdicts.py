"""What a verification found."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from deepbench_hf.hub.comparing import Difference


@dataclass(frozen=True)
class SplitVerdict:
    """One split.

    Args:
        split: its name.
        rows: how many it has.
        compared: how many of them were compared.
        difference: how the published rows differ; None where all bits are the same.
        problems: what could not be compared, or contradicts the rows.
    """

    split: str
    rows: int
    compared: int = 0
    difference: Difference | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Whether nothing is wrong."""
        return self.difference is None and not self.problems

    def line(self) -> str:
        """The difference, in words."""
        if self.difference is None:
            told = "identical" if self.compared else "not compared"
            return f"{self.split}: {self.compared} of {self.rows} rows compared: {told}"
        d = self.difference
        ulp = "" if d.ulp is None else f", by up to {d.ulp} ulp"
        values = f"{d.published} is published, the recipe gives {d.made}"
        rows = f"{d.rows} of {self.compared} compared rows differ{ulp}"
        return f"{self.split}: row {d.row}, column {d.column}: {values}; {rows}"


@dataclass(frozen=True)
class ConfigVerdict:
    """One config.

    Args:
        config: its name.
        version: of its recipe.
        generator_version: of the rows.
        splits: one by one; none under another generator version.
        problems: what manifest, recipe and files contradict each other in.
        other_generator: how to get the version that can tell; None where this one can.
    """

    config: str
    version: str | None
    generator_version: Any
    splits: list[SplitVerdict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    other_generator: str | None = None

    @property
    def identical(self) -> bool:
        """Whether nothing is wrong, as far as this version can tell."""
        return not self.problems and all(split.identical for split in self.splits)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found.

    Args:
        source: the repository or folder.
        revision: the commit, in a repository.
        configs: one by one.
        problems: what the card contradicts the rest in.
    """

    source: str
    revision: str | None
    configs: list[ConfigVerdict]
    problems: list[str]

    @property
    def identical(self) -> bool:
        """Whether all that was looked at is what the recipes make."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0: identical; 1: something differs; 2: another generator version has to tell."""
        if self.problems or not all(config.identical for config in self.configs):
            return 1
        return 2 if any(config.other_generator for config in self.configs) else 0

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        return {"identical": self.identical, **asdict(self)}

    def text(self) -> str:
        """The same for people."""
        where = self.source + (f" at {self.revision[:7]}" if self.revision else "")
        return "\n".join([where, *(f"  {line}" for line in self._lines())])

    def _lines(self) -> Iterator[str]:
        for config in self.configs:
            yield f"{config.config} {config.version or ''}".rstrip()
            yield from (f"  problem: {problem}" for problem in config.problems)
            if config.other_generator:
                yield f"  {config.other_generator}"
            for split in config.splits:
                yield f"  {split.line()}"
                yield from (f"    problem: {problem}" for problem in split.problems)
        yield from (f"problem: {problem}" for problem in self.problems)
