"""Maps of the microwave background: temperature and polarisation, lensed and unlensed."""

from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.exact.constants import ARCMIN, DEGREE, FWHM
from deepbench_hf.exact.fourier import real_coefficients, real_series
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quantiles import exponential
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.cmb.spectra import spectra
from deepbench_hf.simulators.images import Picture, Size
from deepbench_hf.simulators.inputs import REALIZATION, filled
from deepbench_hf.simulators.kappa.modes import unit_modes

FINER, FINEST, FINE_PX_DEG = 4, 8, 25.6
"""Points of the fine grid for each pixel, in either direction: where there are so many pixels in a
degree that their shortest waves are damped, and where there are fewer."""
POINTS = 6
"""Points of the Lagrange interpolation on it, in either direction."""


def moved(real: Array, imaginary: Array, right: Array, down: Array, finer: int = FINER) -> Array:
    """The map X(x + d) whose values come from where the deflection d points to, (n, n).

    The coefficients (n, n / 2 + 1) of X, nothing at the Nyquist modes, padded with zeros, give the
    map on a grid ``finer`` times as fine, and Lagrange polynomials of six points in each direction
    the values between: within 5e-5 of the standard deviation of a map of the microwave background.
    The deflection along x and along y is in pixels, (n, n).
    """
    n = len(real)
    fine = [np.zeros((finer * n, finer * n // 2 + 1)) for _ in range(2)]
    for whole, part in zip(fine, (real, imaginary), strict=True):
        whole[: n // 2, : n // 2] = part[: n // 2, : n // 2]
        whole[1 - n // 2 :, : n // 2] = part[1 - n // 2 :, : n // 2]
    out = np.empty((n, n))
    _interpolate(real_series(*fine), right, down, finer, out)
    return out


@kernel
def _weights(t: float):
    """Lagrange weights of the points -2, -1, 0, 1, 2, 3 at t."""
    a, b, c, d, e, f = t + 2.0, t + 1.0, t, t - 1.0, t - 2.0, t - 3.0
    return (
        b * c * d * e * f / -120.0,
        a * c * d * e * f / 24.0,
        a * b * d * e * f / -12.0,
        a * b * c * e * f / 12.0,
        a * b * c * d * f / -24.0,
        a * b * c * d * e / 120.0,
    )


@kernel
def _interpolate(fine: Array, right: Array, down: Array, finer: int, out: Array) -> None:
    size, n = fine.shape[0], out.shape[0]
    around = size - 1  # size is a power of two, and its multiples are taken off by a mask
    for y in range(n):
        for x in range(n):
            at_x, at_y = finer * (x + right[y, x]), finer * (y + down[y, x])
            column, row = int(np.floor(at_x)), int(np.floor(at_y))
            along, across = _weights(at_x - column), _weights(at_y - row)
            total = 0.0
            for j in range(POINTS):
                line, part = fine[(row + j - 2) & around], 0.0
                for i in range(POINTS):
                    part += along[i] * line[(column + i - 2) & around]
                total += across[j] * part
            out[y, x] = total


_LENSED = ("temperature_uK", "q_uK", "u_uK")


class LensedBackground(Picture):
    r"""The microwave background on a flat periodic patch, deflected by a lens.

    Temperature T and polarisation E are Gaussian with correlated modes, B is zero, and the lensing
    potential phi is an independent Gaussian field of power A_L C^phiphi:

        Q + i U   has modes  a_E e^(2 i phi_l),
        X~(x)     = X(x + grad phi(x))  for X = T, Q, U,
        kappa     = -laplace phi / 2.

    The sky is flat: polarisation is not turned by parallel transport. Then a Gaussian beam.

    Args:
        realization: number of the realization, (n,).
        lensing_amplitude: A_L, (n,).
        beam_fwhm_arcmin: of the beam, arcmin, (n,); 0 for none.
        image_size: a square of 32, 64, 128 or 256 pixels.
        side_deg: side of the patch, degrees.

    Returns:
        temperature_uK, q_uK, u_uK (n, H, W): lensed; temperature_unlensed_uK, e_unlensed_uK and
        kappa (n, H, W); all float32.

    Accuracy: the lensed maps to 5e-5 of their standard deviation, at any size and side.

    Source: A. Lewis and A. Challinor, Phys. Rept. 429 (2006) 1, arXiv:astro-ph/0601594, for the
    lensing; J. Caldeira et al., DeepCMB, Astron. Comput. 28 (2019) 100307, arXiv:1810.01483, for
    what is learnt from such maps; spectra as in `spectra.spectra`.
    """

    kind: Literal["cmb_lensing"] = "cmb_lensing"
    parameters: ClassVar[Parameters] = {
        "realization": REALIZATION,
        "lensing_amplitude": Parameter(
            "1", "factor of the power of the lensing potential", 0, 10, 1.0, symbol="A_L"
        ),
        "beam_fwhm_arcmin": Parameter(
            "arcmin", "full width at half maximum of the beam", 0, 60, 0.0, symbol=r"\theta_b"
        ),
    }
    SIDES: ClassVar[tuple[int, ...]] = (32, 64, 128, 256)
    image_size: Size = (128, 128)
    side_deg: Annotated[float, pydantic.Field(ge=1, le=12)] = 5.0

    @property
    def columns(self) -> Fields:
        size = (self.image_size, "float32")
        return {
            "temperature_uK": Field("uK", "lensed temperature", *size, signed=True),
            "q_uK": Field("uK", "lensed Stokes parameter Q", *size, signed=True),
            "u_uK": Field("uK", "lensed Stokes parameter U", *size, signed=True),
            "temperature_unlensed_uK": Field("uK", "unlensed temperature", *size, signed=True),
            "e_unlensed_uK": Field("uK", "unlensed E polarisation", *size, signed=True),
            "kappa": Field("1", "convergence of the lens", *size, signed=True),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        count, fields = len(row["realization"]), self.columns
        found = {k: np.empty((count, *f.shape), np.float32) for k, f in fields.items()}
        for i in range(count):
            amplitude, beam = row["lensing_amplitude"][i], row["beam_fwhm_arcmin"][i]
            maps = self._maps(row["realization"][i : i + 1], amplitude, beam)
            for name, values in zip(fields, maps, strict=True):
                found[name][i] = values
        return found

    @property
    def sensitive(self) -> tuple[str, ...]:
        """Amplitude of the lens and width of the beam, for a given realization."""
        return tuple(self.parameters)[1:]

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the maps: by A_L those along the deflection, 0 where there is none.

        dX~ / dA_L = (grad X)(x + d) . d / 2 A_L,  d = grad phi.
        """
        row = filled(self.parameters, inputs)
        count, fields = len(row["realization"]), self.columns
        found = {
            name: {own: np.zeros((count, *field.shape)) for own in self.sensitive}
            for name, field in fields.items()
        }
        for i in range(count):
            amplitude, beam = (float(row[name][i]) for name in self.sensitive)
            sky = self._sky(row["realization"][i : i + 1], amplitude)
            half = 0.5 / amplitude if amplitude > 0.0 else 0.0
            for name, modes in zip(_LENSED, sky.sources, strict=True):
                along = sky.right * self._moved_gradient(modes, sky, 0)
                along += sky.down * self._moved_gradient(modes, sky, 1)
                by_beam = self._bent(modes, sky)
                found[name]["lensing_amplitude"][i] = self._blurred(half * along, sky, beam)
                found[name]["beam_fwhm_arcmin"][i] = self._blurred(by_beam, sky, beam, slope=True)
            kappa = real_series(*(0.5 * sky.square * part for part in sky.phi))
            found["kappa"]["lensing_amplitude"][i] = half * kappa
        return found

    def _moved_gradient(self, modes: list[Array], sky: "_Sky", axis: int) -> Array:
        """The derivative of a map along x or y, for a pixel, where the deflection points to."""
        wave = (self.side_deg * DEGREE / self.image_size[0]) * sky.waves[axis]
        return self._bent([-wave * modes[1], wave * modes[0]], sky)

    def _bent(self, modes: list[Array], sky: "_Sky") -> Array:
        """A map whose values come from where the deflection points to."""
        fine = self.image_size[0] >= FINE_PX_DEG * self.side_deg
        return moved(modes[0], modes[1], sky.right, sky.down, FINER if fine else FINEST)

    def _blurred(self, field: Array, sky: "_Sky", beam: float, slope: bool = False) -> Array:
        """A map behind a beam, or its derivative by the width of that, 1 / arcmin."""
        sigma, unit = beam * ARCMIN / FWHM, ARCMIN / FWHM
        if sigma == 0.0:
            return np.zeros_like(field) if slope else field
        factor = beam_factor(sky.square, sigma)
        if slope:
            factor = -factor * (sky.square + np.sqrt(sky.square)) * sigma * unit
        return real_series(*(factor * part for part in real_coefficients(field)))

    def _maps(self, realization: NDArray, amplitude: float, beam: float) -> tuple[Array, ...]:
        sky = self._sky(realization, amplitude)
        lensed = [self._blurred(self._bent(modes, sky), sky, beam) for modes in sky.sources]
        bend = 0.5 * sky.square
        rest = (sky.sources[0], sky.e_mode, [bend * part for part in sky.phi])
        return *lensed, *(real_series(a, b) for a, b in rest)

    def _sky(self, realization: NDArray, amplitude: float) -> "_Sky":
        power = spectra(self.image_size[0], self.side_deg)
        shape = power.temperature.shape
        one, two, lens = (
            unit_modes(shape, realization, f"microwave background {purpose}")
            for purpose in ("temperature", "polarisation", "potential")
        )
        other = np.sqrt((1.0 - power.correlation) * (1.0 + power.correlation))
        t_mode = [np.sqrt(power.temperature) * part for part in one]
        e_mode = [
            np.sqrt(power.e_mode) * (power.correlation * a + other * b)
            for a, b in zip(one, two, strict=True)
        ]
        phi = [np.sqrt(amplitude * power.potential) * part for part in lens]
        square = power.l_x * power.l_x + power.l_y * power.l_y
        turn = np.where(square > 0.0, square, 1.0)
        cosine = (power.l_x * power.l_x - power.l_y * power.l_y) / turn
        sine = 2.0 * power.l_x * power.l_y / turn
        pixel, waves = self.side_deg * DEGREE / self.image_size[0], (power.l_x, power.l_y)
        right, down = (real_series(-wave * phi[1] / pixel, wave * phi[0] / pixel) for wave in waves)
        sources = (t_mode, [cosine * a for a in e_mode], [sine * a for a in e_mode])
        return _Sky(sources, e_mode, phi, right, down, square, waves)


class _Sky(NamedTuple):
    """A sky before it is lensed, as coefficients, and the lens.

    Args:
        sources: T, Q and U.
        e_mode, phi: E, and the potential.
        right, down: deflections, pixels, (n, n).
        square: l^2 of each coefficient.
        waves: l_x and l_y.
    """

    sources: tuple[list[Array], ...]
    e_mode: list[Array]
    phi: list[Array]
    right: Array
    down: Array
    square: Array
    waves: tuple[Array, Array]


def beam_factor(square: Array, sigma: float) -> Array:
    """e^(-l (l + 1) sigma^2 / 2) of every mode, from l^2; sigma in radians."""
    spread = square + np.sqrt(square)
    return exponential((-0.5 * spread * sigma * sigma).ravel()).reshape(square.shape)
