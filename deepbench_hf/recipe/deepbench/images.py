"""What DeepBench's shapes and its sky share: the frame, and the objects with their places."""

from collections.abc import Iterable
from typing import Any

from deepbench_hf.recipe.deepbench.draft import Draft, Priors, spread
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.simulators.images import LARGEST, SMALLEST

NOISES = ("gaussian", "poisson")


def frame(image: Entries, key: str) -> list[int]:
    """The two sides of an image, pixels, in the file's order."""
    sides = image.take(key)
    whole = isinstance(sides, list) and len(sides) == 2 and all(type(n) is int for n in sides)
    if not whole or not all(SMALLEST <= n <= LARGEST for n in sides):
        image.refuse(key, f"two whole numbers from {SMALLEST} to {LARGEST}")
        return [SMALLEST, SMALLEST]
    return sides


def objects_of(parts: Any, path: str, kinds: Iterable[str], problems: list[str]) -> dict:
    """The entries of every object by its kind: what it has under object and under instance.

    Args:
        parts: a mapping of kinds, or a list of such mappings.
        path: where they are in the file.
        kinds: the kinds that there are.
        problems: where problems are noted.
    """
    found: dict[str, Entries] = {}
    for part in parts if isinstance(parts, list) else [parts]:
        outer = Entries(path, part, problems)
        for kind in outer.data:
            if kind in found:
                text = "is given twice; write a recipe with one prior for both"
                problems.append(f"{outer.at(kind)}: {text}")
            found[kind] = _both(outer.section(kind))
        outer.asked = list(kinds)
        outer.close()
    if not found and not problems:
        problems.append(f"{path}: must hold one or more objects; accepted: {', '.join(kinds)}")
    return {kind: entries for kind, entries in found.items() if kind in kinds}


def _both(outer: Entries) -> Entries:
    """One object's entries."""
    merged, places = {}, {}
    for name in ("object", "instance"):
        inner = outer.section(name)
        for key, value in inner.data.items():
            if merged.get(key, value) != value:
                outer.problems.append(f"{inner.at(key)}: is {value!r} here, not so under object")
            merged[key], places[key] = value, inner.at(key)
    outer.close()
    return Entries(outer.path, merged, outer.problems, places)


def place(x: float, y: float, jitter: float, keys: tuple[str, str], draft: Draft) -> Priors:
    """The centre's priors."""
    if jitter:
        draft.tell("jitter of places", "parameter_noise")
    return {
        "center_x_px": (spread(x, jitter), keys[0]),
        "center_y_px": (spread(y, jitter), keys[1]),
    }
