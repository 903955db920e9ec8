"""The README of a repository of configs: front matter, our part of the body, and what was there."""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from huggingface_hub import DatasetCard, DatasetCardData

from deepbench_hf.cards import pictures, tables
from deepbench_hf.cards.front_matter import data_of, default_config, told_configs
from deepbench_hf.cards.phrases import cell
from deepbench_hf.cards.published import Published
from deepbench_hf.cards.references import references
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import GENERATOR_VERSION

BEGIN = "<!-- deepbench_hf: made from the recipes; what is written between these two lines goes -->"
END = "<!-- deepbench_hf: end -->"


def readme(card: DatasetCard, published: Sequence[Published], repo_id: str) -> str:
    """The text of README.md, from one whose front matter tells of the configs already."""
    ours = f"{BEGIN}\n\n{_body(data_of(card), published, repo_id)}\n\n{END}"
    front = str(card).removesuffix(card.text)
    return front + _with_part(card.text, ours)


def citation(repo_id: str, published: Sequence[Published]) -> str:
    """The BibTeX entry of a repository of configs."""
    version = max((one.recipe.version for one in published), key=_numbers)
    return "\n".join(
        [
            "@misc{deepbench_hf,",
            r"  title = {deepbench\_hf: analytic physics as deterministic Hugging Face datasets},",
            r"  author = {{The deepbench\_hf developers}},",
            rf"  howpublished = {{\url{{https://huggingface.co/datasets/{repo_id}}}}},",
            f"  note = {{version {version}, generator version {GENERATOR_VERSION}}}",
            "}",
        ]
    )


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


def _body(data: DatasetCardData, published: Sequence[Published], repo_id: str) -> str:
    ordered = sorted(published, key=lambda one: one.recipe.name)
    configs = [_config(one) for one in ordered]
    names = {config["name"] for config in configs}
    default = default_config(data, published)
    return _template().render(
        repo_id=repo_id,
        default=default,
        version=_version(default, published),
        others=[name for name in told_configs(data) if name not in names],
        title=data.get("pretty_name"),
        license=data.get("license"),
        generator_version=GENERATOR_VERSION,
        configs=configs,
        families=_families(configs),
        overview=pictures.overview_file(len(configs)),
        citation=citation(repo_id, published),
        changelog=_text("changelog.md"),
    )


def _version(default: str, published: Sequence[Published]) -> str:
    """The version that the snippets pin: that of the default config, if it is one of ours."""
    found = {one.recipe.name: one.recipe.version for one in published}
    return found.get(default, published[0].recipe.version)


def _families(configs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The families, each with its prose and its configs."""
    names = sorted({config["recipe"].family for config in configs})
    here = {config["name"] for config in configs}
    return [
        {
            "name": name,
            "prose": _prose(name),
            "absent": [n for n in _shipped(name) if n not in here],
            "configs": [config for config in configs if config["recipe"].family == name],
        }
        for name in names
    ]


def _shipped(family: str) -> list[str]:
    """The configs of a family that come with the package."""
    return [name for name in list_recipes() if load_recipe(name).family == family]


def _config(published: Published) -> dict[str, Any]:
    """What the template tells of a config."""
    recipe = published.recipe
    return {
        "name": recipe.name,
        "recipe": recipe,
        "description": cell(recipe.description),
        "train": tables.count(next(iter(recipe.splits.values())).size),
        "parameters": tables.parameters(recipe),
        "noise": tables.noise(recipe),
        "splits": tables.splits(recipe),
        "columns": tables.columns(recipe),
        "references": references(recipe.model_copy(update={"preview": False})),
        "examples": pictures.examples_file(recipe),
        "histograms": pictures.histograms_file(recipe),
        "provenance": _provenance(published),
    }


def _provenance(published: Published) -> str:
    """Versions, seed, fingerprint and digests, a line each."""
    recipe, entry = published.recipe, published.entry
    told = {
        "recipe version": recipe.version,
        "seed": recipe.seed,
        "fingerprint": recipe.fingerprint,
        "generator version": GENERATOR_VERSION,
    }
    if entry is not None:
        told["generator version"] = entry["generator_version"]
        told["made with"] = ", ".join(f"{k} {v}" for k, v in entry["made_with"].items())
        told |= {f"sha256 of {name}": split["digest"] for name, split in entry["splits"].items()}
    width = max(map(len, told)) + 2
    return "\n".join(f"{key:{width}}{value}" for key, value in told.items())


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(  # noqa: S701 - Markdown, from our own recipes
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_text("card.md.jinja"))


def _prose(family: str) -> str:
    """What is told of a family; nothing where somebody else's has no page."""
    page = resources.files("deepbench_hf.dataset_cards") / f"{family}.md"
    return page.read_text(encoding="utf-8").strip() if page.is_file() else ""


def _text(name: str) -> str:
    file = resources.files("deepbench_hf.dataset_cards") / name
    return file.read_text(encoding="utf-8").strip()
