"""Mappings that change other mappings: what ``extends`` and the sections of a split mean."""

from collections.abc import Mapping
from typing import Any


def merge(base: Any, change: Any) -> Any:
    """``base`` changed by ``change``: mappings merge by key, ``null`` removes, the rest replaces.

    A mapping of another ``kind`` replaces the whole mapping.

    >>> merge({"a": 1, "b": {"kind": "x", "c": 2}}, {"a": None, "b": {"kind": "y"}})
    {'b': {'kind': 'y'}}
    """
    if not (isinstance(base, Mapping) and isinstance(change, Mapping)):
        return change
    if kind_of(change) is not None and kind_of(change) != kind_of(base):
        base = {}
    merged = {**base, **{key: merge(base.get(key, {}), value) for key, value in change.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def difference(base: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The change that `merge` needs to turn ``base`` into ``changed``."""
    change: dict[str, Any] = {key: None for key in base if key not in changed}
    for key, value in changed.items():
        old = base.get(key)
        if value == old:
            continue
        if isinstance(value, dict) and isinstance(old, dict) and kind_of(old) == kind_of(value):
            change[key] = difference(old, value)
        else:
            change[key] = value
    return change


def kind_of(part: Mapping[str, Any]) -> str | None:
    """The kind that a mapping names; among priors ``kind`` may be a parameter."""
    kind = part.get("kind")
    return None if isinstance(kind, Mapping) else kind
