"""An object of one kind in an image, by its place and its shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact import quantiles
from deepbench_hf.metrics.baselines.templates import drawn, middle, span, template_bank, varied
from deepbench_hf.metrics.scores import normal_cdf
from deepbench_hf.recipe.recipe import Recipe

TEMPLATES = 64
FARTHEST = 4.0
"""Where priors end: standard deviations from their middle."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """An object of unit brightness by its place, pixels, and its shape.

    Args:
        recipe: of the object.
        scale: the parameter that the image is proportional to.
        target: the parameter or the output that is asked for.
    """

    recipe: Recipe
    scale: str
    target: str

    @property
    def place(self) -> list[str]:
        """The parameters of the place that differ."""
        return [name for name in middle(self.recipe) if np.ptp(span(self.recipe, name)) > 0]

    @property
    def shape(self) -> list[str]:
        """The parameters of the shape that differ."""
        return varied(self.recipe, self.scale)

    def start(self, images: NDArray) -> Array:
        """Place and shape of the template that fits best, (n, P)."""
        bank = template_bank(self.recipe, TEMPLATES)
        best, offset = bank.places(images, TEMPLATES)
        off = {"center_x_px": offset[:, 1], "center_y_px": offset[:, 0]}
        place = [middle(self.recipe)[name] + off[name] for name in self.place]
        shape = [quantiles.normal(bank.uniforms[name][best]) for name in self.shape]
        return np.array([*place, *shape]).reshape(-1, len(images)).T

    def __call__(self, at: Array) -> tuple[Array, Array]:
        """Images (n, H, W) and what is asked for, (n,), of unit brightness."""
        count, z = len(self.place), np.clip(at, -FARTHEST, FARTHEST)
        given = {name: at[:, i].copy() for i, name in enumerate(self.place)}
        given[self.scale] = np.ones(len(at))
        uniforms = {n: normal_cdf(z[:, count + i]) for i, n in enumerate(self.shape)}
        inputs = drawn(self.recipe, uniforms, given)
        found = {**inputs, **self.recipe.simulator(**inputs)}
        return found["image"].astype(np.float64), found[self.target]
