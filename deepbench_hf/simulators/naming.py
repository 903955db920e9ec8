"""Names of columns: a word of the field, and the suffix of its unit."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["of_image", "squared", "tagged", "unit_suffix", "word_of"]


@lru_cache  # every block of rows asks for dozens of names
def unit_suffix(unit: str) -> str:
    """The end of a column's name for its unit: ``"m s-2"`` gives ``"m_s2"``, ``"1"`` gives ``""``.

    >>> unit_suffix("kg m2 s-1"), unit_suffix("s-1"), unit_suffix("1")
    ('kg_m2_s', '1_s', '')
    >>> unit_suffix("pix2"), unit_suffix("electron s-1 pix-1")
    ('px2', 'e_s_px')
    """
    if unit == "1":
        return ""
    words = unit.replace("electron", "e").replace("pix", "px").split()
    above = [word for word in words if "-" not in word] or ["1"]
    below = [word.replace("-1", "").replace("-", "") for word in words if "-" in word]
    return "_".join(above + below)


def of_image(name: str, word: str) -> str:
    """A column that tells of an image: the plain word, with the name of another than ``image``.

    >>> of_image("image", "snr"), of_image("u_image", "snr")
    ('snr', 'u_image_snr')
    """
    return word if name == "image" else f"{name}_{word}"


def squared(unit: str) -> str:
    """The unit of a variance.

    >>> squared("m"), squared("kg m2 s-1"), squared("1")
    ('m2', 'kg2 m4 s-2', '1')
    """
    if unit == "1":
        return unit
    parts = [re.fullmatch(r"([A-Za-z]+)(-?[0-9]*)", word) for word in unit.split()]
    return " ".join(f"{part[1]}{2 * int(part[2] or 1)}" for part in parts if part)


def word_of(name: str, unit: str) -> str:
    """A column's name without the suffix of its unit.

    >>> word_of("gravity_m_s2", "m s-2")
    'gravity'
    """
    suffix = unit_suffix(unit)
    return name.removesuffix(f"_{suffix}") if suffix else name


@lru_cache(4096)
def tagged(name: str, tag: str, unit: str, new_unit: str) -> str:
    """A column's name with another word and unit.

    >>> tagged("x_m", "noise_sigma", "m", "m")
    'x_noise_sigma_m'
    """
    return "_".join(filter(None, (word_of(name, unit), tag, unit_suffix(new_unit))))
