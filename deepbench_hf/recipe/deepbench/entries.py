"""The entries of a DeepBench file, each read once; what is wrong is noted, all of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from deepbench_hf.errors import did_you_mean

HARMLESS = 1.0
"""Stands for a number that is wrong, until all problems are known."""


class Entries:
    """One mapping of a DeepBench file.

    Args:
        path: where it is in the file; empty for the whole file.
        data: the mapping.
        problems: where problems are noted.
        places: where a key is in the file, if not under its own name at ``path``.
    """

    def __init__(
        self, path: str, data: Any, problems: list[str], places: Mapping[str, str] | None = None
    ) -> None:
        self.path, self.problems, self.places = path, problems, dict(places or {})
        self.asked: list[str] = []
        if not isinstance(data, Mapping):
            problems.append(f"{path}: must be a mapping of keys to values; got {_short(data)}")
            data = {}
        self.data = {_word(key): value for key, value in data.items() if value is not None}

    def at(self, key: str) -> str:
        """The place of an entry in the file."""
        return self.places.get(key, f"{self.path}.{key}" if self.path else key)

    def has(self, *keys: str) -> bool:
        """Whether any of these entries is given."""
        return any(key in self.data for key in keys)

    def refuse(self, key: str, accepted: str) -> None:
        """Note that an entry is missing or is not what is accepted."""
        got = f"; got {_short(self.data[key])}" if key in self.data else ""
        text = f"must be {accepted}" if key in self.data else f"is missing: {accepted}"
        self.problems.append(f"{self.at(key)}: {text}{got}")

    def take(self, key: str) -> Any:
        """An entry as it stands; None if it is not given."""
        self.asked.append(key)
        return self.data.get(key)

    def number(
        self,
        key: str,
        default: float | None = None,
        least: float = -math.inf,
        most: float = math.inf,
        above: float = -math.inf,
    ) -> float:
        """A finite number in its range; the default if it is not given."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if _is_number(value) and least <= value <= most and value > above:
            return float(value)
        low = f" above {above:g}" if above > -math.inf else ""
        low = f" from {least:g}" if least > -math.inf else low
        high = f" up to {most:g}" if most < math.inf else ""
        self.refuse(key, f"a number{low}{high}")
        return HARMLESS

    def whole(self, key: str, default: int | None, least: int, most: int) -> int:
        """A whole number in its range; the default if it is not given."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if type(value) is int and least <= value <= most:
            return value
        self.refuse(key, f"a whole number from {least} to {most}")
        return least

    def flag(self, key: str, default: bool) -> bool:
        """True or false; the default if it is not given."""
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, "true or false")
        return value if isinstance(value, bool) else default

    def word(self, key: str, known: Iterable[str], default: str = "") -> str:
        """One of some words; empty if it is none of them."""
        value, known = self.take(key), list(known)
        if value is None and default:
            return default
        if isinstance(value, str) and value in known:
            return value
        if value is None:
            self.refuse(key, f"one of {', '.join(known)}")
        else:
            hint = did_you_mean(value, known)
            self.problems.append(f"{self.at(key)}: unknown {_short(value)}; {hint}")
        return ""

    def point(self, key: str) -> tuple[float, float] | None:
        """A position [x, y]; None if it is not given."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
            return float(value[0]), float(value[1])
        self.refuse(key, "two numbers [x, y]")
        return HARMLESS, HARMLESS

    def section(self, key: str) -> Entries:
        """A mapping below this one; empty if it is not given."""
        value = self.take(key)
        return Entries(self.at(key), {} if value is None else value, self.problems)

    def close(self) -> None:
        """Note the entries that nobody asked for."""
        for key in self.data:
            if key not in self.asked:
                hint = did_you_mean(key, dict.fromkeys(self.asked))
                self.problems.append(f"{self.at(key)}: unknown key; {hint}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300


def _word(key: Any) -> str:
    """A key as it can stand in a line."""
    return key if isinstance(key, str) and key.isprintable() and len(key) < 60 else _short(key)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
