"""Build the site: ``python -m tools.site`` writes it to build/site/html; a warning is an error.

``--only NAME...`` makes the pages of some configs alone, to see a change soon.
"""

import argparse
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from deepbench_hf import Recipe, list_recipes, load_recipe
from deepbench_hf.cards.pictures import figures
from deepbench_hf.figures.overview import draw_overview
from tests.support.paths import ROOT
from tools.site import blocks, configs, reference, sweeps

FOLDER = ROOT / "build" / "site"
SOURCE, HTML = FOLDER / "source", FOLDER / "html"
BESIDE = (
    *("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"),
    *("CITATION.cff", "examples/train.py"),
)
"""Files of the repository, beside docs/, that pages link to."""
NOT_RUN = (
    "scale.md",  # buckets and clusters: its own tests have stand-ins
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    "CHANGELOG.md",
    "cli.md",
    "physics.md",
    "architecture.md",
)
"""Pages whose blocks are no code to run."""
LEFT_OUT = ("configs.md",)
"""What the repository shows in one page and the site in many."""


def main(words: Sequence[str]) -> int:
    """Write the sources, then the site; the exit code is Sphinx's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=list_recipes())
    parser.add_argument("--no-run", action="store_true", help="run no code of the pages")
    wanted = parser.parse_args(words)
    start = time.perf_counter()
    recipes = [load_recipe(name) for name in wanted.only]
    write_sources(recipes)
    print(f"sources: {time.perf_counter() - start:.0f} s", flush=True)
    if not wanted.no_run:
        pages = [*sorted(SOURCE.glob("*.md")), *sorted(SOURCE.glob("configs/*.md"))]
        count = sum(blocks.run(page) for page in pages if page.name not in NOT_RUN)
        print(f"{count} blocks of code run: {time.perf_counter() - start:.0f} s", flush=True)
    from sphinx.cmd.build import main as sphinx

    options = ["-D", "nb_execution_mode=off"] if wanted.no_run else []
    code = sphinx(["-W", "--keep-going", "-q", "-j", "auto", *options, str(SOURCE), str(HTML)])
    print(f"site: {time.perf_counter() - start:.0f} s, {HTML}/index.html")
    return code


def write_sources(recipes: Sequence[Recipe]) -> None:
    """The pages of the repository, those that are made, and their pictures."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "docs", SOURCE, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copyfile(Path(__file__).with_name("index.md"), SOURCE / "index.md")
    write("decisions/index.md", b"# Decisions\n\n```{toctree}\n:glob:\n\n0*\n```\n")
    for name in BESIDE:
        target = SOURCE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    for file in [*SOURCE.glob("*.md"), *SOURCE.glob("*/*.md")]:
        file.write_text(moved(file.read_text("utf-8")), "utf-8")
    for name, text in (*configs.pages(recipes), *reference.pages()):
        write(name, text.encode())
    for name, data in sweeps.pages(recipes):
        write(name, data)
    for recipe in recipes:
        for name, data in figures([recipe]).items():
            write(name, data)
        thumb = SOURCE / configs.thumb(recipe.name)
        thumb.parent.mkdir(exist_ok=True)
        draw_overview([recipe]).savefig(thumb, dpi=80)
    add_missing_pages()


def write(name: str, data: bytes) -> None:
    """A file of the sources."""
    file = SOURCE / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def moved(text: str) -> str:
    """A page whose links lead where things lie in the site.

    >>> moved("[a](../CONTRIBUTING.md) [b](configs.md#sky) [c](docs/physics.md)")
    '[a](CONTRIBUTING.md) [b](families/sky.md) [c](physics.md)'
    """
    text = re.sub(r"\]\((?:\.\./|docs/)(?=[A-Za-z])", "](", text)
    text = re.sub(r"\]\(configs\.md#(\w+)\)", r"](families/\1.md)", text)
    return text.replace("](configs.md)", "](choose.md)")


def add_missing_pages() -> None:
    """Name the guides that the start page does not name yet, so that no page is lost."""
    index = SOURCE / "index.md"
    text = index.read_text("utf-8")
    named = set(re.findall(r"^[\w/]+$", text, re.MULTILINE))
    there = {file.stem for file in SOURCE.glob("*.md")} - {"index"}
    missing = "\n".join(sorted(there - named))
    index.write_text(text.replace("% more\n", f"{missing}\n" if missing else ""), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
