"""How bright an object of unknown place and shape is: profile fitting, with its error.

The matched filter finds the object with a few templates. From there a Gauss-Newton search goes to
the most probable place p and shape z under the noise of the detector; the shape's priors, of which
each is normal in z = Phi^-1(u), count as measurements. The brightness has no prior:

    chi^2 = sum (d - a t(p, z))^2 / V + z^2,  C = (J^T V^-1 J + diag(0, 0, 1))^-1

with J the derivatives of a t by a, p and z. The error of the brightness is that of a with all else
unknown: sqrt(C_aa).

Source: P. B. Stetson, DAOPHOT, PASP 99 (1987) 191, whose fit this is with a shape that is free;
T. Naylor, An optimal extraction algorithm for CCD photometry, MNRAS 296 (1998) 339.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import quantiles
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.metrics.baselines.light import electrons, variance
from deepbench_hf.metrics.baselines.templates import drawn, middle, template_bank, varied
from deepbench_hf.metrics.scores import normal_cdf
from deepbench_hf.recipe import Recipe
from deepbench_hf.simulators.base import Columns

__all__ = ["fitted_flux", "fitted_total"]

TEMPLATES, ROUNDS, AT_ONCE = 64, 7, 64
STEP, LONGEST, FARTHEST = 0.05, 0.7, 4.0
"""Of a difference, of a round, and from the priors' middle: pixels for places, 1 for shapes."""

FAINTEST = 1e-4
"""Noise on the brightest pixel that is taken for granted, relative: images are drawn so well."""

Array = NDArray[np.float64]


def fitted_flux(recipe: Recipe, rows: Columns) -> Estimates:
    """The flux of an object in an image of a detector."""
    return _fitted(_Profile(recipe, "flux_e_s", "flux_e_s"), rows)


def fitted_total(recipe: Recipe, rows: Columns) -> Estimates:
    """What the frame holds of an object's light."""
    return _fitted(_Profile(recipe, "amplitude_e_s_px", "total_e_s"), rows)


@dataclass(frozen=True)
class _Profile:
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
        return [n for n, p in self.recipe.priors.items() if n in middle(self.recipe) and _spans(p)]

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
        return np.stack([*place, *(quantiles.normal(bank.uniforms[n][best]) for n in self.shape)], 1)

    def __call__(self, at: Array) -> tuple[Array, Array]:
        """Images (n, pixels) and what is asked for, (n,), of unit brightness."""
        count, z = len(self.place), np.clip(at, -FARTHEST, FARTHEST)
        given = {name: at[:, i].copy() for i, name in enumerate(self.place)}
        given[self.scale] = np.full(len(at), self.recipe.priors[self.scale].support[1])
        uniforms = {n: normal_cdf(z[:, count + i]) for i, n in enumerate(self.shape)}
        inputs = drawn(self.recipe, uniforms, given)
        found = {**inputs, **self.recipe.simulator(**inputs)}
        images = found["image"].reshape(len(at), -1) / given[self.scale][:, None]
        return images, found[self.target] / given[self.scale]


def _spans(prior: object) -> bool:
    low, high = prior.support  # type: ignore[attr-defined]
    return low < high


def _fitted(profile: _Profile, rows: Columns) -> Estimates:
    """The brightness and its error, some rows at a time, so that memory holds their derivatives."""
    found = []
    for first in range(0, len(rows["image"]), AT_ONCE):
        part = {name: values[first : first + AT_ONCE] for name, values in rows.items()}
        found.append(_search(profile, part))
    mean, sigma = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return mean, np.maximum(sigma, np.finfo(np.float32).tiny)


def _search(profile: _Profile, rows: Columns) -> tuple[Array, Array]:
    """The most probable brightness, and its error."""
    images = electrons(profile.recipe, rows)
    seen, at = images.reshape(len(images), -1).astype(np.float64), profile.start(images)
    prior = np.array([0.0] * (1 + len(profile.place)) + [1.0] * len(profile.shape))
    template, unit = profile(at)
    scale = (template * seen).sum(1) / (template * template).sum(1)
    least = (FAINTEST * np.abs(seen).max(axis=1, keepdims=True)) ** 2
    for _ in range(ROUNDS):
        model = scale[:, None] * template
        noise = variance(profile.recipe, rows, model.reshape(images.shape)).reshape(seen.shape)
        slopes, answers = _slopes(profile, at, scale, template, unit)
        weighted = slopes / np.maximum(noise, least)[:, None]
        covariance = np.linalg.inv(weighted @ slopes.swapaxes(1, 2) + np.diag(prior))
        pull = (weighted @ (seen - model)[..., None])[..., 0]
        pull[:, 1:] -= prior[1:] * at
        step = (covariance @ pull[..., None])[..., 0]
        scale = scale + step[:, 0]
        at = at + np.clip(step[:, 1:], -LONGEST, LONGEST)
        template, unit = profile(at)
    error = np.einsum("np,npq,nq->n", answers, covariance, answers)
    return scale * unit, np.sqrt(error)


def _slopes(
    profile: _Profile, at: Array, scale: Array, template: Array, unit: Array
) -> tuple[Array, Array]:
    """Derivatives by brightness, place and shape of images (n, 1 + P, pixels), answers (n, 1 + P)."""
    slopes, answers = [template], [unit]
    for i in range(at.shape[1]):
        images, answer = profile(at + STEP * (np.arange(at.shape[1]) == i))
        slopes.append((scale / STEP)[:, None] * (images - template))
        answers.append(scale / STEP * (answer - unit))
    return np.stack(slopes, axis=1), np.stack(answers, axis=1)
