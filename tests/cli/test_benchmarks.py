"""The benchmarks' own laws: fair turns, limits that bite, results that are kept and shown."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks import against, report, results
from benchmarks.objects import KINDS
from benchmarks.results import QUICK, Curves, Ratio, Suite
from benchmarks.suites import SUITES
from benchmarks.timing import Contestant, climbed, interleaved
from tests.support.paths import ROOT

MACHINE = {
    "processor": "abacus", "vectors": "beads", "cores": 1, "load_at_start": 0.0, "system": "table",
    "python": "3", "versions": {"numpy": "2"},
}  # fmt: skip
ROW = {
    "center_x_px": 200.2, "center_y_px": 199.7, "flux_e_s": 1000.0, "fwhm_px": 4.0, "beta": 4.5,
    "half_light_radius_px": 8.0, "sersic_index": 0.5, "axis_ratio": 0.6, "angle_deg": 30.0,
}  # fmt: skip


def collected(name, **changes):
    suite = {"title": name, "unit": "us", "base": "a", "times": {"a": [2e-6], "b": [4e-6]}}
    return results.collect(name, Suite(**suite | changes), QUICK, MACHINE)


def test_every_contestant_runs_once_a_round_in_turns():
    ran = []
    contestants = [Contestant(n, lambda n=n: ran.append(n) or 1.0) for n in "abc"]
    times = interleaved(contestants, 2)
    assert "".join(ran) == "abc" + "cba" + "abc"
    assert times == {"a": [1.0, 1.0], "b": [1.0, 1.0], "c": [1.0, 1.0]}


def test_a_curve_ends_before_a_run_that_would_take_too_long(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("benchmarks.timing.WALL", lambda: clock[0])

    def curve(place):
        def run():
            clock[0] += place
            return 1.0

        return Contestant("", run)

    _, points = climbed({"line": curve}, (1, 10, 100, 1000), rounds=1, limit=150.0)
    assert list(points.values()) == [("line", 1), ("line", 10), ("line", 100)]


@pytest.mark.parametrize(
    ("values", "holds"), [([9.0, 11.0, 12.0], True), ([9.0, 9.99, 12.0], False)]
)
def test_a_ratio_holds_when_its_median_lies_within_the_limits(values, holds):
    low = collected("one", ratios=[Ratio("r", values, low=10)])["ratios"]["r"]
    high = collected("one", ratios=[Ratio("r", values, high=10)])["ratios"]["r"]
    assert low["holds"] is holds
    assert high["holds"] is not holds


def test_a_saved_suite_replaces_its_own_results_and_keeps_the_others(tmp_path):
    results.save({"one": collected("one"), "two": collected("two")}, ["one", "two"], tmp_path)
    results.save({"two": collected("two", title="again")}, ["one", "two"], tmp_path)
    saved = json.loads((tmp_path / "docs/benchmarks/results.json").read_text(encoding="utf-8"))
    assert {name: suite["title"] for name, suite in saved.items()} == {"one": "one", "two": "again"}
    text = (tmp_path / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert text == report.page(saved)
    assert "abacus (beads)" in text


def test_a_suite_with_curves_is_drawn(tmp_path):
    curves = Curves("n", {"a": ("line", 10), "b": ("line", 100)})
    results.save({"grows": collected("grows", curves=curves)}, ["grows"], tmp_path)
    assert Image.open(tmp_path / "docs/benchmarks/grows.png").size == (800, 400)
    assert "(benchmarks/grows.png)" in (tmp_path / "docs/benchmarks.md").read_text(encoding="utf-8")


def test_a_wide_table_has_a_line_for_each_config_and_names_what_is_missed():
    times = {"pond: row": [2e-6], "pond: opening": [3e-3]}
    columns = {"row": "us", "opening": "ms"}
    told = [Ratio("pond: row / floor", [4.0], high=3.0, floor=[1.0])]
    text = report.markdown(
        {"parts": collected("parts", base="pond: row", times=times, columns=columns, ratios=told)}
    )
    assert "| pond | 2 | 3 | 4 |" in text
    assert "| pond: row / floor | **4** | 4 to 4 | 1 | at most 3: **missed** | parts |" in text


def test_the_page_shows_the_saved_results_and_the_readme_names_every_benchmark():
    saved = json.loads((ROOT / "docs/benchmarks/results.json").read_text(encoding="utf-8"))
    assert (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8") == report.page(saved)
    text = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    assert [name for name in SUITES if f"**`{name}`**" not in text] == []


@pytest.mark.parametrize(
    ("first", "again", "code"),
    [([1.2, 1.3, 1.2], [1.15, 1.2, 1.3], 1), ([1.2, 1.3, 1.2], [1.0, 1.05, 1.3], 0)],
    ids=["slower twice", "slower once"],
)
def test_what_is_slower_twice_ends_with_code_1(monkeypatch, capsys, first, again, code):
    runs = iter([first, again])
    monkeypatch.setattr(against, "_ratios", lambda *_: next(runs))
    assert against.judged(["generate pond"], None, None, "HEAD~1") == code
    assert "generate pond" in capsys.readouterr().out


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_object_of_astropy_has_the_flux_of_ours(kind):
    y, x = np.mgrid[:401, :401].astype(float)
    settings = kind.settings({name: np.array([value]) for name, value in ROW.items()})
    image = kind.model(**{name: values[0] for name, values in settings.items()})(x, y)
    assert image.sum() == pytest.approx(ROW["flux_e_s"], rel=1e-3)


def test_a_benchmark_runs_by_its_name_and_prints_its_table():
    command = [sys.executable, "-m", "benchmarks", "--quick", "parts", "scinet_step"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "| scinet_step | " in done.stdout, done.stderr
