"""The pages of families: their configs one by one, with what closed forms reach on them."""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import groupby
from typing import Any, NamedTuple

import jinja2
import numpy as np

from deepbench_hf.cards import pictures, tables
from deepbench_hf.cards.phrases import plain, unit
from deepbench_hf.cards.published import Family, Published, family_order, family_page
from deepbench_hf.metrics import Baseline, Estimate, baselines, run_baseline
from deepbench_hf.metrics.results import Classes, Numbers
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.recipe.unknowns import FEWEST, LARGEST_SHAPE

Row = tuple[str, ...]

ROUNDING = 1e-9
"""An error this small, relative to the truth, is rounding, which differs between machines."""


def family_pages(published: Sequence[Published]) -> dict[str, str]:
    """The page of every family, by its path in the repository."""
    here = {one.recipe.name for one in published}
    return {
        page_file(family.name): template("family.md.jinja").render(
            family=family,
            absent=[name for name in _shipped(family.name) if name not in here],
            configs=[
                {"name": one.recipe.name, "text": config_text(one, figures="../")} for one in found
            ],
            papers=[cited(paper) for paper in family.papers],
            notation=notation(),
            columns=tables.family_columns([one.recipe for one in found]),
            heads=tables.HEADS,
        )
        + "\n"
        for family, found in families_of(published)
    }


def notation() -> str:
    """What the symbols and colours on the page of a config mean."""
    return text_of("notation.md.jinja")


def config_text(published: Published, figures: str) -> str:
    """What the page of its family says of a config: a picture, tables, and where it is from.

    Args:
        published: the config.
        figures: the way from the page to the folder that holds ``figures``, such as ``"../"``.
    """
    return template("config.md.jinja").render(
        config=_config(published), figures=figures, heads=tables.HEADS
    )


def page_file(family: str) -> str:
    """Where the page of a family is."""
    return f"docs/{family}.md"


def families_of(published: Sequence[Published]) -> list[tuple[Family, list[Published]]]:
    """The families in their order, each with its configs by name."""

    def key(one: Published) -> tuple[int, str]:
        return family_order(one.recipe.family)

    ordered = sorted(published, key=lambda one: (key(one), one.recipe.name))
    return [(family_page(name[1]), list(found)) for name, found in groupby(ordered, key)]


def cited(paper: dict[str, str]) -> str:
    """A reference, and its link where it has one."""
    return ", ".join(filter(None, [paper["cite"], link(paper)]))


def link(paper: dict[str, str]) -> str:
    """The Hub ties a repository to the papers whose arXiv pages its card links."""
    if "arxiv" in paper:
        return f"[arXiv:{paper['arxiv']}](https://arxiv.org/abs/{paper['arxiv']})"
    return f"[doi:{paper['doi']}](https://doi.org/{paper['doi']})" if "doi" in paper else ""


def _shipped(family: str) -> list[str]:
    """The configs of a family that come with the package."""
    return [name for name in list_recipes() if load_recipe(name).family == family]


def _config(published: Published) -> dict[str, Any]:
    """What the page of its family says of a config."""
    recipe = published.recipe
    known = (published.entry or {}).get("statistics")
    return {
        "name": recipe.name,
        "recipe": recipe,
        "description": plain(recipe.description),
        "posterior": _share_of_draws(published),
        "parameters": tables.parameters(recipe),
        "noise": tables.noise(recipe),
        "splits": tables.splits(recipe),
        "statistics": tables.statistics(known) if isinstance(known, dict) else [],
        "references": references(recipe.model_copy(update={"preview": False})),
        "examples": pictures.examples_file(recipe),
        "histograms": pictures.histograms_file(recipe),
        "made": _made(published),
    }


def _share_of_draws(published: Published) -> str:
    """Which rows have draws, and why others have none, where a config is one of posteriors."""
    recipe = published.recipe
    if recipe.posterior is None:
        return ""
    checks = f"at least {FEWEST:g} effective draws and a Pareto k of at most {LARGEST_SHAPE}"
    why = "Draws are made by importance sampling, which can fail. A row has draws if there are"
    text = f"{why} {checks}; in other rows draws, means and standard deviations are NaN."
    known = (published.entry or {}).get("statistics") or {}
    counts = [of.get("count", 0) for name, of in known.items() if name.endswith("_mean")]
    if not counts:
        return text
    share = 100.0 * (1.0 - max(counts) / recipe.rows)
    return f"{text} Here these are {share:.1f} % of the rows."


def _made(published: Published) -> str:
    """Version, seed and fingerprint in a line, and with what it was made."""
    recipe, entry = published.recipe, published.entry or {}
    version = entry.get("generator_version", GENERATOR_VERSION)
    line = f"version {recipe.version}, seed {recipe.seed}, generator version {version}, "
    line += f"fingerprint `{recipe.fingerprint}`"
    made = entry.get("made_with")
    return (
        f"{line}; made with {', '.join(f'{k} {plain(v)}' for k, v in made.items())}"
        if made
        else line
    )


@cache
def template(name: str) -> jinja2.Template:
    """A page with places to fill in."""
    environment = jinja2.Environment(  # noqa: S701 - Markdown; what others wrote is escaped by `plain`
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(text_of(name))


def text_of(name: str) -> str:
    """A file beside the pages of families."""
    file = resources.files("deepbench_hf.dataset_cards") / name
    return file.read_text(encoding="utf-8").strip()


class References(NamedTuple):
    """The rows of the two tables; each begins with column, baseline, split and number of rows."""

    numbers: tuple[Row, ...]
    classes: tuple[Row, ...]


@lru_cache(256)  # a card is made several times: to compare, to publish
def references(recipe: Recipe) -> References:
    """The scores of the baselines; two digits, as machines differ in the last."""
    found: tuple[list[Row], list[Row]] = [], []
    for baseline in baselines(recipe) if recipe.posterior is None else ():
        row, is_class = _row(recipe, baseline)
        found[is_class].append(row)
    return References(*map(tuple, found))


def _row(recipe: Recipe, baseline: Baseline) -> tuple[Row, bool]:
    """A row, and whether it is one of classes."""
    found = run_baseline(recipe, baseline)
    (result,) = found.results
    head = f"`{result.column}`", baseline.name, f"`{found.split}`", str(found.rows)
    if isinstance(result, Classes):
        return (*head, *_of_class(result.scores())), True
    return (*head, unit(result.unit), *_of_number(result)), False


def _of_number(result: Numbers) -> Row:
    """Bias, root mean squared error, spread of pulls and coverage."""
    scores, least = result.scores(), ROUNDING * float(np.abs(result.truth).max())
    exact = scores["rmse"].value <= least  # as of a constant: its pulls are those of rounding
    pull, inside = (None if exact else scores.get(n) for n in ("pull_std", "coverage_683"))
    return (
        _told(scores["bias"], least, signed=True),
        _told(scores["rmse"], least),
        "-" if pull is None else f"{pull.value:.1f}",
        "-" if inside is None else f"{100 * inside.value:.0f} %",
    )


def _of_class(scores: dict[str, Estimate]) -> Row:
    """Accuracy and chance."""
    right, error = scores["accuracy"]
    return f"{100 * right:.0f} ± {100 * error:.0f} %", f"{100 * scores['chance'].value:.0f} %"


def _told(score: Estimate, least: float, signed: bool = False) -> str:
    """Two digits; a number that may have either sign is 0 within its error."""
    if abs(score.value) <= least:
        return "0"
    if signed and abs(score.value) < 2 * score.error:
        return f"0 ± {score.error:.1g}"
    return f"{float(f'{score.value:.2g}'):g}"
