"""Build the site: ``python -m tools.site`` writes it to build/site/html; a warning is an error.

``--only NAME...`` makes the pages of some configs alone, to see a change soon.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

from deepbench_hf import list_recipes, load_recipe
from tools.site import links
from tools.site.sources import FOLDER, HTML, SOURCE, run_tasks, tasks, write_gallery, write_texts

SPACE = """---
title: deepbench_hf
emoji: 🔭
colorFrom: blue
colorTo: red
sdk: static
license: apache-2.0
---

The documentation of deepbench_hf, made by `make docs`.
"""
"""Beside the pages, so that a static Space of the Hub serves them as they are."""


def main(words: Sequence[str]) -> int:
    """Write the sources, run their code, build the site and check its links; 0 if all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=list_recipes())
    parser.add_argument("--no-run", action="store_true", help="run no code of the pages")
    wanted = parser.parse_args(words)
    start = time.perf_counter()

    def told(what: str) -> None:
        print(f"{what}: {time.perf_counter() - start:.0f} s", flush=True)

    write_texts([load_recipe(name) for name in wanted.only])
    told("texts")
    run_tasks(tasks(wanted.only, run=not wanted.no_run))
    write_gallery(wanted.only)
    told("pictures made and code run")
    code = subprocess.run(  # a fresh process: what the pages' code imported is not in its way
        [
            *(sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-j", "auto"),
            *("-d", FOLDER / "doctrees", SOURCE, HTML),
        ],
        check=False,
    ).returncode
    told(f"site, {HTML}/index.html")
    (HTML / "README.md").write_text(SPACE, "utf-8")
    problems = links.problems(HTML)
    print(*problems, sep="\n")
    told(f"{len(problems)} broken links")
    return code or int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
