"""Run the code of a page: what it shows works.

Blocks run in order, in one folder. YAML that begins with ``# name.yaml`` becomes that file, Python
shares its names, and lines of bash that begin with ``deepbench-hf`` are commands. A block below
``<!-- not run: why -->`` is left out.
"""

import contextlib
import os
import re
import shlex
import tempfile
from pathlib import Path
from unittest.mock import patch

import datasets
from click.testing import CliRunner

from deepbench_hf.cli import cli
from tests.support.paths import ROOT

BLOCK = re.compile(
    r"(<!-- not run: .*? -->\n)?^```(yaml|python|bash)\n(.*?)^```$", re.DOTALL | re.M
)
PATIENCE_S = 600
"""Of a cell, where many things run at once; each notebook takes two minutes on two cores."""
BEFORE = {"streams.md": "deepbench-hf build pendulum_noisy -o out --num-examples 100 -q"}
"""What a page takes for granted."""


def run(page: Path, folder: Path | None = None) -> int:
    """Run a page in a folder, or in one that is then removed; the number of blocks that ran.

    Raises:
        RuntimeError: a block failed.
    """
    found = BLOCK.findall(page.read_text("utf-8"))
    with (
        tempfile.TemporaryDirectory() as temporary,
        contextlib.chdir(folder or temporary),
        patch.object(datasets.config, "HF_DATASETS_CACHE", f"{temporary}/cache"),
    ):
        scope: dict = {"__name__": page.stem}
        command(BEFORE.get(page.name, ""))
        count = 0
        for skipped, language, text in found:
            if not skipped:
                count += 1
                try:
                    RUN[language](text, scope)
                except Exception as error:
                    raise RuntimeError(f"{page.name}, block {count}:\n{text}\n{error}") from error
        return count


def run_notebook(file: Path) -> None:
    """Run a notebook in a folder that is then removed, and store its outputs in it.

    Raises:
        CellExecutionError: a cell failed.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(file, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        ours = {**os.environ, "PYTHONPATH": str(ROOT)}  # this tree, whatever is installed
        NotebookClient(notebook, timeout=PATIENCE_S, resources=where).execute(env=ours)
    nbformat.write(notebook, file)


def recipe(text: str, scope: dict) -> None:
    """Write a recipe to the file that its first line names."""
    if name := re.match(r"# (\w+\.yaml)", text):
        Path(name[1]).write_text(text, encoding="utf-8")


def python(text: str, scope: dict) -> None:
    """Run Python with the names of the blocks before it; what it prints is of no matter."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        exec(compile(text, "block", "exec"), scope)


def bash(text: str, scope: dict) -> None:
    """Run the commands of ours."""
    for line in text.splitlines():
        command(line)


def command(line: str) -> None:
    """Run a line that begins with ``deepbench-hf``."""
    program, *words = shlex.split(line, comments=True) or [""]
    if program == "deepbench-hf":
        done = CliRunner().invoke(cli, words)
        if done.exit_code:
            raise RuntimeError(f"{line}: exit code {done.exit_code}: {done.output}")


RUN = {"yaml": recipe, "python": python, "bash": bash}
