"""Predicted classes against the truth, and parameters that only some classes have."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepbench_hf import generate, load_recipe, metrics
from deepbench_hf.metrics.evaluation import known_truths
from tests.support.commands import said


@pytest.fixture(scope="module")
def shapes():
    """A config with classes, 300 of its rows, and probabilities that are right half of the time."""
    recipe = load_recipe("shapes")
    rows = generate(recipe, "test", 0, 300)
    names = known_truths(recipe)["label"].names
    p = np.full((300, len(names)), 0.5 / (len(names) - 1))
    guess = np.where(np.arange(300) % 2 == 0, rows["label"], (rows["label"] + 1) % len(names))
    p[np.arange(300), guess] = 0.5
    columns = {f"label_probability_{name}": p[:, k] for k, name in enumerate(names)}
    return recipe, rows, names, columns, guess


def test_classes_are_scored_from_numbers_names_and_probabilities(shapes, tmp_path):
    recipe, rows, names, probabilities, guess = shapes
    index = {"index": rows["index"]}
    words = [names[number] for number in guess]
    pd.DataFrame({**index, "label": pd.Categorical(words)}).to_parquet(tmp_path / "mine.parquet")
    sources = [
        {**index, "label": guess},
        {**index, "label": words},
        tmp_path / "mine.parquet",
        {**index, **probabilities},
    ]
    for source in sources:
        (result,) = metrics.evaluate(recipe, source).results
        found = result.scores()
        assert found["accuracy"].value == 0.5
    assert found["ece"].value == pytest.approx(0, abs=1e-12)
    expected = -(np.log(0.5) + np.log(0.5 / (len(names) - 1))) / 2
    assert found["nll"].value == pytest.approx(expected)


def test_a_table_of_classes_is_printed_and_drawn(shapes, tmp_path):
    _, rows, _, probabilities, _ = shapes
    file, picture = tmp_path / "mine.parquet", tmp_path / "x.png"
    pd.DataFrame({"index": rows["index"], **probabilities}).to_parquet(file)
    text = said("evaluate", "shapes", "--predictions", file, "-o", picture)
    assert "accuracy" in text.splitlines()[2]
    assert "50 ± 2.9 %" in text.splitlines()[3]
    assert np.asarray(Image.open(picture).convert("L")).std() > 10


def test_a_parameter_counts_in_rows_of_the_classes_that_have_it(shapes):
    recipe, rows, names, *_ = shapes
    arcs = rows["label"] == names.index("arc")
    extent = np.where(arcs, rows["extent_deg"] + 2, np.nan)
    source = {"index": rows["index"], "extent_deg": extent}
    (result,) = metrics.evaluate(recipe, source).results
    assert 0 < arcs.sum() == len(result.truth) < 300
    assert result.scores()["bias"].value == pytest.approx(2)
    nothing = {name: values[~arcs] for name, values in source.items()}
    with pytest.raises(ValueError, match="none of its rows has a extent_deg"):
        metrics.evaluate(recipe, nothing)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": ["cirle"]}, "label of index 0 is cirle; did you mean 'circle'?"),
        ({"label": [None]}, "label of index 0 is None; there are 15, such as 'circle'"),
        ({"label": [15]}, "label of index 0 is 15; give a name or a number from 0 to 14"),
        ({"label_probability_arc": [1.0]}, "no column label_probability_"),
        ({"label_probability_ark": [1.0]}, "did you mean 'label_probability_arc'"),
    ],
)
def test_what_is_wrong_with_classes_is_told_in_one_line(shapes, change, message):
    recipe, rows, names, *_ = shapes
    other = int(np.flatnonzero(rows["label"] != names.index("arc"))[0])
    message = re.escape(message.replace("index 0", f"index {other}"))
    with pytest.raises(ValueError, match=message) as error:
        metrics.evaluate(recipe, {"index": [other], **change})
    assert "\n" not in str(error.value)


def test_probabilities_must_sum_to_one(shapes):
    recipe, rows, _, probabilities, _ = shapes
    source = {"index": rows["index"], **probabilities}
    source["label_probability_arc"] = source["label_probability_arc"] + 0.1
    with pytest.raises(ValueError, match=r"the sum of label_probability_\* of index 0 is 1\.1"):
        metrics.evaluate(recipe, source)
