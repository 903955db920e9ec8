"""The closed set of perturbations: what is done to an observed image after its noise."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, cast

import numpy as np
from pydantic import Field as Setting
from pydantic import field_validator

from deepbench_hf.exact.kernel import Array, Array32, Int64s
from deepbench_hf.fields import Columns, Field
from deepbench_hf.model import Model, OneOf
from deepbench_hf.noise.jpeg import compress
from deepbench_hf.noise.measurement import of_image, tagged
from deepbench_hf.priors import Choice, Constant, Integers, NumberPrior

Images = Array32
Uniform = Callable[[str], Array]
"""The draws in [0, 1) of a purpose, ``(n,)``."""


class Perturbation(Model):
    """What is done to an image; every kind tells the same columns."""

    NEUTRAL: ClassVar[Mapping[str, float]] = {
        "pixel_x_px": -1, "pixel_y_px": -1, "pixel_value": 0.0, "pixel_original": 0.0,
        "jpeg_quality": 0,
    }  # fmt: skip
    """What is told where nothing was done."""

    kind: Any

    def apply(self, images: Images, sigma: Array, uniform: Uniform) -> Columns:
        """Change images in place; what was done, ``(n,)``, by the names of `NEUTRAL`."""
        raise NotImplementedError


class Untouched(Perturbation):
    """Nothing: the image is what was observed."""

    kind: Literal["none"] = "none"

    def apply(self, images: Images, sigma: Array, uniform: Uniform) -> Columns:
        return {}


class OnePixel(Perturbation):
    """One pixel is replaced: x' differs from x in a single place, ||x' - x||_0 = 1.

    The pixel is uniform over the image; its new value is one of `candidates`, or the next of them
    that differs from the old one.

    Args:
        sigmas: k, of the values +-k sigma, sigma the noise of an empty pixel.

    Source: J. Su, D. V. Vargas, K. Sakurai, One Pixel Attack for Fooling Deep Neural Networks
    (2019), section III; A. Ciprijanovic et al., DeepAdversaries (2022), section 3.
    """

    kind: Literal["one_pixel"] = "one_pixel"
    sigmas: float = Setting(default=5.0, gt=0, le=1e6)

    def apply(self, images: Images, sigma: Array, uniform: Uniform) -> Columns:
        rows = np.arange(len(images))
        y, x = (
            np.floor(uniform(word) * size).astype(np.int64)
            for word, size in zip(("pixel_y_px", "pixel_x_px"), images.shape[1:], strict=True)
        )
        values = candidates(images, sigma, self.sigmas)
        first = np.floor(uniform("pixel_value") * values.shape[1]).astype(np.int64)
        original = images[rows, y, x].copy()
        value = _other(values, first, original)
        images[rows, y, x] = value
        new = {"pixel_value": value, "pixel_original": original}
        return {"pixel_x_px": x, "pixel_y_px": y, **new}


class Jpeg(Perturbation):
    """The image is compressed as JPEG does, after an asinh stretch: `deepbench_hf.noise.jpeg`.

    Args:
        quality: Q, from 1, the coarsest, to 100: a whole number, or a prior that gives such.
    """

    kind: Literal["jpeg"] = "jpeg"
    quality: NumberPrior

    @field_validator("quality")
    @classmethod
    def _is_whole(cls, quality: Any) -> Any:
        stepped = isinstance(quality, (Choice, Constant, Integers)) and quality.level is None
        values = getattr(quality, "values", quality.support)
        if not stepped or not all(float(v).is_integer() and 1 <= v <= 100 for v in values):
            raise ValueError("must be whole, 1 to 100: a number, choice or integers")
        return quality

    def apply(self, images: Images, sigma: Array, uniform: Uniform) -> Columns:
        if not np.all(sigma > 0):
            raise ValueError("jpeg stretches an image by its noise, and a row has none")
        quality = self.quality.quantile(uniform("jpeg_quality")).astype(np.int64)
        compress(images, sigma, quality)
        return {"jpeg_quality": quality}


PERTURBATIONS: dict[str, type[Perturbation]] = {
    "none": Untouched, "one_pixel": OnePixel, "jpeg": Jpeg,
}  # fmt: skip

AnyPerturbation = Annotated[Any, OneOf(PERTURBATIONS)]


def candidates(images: Images, sigma: Array, sigmas: float = 5.0) -> Images:
    """The values (n, 4) that one pixel may have: 0, the image's maximum, k sigma and -k sigma.

    Sigma (n,) is the standard deviation of an empty pixel, in the unit of the images (n, H, W).
    """
    step = sigmas * sigma
    values = [np.zeros_like(step), images.max(axis=(1, 2), initial=-np.inf), step, -step]
    return np.stack(values, axis=1).astype(np.float32)


PURPOSES = ("pixel_x_px", "pixel_y_px", "pixel_value", "jpeg_quality")
"""What perturbations draw uniform numbers for."""


def perturbed_columns(name: str, observed: Field) -> dict[str, Field]:
    """The columns that say what was done to an image, whatever its perturbation."""
    done = f"what was done to {name} after its noise"
    pixel = f"the pixel of {name} that was replaced"
    value, whole = observed.unit, cast(Any, {"dtype": "int64"})
    fields = {
        "perturbation": Field("1", done, names=tuple(PERTURBATIONS), **whole),
        "pixel_x_px": Field("pix", f"x of {pixel}, -1 for none", low=-1, **whole),
        "pixel_y_px": Field("pix", f"y of {pixel}, -1 for none", low=-1, **whole),
        tagged("pixel", "value", "1", value): Field(value, f"value of {pixel}, 0 for none"),
        tagged("pixel", "original", "1", value): Field(
            value, f"value that {pixel} had before, 0 for none"
        ),
        "jpeg_quality": Field(
            "1", f"quality of the compression of {name}, 1 to 100; 0 for none", low=0, **whole
        ),
    }
    return {of_image(name, word): field for word, field in fields.items()}


def perturb(
    columns: Mapping[str, Field], how: Perturbation, images: Images, sigma: Array, uniform: Uniform
) -> Columns:
    """Change observed images in place; the columns that say how, ``(n,)``.

    The columns are those of `perturbed_columns`; the images are ``(n, H, W)`` float32,
    C-contiguous, and sigma (n,) is the standard deviation of an empty pixel in their unit.

    Raises:
        ValueError: a row cannot be changed in this way.
    """
    done = {**how.NEUTRAL, **how.apply(images, sigma, uniform)}
    values = [list(PERTURBATIONS).index(how.kind), *done.values()]
    return {
        column: np.full(len(images), value, field.dtype)
        for (column, field), value in zip(columns.items(), values, strict=True)
    }


def _other(values: Images, first: Int64s, original: Images) -> Images:
    """From the first one on, in a circle, the first of the values that is not the original."""
    count = values.shape[1]
    order = (first[:, None] + np.arange(count)) % count
    turned = np.take_along_axis(values, order, axis=1)
    differs = turned != original[:, None]
    if not differs.any(axis=1).all():
        raise ValueError("no value changes a pixel of an image that is 0 everywhere, without noise")
    return turned[np.arange(len(values)), differs.argmax(axis=1)]
