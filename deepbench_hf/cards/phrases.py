"""Priors, noises and units in the words of a card's tables."""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from deepbench_hf.fields import Field
from deepbench_hf.priors import Choice, Classes, Conditional, Constant, Prior, UniformPieces

GLUE = "\N{NO-BREAK SPACE}"
POWERS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

EQUATIONS: Mapping[str, str] = {
    "gaussian": r"\tilde v = v + \sigma z",
    "heteroscedastic": r"\tilde v_i = v_i + \sigma_i z_i",
    "relative_gaussian": r"\tilde v = v + \sigma z,\ \sigma = \epsilon \max\lvert v \rvert",
    "log_normal": r"\tilde v = v e^{\sigma z}",
    "truncated_gaussian": r"\tilde v = v + \sigma z,\ z \text{ drawn again until } \tilde v"
    r" \text{ is valid}",
    "detector": r"\tilde v = N/t - B_{\mathrm{sky}},\ N = \mathrm{Poisson}"
    r"(t (v + B_{\mathrm{sky}})) + \sigma_{\mathrm{read}} z",
    "poisson": r"\tilde v = N/n - B,\ N = \mathrm{Poisson}(n (v + B))",
    "counts": r"\tilde v = \mathrm{Poisson}(v)",
    "resolution": r"\tilde v = v + \sigma z,\ \sigma^2 = a^2 v + b^2 v^2 + c^2",
    "tracker": r"\tilde p = p (1 + s z_1),\ s^2 = a^2 + b^2 p^2,"
    r"\ \text{turned by } \sigma_\theta z_{2,3}",
    "readout": r"\tilde v = \Delta \lfloor (g v + c + \sigma z) / \Delta \rceil,"
    r"\ g = 1 + \sigma_g z \text{ of a wire},\ c \text{ of 32 wires}",
}
"""What each noise does to a clean value v, with z standard normal."""


PERTURBED: Mapping[str, Callable[[Any], str]] = {
    "none": lambda of: "as it was observed",
    "one_pixel": lambda of: (
        "one pixel at random replaced by 0, the largest value or"
        f" ±{_number(of.sigmas)} standard deviations of an empty pixel"
    ),
    "jpeg": lambda of: f"compressed as JPEG does, quality {prior(of.quality)}",
}
"""What each perturbation does to an observed image."""


def maths(text: str) -> str:
    """A formula inside a line, as the Hub typesets it."""
    return rf"\\( {text} \\)" if text else ""


def unit(text: str) -> str:
    """A unit as people write it.

    >>> unit("kg-1"), unit("1"), unit("MeV(1/2)")
    ('kg⁻¹', '1', '√MeV')
    """
    text = re.sub(r"(\w+)\(1/2\)", r"√\1", text)
    return text if text == "1" else text.translate(POWERS).replace(" ", GLUE)


def cell(text: str) -> str:
    r"""A sentence on one line, none of whose signs ends a cell of a table.

    >>> cell("a | b")
    'a \\| b'
    """
    return " ".join(text.replace("|", "\\|").split())


def plain(text: Any) -> str:
    r"""A sentence that somebody else wrote: on one line, without HTML, links and comments.

    >>> plain("x < 1 | [a](http://b) <!-- c -->")
    'x &lt; 1 \\| \\[a\\](http://b) &lt;!-- c --&gt;'
    """
    escaped = escape(str(text), quote=False)
    return cell(escaped.replace("[", "\\[").replace("]", "\\]"))


def kind_of_value(field: Field) -> str:
    """The type of a column's values, and their shape."""
    if field.fields:
        return f"list of up to {field.shape[0]} records"
    shape = "[" + ", ".join(map(str, field.shape)) + "]" if field.shape else ""
    return ("class" if field.names else field.type_name) + shape


def prior(of: Prior, between: str = "; ") -> str:
    """A distribution with its range; ``between`` parts the cases of one that depends on a class.

    >>> from deepbench_hf.priors import Uniform
    >>> prior(Uniform(low=0.5, high=10)), prior(Constant(value=2.0))
    ('uniform, 0.5 to 10', 'always 2')
    """
    if isinstance(of, Conditional):
        text = between.join([f"by `{of.given}`", *_cases(of)])
    else:
        text = f"{_name(of)} {_reach(of)}"
    return f"{text}; one draw for each {of.level}" if of.level else text


def _name(of: Any) -> str:
    """The words before the range."""
    return NAMES[of.kind](of)


def _reach(of: Prior) -> str:
    """The values that a prior gives."""
    if isinstance(of, Constant):
        return _number(of.value)
    if isinstance(of, Choice):
        return ", ".join(map(_number, of.values))
    if isinstance(of, Classes):
        return ", ".join(_classes(of))
    pieces = of.intervals if isinstance(of, UniformPieces) else [of.support]
    return " or ".join(f"{_number(low)} to {_number(high)}" for low, high in pieces)


NAMES: Mapping[str, Callable[[Any], str]] = {
    "uniform": lambda of: "uniform,",
    "log_uniform": lambda of: "log-uniform,",
    "uniform_pieces": lambda of: "uniform,",
    "log_uniform_pieces": lambda of: "log-uniform,",
    "choice": lambda of: "one of",
    "integers": lambda of: "whole numbers,",
    "classes": lambda of: _chances(of),
    "in_turn": lambda of: "in turn:",
    "poisson": lambda of: f"Poisson of mean {_number(of.mean)}, cut to",
    "normal": lambda of: f"normal, mean {_number(of.mean)}, sigma {_number(of.sigma)},",
    "log_normal": lambda of: (
        f"log-normal, median {_number(of.median)}, sigma {_number(of.sigma)} of the logarithm,"
    ),
    "exponential": lambda of: f"exponential, mean {_number(of.mean)},",
    "rayleigh": lambda of: f"Rayleigh, sigma {_number(of.sigma)},",
    "power_law": lambda of: f"density as the power {_number(of.exponent)},",
    "folded": lambda of: f"{_name(of.of)} folded into",
    "grid": lambda of: (
        f"{of.count} values in {'equal ratios' if of.logarithmic else 'equal steps'},"
    ),
    "constant": lambda of: "always",
}


def _cases(of: Conditional) -> Iterable[str]:
    """What is drawn for every class; classes with the same prior share a line."""
    texts: dict[str, list[str]] = {}
    for name, case in of.cases.items():
        texts.setdefault(prior(case), []).append(name)
    for text, names in texts.items():
        yield f"{', '.join(names)}: {text}"
    if of.otherwise is not None:
        yield f"otherwise: {prior(of.otherwise)}"


def _chances(of: Classes) -> str:
    if len(of.names) == 1:
        return "always"
    return "by weight:" if of.weights else "one of"


def _classes(of: Classes) -> list[str]:
    if of.weights is None:
        return list(of.names)
    return [f"{n} ({_number(w)})" for n, w in zip(of.names, of.weights, strict=True)]


def _number(value: float) -> str:
    return f"{value:.5g}"


def typeset(text: str) -> str:
    r"""Formulas as MyST writes them, where the Hub has ``\\(`` and ``\\)``.

    >>> typeset(r"an angle \\( \theta_0 \\), and so on")
    'an angle $\\theta_0$, and so on'
    """
    return re.sub(r"\\\\\( ?(.*?) ?\\\\\)", r"$\1$", text, flags=re.DOTALL)
