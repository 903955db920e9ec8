"""The benchmarks' own laws: fair turns, limits that bite, results that are kept and shown."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks import report, results
from benchmarks.climbing import climbed
from benchmarks.objects import KINDS
from benchmarks.outcome import QUICK, Counts, Curves, Ratio, Suite
from benchmarks.suites import SUITES
from benchmarks.timing import Contestant, interleaved
from tests.support.paths import ROOT

MACHINE = {
    "processor": "abacus", "cores": 1, "load_at_start": 0.0, "system": "table",
    "python": "3", "versions": {"numpy": "2"},
}  # fmt: skip
ROW = {
    "center_x_px": 200.2, "center_y_px": 199.7, "flux_e_s": 1000.0, "fwhm_px": 4.0, "beta": 4.5,
    "half_light_radius_px": 8.0, "sersic_index": 0.5, "axis_ratio": 0.6, "angle_deg": 30.0,
}  # fmt: skip


def collected(name, **changes):
    suite = {"title": name, "unit": "us", "base": "a", "times": {"a": [2e-6], "b": [4e-6]}}
    return results.collect(name, Suite(**suite | changes), QUICK, MACHINE)


@pytest.fixture
def folder(tmp_path):
    """A folder of benchmarks without results."""
    here = tmp_path / "benchmarks"
    here.mkdir()
    text = f"before\n{results.BEGIN}old\n{results.END}after\n"
    (here / "README.md").write_text(text, encoding="utf-8")
    return here


def test_every_contestant_runs_once_a_round_in_turns():
    ran = []
    contestants = [Contestant(n, lambda n=n: ran.append(n) or 1.0) for n in "abc"]
    times = interleaved(contestants, 2)
    assert "".join(ran) == "abc" + "cba" + "abc"
    assert times == {"a": [1.0, 1.0], "b": [1.0, 1.0], "c": [1.0, 1.0]}


def test_a_curve_ends_before_a_run_that_would_take_too_long(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("benchmarks.climbing.WALL", lambda: clock[0])

    def curve(place):
        def run():
            clock[0] += place
            return 1.0

        return Contestant("", run)

    _, curves = climbed({"line": curve}, (1, 10, 100, 1000), "n", Counts(few=1, limit=150.0))
    assert list(curves.points.values()) == [("line", 1), ("line", 10), ("line", 100)]


@pytest.mark.parametrize(
    ("values", "holds"), [([9.0, 11.0, 12.0], True), ([9.0, 9.99, 12.0], False)]
)
def test_a_ratio_holds_when_its_median_lies_within_the_limits(values, holds):
    low = collected("one", ratios=[Ratio("r", values, low=10)])["ratios"]["r"]
    high = collected("one", ratios=[Ratio("r", values, high=10)])["ratios"]["r"]
    assert low["holds"] is holds
    assert high["holds"] is not holds


def test_a_saved_suite_replaces_its_own_results_and_keeps_the_others(folder):
    results.save({"one": collected("one"), "two": collected("two")}, ["one", "two"], folder)
    results.save({"two": collected("two", title="again")}, ["one", "two"], folder)
    saved = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert {name: suite["title"] for name, suite in saved.items()} == {"one": "one", "two": "again"}
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert report.markdown(saved) in text


def test_a_suite_with_curves_is_drawn(folder):
    curves = Curves("n", {"a": ("line", 10), "b": ("line", 100)})
    results.save({"grows": collected("grows", curves=curves)}, ["grows"], folder)
    file = folder.parent / "docs/benchmarks/grows.png"
    assert Image.open(file).size == (800, 400)
    assert "docs/benchmarks/grows.png" in (folder / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_saved_results_and_names_every_benchmark():
    text = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
    saved = json.loads((ROOT / "benchmarks/results.json").read_text(encoding="utf-8"))
    assert report.markdown(saved) in text
    assert [name for name in SUITES if f"**`{name}`**" not in text] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_object_of_astropy_has_the_flux_of_ours(kind):
    y, x = np.mgrid[:401, :401].astype(float)
    settings = kind.settings({name: np.array([value]) for name, value in ROW.items()})
    image = kind.model(**{name: values[0] for name, values in settings.items()})(x, y)
    assert image.sum() == pytest.approx(ROW["flux_e_s"], rel=1e-3)


def test_a_benchmark_runs_by_its_name_and_prints_its_table():
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "parts"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| The parts of generate, per series | µs |" in done.stdout
