"""Predictions in files against the truth: scores, pictures, and what is wrong with them."""

import json
import os
import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepbench_hf import generate, load_recipe, metrics
from deepbench_hf.metrics.evaluation import known_truths, present, score, truth_rows
from deepbench_hf.metrics.predictions import read
from tests.cli.test_package import blocks
from tests.support.commands import failed, run, said
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


told = partial(said, "evaluate")


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
        lines = failed("evaluate", "pendulum_noisy", *arguments)
        assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
        if "--split" not in arguments:
            assert arguments[-1] in lines[0]
    done = run("evaluate", "pendulum_noisy", "--predictions", str(broken))
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Error", "Hint"]


def test_the_examples_of_the_page_run_and_print_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {}
    for code in blocks(DOCS, "python"):
        exec(compile(code, DOCS.name, "exec"), scope)
    (command,) = blocks(DOCS, "bash")
    (shown,) = blocks(DOCS, "text")
    assert said(*command.split()[1:]) == shown
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
