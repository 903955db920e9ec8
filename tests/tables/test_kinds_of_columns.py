"""Point sets, graphs, text, colours and volumes, from a simulator to tensors."""

import io
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import datasets
import numpy as np
import pytest
from PIL import Image

from deepbench_hf import collate, generate, load_recipe, show, statistics_of, stream
from deepbench_hf.cards import Published, card_texts
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.recipe.columns import digested
from deepbench_hf.rows.digest import block_digest
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.tables.arrow import columns, features, table
from deepbench_hf.tables.folder import build_folder
from tests.support.draws import identical

ROOM = 5
ENDS = {name: Field("1", f"its {name}", dtype="int16") for name in ("source", "target")}


class Chain(Simulator):
    """Points in a row, linked one to the next, with a word for their number and pictures."""

    kind: Literal["chain"] = "chain"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "number": Parameter("1", "how many points", 1, ROOM, whole=True, symbol="n"),
        "red": Parameter("1", "red of the picture", 0, 1, symbol="r"),
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        point = {"shape": (ROOM,), "dtype": "float32", "valid": "valid"}
        colours = ("red", "green", "blue")
        return {
            "valid": Field("1", "whether there is a point", (ROOM,), "bool", low=0, role="label"),
            "n_edges": Field("1", "number of edges", dtype="int64", low=0, role="label"),
            "edges": Field("1", "the links", (ROOM - 1,), fields=ENDS, role="label"),
            "question": Field("1", "what is asked", dtype="U20", role="label"),
            "x_m": Field("m", "place", **point),
            "y_m": Field("m", "height", against="x_m", **point),
            "image": Field("1", "picture", (3, 8, 8), "float32", channels=colours),
            "density": Field("1", "volume", (8, 8, 8), "float32"),
        }

    def __call__(self, *, number: Any, red: Any) -> Columns:
        there = np.arange(ROOM) < number[:, None]
        edges = np.zeros((len(red), ROOM - 1), self.columns["edges"].array_dtype)
        edges["source"], edges["target"] = np.arange(ROOM - 1), np.arange(1, ROOM)
        edges[~there[:, 1:]] = 0
        x = np.where(there, np.arange(ROOM), 0).astype(np.float32)
        image = np.zeros((len(red), 3, 8, 8), np.float32)
        image[:, 0], image[:, 2, :, 4:] = red[:, None, None], 0.5
        return {
            "valid": there,
            "n_edges": number.astype(np.int64) - 1,
            "edges": edges,
            "question": np.array([f"more than {n:.0f}?" for n in number], "U20"),
            "x_m": x,
            "y_m": 2 * x,
            "image": image,
            "density": np.broadcast_to(image[:, :1], (len(red), 8, 8, 8)).copy(),
        }


RECIPE = f"""
version: 1.0.0
simulator: {{kind: chain}}
priors:
  number: {{kind: integers, low: 1, high: {ROOM}}}
  red: {{kind: uniform, low: 0, high: 1}}
noise: {{x_m: {{kind: gaussian, sigma: 0.1}}}}
preview: true
splits: {{train: {{size: 24}}}}
"""


@pytest.fixture
def chain(tmp_path, monkeypatch):
    monkeypatch.setitem(SIMULATORS, "chain", Chain)
    (tmp_path / "chain.yaml").write_text(RECIPE)
    return load_recipe(tmp_path / "chain.yaml")


@pytest.fixture
def rows(chain):
    return generate(chain, "train")


def test_each_kind_is_a_feature_of_its_own(chain):
    found = features(chain)
    assert found["question"] == datasets.Value("string")
    assert found["edges"] == datasets.List({k: datasets.Value("int16") for k in ENDS})
    assert found["image"] == datasets.Array3D((3, 8, 8), "float32")
    assert found["valid"] == datasets.List(datasets.Value("bool"), length=ROOM)


def test_arrow_keeps_every_bit_and_no_padding_of_edges_and_text(chain, rows):
    made = table(chain, rows)
    assert identical(columns(chain, made), rows)
    assert [len(edges) for edges in made["edges"].to_pylist()] == rows["n_edges"].tolist()
    assert made["question"].to_pylist() == [f"more than {n}?" for n in rows["number"]]


def test_noise_leaves_the_padding_alone(rows):
    moved = rows["x_observed_m"] != rows["x_m"]
    assert (moved == rows["valid"]).all()


def test_a_digest_sees_text_and_edges_and_not_what_lies_behind_them(chain, rows):
    names = digested(chain)
    before = block_digest(rows, names)
    rows["edges"]["target"][rows["n_edges"] < ROOM - 1, -1] = 9
    assert block_digest(rows, names) == before
    rows["edges"]["target"][np.argmax(rows["n_edges"]), 0] = 9
    assert block_digest(rows, names) != before
    edges = block_digest(rows, names)
    rows["question"][3] = "fewer than 3?"
    assert block_digest(rows, names) != edges


@pytest.mark.parametrize("torch", [False, True])
def test_a_stream_and_collate_give_padded_arrays_and_strings(chain, rows, torch):
    loaded = datasets.Dataset(table(chain, rows)).with_format("arrow")
    batch = collate(loaded[:8], torch=torch, most_objects=ROOM - 1)
    batches = stream(chain, "train", 8, shuffle=False)
    (expected, *_) = batches.torch() if torch else batches
    assert batch["image"].shape == (8, 3, 8, 8)
    assert list(batch["question"]) == rows["question"][:8].tolist()
    assert np.array_equal(batch["valid"], rows["valid"][:8])
    assert np.array_equal(batch["edges"]["target"], rows["edges"]["target"][:8])
    assert all(np.array_equal(batch[name], expected[name]) for name in ("x_m", "n_edges", "image"))
    assert list(expected["question"]) == list(batch["question"])


def test_workers_give_text_and_edges(chain, rows):
    from torch.utils.data import DataLoader

    batches = stream(chain, "train", 8, shuffle=False, columns=["question", "edges"]).torch()
    found = list(DataLoader(batches, batch_size=None, num_workers=2))
    assert [word for batch in found for word in batch["question"]] == rows["question"].tolist()
    assert np.array_equal(found[2]["edges"]["source"], rows["edges"]["source"][16:])


def test_files_give_the_rows_back_and_a_stream_reads_them(chain, rows, tmp_path):
    build_folder([chain], tmp_path / "out")
    (batch,) = stream(tmp_path / "out", "train", 24, config="chain", shuffle=False)
    assert identical(batch, rows)


def test_the_card_tells_types_and_previews_are_in_colour(chain, rows):
    text = card_texts([Published(chain)])[f"docs/{chain.family}.md"]
    assert "| `question` | string |" in text
    assert "| `edges` | list of up to 4 records |" in text
    assert "question" not in statistics_of(chain)
    picture = Image.open(io.BytesIO(table(chain, rows)["preview"][0]["bytes"].as_py()))
    red, green, blue = picture.getpixel((0, picture.height - 1))
    assert (red, green, blue) == (round(255 * rows["red"][0]), 0, 0)
    assert picture.getpixel((picture.width - 1, 0))[2] == 128
    assert len(show(chain, rows=2).axes[0].images[0].get_array().shape) == 3
