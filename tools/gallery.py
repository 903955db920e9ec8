"""A page of pictures of every config: ``python -m tools.gallery`` draws it in build/gallery."""

import numpy as np
from matplotlib.figure import Figure

from deepbench_hf import jacobian, list_recipes, load_recipe
from deepbench_hf.figures import show
from deepbench_hf.simulators.base import Layered
from tests.support.paths import ROOT

FOLDER = ROOT / "build" / "gallery"
SPLITS = {
    "galaxy_perturbed": ("test_y1", "test_onepixel_random", "test_jpeg_10"),
    "lartpc_pair": ("test", "test_real"),
    "survey_pair": ("test", "test_paired", "train_target"),
}
"""The configs of which other splits than `train` are shown."""
ROWS = {"survey_pair": 8}
"""The configs of which so many rows are shown that every class is among them."""
SPIRAL = {
    **{"center_x_px": 31.2, "center_y_px": 30.6, "flux_e_s": 1000.0, "half_light_radius_px": 2.0},
    **{"sersic_index": 2.5, "axis_ratio": 0.7, "angle_deg": 40.0, "scale_length_px": 8.0},
    **{"bulge_fraction": 0.2, "arm_model": 0, "arms": 3, "handedness": -1, "arm_phase_deg": 50.0},
    **{"arm_scale_px": 0.0, "pitch_deg": 18.0, "winding": 0.0, "sweep": 0.0},
    **{"arm_width_px": 1.5, "arm_strength": 2.0, "psf_fwhm_px": 2.0},
}
"""The galaxy whose derivatives are shown."""
CALL = 'jacobian("sky_spirals", ...)["image"]'


def page() -> str:
    """The page that shows them."""
    lines = [
        "# Gallery",
        "",
        "Rows of `train` of every config (`make gallery`): the first; points are from all over it.",
    ]
    for name in list_recipes():
        lines += ["", f"## {name}", "", load_recipe(name).description]
        for file in files(name):
            lines += ["", f"![{file}]({file}.png)"]
    lines += ["", "## Derivatives", "", f"How a spiral answers to its parameters: `{CALL}`."]
    lines += ["", "![derivatives](derivatives.png)"]
    return "\n".join(lines) + "\n"


def files(name: str) -> dict[str, str]:
    """The pictures of a config, by their names without ending, and the split that each shows."""
    if name not in SPLITS:
        return {name: "train"}
    return {f"{name}_{split}": split for split in SPLITS[name]}


def draw(name: str) -> None:
    """Small pictures of a config."""
    recipe = load_recipe(name)
    for stem, split in files(name).items():
        usual = 4 if isinstance(recipe.simulator, Layered) else 3
        save(show(recipe, split, rows=ROWS.get(name, usual)), stem)


def draw_derivatives() -> None:
    """The derivatives of an image by its parameters, each in units of its largest value."""
    slopes = jacobian("sky_spirals", **SPIRAL)["image"]
    shown = {name: slope for name, slope in slopes.items() if slope.any()}
    figure = Figure(figsize=(13, 7.2), layout="constrained")
    for axes, (name, slope) in zip(figure.subplots(3, 6).flat, shown.items(), strict=False):
        scaled = np.arcsinh(10 * slope / np.abs(slope).max())
        axes.imshow(scaled, cmap="RdBu_r", vmin=-3, vmax=3, origin="lower")
        axes.set_title(name, fontsize=9)
    for axes in figure.axes:
        axes.set_axis_off()
    save(figure, "derivatives", dpi=60)


def save(figure: Figure, stem: str, dpi: int = 75) -> None:
    """Write a small picture."""
    figure.savefig(FOLDER / f"{stem}.png", dpi=dpi)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")
    draw_derivatives()
    for config in list_recipes():
        draw(config)
