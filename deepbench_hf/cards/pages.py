"""The README of a repository, short, and a page for each family of its configs."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

import jinja2
from huggingface_hub import DatasetCard, DatasetCardData

from deepbench_hf.cards import pictures, tables
from deepbench_hf.cards.front_matter import data_of, default_config, front_text, told_configs
from deepbench_hf.cards.phrases import plain
from deepbench_hf.cards.published import Family, Published, family_order, family_page
from deepbench_hf.cards.references import references
from deepbench_hf.errors import install_command
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import GENERATOR_VERSION
from deepbench_hf.recipe.unknowns import FEWEST, LARGEST_SHAPE

BEGIN = "<!-- deepbench_hf: made from the recipes; what is written between these two lines goes -->"
END = "<!-- deepbench_hf: end -->"

MOST_LISTED = 50
"""Configs of a repository whose front page names each; of more it tells how many there are."""

ABOUT = "docs/about.md"
"""The page on what all configs share."""

DEEPBENCH = r"""@article{deepbench,
  title = {DeepBench: A simulation package for physical benchmarking data},
  author = {Voetberg, M. and Livaudais, Ashia and Nevin, Becky and Paul, Omari and Nord, Brian},
  journal = {Journal of Open Source Software},
  note = {submitted},
  year = {2024}
}"""


def readme(
    card: DatasetCard, published: Sequence[Published], repo_id: str, revision: str | None
) -> str:
    """The text of README.md, from one whose front matter tells of the configs already."""
    data = data_of(card)
    ours = f"{BEGIN}\n\n{_front_page(data, published, repo_id, revision)}\n\n{END}"
    return front_text(data) + _with_part(card.text, ours)


def family_pages(published: Sequence[Published]) -> dict[str, str]:
    """The page of every family, by its path in the repository."""
    here = {one.recipe.name for one in published}
    return {
        page_file(family.name): _template("family.md.jinja").render(
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
        for family, found in _families(published)
    }


def notation() -> str:
    """What the symbols and colours on the page of a config mean."""
    return _text("notation.md.jinja")


def config_text(published: Published, figures: str) -> str:
    """What the page of its family says of a config: a picture, tables, and where it is from.

    Args:
        published: the config.
        figures: the way from the page to the folder that holds ``figures``, such as ``"../"``.
    """
    return _template("config.md.jinja").render(
        config=_config(published), figures=figures, heads=tables.HEADS
    )


def page_file(family: str) -> str:
    """Where the page of a family is."""
    return f"docs/{family}.md"


def citation(repo_id: str, published: Sequence[Published]) -> str:
    """The BibTeX of what a repository holds: of its own recipes theirs, of ours ours."""
    own = [one.recipe.card.citation for one in published if one.recipe.card]
    found = [text.strip() for text in dict.fromkeys(own) if text]
    if len(own) == len(published) and found:
        return "\n\n".join(found)
    version = max((one.recipe.version for one in published), key=_numbers)
    ours = [
        "@misc{deepbench_hf,",
        r"  title = {deepbench\_hf: analytic physics as deterministic Hugging Face datasets},",
        r"  author = {{The deepbench\_hf developers}},",
        rf"  howpublished = {{\url{{https://huggingface.co/datasets/{repo_id}}}}},",
        f"  note = {{version {version}, generator version {GENERATOR_VERSION}}}",
        "}",
    ]
    return "\n\n".join([*found, "\n".join(ours), DEEPBENCH])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _with_part(text: str, ours: str) -> str:
    """The body with our part in its place, or above all else where it had none.

    A body that is a title alone goes, as ours has one.
    """
    part = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if part.search(text):
        return part.sub(lambda _: ours, text, count=1)
    rest = "" if re.fullmatch(r"\s*#[^\n]*\s*", text) else text.strip("\n")
    return f"\n{ours}\n" + (f"\n{rest}\n" if rest else "")


def _families(published: Sequence[Published]) -> list[tuple[Family, list[Published]]]:
    """The families in their order, each with its configs by name."""

    def key(one: Published) -> tuple[int, str]:
        return family_order(one.recipe.family)

    ordered = sorted(published, key=lambda one: (key(one), one.recipe.name))
    return [(family_page(name[1]), list(found)) for name, found in groupby(ordered, key)]


def about_page(data: DatasetCardData, published: Sequence[Published], repo_id: str) -> str:
    """The text of the page on what all configs share."""
    return _template("about.md.jinja").render(
        **_default(data, published),
        repo_id=repo_id,
        generator_version=GENERATOR_VERSION,
        papers=[cited(paper) for paper in _papers(published)],
        install=install_command(),
        changelog=_text("changelog.md"),
    )


def _default(data: DatasetCardData, published: Sequence[Published]) -> dict[str, str | None]:
    """The config that loads where none is named, and its first split, if it is one of ours."""
    name = default_config(data, published)
    splits = (next(iter(p.recipe.splits)) for p in published if p.recipe.name == name)
    return {"default": name, "split": next(splits, None)}


def _papers(published: Sequence[Published]) -> list[dict[str, str]]:
    """The papers of all families, each once."""
    papers = [paper for family, _ in _families(published) for paper in family.papers]
    return list({paper["cite"]: paper for paper in papers}.values())


def _front_page(
    data: DatasetCardData, published: Sequence[Published], repo_id: str, revision: str | None
) -> str:
    names = {one.recipe.name for one in published}
    families = _families(published)
    authors = [a for p in published if p.recipe.card for a in p.recipe.card.authors]
    return _template("card.md.jinja").render(
        **_default(data, published),
        repo_id=repo_id,
        about=ABOUT,
        revision=revision,
        others=[name for name in told_configs(data) if name not in names],
        title=plain(data.get("pretty_name") or ""),
        license=data.get("license"),
        authors=list(dict.fromkeys(map(plain, authors))),
        families=[_family_row(*family, len(published) <= MOST_LISTED) for family in families],
        use=[
            (task, f"`{name}`")
            for family, _ in families
            for task, name in family.use.items()
            if name in names
        ],
        papers=[_link(p).replace("[arXiv:", "[") for p in _papers(published) if _link(p)],
        written=all(one.files is not None for one in published),
        overview=pictures.overview_file([one.recipe for one in published]),
        citation=citation(repo_id, published),
    )


def _family_row(family: Family, found: Sequence[Published], names: bool) -> list[str]:
    """Title with a link to its page, content, configs or their number, rows and megabytes."""
    about = family.about or plain(found[0].recipe.description)
    size = sum(one.size for one in found) / 1e6
    return [
        f"[{family.title}]({page_file(family.name)})",
        about,
        ", ".join(f"`{one.recipe.name}`" for one in found) if names else str(len(found)),
        tables.count(sum(one.rows for one in found)),
        tables.count(round(size)) if size >= 1 else f"{size:.1f}",
    ]


def cited(paper: dict[str, str]) -> str:
    """A reference, and its link where it has one."""
    return ", ".join(filter(None, [paper["cite"], _link(paper)]))


def _link(paper: dict[str, str]) -> str:
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
    """What is said of rows without draws, where a config is one of posteriors."""
    recipe = published.recipe
    if recipe.posterior is None:
        return ""
    least = f"at least {FEWEST:g} effective draws and a Pareto k up to {LARGEST_SHAPE}"
    known = (published.entry or {}).get("statistics") or {}
    counts = [of.get("count", 0) for name, of in known.items() if name.endswith("_mean")]
    if not counts:
        return f"Rows have draws where there are {least}."
    share = 100.0 * (1.0 - max(counts) / published.rows)
    return f"{share:.1f} % of the rows have no draws; the others have {least}."


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
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(  # noqa: S701 - Markdown; what others wrote is escaped by `plain`
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_text(name))


def _text(name: str) -> str:
    file = resources.files("deepbench_hf.dataset_cards") / name
    return file.read_text(encoding="utf-8").strip()
