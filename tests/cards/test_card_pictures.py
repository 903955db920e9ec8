"""The figures of cards: small, in true colours, and the same whatever Matplotlib is set to."""

import io
import re

import matplotlib
import pytest
from PIL import Image

from deepbench_hf import load_recipe
from deepbench_hf.cards import Published, card_files
from tests.support.recipes import small

FIGURE_BYTES, FIGURE_WIDTH = 400_000, 800


@pytest.fixture(scope="session")
def two():
    """All files of a card of a series and of images."""
    return card_files([Published(small()), Published(load_recipe("shapes_noisy"))])


def test_the_same_configs_give_the_same_bytes_whatever_the_settings_of_figures(two):
    previous = two["README.md"].decode()
    again = [Published(small()), Published(load_recipe("shapes_noisy"))]
    with matplotlib.rc_context({"font.size": 30, "figure.dpi": 40, "axes.facecolor": "red"}):
        assert card_files(again, previous=previous) == two


def test_figures_are_small_and_as_wide_as_the_page_and_all_are_shown(two):
    pictures = {name: data for name, data in two.items() if name.endswith(".png")}
    text = "".join(data.decode() for name, data in two.items() if name.endswith(".md"))
    assert set(re.findall(r"\]\((?:\.\./)?(figures/\S+)\)", text)) == set(pictures)
    for name, data in pictures.items():
        picture = Image.open(io.BytesIO(data))
        assert len(data) < FIGURE_BYTES, name
        assert picture.width <= FIGURE_WIDTH, name
        assert not picture.info.keys() & {"Software", "Creation Time", "date"}


def test_pictures_have_their_true_colours(two):
    for name, data in two.items():
        if name.endswith(".png"):
            assert Image.open(io.BytesIO(data)).mode in ("RGB", "L"), name
    grey = Image.open(io.BytesIO(two["figures/shapes_noisy.png"])).convert("L")
    assert len(set(grey.tobytes())) > 100, "so many levels of grey, and no 40"
