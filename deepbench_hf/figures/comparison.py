"""Two sets of examples side by side: mean and scatter of each statistic, and the difference."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepbench_hf.figures.labels import number_text
from deepbench_hf.figures.panels import Picture
from deepbench_hf.statistics import Compared, Comparison, p_text

COLOURS = ("#1f4e79", "#d1603d")
ACROSS = 3
MOST_Z = 5.0
"""Differences are drawn up to so many standard errors; arrows at the edge stand for larger ones."""


def draw_comparison(comparison: Comparison) -> Figure:
    """A figure with two panels for each statistic, one above the other.

    The upper one has mean and one standard deviation between examples of both sets, the lower one
    the difference of the means in standard errors.
    """
    results = comparison.results
    across = min(ACROSS, len(results))
    down = -(-len(results) // across)
    figure = Picture(figsize=(3.7 * across + 0.3, 3.5 * down + 0.7), layout="constrained")
    axes = figure.subplots(2 * down, across, squeeze=False, height_ratios=[3, 1.2] * down)
    upper, lower = axes[::2].flat, axes[1::2].flat
    for above, below, result in zip(upper, lower, results, strict=False):
        _draw(above, below, result, (comparison.a, comparison.b))
    for axis in (*upper[len(results) :], *lower[len(results) :]):
        axis.set_axis_off()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    counts = " and ".join(f"{count}" for count in comparison.rows)
    figure.suptitle(f"{counts} examples; p {p_text(comparison.p)} of all tests", fontsize=10)
    return figure


def _draw(above: Axes, below: Axes, result: Compared, names: tuple[str, str]) -> None:
    drawn = result.curves
    means = [values.mean(0) for values in (drawn.a, drawn.b)]
    log = drawn.scale == "log" and min(mean.min() for mean in means) > 0
    floor = min(mean.min() for mean in means) / 2 if log else -np.inf
    for values, mean, name, colour in zip((drawn.a, drawn.b), means, names, COLOURS, strict=True):
        std = values.std(0)
        band = np.maximum(mean - std, floor), mean + std
        above.fill_between(drawn.x, *band, color=colour, alpha=0.2, lw=0)
        above.plot(drawn.x, mean, color=colour, lw=1.4, label=name)
    if log:
        above.set_yscale("log")
        above.set_ylim(bottom=floor)
    above.set_title(f"{drawn.name}, p {p_text(result.mean.p)}", fontsize=9)
    above.tick_params(which="both", labelbottom=False, labelsize=8)
    z = result.mean.z
    below.axhspan(-1, 1, color="grey", alpha=0.2, lw=0)
    for mark, here in ((".", np.abs(z) <= MOST_Z), ("^", z > MOST_Z), ("v", z < -MOST_Z)):
        colour = "black" if mark == "." else COLOURS[1]
        below.plot(drawn.x[here], np.clip(z[here], -MOST_Z, MOST_Z), mark, color=colour, ms=4)
    below.set_ylim(-1.2 * MOST_Z, 1.2 * MOST_Z)
    below.set_ylabel("z [std. errors]", fontsize=7)
    above.set_ylabel("mean, one standard deviation", fontsize=7)
    below.set_xlabel(drawn.label, fontsize=8)
    below.tick_params(labelsize=8)
    if drawn.scale == "log":
        _to_log(above, below, drawn.x)
    below.set_xlim(above.get_xlim())


def _to_log(above: Axes, below: Axes, x: np.ndarray) -> None:
    """A logarithmic axis below both panels, with three numbers on it."""
    ticks = np.geomspace(x[0], x[-1], 3)
    labels = [number_text(tick, 2) for tick in ticks]
    for axis, words in ((above, [""] * 3), (below, labels)):
        axis.set_xscale("log")
        axis.set_xticks(ticks, words)
        axis.set_xticks([], minor=True)
