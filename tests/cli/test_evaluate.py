"""Predictions in files against the truth: scores, pictures, and what is wrong with them."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from deepbench_hf import generate, load_recipe, metrics
from deepbench_hf.cli import cli
from deepbench_hf.cli.reports import error_lines
from deepbench_hf.metrics.evaluation import known_truths, present, score, truth_rows
from deepbench_hf.metrics.predictions import read
from tests.cli.test_cli import run
from tests.support.paths import ROOT

DOCS = ROOT / "docs" / "evaluation.md"
SIGMA = 0.3


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("pendulum_noisy")


@pytest.fixture(scope="module")
def table(recipe):
    """Predictions of all test rows: a calibrated length, a gravity too sure by a factor of two."""
    rows, rng = generate(recipe, "test"), np.random.default_rng(0)
    n = len(rows["index"])
    return {
        "index": rows["index"],
        "length_m": rows["length_m"] + SIGMA * rng.normal(size=n),
        "length_m_sigma": np.full(n, SIGMA),
        "gravity_m_s2": rows["gravity_m_s2"] + SIGMA * rng.normal(size=n),
        "gravity_m_s2_sigma": np.full(n, SIGMA / 2),
        "theta0_rad": rows["theta0_rad"] + 0.1,
    }


@pytest.fixture(scope="module")
def file(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("predictions") / "mine.parquet"
    pd.DataFrame(table).to_parquet(path)
    return path


def told(*arguments):
    result = CliRunner().invoke(cli, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def scores(found, column):
    return {name: each.value for name, each in found[column].scores().items()}


def by_column(evaluation):
    return {result.column: result for result in evaluation.results}


def test_the_calibrated_column_scores_calibrated_and_the_other_does_not(file):
    columns = json.loads(told("pendulum_noisy", "--predictions", file, "--json"))["columns"]
    good, sure = (columns[name]["scores"] for name in ("length_m", "gravity_m_s2"))
    for name, expected in (("pull_std", 1), ("coverage_683", 0.683), ("coverage_954", 0.954)):
        assert abs(good[name]["value"] - expected) < 6 * good[name]["error"]
        assert abs(sure[name]["value"] - expected) > 6 * sure[name]["error"]
    assert good["ece"]["value"] < 3 / np.sqrt(1000) < sure["ece"]["value"]
    assert good["rmse"]["value"] == pytest.approx(SIGMA, abs=6 * good["rmse"]["error"])
    assert good["nll"]["value"] < sure["nll"]["value"]
    assert set(columns["theta0_rad"]["scores"]) == {"bias", "rmse"}
    assert columns["theta0_rad"]["scores"]["bias"]["value"] == pytest.approx(0.1)


def test_it_prints_a_table_and_draws_a_picture(file, tmp_path):
    picture = tmp_path / "x.png"
    lines = told("pendulum_noisy", "--predictions", file, "-o", picture).splitlines()
    assert lines[0] == "pendulum_noisy 1.0.0, split test: 1000 of 1000 rows"
    assert re.match(r"  column +unit +n +bias +rmse +pull mean .* in 68\.3 %", lines[2])
    assert [line.split()[0] for line in lines[3:6]] == ["length_m", "gravity_m_s2", "theta0_rad"]
    assert lines[-1] == str(picture)
    assert np.asarray(Image.open(picture).convert("L")).std() > 10
    quiet = told("pendulum_noisy", "--predictions", file, "-q").splitlines()
    assert quiet[0].startswith("length_m bias ")
    assert len(quiet) == 2 * 10 + 2


def test_any_rows_in_any_order_from_any_source_score_the_same(recipe, table, tmp_path):
    chosen = np.random.default_rng(1).permutation(1000)[:300]
    part = {name: values[chosen] for name, values in table.items()}
    pd.DataFrame(part).to_csv(tmp_path / "mine.csv", index=False)
    ordered = {name: values[np.sort(chosen)] for name, values in table.items()}
    sources = [tmp_path / "mine.csv", part, ordered]
    first, *others = (by_column(metrics.evaluate(recipe, source)) for source in sources)
    for other in others:
        for name in first:
            assert scores(other, name) == pytest.approx(scores(first, name), rel=1e-9)
    everything = generate(recipe, "test")
    np.testing.assert_array_equal(
        truth_rows(recipe, "test", chosen)["length_m"], everything["length_m"][chosen]
    )


def test_arrow_opens_the_file_itself(recipe, table, file, tmp_path, monkeypatch):
    csv = tmp_path / "mine.csv"
    pd.DataFrame(table).to_csv(csv, index=False)
    # Threads of Arrow that hold a file of Python's may abort the process at its end.
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("a file of Python's"))
    monkeypatch.setattr("builtins.open", lambda *_, **__: pytest.fail("a file of Python's"))
    for source in (file, csv):
        assert len(metrics.evaluate(recipe, source).results) == 3


def test_a_name_stands_for_its_recipe(recipe, table):
    by_name = metrics.evaluate("pendulum_noisy", table)
    assert by_name.to_mapping() == metrics.evaluate(recipe, table).to_mapping()
    (one, *_) = metrics.baselines("deepuq_linear")
    assert metrics.run_baseline("deepuq_linear", one, rows=8).rows == 8


def test_rows_whose_true_value_is_not_finite_do_not_count():
    recipe = load_recipe("shapes_noisy")
    rows = {"index": np.arange(3), "snr": np.array([5.0, np.inf, np.nan])}
    assert present(recipe, "snr", rows).tolist() == [True, False, False]


def test_another_seed_is_another_truth(file):
    found = json.loads(told("pendulum_noisy", "--predictions", file, "--seed", "7", "--json"))
    assert found["columns"]["length_m"]["scores"]["rmse"]["value"] > 1


def test_the_efficiency_is_scored_where_rows_hold_a_bound(recipe, table):
    known, n = known_truths(recipe), 1000
    given = read({k: table[k] for k in ("index", "length_m")}, known, n)
    rows = truth_rows(recipe, "test", given.index)
    rows["length_crlb_m"] = np.where(rows["index"] < 900, SIGMA, np.inf)  # some tell nothing
    here = np.ones(n, bool)
    value, error = score("length_m", known["length_m"], rows, given, here).scores()["efficiency"]
    assert abs(value - 1) < 6 * error < 0.5


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
        found = by_column(metrics.evaluate(recipe, source))
        assert scores(found, "label")["accuracy"] == 0.5
    found = scores(found, "label")
    assert found["ece"] == pytest.approx(0, abs=1e-12)
    expected = -(np.log(0.5) + np.log(0.5 / (len(names) - 1))) / 2
    assert found["nll"] == pytest.approx(expected)


def test_a_table_of_classes_is_printed_and_drawn(shapes, tmp_path):
    _, rows, _, probabilities, _ = shapes
    file, picture = tmp_path / "mine.parquet", tmp_path / "x.png"
    pd.DataFrame({"index": rows["index"], **probabilities}).to_parquet(file)
    text = told("shapes", "--predictions", file, "-o", picture)
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


FEW = {"index": [0, 17], "length_m": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"length_m": [1.0]}, "no column 'index'; add the row's index (columns: length_m)"),
        ({"index": [3]}, "it predicts nothing; accepted: length_m"),
        ({"index": [3, 3], "length_m": [1.0, 2.0]}, "index 3 is there 2 times"),
        ({"index": [0, 1000], "length_m": [1.0, 2.0]}, "index 1000; the split has 0 to 999"),
        ({"index": [-1], "length_m": [1.0]}, "index -1; the split has 0 to 999"),
        ({"index": [0.5], "length_m": [1.0]}, "index is float64 (1,); give whole numbers"),
        ({"index": [0], "lenght_m": [1.0]}, "can be scored; did you mean 'length_m'"),
        ({**FEW, "length_m": [1.0, np.nan]}, "length_m of index 17 is nan; every row needs a fin"),
        ({**FEW, "length_m": ["long", "short"]}, "column length_m must hold numbers"),
        ({**FEW, "length_m": [[1.0], [2.0]]}, "length_m has shape (2, 1); give (2,)"),
        ({**FEW, "length_m_sigma": [1.0, 0.0]}, "length_m_sigma of index 17 is 0; it must be abo"),
        ({"index": [0], "length_m_sigma": [1.0]}, "length_m_sigma without length_m; add"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(recipe, source, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        metrics.evaluate(recipe, source)
    assert "\n" not in str(error.value)


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


def test_errors_of_the_command_are_one_line_and_a_hint(file, tmp_path):
    broken, pipe, long = (tmp_path / f"{name}.parquet" for name in ("broken", "pipe", "long"))
    broken.write_text("no table")
    os.mkfifo(pipe)
    pd.DataFrame({"index": np.arange(1001), "length_m": 1.0}).to_parquet(long)
    (tmp_path / "cut.csv").write_text("index,length_m\n0,1.0\n1\n")
    for arguments in (
        ("--predictions", str(broken)),
        ("--predictions", str(pipe)),
        ("--predictions", str(long)),
        ("--predictions", str(tmp_path)),
        ("--predictions", str(tmp_path / "cut.csv")),
        ("--predictions", str(tmp_path / "missing.parquet")),
        ("--predictions", str(file), "--split", "tset"),
        ("--predictions", str(file), "-o", str(tmp_path / "no_ending")),
    ):
        result = CliRunner().invoke(cli, ["evaluate", "pendulum_noisy", *arguments])
        assert (result.exit_code, result.stdout) == (1, "")
        lines = error_lines(result.exception)
        assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
        if "--split" not in arguments:
            assert arguments[-1] in lines[0]
    done = run("evaluate", "pendulum_noisy", "--predictions", str(broken))
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Error", "Hint"]


def test_the_examples_of_the_page_run_and_print_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page, scope = DOCS.read_text(), {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(code, DOCS.name, "exec"), scope)
    (command,) = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    (shown,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    result = CliRunner().invoke(cli, command.split()[1:], catch_exceptions=False)
    assert result.stdout == shown
    assert (tmp_path / "evaluation.png").is_file()
    assert (DOCS.parent / "evaluation.png").is_file()


def test_an_estimate_as_sharp_as_the_bound_of_each_row_is_efficient():
    recipe = load_recipe("pendulum_ladder", uncertainty=True)
    rows = generate(recipe, "test", 0, 1000)
    z = np.random.default_rng(3).standard_normal(1000)
    for factor, efficiency in ((1.0, 1.0), (2.0, 0.25)):
        guess = rows["length_m"] + factor * rows["length_crlb_m"] * z
        found = metrics.evaluate(recipe, {"index": rows["index"], "length_m": guess})
        value, error = found.results[0].scores()["efficiency"]
        assert abs(value - efficiency) < 6 * error
        assert error < 0.1 * efficiency
    blind = metrics.evaluate(load_recipe("pendulum_ladder"), {"index": [3], "length_m": [1.0]})
    assert "efficiency" not in blind.results[0].scores()
