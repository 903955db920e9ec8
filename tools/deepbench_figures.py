"""The two figures of DeepBench's paper beside ours: ``make deepbench`` draws them anew."""

import io
import sys
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from deepbench_hf import Recipe, generate, simulate
from deepbench_hf.recipe.deepbench import convert
from deepbench_hf.recipe.text import read_recipe
from tests.support.paths import DEEPBENCH, ROOT

FOLDER = ROOT / "docs" / "deepbench"
NOMINAL = {"length_m": 10.0, "theta0_rad": np.pi / 4, "gravity_m_s2": 9.8}
TITLES = ("one object", "one object, noise", "two objects", "two objects, noise")
BLACK, RED = "#222222", "#c8402e"


def image(name: str, noisy: bool, *kinds: str) -> np.ndarray:
    """The first image of a file's recipe that shows one object of each of some kinds."""
    _, data = read_recipe(DEEPBENCH / f"{name}.yaml")
    objects = {kind: data["object_parameters"][kind] for kind in kinds}
    changed = data | {"object_parameters": objects, "seed": 1, "total_runs": 1}
    recipe = Recipe.from_mapping(name, convert(name, changed).recipe)
    return generate(recipe, "train", 0, 1)["image" if noisy else "image_clean"][0]


def objects(theirs: dict[str, np.ndarray]) -> plt.Figure:
    """Figure 1: shapes and sky, DeepBench's above ours."""
    rows: list[tuple[str, Any]] = []
    for word, name, kinds in (
        ("geometry", "shapes", ("ellipse", "rectangle")),
        ("astronomy", "sky", ("star", "galaxy")),
    ):
        ours = [image(f"paper_{name}", n, *kinds[:k]) for k in (1, 2) for n in (False, True)]
        rows += [(f"DeepBench\n{word}", theirs[name]), (f"ours\n{word}", ours)]
    figure, axes = plt.subplots(4, 4, figsize=(10, 10.6), layout="constrained")
    for line, (label, images) in zip(axes, rows, strict=True):
        for axis, one in zip(line, images, strict=True):
            axis.imshow(one, origin="lower", cmap="gray")
            axis.set(xticks=[0, 240, 479], yticks=[0, 240, 479])
            axis.set_xlabel(f"{one.min():.2f} to {one.max():.2f}", fontsize=9)
        line[0].set_ylabel(label, fontsize=12)
    for axis, title in zip(axes[0], TITLES, strict=True):
        axis.set_title(title)
    return figure


def pendulums(theirs: dict[str, np.ndarray]) -> plt.Figure:
    """Figure 2: Newtonian and Hamiltonian pendulums, DeepBench's above ours."""
    times, fine = np.linspace(0, 25, 25), np.linspace(0, 25, 1000)
    figure, axes = plt.subplots(2, 2, figsize=(10, 6.4), layout="constrained", sharex=True)
    for axis, clean, noisy in zip(
        axes[0], ("newtonian_x_m", "hamiltonian_q"), ("newtonian_noisy_x_m", "hamiltonian_noisy_q"),
        strict=True,
    ):  # fmt: skip
        for name, colour, label in ((clean, BLACK, "without noise"), (noisy, RED, "with noise")):
            axis.plot(times, theirs[name], "o-", color=colour, markersize=4, lw=1, label=label)
    for axis, name, column, seen in zip(
        axes[1], ("newtonian", "hamiltonian"), ("x_m", "q_rad"), ("x_m", "q_observed_rad"),
        strict=True,
    ):  # fmt: skip
        _, data = read_recipe(DEEPBENCH / f"paper_{name}.yaml")
        recipe = Recipe.from_mapping(name, convert(name, data).recipe)
        row = generate(recipe, "train", 0, 1)
        drawn = {parameter: float(row[parameter][0]) for parameter in NOMINAL}
        for given, points, colour in (
            (NOMINAL, simulate(recipe, **NOMINAL)[column], BLACK),
            (drawn, row[seen][0], RED),
        ):
            axis.plot(fine, simulate(recipe, **given, time_s=fine)[column], color=colour, lw=1)
            axis.plot(times, points, "o", color=colour, markersize=4)
        axis.set_xlabel("time (s)")
    for axis, title, label in zip(
        axes.ravel(),
        ("DeepBench: Newtonian", "DeepBench: Hamiltonian", "ours: Newtonian", "ours: Hamiltonian"),
        ("x (m)", "q (rad)") * 2,
        strict=True,
    ):
        axis.set(title=title, ylabel=label)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def save(figure: plt.Figure, name: str, mode: str) -> None:
    """A small picture: grey, or of a few colours."""
    file = io.BytesIO()
    figure.savefig(file, dpi=80)
    picture = Image.open(file).convert("RGB")
    picture = picture.convert("L") if mode == "grey" else picture.quantize(64)
    picture.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    plt.switch_backend("agg")
    made = dict(np.load(sys.argv[1]))
    FOLDER.mkdir(exist_ok=True)
    save(objects(made), "objects", "grey")
    save(pendulums(made), "pendulums", "colour")
