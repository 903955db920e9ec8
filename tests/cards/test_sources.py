"""Every page of a family names where its physics comes from, in a form that can be followed."""

import re

import pytest

from tests.support.paths import ROOT

PAGES = sorted((ROOT / "dataset_cards").glob("*.md"))
FAMILIES = [page for page in PAGES if page.stem != "changelog"]
LINK = re.compile(r"\[(arXiv:\d{4}\.\d{4,5}|doi:10\.\d{4,}/[^\]]+)\]\(https://[^)]+\)")


@pytest.mark.parametrize("page", FAMILIES, ids=lambda page: page.stem)
def test_a_page_links_its_sources_by_arxiv_number_doi_or_repository(page):
    text = page.read_text(encoding="utf-8")
    sources = text[text.rindex("\nSource") :]
    assert LINK.search(sources) or "https://github.com/" in sources
    for name in re.findall(r"arXiv:(\d{4}\.\d{4,5})\]", text):
        assert f"](https://arxiv.org/abs/{name})" in text
