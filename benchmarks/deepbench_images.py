"""DeepBench's own shapes and skies, for its child process: what a user does for each image.

Kinds and ranges are those of `shapes_noisy`, `sky_noisy` and `galaxy_morphology` as far as
DeepBench has them, noise included; lengths are those of an image of 64 x 64 pixels, and grow with
it. Parameters are drawn before the clock starts. Times are CPU seconds.
"""

import time
from typing import Any

import numpy as np
from deepbench.image import ShapeImage, SkyImage

Drawn = tuple[str, dict[str, Any]]
SHAPES = ("circle", "ellipse", "rectangle", "arc", "line", *range(3, 9))
"""Drawn equally often; a number is a regular polygon with so many sides."""
MEAN_OBJECTS, MOST_OBJECTS = 4, 12
KINDS = ("star", "galaxy", "spiral_galaxy")
SHARES = {"sky": (0.5, 0.3, 0.2), "sky_clean": (0.5, 0.3, 0.2), "galaxy": (0, 0.5, 0.5)}
"""Of the kinds, as in `sky_noisy` and `galaxy_morphology`."""


def seconds_per_shape(mode: str, count: int, side: int) -> float:
    """Time `count` images of one shape: a ShapeImage, its shape and its Gaussian noise.

    With the mode ``shape_call`` the making of the ShapeImage is not counted.
    """
    random, total = np.random.default_rng(), 0.0
    for seed in range(count):
        kind, parameters = _shape(random, side / 64)
        sigma = _log_uniform(random, 0.02, 0.5)
        start = time.process_time()
        image = ShapeImage((side, side), object_noise_type="gaussian", object_noise_level=sigma)
        if mode == "shape_call":
            start = time.process_time()
        image.combine_objects([kind], [parameters], seed=seed)
        total += time.process_time() - start
    return total / count


def seconds_per_object(mode: str, count: int, side: int) -> float:
    """Time `count` images of the sky, per object drawn: a SkyImage, its objects, Gaussian noise.

    Each object has the Poisson noise that DeepBench gives objects; with the mode ``sky_clean`` it
    has none. With the mode ``galaxy`` there is one galaxy, twice as large, at the centre.
    """
    random, total, drawn = np.random.default_rng(), 0.0, 0
    for seed in range(count):
        number = 1 if mode == "galaxy" else _number(random)
        objects = [_object(random, mode, side / 64) for _ in range(number)]
        kinds, instances, places = (list(column) for column in zip(*objects, strict=True))
        start = time.process_time()
        image = SkyImage((side, side), object_noise_type="gaussian", object_noise_level=0.05)
        image.combine_objects(kinds, instances, places, seed=seed)
        total += time.process_time() - start
        drawn += len(objects)
    return total / drawn


def _shape(random: np.random.Generator, scale: float) -> Drawn:
    """The kind of a shape and its parameters; half of those that can be are filled."""
    kind = SHAPES[random.integers(len(SHAPES))]
    x, y = (scale * random.uniform(16, 47, 2)).tolist()
    radius, angle = scale * random.uniform(6, 20), random.uniform(0, 180)
    width = scale * random.uniform(0.5, 4)
    if kind == "line":
        dx, dy = radius * np.cos(np.radians(angle)), radius * np.sin(np.radians(angle))
        ends = {"start": (x - dx, y - dy), "end": (x + dx, y + dy)}
        return "line", {**ends, "line_width": width}
    shape = {"center": (x, y), "line_width": width}
    if kind == "arc":
        angles = {"theta1": 2 * angle, "theta2": 2 * angle + random.uniform(30, 300)}
        return "arc", {**shape, "radius": radius, **angles}
    shape |= {"angle": angle, "fill": bool(random.integers(2))}
    if isinstance(kind, int):
        return "polygon", {**shape, "vertices": kind, "radius": radius}
    ratio = 1.0 if kind == "circle" else random.uniform(0.3, 0.9)
    sides = {"width": 2 * radius, "height": 2 * radius * ratio}
    return "rectangle" if kind == "rectangle" else "ellipse", {**shape, **sides}


def _object(random: np.random.Generator, mode: str, scale: float) -> tuple[str, dict, dict]:
    """The kind of an object of the sky, what it is made with, and where it is drawn."""
    edge = (26, 37) if mode == "galaxy" else (3, 60)
    size = 2 * scale if mode == "galaxy" else scale
    x, y = (scale * random.uniform(*edge, 2)).tolist()
    level = 0.0 if mode == "sky_clean" else 0.2
    made: dict[str, Any] = {"amplitude": random.uniform(1, 10), "noise_level": level}
    place = {"center_x": x, "center_y": y}
    kind = KINDS[random.choice(len(KINDS), p=SHARES[mode])]
    if kind == "star":
        made["radius"] = size * random.uniform(1, 4)
        place["alpha"] = random.uniform(2.5, 4.765)
    elif kind == "galaxy":
        made |= {"radius": size * _log_uniform(random, 2, 6), "n": random.uniform(0.5, 6)}
        made |= {"ellipse": random.uniform(0, 0.7), "theta": random.uniform(0, np.pi)}
    else:
        made |= {"radius": size * random.uniform(3, 6)}
        made |= {"arm_thickness": size * random.uniform(1.2, 2)}
        made |= {"winding_number": int(random.integers(2, 5))}
        made |= {"spiral_pitch": np.radians(random.uniform(10, 35))}
    return kind, made, place


def _number(random: np.random.Generator) -> int:
    """How many objects a scene has: Poisson, from 1 to `MOST_OBJECTS`."""
    while not 1 <= (number := int(random.poisson(MEAN_OBJECTS))) <= MOST_OBJECTS:
        pass
    return number


def _log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))
