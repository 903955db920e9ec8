"""The recipe that is written from a DeepBench file, and what is told of it.

What has another meaning here than in DeepBench 0.2.3: the sentences of corrections.yaml.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from deepbench_hf.recipe.deepbench.entries import Entry
from deepbench_hf.recipe.text import SafeLoader


@dataclass(frozen=True)
class Change:
    """A changed meaning.

    Args:
        where: the entry of the file that it is about.
        kind: ``corrected`` if DeepBench does it wrong, ``approximated`` if a recipe cannot say the
            same exactly, ``dropped`` if the entry decides nothing here.
        law: what holds here, and what DeepBench does.
    """

    where: str
    kind: str
    law: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.law}"


_TEXT = (
    resources.files("deepbench_hf.recipe.deepbench")
    .joinpath("corrections.yaml")
    .read_text(encoding="utf-8")
)
CORRECTIONS: dict[str, tuple[str, str]] = {
    name: (kind, law)
    for kind, laws in yaml.load(_TEXT, SafeLoader).items()  # noqa: S506 (a SafeLoader)
    for name, law in laws.items()
}
"""Kind and sentence of every changed meaning, by a name of its own."""


Priors = dict[str, tuple[Any, str]]
"""Of one object: each column's prior, and the key of the file that decides it."""

Drawn = tuple[str, Entry, Priors]
"""An object's kind, its entry in the file and its priors."""


def rounded(value: float) -> float:
    """Twelve digits: the same on every machine, whatever its mathematical library does."""
    return float(f"{value:.12g}")


def uniform(low: float, width: float) -> Any:
    """Uniform from ``low`` on; the number itself without a width."""
    return {"kind": "uniform", "low": low, "high": rounded(low + width)} if width else low


def given(value: float | None, how: Callable[[float], float], low: float, width: float) -> Any:
    """A number of the file, as a recipe has it; uniform from ``low`` on if the file has none."""
    return uniform(low, width) if value is None else rounded(how(value))


@dataclass
class Conversion:
    """Sections of a recipe, where each entry of them comes from, and changed meanings.

    Args:
        jitter: DeepBench's ``parameter_noise``: the width of what it adds to parameters.
        problems: what is wrong with the file.
        origins: the place in the file of every entry of the recipe.
    """

    jitter: float = 0.0
    problems: list[str] = field(default_factory=list)
    simulator: dict[str, Any] = field(default_factory=dict)
    priors: dict[str, Any] = field(default_factory=dict)
    noise: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def tell(self, correction: str, place: str, when: object = True) -> None:
        """Note a changed meaning, once for each place."""
        change = Change(place, *CORRECTIONS[correction])
        if when and change not in self.changes:
            self.changes.append(change)

    def tell_all(self, place: str, *corrections: str) -> None:
        """Note several at one place."""
        for correction in corrections:
            self.tell(correction, place)

    def tell_missing(self, entry: Entry, *keys: str, correction: str = "default") -> None:
        """Note what the file does not give: it is drawn, by default."""
        for key in entry.missing(*keys):
            self.tell(correction, entry.at(key))

    def put(self, column: str, prior: Any, where: str) -> None:
        """Set a prior, and remember the place of the file that decides it."""
        self.priors[column], self.origins[f"priors.{column}"] = prior, where

    def put_noise(self, noise: dict[str, Any], where: str) -> None:
        """Set the noise of an image."""
        self.noise["image"], self.origins["noise.image"] = noise, where
        self.tell("image noise", where)

    def center(self, place: Sequence[float], *keys: str) -> Priors:
        """The priors of an object's centre, pixels, which the keys decide."""
        self.tell("jitter of places", "parameter_noise", self.jitter)
        x, y = (uniform(value, self.jitter) for value in place)
        return {"center_x_px": (x, keys[0]), "center_y_px": (y, keys[-1])}

    def put_objects(self, objects: Sequence[Drawn], column: str) -> None:
        """Set the priors of one object, or those of a scene, which has one of each.

        A single object's kind has the ``column``; an empty one for none.
        """
        if len(objects) == 1:
            kind, entry, priors = objects[0]
            self.priors |= {column: {"kind": "classes", "names": [kind]}} if column else {}
            for name, (prior, key) in priors.items():
                self.put(name, prior, entry.at(key))
            return
        kinds = [kind for kind, _, _ in objects]
        in_turn = {"kind": "in_turn", "names": kinds}
        self.priors |= {"n_objects": len(objects), "kind": in_turn}
        for name in dict.fromkeys(name for _, _, priors in objects for name in priors):
            self._put_by_kind(name, [one for one in objects if name in one[2]])

    def _put_by_kind(self, name: str, objects: Sequence[Drawn]) -> None:
        cases = {kind: priors[name][0] for kind, _, priors in objects}
        first, *others = cases.values()
        for kind, entry, priors in reversed(objects):
            for end in ("", f".{kind}", ".otherwise"):
                self.origins[f"priors.{name}{end}"] = entry.at(priors[name][1])
        by_kind = {"kind": "conditional", "given": "kind", "cases": cases, "otherwise": first}
        self.priors[name] = by_kind if any(prior != first for prior in others) else first
