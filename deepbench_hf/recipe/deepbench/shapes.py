"""DeepBench's images of shapes."""

import math
from collections.abc import Callable
from typing import Any

from deepbench_hf.recipe.deepbench.closed import ellipse, polygon, rectangle
from deepbench_hf.recipe.deepbench.defaults import Found
from deepbench_hf.recipe.deepbench.draft import Draft, rounded
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.images import NOISES, frame, objects_of
from deepbench_hf.recipe.deepbench.strokes import arc, line

NAMES = ("ShapeImage",)


def shapes(name: str, image: Entries, objects: Any, jitter: float, draft: Draft) -> None:
    """Write the recipe of an image of shapes.

    Args:
        name: of DeepBench's class.
        image: its ``image_parameters``.
        objects: its ``object_parameters``.
        jitter: its ``parameter_noise``.
        draft: where the recipe is written.
    """
    width, height = frame(image, "image_shape")
    _noise(image, draft)
    image.close()
    found = []
    for kind, entries in objects_of(objects, "object_parameters", DRAWN, image.problems).items():
        ours, priors = DRAWN[kind](entries, jitter, draft)
        entries.close()
        found.append((ours, entries, priors))
    draft.tell("axes", "object_parameters")
    draft.tell("coverage", "object_parameters")
    draft.tell("object and instance", "object_parameters")
    draft.simulator = {"kind": "shapes", "image_size": [height, width]}
    if len(found) > 1:
        scene = {"kind": "shapes_scene", "max_objects": len(found)}
        draft.simulator |= scene
        draft.tell("union", "object_parameters")
        draft.tell("one of each", "object_parameters")
    if found:
        draft.place(found, "label")


def _noise(image: Entries, draft: Draft) -> None:
    kind = image.word("object_noise_type", NOISES, "gaussian")
    level = image.number("object_noise_level", 0.0, least=0.0)
    if not level:
        return
    where = image.at("object_noise_level")
    sigma = rounded(math.sqrt(level)) if kind == "poisson" else level
    draft.noise["image"] = {"kind": "gaussian", "sigma": sigma}
    draft.origins["noise.image"] = where
    draft.tell("image noise", where)
    if kind == "poisson":
        draft.tell("pedestal", where)


DRAWN: dict[str, Callable[[Entries, float, Draft], Found]] = {
    "rectangle": rectangle,
    "polygon": polygon,
    "arc": arc,
    "line": line,
    "ellipse": ellipse,
}
"""DeepBench's shapes by their name in a file."""
