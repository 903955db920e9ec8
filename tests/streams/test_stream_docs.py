"""The page on streams does what it says."""

from deepbench_hf.tables.building import build
from tests.cli.test_package import blocks
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "streams.md"


def test_the_examples_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(["pendulum_noisy"], "out", quiet=True, num_examples=100)
    code = "\n".join(blocks(PAGE, "python"))
    exec(compile(code, PAGE.name, "exec"), {})
