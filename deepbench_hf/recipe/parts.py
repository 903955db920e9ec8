"""The small parts of a recipe, and its sections as far as they can be read."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from deepbench_hf.errors import did_you_mean, short
from deepbench_hf.model import Model, OneOf
from deepbench_hf.noise import NOISES
from deepbench_hf.noise.detector import Detector
from deepbench_hf.priors import PRIORS, Constant
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import all_parameters, objects_of

Problem = tuple[tuple[Any, ...], str]
"""The path of an entry, and what is wrong with it."""

LARGEST = 10**12
"""Rows of a split."""

READ_PRIOR = OneOf(PRIORS, number=lambda value: Constant(value=value))
READ_NOISE = OneOf(NOISES)
READ_SIMULATOR = OneOf(SIMULATORS)


def mapping(data: Mapping[str, Any], key: str) -> dict:
    """A section; empty where it is missing or is no mapping."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def read(reader: OneOf, raw: Any) -> Any:
    """The model that ``raw`` describes, or None: its own problems are reported elsewhere."""
    try:
        return reader.read(raw)
    except (ValidationError, ValueError):
        return None


class Level(Model):
    """A level of a hierarchy: groups of rows that share draws, such as the planet they are on.

    Args:
        rows: consecutive rows in a group, or ``all`` for one group that holds every row.
        truths: the split whose groups these are; None for the split's own.
    """

    rows: int | Literal["all"]
    truths: str | None = None

    @field_validator("rows", mode="before")
    @classmethod
    def _counts(cls, rows: Any) -> Any:
        whole = isinstance(rows, int) and not isinstance(rows, bool)
        if rows == "all" or (whole and 1 <= rows <= LARGEST):
            return rows
        raise ValueError(f"must be 1 to {LARGEST} rows, or 'all'; got {short(rows)}")


class Reference(Model):
    """That rows are reference posteriors of those that the rest of the recipe makes.

    Args:
        draws: of each posterior.
        proposals: weighted points of which they are drawn.
        level: whose groups of rows are inferred together, all of them given what all measured;
            None where each row is seen alone.
    """

    draws: int = Field(default=1000, ge=1, le=10**6)
    proposals: int = Field(default=20_000, ge=100, le=10**8)
    level: str | None = None


LICENSES = (
    *("cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0"),
    *("cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0"),
    *("cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0"),
    *("cc-by-nc-sa-4.0", "cc", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0"),
    *("c-uda", "etalab-2.0", "odbl", "odc-by", "pddl", "apache-2.0", "mit", "bsd", "bsd-2-clause"),
    *("bsd-3-clause", "bsd-3-clause-clear", "isc", "zlib", "bsl-1.0", "ncsa", "postgresql"),
    *("unlicense", "wtfpl", "afl-3.0", "artistic-2.0", "ecl-2.0", "epl-1.0", "epl-2.0"),
    *("eupl-1.1", "gfdl", "gpl", "gpl-2.0", "gpl-3.0", "agpl-3.0", "lgpl", "lgpl-2.1"),
    *("lgpl-3.0", "lgpl-lr", "lppl-1.3c", "ms-pl", "mpl-2.0", "ofl-1.1", "osl-3.0", "unknown"),
)
"""What the Hub calls licences of data and code (docs, Repositories, Licenses); ``other`` would need
a name and a link beside it."""


class Card(Model):
    """What a card says of whoever made a recipe; decides no byte.

    Args:
        title: of a repository that holds such recipes alone.
        authors: their names.
        license: in the Hub's words, one of `LICENSES`, such as ``cc-by-4.0``.
        citation: an entry of BibTeX.
    """

    title: str = ""
    authors: tuple[str, ...] = Field(default=(), strict=False)
    license: str = ""
    citation: str = ""

    @field_validator("license")
    @classmethod
    def _is_known(cls, word: str) -> str:
        if word and word not in LICENSES:
            known = did_you_mean(word, LICENSES)
            raise ValueError(f"the Hub knows no license {short(word)}; {known}")
        return word


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
    reach |= {name: prior.support for name, prior in priors.items() if prior is not None}
    flux = reach.get("flux_e_s", (0.0, 0.0))[1]
    magnitudes = [reach[name][0] for name in ("r_mag", "second_r_mag") if name in reach]
    if magnitudes and "zero_point_mag" in reach:
        flux = sum(10 ** min(0.4 * (reach["zero_point_mag"][1] - one), 300) for one in magnitudes)
    objects = getattr(simulator, "max_objects", 1) if objects_of(simulator) else 1
    most = objects * flux * exposure
    if most <= noise.MOST_ELECTRONS:
        return None
    hint = "lower the flux or the exposure"
    return f"may count {most:.2g} electrons in a pixel, of at most {noise.MOST_ELECTRONS:g}; {hint}"
