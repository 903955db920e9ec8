"""``docs/deepbench.md``: its examples run, and it holds every changed meaning."""

import re
import shlex
from pathlib import Path

from deepbench_hf import load_recipe
from deepbench_hf.recipe.deepbench.conversion import CORRECTIONS
from tests.cli.test_package import blocks
from tests.support.commands import said
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "deepbench.md"
START, END = "<!-- laws -->\n", "<!-- end of laws -->\n"


def laws():
    """The section with every changed meaning."""
    lines = []
    for kind in ("corrected", "approximated", "dropped"):
        told = [f"- *{name}*: {law}." for name, (word, law) in CORRECTIONS.items() if word == kind]
        lines += [f"**{kind.title()}**", "", *told, ""]
    return "\n" + "\n".join(lines)


def with_laws(text):
    """The page with its section made anew."""
    before, rest = text.split(START)
    return before + START + laws() + END + rest.split(END)[1]


def test_the_page_tells_every_changed_meaning():
    text = PAGE.read_text()
    assert text == with_laws(text), "run: python -m tests.recipe.test_deepbench_docs"


def test_the_examples_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for text in blocks(PAGE, "yaml"):
        Path(re.match(r"# (\w+\.yaml)", text)[1]).write_text(text)
    scope = {}
    for code in blocks(PAGE, "python"):
        exec(compile(code, "deepbench.md", "exec"), scope)
    assert scope["ds"]["train"].num_rows == scope["recipe"].splits["train"].size == 1000
    assert scope["scene"]["objects"]["radius_px"].tolist() == [6.0, 10.5]
    assert scope["scene"]["objects"]["extent_deg"].tolist() == [0.0, 120.0]
    assert all(kinds.tolist() == [2, 3] for kinds in scope["rows"]["objects"]["kind"])
    assert "corrected: object_name: the motion is exact at every angle" in capsys.readouterr().out
    for line in blocks(PAGE, "bash")[0].splitlines():
        program, *words = shlex.split(line)
        assert program == "deepbench-hf"
        said(*words)
    assert load_recipe("my.yaml").fingerprint == scope["recipe"].fingerprint


def test_the_pictures_of_the_page_are_there():
    for target in re.findall(r"!\[.*\]\((.*)\)", PAGE.read_text()):
        assert 10_000 < (PAGE.parent / target).stat().st_size < 600_000


if __name__ == "__main__":
    PAGE.write_text(with_laws(PAGE.read_text()))
