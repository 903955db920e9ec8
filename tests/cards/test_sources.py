"""Every page of a family names where its physics comes from, in a form that can be followed."""

import re

import pytest

from deepbench_hf import list_recipes
from tests.support.paths import ROOT

CORRECTIONS = ROOT / "docs" / "decisions" / "0032-corrections.md"
PAGES = sorted((ROOT / "dataset_cards").glob("*.md"))
FAMILIES = [page for page in PAGES if page.stem != "changelog"]
LINK = re.compile(r"\[(arXiv:\d{4}\.\d{4,5}|doi:10\.\d{4,}/[^\]]+)\]\(https://[^)]+\)")


@pytest.mark.parametrize("page", FAMILIES, ids=lambda page: page.stem)
def test_a_page_links_its_sources_by_arxiv_number_doi_or_repository(page):
    text = page.read_text(encoding="utf-8")
    _, begun, sources = text.rpartition("\nSource")
    assert begun, f"{page.name} has no line that begins with Source"
    assert LINK.search(sources) or "https://github.com/" in sources, (
        f"{page.name}: Source has no link such as [arXiv:1807.10300](https://arxiv.org/abs/...)"
    )
    for name in re.findall(r"arXiv:(\d{4}\.\d{4,5})\]", text):
        assert f"](https://arxiv.org/abs/{name})" in text


@pytest.mark.parametrize(
    ("page", "told"),
    [("lartpc", "Wire-Cell"), ("sky", "Here \\\\( \\phi \\\\) runs the other way")],
)
def test_a_page_says_whose_numbers_and_which_way_round_they_are(page, told):
    assert told in (ROOT / "dataset_cards" / f"{page}.md").read_text(encoding="utf-8")


def test_published_results_stand_beside_ours():
    tables = {}
    for page in FAMILIES:
        lines = page.read_text(encoding="utf-8").splitlines()
        heads = [n for n, line in enumerate(lines) if line.startswith("| published")]
        tables[page.stem] = [lines[n : n + 3] for n in heads]
    assert {"line", "pairs", "quasar", "sky", "oscillator", "kappa"} <= {
        p for p, t in tables.items() if t
    }
    for head, rule, first in (one for found in tables.values() for one in found):
        assert head.count("|") == rule.count("|") == first.count("|")
        assert all(cell.strip() for cell in first.strip("|").split("|"))


def test_every_test_that_holds_a_correction_is_there():
    rows = [
        line
        for line in CORRECTIONS.read_text("utf-8").splitlines()
        if re.match(r"\| [A-EW]\d", line)
    ]
    assert len(rows) == 10 + 12 + 7 + 6 + 12 + 20
    for row in rows:
        found = re.findall(r"`((?:\w+/test_|tools/)\w+)(?:\.py)?`(?:: ((?:`\w+`(?:, )?)+))?", row)
        assert found or row.split("|")[1].split()[0] in ("B11", "W18"), row
        for file, names in found:
            place = ROOT / (f"{file}.py" if file.startswith("tools") else f"tests/{file}.py")
            text = place.read_text(encoding="utf-8")
            missing = [n for n in re.findall(r"`(\w+)`", names) if f"def test_{n}(" not in text]
            assert not missing, (row[:30], missing)


def test_every_paper_has_a_config_but_white_papers():
    """`_t10` after `deeply_uncertain_t05` is short for a sibling; "none" is no answer."""
    text = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0] not in ("| paper",)]
    assert len(rows) > 25
    for row in rows:
        named = set(re.findall(r"`(\w+)`", row[2]))
        assert named & set(list_recipes()), row[0]
        unknown = {name for name in named - set(list_recipes()) if not name.startswith("_")}
        assert not unknown, row[0]
        assert row[4].strip() not in ("", "-"), row[0]
