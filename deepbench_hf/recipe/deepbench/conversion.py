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


_FILE = resources.files("deepbench_hf.recipe.deepbench") / "corrections.yaml"
CORRECTIONS: dict[str, tuple[str, str]] = {
    name: (kind, law)
    for kind, laws in yaml.load(_FILE.read_bytes(), SafeLoader).items()  # noqa: S506 (a SafeLoader)
    for name, law in laws.items()
}
"""Kind and sentence of every changed meaning, by a name of its own."""


Prior = tuple[Any, str]
"""What a recipe has for a parameter, and the key of the file that decides it."""

Priors = dict[str, Prior]
"""Of one object, by column."""

Drawn = tuple[str, Entry, Priors]
"""An object's kind, its entry in the file and its priors."""


def rounded(value: float) -> float:
    """Twelve digits: the same on every machine, whatever its mathematical library does."""
    return float(f"{value:.12g}")


def uniform(low: float, width: float) -> Any:
    """Uniform from ``low`` on; the number itself without a width."""
    return {"kind": "uniform", "low": low, "high": rounded(low + width)} if width else low


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

    def tell(self, place: str, *corrections: str, when: object = True) -> None:
        """Note changed meanings, each once for a place."""
        found = [Change(place, *CORRECTIONS[name]) for name in corrections] if when else []
        self.changes += [change for change in found if change not in self.changes]

    def lacks(self, entry: Entry, *keys: str) -> bool:
        """Whether the file gives none of the keys, so that they are drawn.

        Where it gives some, the others take the middle of what DeepBench draws; both is noted.
        """
        missing = entry.missing(*keys)
        drawn = len(missing) == len(keys)
        for key in missing:
            self.tell(entry.at(key), "default" if drawn else "middle")
        return drawn

    def given(
        self, entry: Entry, key: str, how: Callable[[Any], float], low: float, width: float
    ) -> Prior:
        """A number of the file, as a recipe has it; uniform from ``low`` on if it has none."""
        if self.lacks(entry, key):
            return uniform(rounded(low), width), key
        return rounded(how(getattr(entry, key))), key

    def put(self, column: str, prior: Any, where: str) -> None:
        """Set a prior, and remember the place of the file that decides it."""
        self.priors[column], self.origins[f"priors.{column}"] = prior, where

    def put_noise(self, noise: dict[str, Any], where: str) -> None:
        """Set the noise of an image."""
        self.noise["image"], self.origins["noise.image"] = noise, where
        self.tell(where, "image noise")

    def center(self, place: Sequence[float], *keys: str) -> Priors:
        """The priors of an object's centre, pixels, which the keys decide."""
        self.tell("parameter_noise", "jitter of places", when=self.jitter)
        x, y = (uniform(value, self.jitter) for value in place)
        return {"center_x_px": (x, keys[0]), "center_y_px": (y, keys[-1])}

    def put_objects(self, objects: Sequence[Drawn], single: str, scene: str, column: str) -> None:
        """Set the simulator and the priors of one object, or of a scene, which has one of each.

        A single object's kind has the ``column``; an empty one for none.
        """
        kinds = [kind for kind, _, _ in objects]
        if len(objects) > 1:
            self.simulator |= {"kind": scene, "max_objects": len(objects)}
            in_turn = {"kind": "in_turn", "names": kinds}
            self.priors |= {"n_objects": len(objects), "kind": in_turn}
        else:
            self.simulator["kind"] = single
            self.priors |= {column: {"kind": "classes", "names": kinds}} if column else {}
        columns: dict[str, dict[str, Any]] = {}
        for kind, entry, priors in objects:
            for name, (prior, key) in priors.items():
                columns.setdefault(name, {})[kind] = prior
                self.origins[f"priors.{name}.{kind}"] = where = entry.at(key)
                self.origins.setdefault(f"priors.{name}", where)
        for name, cases in columns.items():
            first, *others = cases.values()
            by_kind = {"kind": "conditional", "given": "kind", "cases": cases, "otherwise": first}
            self.priors[name] = by_kind if any(prior != first for prior in others) else first
