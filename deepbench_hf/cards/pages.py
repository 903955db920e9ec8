"""The README of a repository, short, and the page on what all of its configs share."""

import re
from collections.abc import Sequence

from huggingface_hub import DatasetCard, DatasetCardData

from deepbench_hf.cards import pictures, tables
from deepbench_hf.cards.families import cited, families_of, link, page_file, template, text_of
from deepbench_hf.cards.front_matter import data_of, default_config, front_text, told_configs
from deepbench_hf.cards.phrases import plain
from deepbench_hf.cards.published import Family, Published, newest
from deepbench_hf.errors import install_command
from deepbench_hf.recipe.recipe import GENERATOR_VERSION

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


def citation(repo_id: str, published: Sequence[Published]) -> str:
    """The BibTeX of what a repository holds: of its own recipes theirs, of ours ours."""
    own = [one.recipe.card.citation for one in published if one.recipe.card]
    found = [text.strip() for text in dict.fromkeys(own) if text]
    if len(own) == len(published) and found:
        return "\n\n".join(found)
    ours = [
        "@misc{deepbench_hf,",
        r"  title = {deepbench\_hf: analytic physics as deterministic Hugging Face datasets},",
        r"  author = {{The deepbench\_hf developers}},",
        rf"  howpublished = {{\url{{https://huggingface.co/datasets/{repo_id}}}}},",
        f"  note = {{version {newest(published)}, generator version {GENERATOR_VERSION}}}",
        "}",
    ]
    return "\n\n".join([*found, "\n".join(ours), DEEPBENCH])


def _with_part(text: str, ours: str) -> str:
    """The body with our part in its place, or above all else where it had none.

    A body that is a title alone goes, as ours has one.
    """
    part = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if part.search(text):
        return part.sub(lambda _: ours, text, count=1)
    rest = "" if re.fullmatch(r"\s*#[^\n]*\s*", text) else text.strip("\n")
    return f"\n{ours}\n" + (f"\n{rest}\n" if rest else "")


def about_page(data: DatasetCardData, published: Sequence[Published], repo_id: str) -> str:
    """The text of the page on what all configs share."""
    return template("about.md.jinja").render(
        **_default(data, published),
        repo_id=repo_id,
        generator_version=GENERATOR_VERSION,
        papers=[cited(paper) for paper in _papers(published)],
        install=install_command(),
        changelog=text_of("changelog.md"),
    )


def _default(data: DatasetCardData, published: Sequence[Published]) -> dict[str, str | None]:
    """The config that loads where none is named, and its first split, if it is one of ours."""
    name = default_config(data, published)
    splits = (next(iter(p.recipe.splits)) for p in published if p.recipe.name == name)
    return {"default": name, "split": next(splits, None)}


def _papers(published: Sequence[Published]) -> list[dict[str, str]]:
    """The papers of all families, each once."""
    papers = [paper for family, _ in families_of(published) for paper in family.papers]
    return list({paper["cite"]: paper for paper in papers}.values())


def _front_page(
    data: DatasetCardData, published: Sequence[Published], repo_id: str, revision: str | None
) -> str:
    names = {one.recipe.name for one in published}
    families = families_of(published)
    authors = [a for p in published if p.recipe.card for a in p.recipe.card.authors]
    return template("card.md.jinja").render(
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
        papers=[link(p).replace("[arXiv:", "[") for p in _papers(published) if link(p)],
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
        tables.count(sum(one.recipe.rows for one in found)),
        tables.count(round(size)) if size >= 1 else f"{size:.1f}",
    ]
