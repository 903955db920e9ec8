"""The tables of README.md, docs/configs.md and docs/recipes.md: ``python -m tools.readme``.

They are written between marks such as ``<!-- families -->`` and ``<!-- end -->``; ``--check`` fails
if they are out of date. The picture of README.md is drawn as well.
"""

import json
import re
import sys
import textwrap
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from benchmarks.suites.training import OURS
from deepbench_hf import Recipe, list_recipes, load_recipe
from deepbench_hf.cards.phrases import cell
from deepbench_hf.cards.published import family_order, family_page
from deepbench_hf.noise import NOISES
from deepbench_hf.noise.perturbation import PERTURBATIONS
from deepbench_hf.priors import PRIORS
from tests.support.paths import ROOT

README, CONFIGS = ROOT / "README.md", ROOT / "docs" / "configs.md"
RECIPES = ROOT / "docs" / "recipes.md"
RESULTS = ROOT / "docs" / "benchmarks" / "results.json"
SPEED = {
    "pendulum_noisy": "a noisy pendulum of 100 samples",
    "shapes_noisy": "a noisy shape",
    "sky_noisy": "an object of a noisy sky",
    "galaxy_morphology": "a galaxy",
}
"""The configs whose speed is told, and what a row, or an object of it, is."""
TOLD = {
    "DeepBench / generate": ("DeepBench 0.2.3 takes", "as long as this package"),
    "row / floor": (
        "No row can take less time than drawing its parameters and its noise; the whole row takes",
        "that",
    ),
    "PNG / stream": ("Decoding PNGs takes", "as long as shuffled torch batches of the same images"),
}
"""The ratios that are told, and the words before and after the first of them."""
PICTURE = ROOT / "docs" / "overview.png"
KINDS = {"priors": PRIORS, "noises": NOISES, "perturbations": PERTURBATIONS}
"""The closed sets that docs/recipes.md lists."""
SHOWN = (
    *("pendulum_noisy", "shapes_noisy", "sky_noisy", "galaxy_morphology", "lartpc_pair"),
    *("kappa_lognormal", "cmb_lensing", "halo_map", "quasar_drw", "bragg_curve"),
)
"""The configs of the picture."""


def families() -> list[tuple[str, list[Recipe]]]:
    """Every family with its recipes, the best known first."""
    recipes = sorted(
        map(load_recipe, list_recipes()), key=lambda one: (family_order(one.family), one.name)
    )
    return [(name, list(own)) for name, own in groupby(recipes, key=lambda one: one.family)]


def family_table() -> str:
    """One line for each family."""
    lines = ["| family | what it is | configs |", "|---|---|---|"]
    for name, recipes in families():
        page, anchor = family_page(name), name
        about = " ".join(page.about.split()) or first_sentence(recipes[0])
        link = f"[{page.title}](docs/configs.md#{anchor})"
        lines.append(f"| {link} | {about} | {len(recipes)} |")
    return "\n".join(lines)


def config_page() -> str:
    """All configs, a section for each family."""
    text = "# Configs\n\nEvery config of every family, as its recipe describes it.\n"
    text += "`deepbench-hf info NAME` lists parameters, units, ranges, splits and columns.\n"
    text += (
        "[The words of these pages](glossary.md) explains terms such as *ladder* and *paired*.\n\n"
    )
    links = [f"[{family_page(name).title}](#{name})" for name, _ in families()]
    text += textwrap.fill("Families: " + " ·\n".join(links), 120, break_on_hyphens=False) + "\n"
    for name, recipes in families():
        page = family_page(name)
        about = " ".join(page.about.split())
        about += "." if about and about[-1] not in ".?" else ""
        text += f'\n<a id="{name}"></a>\n\n## {page.title}\n\n{about}\n\n'
        text += (
            f"[Equations, splits, how to evaluate, known limits](../dataset_cards/{name}.md)\n\n"
        )
        text += "| config | rows of `train` | what it is | other splits |\n|---|---|---|---|\n"
        for recipe in recipes:
            train = recipe.splits["train"].size if "train" in recipe.splits else 0
            others = ", ".join(f"`{split}`" for split in recipe.splits if split != "train")
            about = " ".join(recipe.description.split())
            size = f"{train:,}".replace(",", " ")
            text += f"| `{recipe.name}` | {size} | {about} | {others} |\n"
    return text


def first_sentence(recipe: Recipe) -> str:
    """The first sentence of a description."""
    return re.split(r"(?<=[.:?])\s", " ".join(recipe.description.split()))[0].rstrip(":.") + "."


def kind_table(kinds: Mapping[str, type]) -> str:
    """Every kind with its settings, those that may be left out in brackets, and what it is."""
    lines = ["| kind | settings | what it is |", "|---|---|---|"]
    for kind, model in kinds.items():
        own = {n: f for n, f in model.model_fields.items() if n not in ("kind", "level", "over")}  # type: ignore[attr-defined]
        settings = ", ".join(f"`{n}`" if f.is_required() else f"[`{n}`]" for n, f in own.items())
        about = (model.__doc__ or "").splitlines()[0].replace("``", "`")
        lines.append(f"| `{kind}` | {settings} | {cell(about)} |")
    return "\n".join(lines)


def speed() -> str:
    """What the saved results of the benchmarks say; what was not measured is not told."""
    suites = json.loads(RESULTS.read_text(encoding="utf-8"))
    found = {name: ratio for suite in suites.values() for name, ratio in suite["ratios"].items()}

    def told(ratio: str, before: str, after: str) -> str:
        """A sentence on each config that has a ratio; none if none has it."""
        names = {f"{name}: {ratio}": what for name, what in SPEED.items()}
        own = {what: f"{found[n]['median']:.2g}" for n, what in names.items() if n in found}
        parts = [f"{float(times):g} times for {what}" for what, times in own.items()]
        if not parts:
            return ""
        first, *others = parts
        parts = [first.replace(" times", f" times {after}", 1), *others]
        return f"{before} {' and '.join(filter(None, [', '.join(parts[:-1]), parts[-1]]))}."

    sentences = [text for ratio, words in TOLD.items() if (text := told(ratio, *words))]
    streamed = {n: r["median"] for n, r in found.items() if n.endswith(": Parquet / stream")}
    lost = [name.split(":")[0] for name, median in streamed.items() if median < 1]
    if lost:
        kinds = ", ".join(dict.fromkeys(load_recipe(name).family for name in lost))
        built = [found[n]["median"] for name in lost if (n := f"{name}: Parquet / {OURS}") in found]
        again = (
            f"; built once, they stream at least {min(built):.2g} times as fast" if built else ""
        )
        sentences.append(
            f"Of {len(streamed)} configs of images, {len(lost)} are read faster from Parquet files "
            f"than they are made (in {kinds}){again}."
        )
    machines = {f"{s['machine']['processor']}, {s['machine']['vectors']}" for s in suites.values()}
    text = f"- **Fast.** Measured on one core ({'; '.join(sorted(machines))}). "
    text += " ".join([*sentences, "Memory stays flat however many rows are built"])
    text += " ([all results](docs/benchmarks.md), [how](benchmarks/README.md))."
    return textwrap.fill(text, 120, subsequent_indent="  ", break_on_hyphens=False)


def with_table(text: str, name: str, table: str) -> str:
    """A page with a new table between its marks."""
    part = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    return part.sub(lambda m: f"{m[1]}\n{table}\n\n{m[2]}", text)


def readme() -> str:
    """The README with a new table and new figures."""
    text = with_table(README.read_text(encoding="utf-8"), "families", family_table())
    return with_table(text, "speed", speed())


def recipe_page() -> str:
    """The guide of recipes with new tables."""
    text = RECIPES.read_text(encoding="utf-8")
    for name, kinds in KINDS.items():
        text = with_table(text, name, kind_table(kinds))
    return text


def main(arguments: list[str]) -> int:
    """Write the tables and the picture, or compare the tables."""
    texts: dict[Path, str] = {README: readme(), CONFIGS: config_page(), RECIPES: recipe_page()}
    if "--check" in arguments:
        old = [file.name for file, text in texts.items() if file.read_text("utf-8") != text]
        print(f"{', '.join(old)}: run python -m tools.readme" if old else "up to date")
        return int(bool(old))
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    from deepbench_hf.figures.preview import draw_overview

    draw_overview([load_recipe(name) for name in SHOWN], width=10).savefig(PICTURE, dpi=110)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
