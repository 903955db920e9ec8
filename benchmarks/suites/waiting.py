"""The benchmarks of what a user waits for, in wall-clock time, and of what a build takes up."""

import tempfile
from pathlib import Path

from benchmarks import batches, machine, memory, ours, starting
from benchmarks.results import Counts, Ratio, Suite
from benchmarks.timing import WALL, Contestant, interleaved, ratios

STREAMED = "shapes_noisy"


def threads(counts: Counts) -> Suite:
    """Two threads, or processes, against one; the one benchmark that may use every core."""
    title = "Two threads, per row"
    if machine.core_count() < 2:
        print("threads is left out: there is one core")
        return Suite(title, "us", "", {})
    with tempfile.TemporaryDirectory() as folder, machine.all_cores():
        pairs = _pairs(counts.rows, Path(folder))
        contestants = [one for pair, _ in pairs for one in pair]
        times = interleaved(contestants, counts.few)
    told = [
        Ratio(f"{one.name} / {two.name.split(', ')[-1]}", ratios(times, one.name, two.name), least)
        for (one, two), least in pairs
    ]
    return Suite(title, "us", contestants[0].name, times, told)


def _pairs(rows: int, folder: Path) -> list[tuple[list[Contestant], float | None]]:
    """The same work with one and with two, and the ratio that is required."""
    config, both = ours.CONFIG, (1, 2)
    built = ours.in_proportion(config, 5 * rows)  # beside which a process starts at once
    return [
        ([_streamed(rows, n) for n in both], 1.7),
        ([ours.parquet(config, built, folder / str(n), n, WALL) for n in both], 1.7),
        ([_cache(config, built, folder / f"cache{n}", n) for n in both], None),
    ]


def _cache(config: str, rows: ours.Rows, folder: Path, processes: int) -> Contestant:
    name = f"ours: datasets cache, {processes} process{'es' * (processes > 1)}"
    return Contestant(name, ours.builder(config, rows, folder, processes, WALL).run)


def _streamed(rows: int, number: int) -> Contestant:
    name = f"ours: stream of {STREAMED}, {number} thread{'s' * (number > 1)}"
    opened = batches.open_stream(STREAMED, rows, threads=number)
    return batches.passing(name, rows, lambda: opened, WALL)


def imports(counts: Counts) -> Suite:
    """A fresh Python that imports us, and one that imports `datasets` alone."""
    times = interleaved(starting.imports(), counts.rounds)
    _, theirs, own = times
    told = [Ratio("import deepbench_hf / import datasets", ratios(times, own, theirs), high=1.3)]
    return Suite("A fresh process", "ms", theirs, times, told)


def compiles(counts: Counts) -> Suite:
    """The first batch on a fresh machine, import and compilation included, on every core."""
    with machine.all_cores():
        times = interleaved(starting.compiles(), counts.few, warm=False)
    floor, *cold = times
    told = [
        _within(name, times[name], limit)
        for name, limit in zip(cold, starting.COLD.values(), strict=True)
    ]
    return Suite("The first batch, nothing compiled yet", "ms", floor, times, told)


def first_batches(counts: Counts) -> Suite:
    """Opening 10^9 rows, shuffled, up to the first batch of 64."""
    times = interleaved(starting.batches(), counts.few)
    told = [_within(f"first batch, {name}", times[name], 1) for name in times if "warm" in name]
    return Suite("The first batch of 10^9 rows", "ms", next(iter(times)), times, told)


def loads(counts: Counts) -> Suite:
    """Opening what is already built, in the same process."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        times = interleaved(starting.loads(Path(folder)), counts.rounds)
    own, parquet = times
    told = [Ratio("load_dataset again / the same as Parquet", ratios(times, own, parquet))]
    return Suite("Loading the eight splits again", "ms", own, times, told)


def peaks(counts: Counts) -> Suite:
    """Peak memory of builds of two sizes, in processes of their own."""
    sizes = {ours.CONFIG: counts.peaks, "sky_noisy": [rows // 10 for rows in counts.peaks]}
    contestants = [
        Contestant(f"{config}: {how}, {_spaced(rows)} rows", memory.Build(how, config, rows))
        for config in sizes
        for how in memory.BUILDS
        for rows in sizes[config]
    ]
    times = interleaved(contestants, 1, warm=False)
    names = list(times)
    told = [
        Ratio(f"{big} / {small}", ratios(times, big, small), high=1.1)
        for small, big in zip(names[::2], names[1::2], strict=True)
    ]
    return Suite("Peak memory of a build", "MB", names[0], times, told)


def _within(name: str, seconds: list[float], limit: float) -> Ratio:
    """A wait as a ratio to the longest that is allowed."""
    return Ratio(f"{name} / {limit:g} s", [value / limit for value in seconds], high=1)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
