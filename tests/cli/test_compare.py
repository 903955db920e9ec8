"""`compare`: two sets from anywhere, by all statistics; the verb, its picture and its page."""

import json
import re
import shlex
from functools import partial

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from deepbench_hf import generate, load_recipe, statistics
from deepbench_hf.tables.building import build
from tests.cli.test_package import blocks
from tests.support.commands import said
from tests.support.fields import gaussian_maps
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "statistics.md"


@pytest.fixture(scope="module")
def maps():
    """Two sets of lognormal maps from one simulator."""
    return np.exp(0.5 * gaussian_maps(np.random.default_rng(11), 400, 64, 2.0)).reshape(
        2, 200, 64, 64
    )


told = partial(said, "compare")


def by_name(found):
    return {result.curves.name: result for result in found.results}


def test_two_sets_of_one_simulator_agree(maps):
    found = statistics.compare(*maps, periodic=True)
    assert found.p > 0.001
    assert [*by_name(found)] == [
        *("intensity", "power spectrum"),
        *(f"Minkowski V{number}" for number in range(3)),
    ]


def test_it_does_not_matter_which_set_comes_first(maps):
    one, other = (statistics.compare(*sides) for sides in (maps[:, :60], maps[::-1, :60]))
    for name, result in by_name(one).items():
        np.testing.assert_allclose(result.ks, by_name(other)[name].ks, rtol=1e-9)
        assert result.mean.p == pytest.approx(by_name(other)[name].mean.p, rel=1e-6)


def test_an_amplitude_that_is_ten_percent_wrong_is_rejected_by_every_statistic(maps):
    found = statistics.compare(maps[0], 1 + 1.1 * (maps[1] - 1))
    assert all(result.p < 1e-6 for result in found.results)


def test_a_defect_that_leaves_the_spectrum_alone_is_found_by_the_others(maps):
    mean = maps.mean()
    found = by_name(statistics.compare(maps[0], 2 * mean - maps[1]))  # hills are valleys now
    assert found.pop("power spectrum").p > 0.001
    assert all(result.p < 1e-6 for result in found.values())


def test_a_series_that_is_too_slow_is_found():
    rng = np.random.default_rng(0)
    walks = [
        np.cumsum(rng.normal(size=(2, 150, 80)) * slow, axis=-1) for slow in (1.0, np.sqrt(1.3))
    ]
    assert statistics.compare(*walks[0]).p > 0.001
    found = by_name(statistics.compare(walks[0][0], walks[1][0]))
    assert found["structure function"].p < 1e-4


def test_padding_does_not_count(tmp_path):
    rng = np.random.default_rng(1)
    times, values = np.sort(rng.uniform(0, 90, (2, 120, 30))), rng.normal(size=(2, 120, 30))
    valid = np.arange(30) < rng.integers(20, 31, (2, 120, 1))
    found = []
    for padding in (0.0, 7.0, np.nan):
        for number in range(2):
            columns = {
                "m": np.where(valid, values, padding)[number],
                "t": np.where(valid, times, padding)[number],
                "valid": valid[number].astype(np.int8),
            }
            np.savez(tmp_path / f"{number}.npz", **columns)
        files = [tmp_path / f"{number}.npz" for number in range(2)]
        found.append(statistics.compare(*files, times="t", bins=8))
    assert [*by_name(found[0])] == ["intensity", "structure function"]
    assert found[0].to_mapping() == found[1].to_mapping() == found[2].to_mapping()
    assert found[0].p > 0.001


ROWS = 120


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The same rows of a config in every form that they can have."""
    root = tmp_path_factory.mktemp("places")
    build(["pendulum_noisy"], root / "built", quiet=True, num_examples=ROWS)
    rows = generate(load_recipe("pendulum_noisy"), "test", 0, ROWS)
    x, time = rows["x_observed_m"], rows["time_s"]
    np.save(root / "x.npy", x)
    np.savez(root / "x.npz", any_name=x)
    table = {"x_observed_m": list(x), "time_s": list(time), "other": np.arange(ROWS)}
    pq.write_table(pa.table(table), root / "x.parquet")
    dataset = datasets.Dataset.from_dict(table)
    dataset.save_to_disk(root / "saved")
    datasets.DatasetDict({"train": dataset.select([0]), "test": dataset}).save_to_disk(root / "all")
    (root / "each").mkdir()
    for number, series in enumerate(x):
        np.save(root / "each" / f"{number:03}.npy", series)
    inside = ("built", "built/pendulum_noisy:test")
    files = (*inside, "x.npy", "x.npz", "each", "x.parquet", "saved", "all")
    return ["pendulum_noisy:test", *(f"{root}/{file}" for file in files), dataset, x]


def test_the_same_rows_from_any_place_are_compared_alike(places):
    def found(place):
        mapping = statistics.compare(place, "pendulum_noisy:train", rows=ROWS, bins=12).to_mapping()
        return {k: v for k, v in mapping.items() if k not in ("a", "columns")}

    first, *others = map(found, places)
    assert first["rows"] == (ROWS, ROWS)
    assert list(first["statistics"]) == ["intensity", "power spectrum", "structure function"]
    for place, other in zip(places[1:], others, strict=True):
        assert other == first, place


def test_the_verb_prints_a_table_and_draws_a_picture(places, tmp_path):
    picture = tmp_path / "x.png"
    sides = ("pendulum_noisy", places[3], "--rows", "100", "--bins", "10")
    lines = told(*sides, "-o", picture).splitlines()
    assert lines[0].split() == ["A", "pendulum_noisy:test", "x_observed_m", "100", "of", "100"]
    assert re.match(r"  statistic +bins +KS p +max \|z\| +chi2/dof +p", lines[3])
    assert lines[-2].startswith("p = 1: ")  # the rows are the same
    assert lines[-1] == str(picture)
    assert np.asarray(Image.open(picture).convert("L")).std() > 10
    data = json.loads(told(*sides, "--json"))
    assert data["p"] == 1
    assert told(*sides, "-q").splitlines()[0] == "p 1.0"


def test_options_reach_recipes_and_columns_are_chosen():
    sides = ("pendulum_noisy", "pendulum_noisy", "--rows", "60", "--bins", "6", "--json")
    assert json.loads(told(*sides, "--seed", "5"))["p"] == 1
    data = json.loads(told(*sides, "--column", "x_m"))
    assert data["columns"] == ["x_m", "x_m"]


def test_a_p_value_that_no_number_holds_is_below_the_least(tmp_path):
    flat = np.random.default_rng(0).normal(size=(2, 300, 40))
    np.save(tmp_path / "a.npy", flat[0])
    np.save(tmp_path / "b.npy", 1e6 + flat[1])
    text = told(tmp_path / "a.npy", tmp_path / "b.npy", "--bins", "4")
    assert "p < 1e-300: the least of all p-values" in text
    assert not re.search(r"\b0$", text, re.MULTILINE)
    assert (
        json.loads(told(tmp_path / "a.npy", tmp_path / "b.npy", "--bins", "4", "--json"))["p"] == 0
    )


def close(text):
    """A text with its numbers apart."""
    return re.sub(r"[\d.]+(e-\d+)?", "#", text), [
        float(number[0]) for number in re.findall(r"(\d+\.?\d*(e-\d+)?)", text)
    ]


def test_the_examples_of_the_page_run_and_print_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for code in blocks(PAGE, "python"):
        exec(compile(code, PAGE.name, "exec"), {})
    (command,) = blocks(PAGE, "bash")
    (shown,) = blocks(PAGE, "text")
    words, numbers = close(told(*shlex.split(command)[2:]))
    assert words == close(shown)[0]
    assert numbers == pytest.approx(close(shown)[1], rel=0.05)
    assert (tmp_path / "statistics.png").is_file()
    assert (PAGE.parent / "statistics.png").is_file()
