"""Pictures of the curves: cost against size, both on logarithmic scales."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

FOLDER = Path("docs/benchmarks")
MARKERS = "osD^vP"


def draw(name: str, suite: dict[str, Any], root: Path) -> Path:
    """Draw the curves of a suite's results.

    Args:
        name: of the suite, and of the file.
        suite: as `report.collect` gives it, with an ``axis``.
        root: the folder above `FOLDER`.
    """
    figure = Figure(figsize=(8.0, 4.0), dpi=100, layout="constrained")
    axes: Any = figure.subplots()
    for marker, (curve, points) in zip(MARKERS, _curves(suite).items(), strict=False):
        places, medians = zip(*points, strict=True)
        axes.loglog(places, medians, marker=marker, markersize=5, label=curve)
    _label(axes, suite, sorted({row["at"] for row in suite["rows"].values()}))
    file = root / FOLDER / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Software": None})
    return file


def _curves(suite: dict[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """Places and medians of every curve."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for row in suite["rows"].values():
        curves.setdefault(row["curve"], []).append((row["at"], row["median"]))
    return curves


def _label(axes: Any, suite: dict[str, Any], places: list[float]) -> None:
    axes.set_title(suite["title"])
    axes.set_xlabel(suite["axis"])
    axes.set_ylabel("CPU time of one core (µs)")
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", " "))
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.yaxis.set_minor_formatter(plain)
    axes.tick_params(axis="y", which="minor", labelsize=7)
    axes.grid(True, which="major", alpha=0.4)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
