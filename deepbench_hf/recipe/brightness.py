"""How bright the brightest image of a recipe may be, told before any is made."""

from collections.abc import Mapping
from typing import Any

from deepbench_hf.noise.detector import Detector
from deepbench_hf.recipe.parts import READ_PRIOR, read
from deepbench_hf.simulators.base import all_parameters, objects_of


def refuse_light(noise: Any, priors: Mapping[str, Any], simulator: Any) -> str | None:
    """Why a detector could not hold the light of what priors reach; None if it can.

    All light of all objects in one pixel is the most there can be:
    ``n F t`` electrons, with ``F = 10^(0.4 (m_0 - m))`` where magnitudes are given.
    """
    exposure = isinstance(noise, Detector) and noise.exposure_s.support[1]
    if not exposure:
        return None
    reach = {
        name: (parameter.default, parameter.default)
        for name, parameter in all_parameters(simulator).items()
        if parameter.default is not None
    }
    found = {name: read(READ_PRIOR, raw) for name, raw in priors.items()}
    reach |= {name: prior.support for name, prior in found.items() if prior is not None}
    flux = reach.get("flux_e_s", (0.0, 0.0))[1]
    magnitudes = [reach[name][0] for name in ("r_mag", "second_r_mag") if name in reach]
    if magnitudes and "zero_point_mag" in reach:
        flux = sum(10 ** (0.4 * (reach["zero_point_mag"][1] - one)) for one in magnitudes)
    objects = getattr(simulator, "max_objects", 1) if objects_of(simulator) else 1
    most = objects * flux * exposure
    if most <= noise.MOST_ELECTRONS:
        return None
    hint = "lower the flux or the exposure"
    return f"may count {most:.2g} electrons in a pixel, of at most {noise.MOST_ELECTRONS:g}; {hint}"
