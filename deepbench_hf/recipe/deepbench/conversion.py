"""The recipe that is written from a DeepBench file, and what is told of it.

What has another meaning here than in DeepBench 0.2.3: the sentences of corrections.yaml.
"""

from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from deepbench_hf.recipe.syntax import SafeLoader


@dataclass(frozen=True)
class Change:
    """A changed meaning."""

    where: str  # the entry of the file that it is about
    # corrected: DeepBench does it wrong; approximated: a recipe cannot say the same exactly;
    # dropped: the entry decides nothing here
    kind: str
    law: str  # what holds here, and what DeepBench does

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.law}"


_FILE = resources.files("deepbench_hf.recipe.deepbench") / "corrections.yaml"
CORRECTIONS: dict[str, tuple[str, str]] = {
    name: (kind, law)
    for kind, laws in yaml.load(_FILE.read_bytes(), SafeLoader).items()  # noqa: S506 (a SafeLoader)
    for name, law in laws.items()
}
"""Kind and sentence of every changed meaning, by a name of its own."""

Priors = dict[str, tuple[Any, str]]
"""By column, what a recipe has for it, and the key of the entry that decides it."""


def rounded(value: float) -> float:
    """Twelve digits: the same on every machine, whatever its mathematical library does."""
    return float(f"{value:.12g}")


def uniform(low: float, width: float) -> Any:
    """Uniform from ``low`` on; the number itself without a width."""
    return {"kind": "uniform", "low": low, "high": rounded(low + width)} if width else low


@dataclass
class Conversion:
    """Sections of a recipe, where each entry of them comes from, and changed meanings."""

    jitter: float = 0.0  # DeepBench's ``parameter_noise``: the width of what it adds to parameters
    problems: list[str] = field(default_factory=list)  # what is wrong with the file
    simulator: dict[str, Any] = field(default_factory=dict)
    priors: dict[str, Any] = field(default_factory=dict)
    noise: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)  # of entries of the recipe in the file
    changes: list[Change] = field(default_factory=list)

    def tell(self, place: str, *corrections: str, when: object = True) -> None:
        """Note changed meanings, each once for a place."""
        found = [Change(place, *CORRECTIONS[name]) for name in corrections] if when else []
        self.changes += [change for change in found if change not in self.changes]

    def put(self, column: str, prior: Any, where: str) -> None:
        """Set a prior, and remember the place of the file that decides it."""
        self.priors[column], self.origins[f"priors.{column}"] = prior, where

    def put_noise(self, where: str, **noise: Any) -> None:
        """Set the noise of an image."""
        self.noise["image"], self.origins["noise.image"] = noise, where
        self.tell(where, "image noise")
