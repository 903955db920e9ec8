"""The page on streams does what it says."""

from pathlib import Path

from deepbench_hf.building import build
from tests.test_package import blocks

PAGE = Path(__file__).parent.parent / "docs" / "streams.md"


def test_the_examples_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(["pendulum_noisy"], "out", quiet=True, num_examples=100)
    code = "\n".join(blocks(PAGE, "python"))
    exec(compile(code, PAGE.name, "exec"), {})
