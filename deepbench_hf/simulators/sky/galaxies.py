"""Stars and galaxies, blurred by a point-spread function: one in an image, or a scene of several.

Pixels are electrons a second: the mean of the blurred surface brightness over the unit square.

    star        I = A (1 + r^2 / gamma^2)^-beta,  FWHM = 2 gamma sqrt(2^(1 / beta) - 1)
    elliptical  I = I_e exp(-b_n ((r / r_e)^(1 / n) - 1)),  r^2 = u^2 + (v / q)^2
    spiral      I = I_0 exp(-r / h) exp(k cos chi) / I0(k), a density wave in the plane of the disc,
                plus a Sersic bulge
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import pydantic

from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter
from deepbench_hf.simulators.images import MOST_OBJECTS, class_of, count_up_to
from deepbench_hf.simulators.inputs import packed
from deepbench_hf.simulators.sky.frame import PSF, TOLD, SingleObject, SkyFrame
from deepbench_hf.simulators.sky.objects import BENDING, DISC, KINDS, PLACE, SERSIC, STAR


class Star(SingleObject):
    """A star with a Moffat profile.

    I = A (1 + r^2 / gamma^2)^-beta, flux = pi gamma^2 A / (beta - 1).

    Args:
        center_x_px, center_y_px: centre, pixels, (n,).
        flux_e_s: flux, electrons/s, (n,).
        fwhm_px: full width at half maximum, 2 gamma sqrt(2^(1 / beta) - 1), pixels, (n,).
        beta: exponent, (n,).
        psf_fwhm_px, psf_beta: of the point-spread function that blurs the image, (n,).

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: A. F. J. Moffat, Astronomy and Astrophysics 3 (1969) 455.
    """

    kind: Literal["sky_star"] = "sky_star"
    only_kind: ClassVar[str] = "star"
    parameters: ClassVar[Mapping[str, Parameter]] = {**PLACE, **STAR, **PSF}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All of the star, and the width of what blurs it."""
        return (*PLACE, *STAR, *self.optics)


class Elliptical(SingleObject):
    """An elliptical galaxy with a Sersic profile, integrated over its cusp.

    I = I_e exp(-b_n ((r / r_e)^(1 / n) - 1)), P(2 n, b_n) = 1/2,
    flux = 2 pi r_e^2 q I_e n e^b_n b_n^(-2 n) Gamma(2 n).

    Args:
        center_x_px, center_y_px, flux_e_s, psf_fwhm_px, psf_beta: as `Star`.
        half_light_radius_px: r_e, semi-major axis of the half-light ellipse, pixels, (n,).
        sersic_index: n, (n,).
        axis_ratio: q, minor over major axis, (n,).
        angle_deg: of the major axis, degrees, (n,).

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: A. W. Graham, S. P. Driver, Publications of the Astronomical Society of Australia 22
    (2005) 118, equations 1 to 4.
    """

    kind: Literal["sky_elliptical"] = "sky_elliptical"
    only_kind: ClassVar[str] = "elliptical"
    parameters: ClassVar[Mapping[str, Parameter]] = {**PLACE, **SERSIC, **PSF}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All of the galaxy, and the width of what blurs it."""
        return (*PLACE, *SERSIC, *self.optics)


class _WithArms(SingleObject):
    """What may have arms answers to all parameters of a spiral."""

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All continuous parameters, and the width of what blurs the image."""
        return (*PLACE, *SERSIC, *BENDING, *self.optics)


class Spiral(_WithArms):
    """A spiral galaxy: an exponential disc with arms and a bulge, seen at an angle.

    The arms are a density wave: in the plane of the disc

        I = I_disc(r) exp(k cos chi) / I0(k),  chi = M (s (theta - phase) - phi(r)),
        k = K exp(-w^2 |grad chi|^2 / 2),

    I0 being Bessel's function, so that the flux and the profile over rings are those of the disc.
    Crests are logarithmic, phi = ln(r / h) / tan(pitch), follow Ringermacher and Mead,
    phi = 2 N arctan(B exp(-A / r)), or Archimedes, phi = r / A.

    Args:
        center_x_px, center_y_px, flux_e_s, psf_fwhm_px, psf_beta: as `Star`.
        half_light_radius_px, sersic_index: of the bulge; axis_ratio, angle_deg: of the whole.
        scale_length_px: h of the disc, pixels, (n,).
        bulge_fraction: share of the bulge in the flux, (n,).
        arm_model: 0 logarithmic, 1 Ringermacher-Mead, 2 Archimedean, (n,).
        arms, handedness: M, and s = 1 or -1, (n,).
        arm_phase_deg: azimuth of an arm in the disc, from the major axis, degrees, (n,).
        pitch_deg, winding, sweep: pitch angle, N and B, (n,).
        arm_scale_px: A, pixels, (n,).
        arm_strength, arm_width_px: K, and w, what the wave is smoothed over, pixels, (n,).

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: C. C. Lin, F. H. Shu, On the spiral structure of disk galaxies, Astrophysical Journal
    140 (1964) 646, for arms as a wave; H. I. Ringermacher, L. R. Mead, Monthly Notices of the Royal
    Astronomical Society 397 (2009) 164, equation 7, with phi counted outwards and the natural
    logarithm. The form exp(k cos chi) and the smoothing are ours.
    """

    kind: Literal["sky_spiral"] = "sky_spiral"
    only_kind: ClassVar[str] = "spiral"
    parameters: ClassVar[Mapping[str, Parameter]] = {**PLACE, **SERSIC, **DISC, **PSF}


class Galaxy(_WithArms):
    """A galaxy that is elliptical or spiral: what `Elliptical` or `Spiral` gives.

    Args:
        label: 0 elliptical, 1 spiral, (n,); the parameters are those of both.

    Returns:
        image (n, H, W) float32, electrons/s/pixel; flux_fraction (n,).

    Source: as `Elliptical` and `Spiral`.
    """

    kind: Literal["sky_galaxy"] = "sky_galaxy"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "label": class_of(KINDS[1:]),
        **Spiral.parameters,
    }


class SkyScene(SkyFrame):
    """Several stars and galaxies: the sum of their light.

    Args:
        n_objects: number of objects, (n,).
        objects: records of ``kind`` and of the parameters of `Star`, `Elliptical` and `Spiral`,
            (n, K).
        psf_fwhm_px, psf_beta: as `Star`.
        max_objects: K, the most that a row can have.

    Returns:
        image (n, H, W) float32, electrons/s/pixel; objects: records of flux_fraction, (n, K).

    Source: as the single objects.
    """

    kind: Literal["sky_scene"] = "sky_scene"
    parameters: ClassVar[Mapping[str, Parameter]] = {COUNT: count_up_to(), **PSF}
    objects: ClassVar[Mapping[str, Parameter]] = {
        "kind": class_of(KINDS),
        **PLACE,
        **STAR,
        **SERSIC,
        **DISC,
    }
    max_objects: Annotated[int, pydantic.Field(ge=1, le=MOST_OBJECTS)] = 8

    @property
    def most_objects(self) -> int:
        return self.max_objects

    @property
    def object_fields(self) -> Mapping[str, Field]:
        """How much of each object's flux the image holds."""
        return TOLD

    def __call__(self, **inputs: Any) -> Columns:
        """The image of the scene."""
        image, told = self.seen(inputs)
        return {"image": image, OBJECTS: packed(told)}
