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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.objects import electrons, variance
from deepbench_hf.metrics.baselines.templates import drawn, middle, span, template_bank, varied
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.recipe import Recipe

TEMPLATES = 64
FARTHEST = 4.0
"""Where priors end: standard deviations from their middle."""

ROUNDS, AT_ONCE = 7, 64
STEP, LONGEST = 0.05, 0.7
"""The step of a difference, and the longest of a round: pixels of places, z of shapes."""

FREE = 1e-12
"""The precision of a prior without information."""


@dataclass(frozen=True)
class Profile:
    """An object of unit brightness by its place, pixels, and its shape."""

    recipe: Recipe  # of the object
    scale: str  # the parameter that the image is proportional to
    target: str  # the parameter or the output that is asked for

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
        shape = [special.ndtri(bank.uniforms[name][best]) for name in self.shape]
        return np.array([*place, *shape]).reshape(-1, len(images)).T

    def __call__(self, at: Array) -> tuple[Array, Array]:
        """Images (n, H, W) and what is asked for, (n,), of unit brightness."""
        count, z = len(self.place), np.clip(at, -FARTHEST, FARTHEST)
        given = {name: at[:, i].copy() for i, name in enumerate(self.place)}
        given[self.scale] = np.ones(len(at))
        uniforms = {n: special.ndtr(z[:, count + i]) for i, n in enumerate(self.shape)}
        inputs = drawn(self.recipe, uniforms, given)
        found = {**inputs, **self.recipe.simulator(**inputs)}
        return found["image"].astype(np.float64), found[self.target]


def fitted_flux(recipe: Recipe, rows: Columns) -> Prediction:
    """The flux of an object in an image of a detector."""
    return _fitted(Profile(recipe, "flux_e_s", "flux_e_s"), rows)


def fitted_total(recipe: Recipe, rows: Columns) -> Prediction:
    """What the frame holds of an object's light."""
    return _fitted(Profile(recipe, "amplitude_e_s_px", "total_e_s"), rows)


def _fitted(profile: Profile, rows: Columns) -> Prediction:
    """The brightness and its error, some rows at a time, so that memory holds their derivatives."""
    found = []
    for first in range(0, len(rows["image"]), AT_ONCE):
        part = {name: values[first : first + AT_ONCE] for name, values in rows.items()}
        found.append(_search(profile, part))
    mean, sigma = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return mean, np.maximum(sigma, np.finfo(np.float32).tiny)


def _search(profile: Profile, rows: Columns) -> tuple[Array, Array]:
    """The most probable brightness, and its error."""
    images = electrons(profile.recipe, rows).astype(np.float64)
    at, error = profile.start(images), np.zeros(len(images))
    template, _ = profile(at)
    scale = (template * images).sum((1, 2)) / (template * template).sum((1, 2))
    for _ in range(ROUNDS):
        scale, at, error = _round(profile, rows, images, scale, at)
    return scale * profile(at)[1], error


def _round(
    profile: Profile, rows: Columns, images: Array, scale: Array, at: Array
) -> tuple[Array, Array, Array]:
    """A step of the search: brightness, place and shape, and the error of what is asked for."""
    slopes, answers = _slopes(profile, scale, at)
    model = scale[:, None, None] * slopes[:, 0]
    weighted = _flat(slopes / variance(profile.recipe, rows, model)[:, None])
    prior = np.array([FREE] * (1 + len(profile.place)) + [1.0] * len(profile.shape))
    covariance = np.linalg.inv(weighted @ _flat(slopes).swapaxes(1, 2) + np.diag(prior))
    pull = (weighted @ (images - model).reshape(len(images), -1, 1))[..., 0]
    pull[:, 1:] -= prior[1:] * at
    step = (covariance @ pull[..., None])[..., 0]
    error = np.sqrt(np.einsum("np,npq,nq->n", answers, covariance, answers))
    return scale + step[:, 0], at + np.clip(step[:, 1:], -LONGEST, LONGEST), error


def _slopes(profile: Profile, scale: Array, at: Array) -> tuple[Array, Array]:
    """Derivatives by brightness, place and shape, (n, 1 + P, ...), of image and answer."""
    template, unit = profile(at)
    n, count = at.shape
    slopes, answers = np.empty((n, 1 + count, *template.shape[1:])), np.empty((n, 1 + count))
    slopes[:, 0], answers[:, 0] = template, unit
    for i in range(count):
        image, answer = profile(at + STEP * (np.arange(count) == i))
        slopes[:, 1 + i] = (image - template) * (scale / STEP)[:, None, None]
        answers[:, 1 + i] = (answer - unit) * (scale / STEP)
    return slopes, answers


def _flat(images: Array) -> Array:
    """The last two axes as one."""
    return images.reshape(*images.shape[:-2], -1)
