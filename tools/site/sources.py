"""The sources of the site: the texts, and in several processes what takes long.

The pages of configs, their pictures, the gallery, and the run of all code are tasks of their own.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from deepbench_hf import Recipe, load_recipe
from deepbench_hf.cards.pictures import figures
from deepbench_hf.figures.preview import draw_overview
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
TOLD_S = 10
"""Tasks that take longer are told with their time."""


def write_texts(recipes: Sequence[Recipe]) -> None:
    """The pages of the repository, and those that are made."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(ROOT / "docs", SOURCE, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copyfile(Path(__file__).with_name("index.md"), SOURCE / "index.md")
    for name in BESIDE:
        target = SOURCE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    for file in [*SOURCE.glob("*.md"), *SOURCE.glob("*/*.md")]:
        file.write_text(moved(file.read_text("utf-8")), "utf-8")
    for name, text in (*configs.listings(recipes), *reference.pages()):
        write(name, text.encode())
    add_missing_pages()


Task = tuple[Callable[..., object], tuple]
"""What a worker does, and its arguments."""


def run_tasks(tasks: Sequence[Task]) -> None:
    """Do them in as many processes as there are processors, the first ones first.

    Raises:
        RuntimeError: some failed; each is told when it does.
    """
    failed = 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        running = {pool.submit(timed, *task): task for task in tasks}
        for done in as_completed(running):
            do, (what, *_) = running[done]
            if error := done.exception():
                failed += 1
                print(f"FAILED: {do.__name__} {what}: {error}", flush=True)
            elif done.result() > TOLD_S:
                print(f"  {do.__name__} {what}: {done.result():.0f} s", flush=True)
    if failed:
        raise RuntimeError(f"{failed} of {len(tasks)} tasks failed")


def timed(do: Callable[..., object], arguments: tuple) -> float:
    """Do a task; the seconds that it took."""
    start = time.perf_counter()
    do(*arguments)
    return time.perf_counter() - start


def tasks(names: Sequence[str], run: bool) -> list[Task]:
    """Notebooks and guides, whose code is run, sweeps, and the page of each config."""
    guides = [page for page in sorted(SOURCE.glob("*.md")) if page.name not in NOT_RUN]
    notebooks = sorted(SOURCE.glob("tutorials/*.ipynb"))
    code = [
        *((blocks.run_notebook, (n,)) for n in notebooks),
        *((blocks.run, (g,)) for g in guides),
    ]
    swept = sweeps.one_of_each([load_recipe(name) for name in names])
    moving = [(write_sweeps, (recipe.name,)) for recipe in swept]
    return [*(code if run else ()), *moving, *((write_config, (name, run)) for name in names)]


def write_config(name: str, run: bool) -> None:
    """The page of a config and its pictures; its code is run where that is wanted."""
    recipe = load_recipe(name)
    write(f"configs/{name}.md", configs.config_page(recipe).encode())
    if run:
        blocks.run(SOURCE / "configs" / f"{name}.md")
    for file, data in figures([recipe]).items():
        write(file, data)
    thumb = SOURCE / configs.thumb(name)
    thumb.parent.mkdir(parents=True, exist_ok=True)
    draw_overview([recipe]).savefig(thumb, dpi=80)


def write_sweeps(name: str) -> None:
    """What the gallery shows of a config."""
    for file, data in sweeps.sweep_files(load_recipe(name)):
        write(file, data)


def write_gallery(names: Sequence[str]) -> None:
    """The gallery, from what was made of each config."""
    parts = {}
    for recipe in sweeps.one_of_each([load_recipe(name) for name in names]):
        file = SOURCE / sweeps.fragment(recipe)
        if file.is_file():
            parts[recipe.name] = file.read_text("utf-8")
            file.unlink()
    write("gallery.md", sweeps.gallery(parts).encode())


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
