"""The objects of scenes: one array of records, and the lists of dicts that rows hold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Columns, present
from deepbench_hf.simulators.base import Scene

Objects = Sequence[Mapping[str, Any]]
"""Those of one example."""


def records(simulator: Scene, own: Columns, count: NDArray[np.int64]) -> NDArray:
    """Structured array ``(n, most_objects)``, zero beyond the last object of an example.

    ``own`` holds the parameters of all objects, example by example, ``count`` (n,) how many each
    has.
    """
    names = [name for name in simulator.objects if name in own]
    dtype = [(name, simulator.objects[name].dtype) for name in names]
    found = np.zeros((len(count), simulator.most_objects), dtype)
    there = present(count, simulator.most_objects)
    for name in names:
        found[name][there] = own[name]
    return found


def with_fields(objects: NDArray, more: NDArray, count: NDArray[np.int64]) -> NDArray:
    """Records with the fields of both arrays, zero beyond the last object of each example."""
    joined = np.zeros(objects.shape, objects.dtype.descr + more.dtype.descr)
    there = present(count, objects.shape[1])
    for part in (objects, more):
        for name in part.dtype.names or ():
            np.copyto(joined[name], part[name], where=there)
    return joined


def listed(objects: Any, count: Any, simulator: Scene) -> tuple[list[Objects], bool]:
    """The objects of each example, and whether there is only one example, without an axis.

    They are given as a list of dicts, a list of such lists, or records ``(K,)`` or ``(n, K)``, of
    which ``count`` are there (None for all).

    Raises:
        ValueError: no or too many objects, or ones that do not have the same known parameters.
    """
    scenes: list[Any]
    if isinstance(objects, np.ndarray):
        single, names = objects.ndim == 1, objects.dtype.names or ()
        whole = np.atleast_2d(objects)
        counts = np.broadcast_to(objects.shape[-1] if count is None else count, (len(whole),))
        parts = (scene[:n].tolist() for scene, n in zip(whole, counts, strict=True))
        scenes = [[dict(zip(names, one, strict=True)) for one in part] for part in parts]
    else:
        single = not len(objects) or isinstance(objects[0], Mapping)
        scenes = [objects] if single else list(objects)
    _check(scenes, simulator)
    return scenes, single


def _check(scenes: Sequence[Objects], simulator: Scene) -> None:
    sizes = [len(scene) for scene in scenes] or [0]
    if not 1 <= min(sizes) <= max(sizes) <= simulator.most_objects:
        got = f"objects: got {min(sizes)} to {max(sizes)} in an example"
        raise ValueError(f"{got}; accepted: 1 to {simulator.most_objects}")
    names = [set(one) for scene in scenes for one in scene]
    for name in sorted(set.union(*names)):
        if name not in simulator.objects and name not in simulator.object_fields:
            hint = did_you_mean(name, simulator.objects)
            raise ValueError(f"objects: {name!r} is no parameter of an object; {hint}")
        if any(name not in one for one in names):
            raise ValueError(f"objects: {name} must be given for all of them, or for none")
