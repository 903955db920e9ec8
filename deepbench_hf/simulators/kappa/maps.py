"""Convergence maps of weak lensing on a flat periodic patch, Gaussian and lognormal."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact import quantiles
from deepbench_hf.exact.kernel import Array, Array32, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports
from deepbench_hf.simulators.images import Picture
from deepbench_hf.simulators.inputs import REALIZATION, filled
from deepbench_hf.simulators.kappa import modes

PURPOSE = "convergence"
"""Both models have the same waves, and so have realizations of the same number."""

TOGETHER = 8
"""Rows whose random numbers are made by one call, which takes as long as those of one small map."""

STRONGEST = 2e4
"""Largest amplitude / shift^2: then 1 + xi / shift^2 is positive at any tilt and side."""

MOMENTS = {
    "kappa_sigma": Field(
        "1", "standard deviation of a pixel, over all realizations", low=0.0, role="label"
    )
}


class Convergence(Picture):
    """A map of the convergence on a square patch whose opposite edges meet.

    Args:
        side_deg: side of the patch, degrees, whatever the number of pixels.
    """

    moments: ClassVar[Fields] = MOMENTS

    SIDES: ClassVar[tuple[int, ...]] = (16, 32, 64, 128, 256, 512)
    side_deg: Annotated[float, pydantic.Field(ge=1, le=18)] = 3.5

    @property
    def columns(self) -> Fields:
        picture = Field("1", "convergence", self.image_size, "float32", signed=True)
        return {**self.moments, "image": picture}

    def _maps(self, rows: Columns) -> Columns:
        """Row by row, so that memory holds one map in float64, and the numbers of some."""
        count = len(rows["realization"])
        fields = self.columns.items()
        found = {name: np.empty((count, *field.shape), field.dtype) for name, field in fields}
        numbers = np.empty((0, 0), np.float32)
        for i in range(count):
            one = {name: float(values[i]) for name, values in rows.items()}
            if i % TOGETHER == 0:
                some = rows["realization"][i : i + TOGETHER]
                numbers = modes.draws(self.image_size[0], some, PURPOSE)
            for name, value in self._map(one, numbers[i % TOGETHER]).items():
                found[name][i] = value
        return found

    def _map(self, row: Mapping[str, float], numbers: Array32) -> Mapping[str, Any]:
        raise NotImplementedError

    def _density(self, row: Mapping[str, float], image: NDArray) -> float:
        """Logarithm of the density of one map."""
        raise NotImplementedError

    def log_likelihood(self, rows: Columns) -> NDArray:
        """Of the maps in their modes, ``(n,)``."""
        known = {name: values for name, values in rows.items() if name in self.parameters}
        own, images = filled(self.parameters, known), rows["image"]
        one_by_one = (
            {name: float(values[i]) for name, values in own.items()} for i in range(len(images))
        )
        pairs = zip(one_by_one, images, strict=True)
        return np.array([self._density(row, image) for row, image in pairs])

    def _spectrum(self, row: Mapping[str, float]) -> tuple[int, float, float, float]:
        """What the spectrum of the convergence depends on."""
        return self.image_size[0], self.side_deg, row["amplitude"], row["tilt"]

    def __call__(self, **inputs: Any) -> Columns:
        return self._maps(filled(self.parameters, inputs))


class GaussianConvergence(Convergence):
    r"""A Gaussian random field with the power spectrum of the convergence.

        <kappa(l) kappa*(l')> = (2 pi)^2 delta(l - l') A C(l) (l / 1000)^n_t

    The mean of the patch, l = 0, is zero. Values are those at points, side / n apart.

    Args:
        realization: number of the realization, (n,).
        amplitude: A, (n,).
        tilt: n_t, (n,); 0 by default.

    Returns:
        image (n, H, W) float32: kappa; kappa_sigma (n,): its standard deviation.

    Source: M. Mustafa et al., CosmoGAN (2019), for what is simulated; the spectrum as in
    `modes.power`.
    """

    kind: Literal["kappa_gaussian"] = "kappa_gaussian"
    parameters: ClassVar[Parameters] = {
        "realization": REALIZATION,
        "amplitude": Parameter("1", "factor of the power spectrum", 1e-3, 1e3, symbol="A"),
        "tilt": Parameter(
            "1", "added to the slope of the power spectrum, about l = 1000", -0.5, 0.5, 0.0,
            symbol="n_t",
        ),
    }  # fmt: skip

    def _density(self, row: Mapping[str, float], image: NDArray) -> float:
        return modes.density_of_modes(image, modes.gaussian(*self._spectrum(row)).variance)

    def _map(self, row: Mapping[str, float], numbers: Array32) -> Mapping[str, Any]:
        spectrum = modes.gaussian(*self._spectrum(row))
        field = modes.gaussian_field(spectrum.variance, numbers)
        return {"image": field, "kappa_sigma": np.sqrt(spectrum.total)}


class LognormalConvergence(Convergence):
    r"""A lognormal random field with the power spectrum of the convergence, never below -lambda.

        kappa = lambda (e^(g - s^2 / 2) - 1),  xi_g = ln(1 + xi_kappa / lambda^2)

    with g Gaussian of variance s^2. The mean is 0, the variance lambda^2 (e^(s^2) - 1), the
    skewness (e^(s^2) + 2) sqrt(e^(s^2) - 1), over all realizations.

    Args:
        realization: number of the realization, (n,); the same waves as the Gaussian map's.
        amplitude: A, (n,).
        tilt: n_t, (n,); 0 by default.
        shift: lambda, (n,).

    Returns:
        image (n, H, W) float32: kappa; kappa_sigma (n,): its standard deviation; log_sigma (n,):
        s; clipped_fraction (n,): the share of the power of g that came out negative and was left
        out, that of l = 0 included.

    Source: P. Coles and B. Jones, A lognormal model for the cosmological mass distribution (1991);
    the spectrum as in `modes.power`.
    """

    kind: Literal["kappa_lognormal"] = "kappa_lognormal"
    parameters: ClassVar[Parameters] = {
        **GaussianConvergence.parameters,
        "shift": Parameter("1", "depth of the lowest values", 1e-3, 10, symbol=r"\lambda"),
    }
    moments: ClassVar[Fields] = {
        **MOMENTS,
        "log_sigma": Field(
            "1", "standard deviation of the Gaussian field inside", low=0.0, role="label"
        ),
        "clipped_fraction": Field(
            "1", "share of power that was negative, and left out", low=0.0, role="label"
        ),
    }

    def refuse(self, supports: Supports) -> str | None:
        """A lognormal field cannot have any correlation."""
        return _too_strong(supports["amplitude"][1], supports["shift"][0])

    def __call__(self, **inputs: Any) -> Columns:
        rows = filled(self.parameters, inputs)
        for amplitude, shift in zip(rows["amplitude"], rows["shift"], strict=True):
            if reason := _too_strong(amplitude, shift):
                raise ValueError(reason)
        return self._maps(rows)

    def _density(self, row: Mapping[str, float], image: NDArray) -> float:
        """By the modes of its logarithm, without their mean; -inf where it goes too deep."""
        shift, above = row["shift"], np.asarray(image, np.float64) + row["shift"]
        if _too_strong(row["amplitude"], shift) or not (above > 0.0).all():
            return -np.inf
        logarithm = np.log(above)
        variance = modes.lognormal(*self._spectrum(row), shift).variance
        density = modes.density_of_modes(logarithm - logarithm.mean(), variance)
        return density - float(logarithm.sum())

    def _map(self, row: Mapping[str, float], numbers: Array32) -> Mapping[str, Any]:
        shift, spectrum = row["shift"], modes.lognormal(*self._spectrum(row), row["shift"])
        field = modes.gaussian_field(spectrum.variance, numbers)
        image = np.empty(field.shape, np.float32)
        _grow(field, 0.5 * spectrum.total, shift, image)
        (growth,) = quantiles.exponential(np.array([spectrum.total]))
        return {
            "image": image,
            "kappa_sigma": shift * np.sqrt(growth - 1.0),
            "log_sigma": np.sqrt(spectrum.total),
            "clipped_fraction": spectrum.clipped,
        }


@kernel
def _grow(field: Array, half: float, shift: float, image: Array32) -> None:
    """Fill in the lognormal field shift (e^(g - half) - 1) of a Gaussian one, (n, n)."""
    for y in range(field.shape[0]):
        for x in range(field.shape[1]):
            exponent = min(max(field[y, x] - half, -700.0), 700.0)
            image[y, x] = np.float32(shift * (exact.exp(exponent) - 1.0))


def _too_strong(amplitude: float, shift: float) -> str | None:
    """Why no lognormal field has this amplitude and shift; None where there is one."""
    if amplitude <= STRONGEST * shift * shift:
        return None
    got = f"amplitude = {amplitude:g} with shift = {shift:g} is no lognormal field's"
    return f"{got}; accepted is an amplitude up to {STRONGEST:g} shift^2"
