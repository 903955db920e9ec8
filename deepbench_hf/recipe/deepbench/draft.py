"""The recipe that is being written from a DeepBench file, and what is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.laws import LAWS, Change

Priors = dict[str, tuple[Any, str]]
"""Of one object: each column's prior, and the key of the file that decides it."""


def rounded(value: float) -> float:
    """Twelve digits: the same on every machine, whatever its mathematical library does."""
    return float(f"{value:.12g}")


def spread(low: float, width: float) -> Any:
    """Uniform from ``low`` on; the number itself without a width."""
    return {"kind": "uniform", "low": low, "high": rounded(low + width)} if width else low


def one_class(*names: str) -> dict[str, Any]:
    """A prior with these classes only."""
    return {"kind": "classes", "names": list(names)}


@dataclass
class Draft:
    """Sections of a recipe, where each entry of them comes from, and changed meanings."""

    simulator: dict[str, Any] = field(default_factory=dict)
    priors: dict[str, Any] = field(default_factory=dict)
    noise: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def sections(self) -> dict[str, Any]:
        """What is written so far."""
        parts = {"simulator": self.simulator, "priors": self.priors, "noise": self.noise}
        return {name: part for name, part in parts.items() if part}

    def tell(self, law: str, where: str) -> None:
        """Note a changed meaning, once for each place."""
        change = Change(where, *LAWS[law])
        if change not in self.changes:
            self.changes.append(change)

    def put(self, column: str, prior: Any, where: str) -> None:
        """Set a prior, and remember the place of the file that decides it."""
        self.priors[column] = prior
        self.origins[f"priors.{column}"] = where

    def place(self, objects: Sequence[tuple[str, Entries, Priors]], column: str) -> None:
        """Set the priors of one object, or those of a scene, by their kind.

        Args:
            objects: kind, entries of the file and priors of each.
            column: of a single object's kind; empty if it has none.
        """
        if len(objects) == 1:
            kind, entries, priors = objects[0]
            if column:
                self.priors[column] = one_class(kind)
            for name, (prior, key) in priors.items():
                self.put(name, prior, entries.at(key))
            return
        self.priors |= {"n_objects": len(objects), "kind": one_class(*(o[0] for o in objects))}
        for name in dict.fromkeys(name for _, _, priors in objects for name in priors):
            self._by_kind(name, [o for o in objects if name in o[2]])

    def _by_kind(self, name: str, objects: Sequence[tuple[str, Entries, Priors]]) -> None:
        cases = {kind: priors[name][0] for kind, _, priors in objects}
        first = next(iter(cases.values()))
        for kind, entries, priors in reversed(objects):
            where = entries.at(priors[name][1])
            ends = ("", f".{kind}", ".otherwise")
            self.origins |= {f"priors.{name}{end}": where for end in ends}
        same = all(prior == first for prior in cases.values())
        by_kind = {"kind": "conditional", "given": "kind", "cases": cases, "otherwise": first}
        self.priors[name] = first if same else by_kind
