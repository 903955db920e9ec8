"""The class of the one object in an image: that of the template which fits best.

A template t has the amplitude a = sum w t d / sum w t^2 in an image d whose pixels have the
variances 1 / w, and lowers its chi square by a^2 sum w t^2: the square of

    r = sum w t d / sqrt(sum w t^2)

A coarse search over all shifts by the Fourier transform finds the object with a few templates; all
of them are tried there and a step to each side.

Source: G. L. Turin, An introduction to matched filters, IRE Transactions on Information Theory 6
(1960) 311.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.metrics.baselines.correlation import Images, binned, centred
from deepbench_hf.metrics.baselines.light import electrons, variance
from deepbench_hf.metrics.baselines.templates import Bank, template_bank
from deepbench_hf.recipe.recipe import Recipe

TEMPLATES, FEW = 2000, 110


def class_of_even(recipe: Recipe, rows: Columns) -> Estimates:
    """The class, from an image whose pixels all have the same noise, or none."""
    bank = template_bank(recipe, TEMPLATES)
    filters = bank.images.reshape(len(bank.images), -1).T
    fits = [part @ filters for part in _parts(bank, rows["image"])]
    return _best(bank, fits), None


def class_of_counted(recipe: Recipe, rows: Columns) -> Estimates:
    """The class, from an image of a detector: bright pixels have more noise."""
    bank = template_bank(recipe, TEMPLATES)
    filters = bank.images.reshape(len(bank.images), -1).T
    squares, fits = filters * filters, []
    for part in _parts(bank, electrons(recipe, rows)):
        weight = (1 / variance(recipe, rows, part[:, None])[:, 0]).astype(np.float32)
        fits.append((weight * part) @ filters / np.sqrt(weight @ squares))
    return _best(bank, fits), None


def _parts(bank: Bank, images: Images) -> list[Images]:
    """The binned images about the object, and a step to each side of it, (n, pixels) each."""
    _, offset = bank.places(images, FEW)
    at, step = offset + np.array(images.shape[1:]) // 2, max(1, bank.factor // 2)
    steps = product((-step, 0, step), repeat=2)
    near = (binned(centred(images, at + np.array(one)), bank.factor) for one in steps)
    return [part.reshape(len(images), -1) for part in near]


def _best(bank: Bank, fits: list[NDArray]) -> NDArray[np.int64]:
    """The class of the template with the largest of all r, each (n, T)."""
    return bank.labels[np.maximum.reduce(fits).argmax(axis=1)]
