"""How good predictions are, and how two sets of examples differ."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from deepbench_hf.figures.labels import Picture, axis_label, number_text, panels, spelt
from deepbench_hf.metrics import coverage, pit_values, pulls
from deepbench_hf.metrics.evaluation import Evaluation
from deepbench_hf.metrics.results import Classes, Numbers, Result
from deepbench_hf.statistics import Compared, Comparison, p_text

OURS, IDEAL = "#1f4e79", "#d1603d"
LEVELS = np.linspace(0, 1, 101)
FEW = 6


def draw_evaluation(evaluation: Evaluation) -> Figure:
    """A figure with one line of two panels for each predicted column.

    Of a number with a sigma: observed against nominal coverage of central intervals, with the band
    in which a calibrated model of so many rows lies in 95 % of cases; and the pulls beside a
    standard normal distribution. Without a sigma: predictions and errors against the truth. Of a
    class: the share that is right against the predicted confidence; and which class is taken for
    which.
    """
    results = evaluation.results
    title = f"{evaluation.config} {evaluation.version}, split {evaluation.split}"
    figure, axes = panels(2 * len(results), 2, (8.0, 3.2 * len(results) + 0.4), title)
    for left, right, result in zip(axes[::2], axes[1::2], results, strict=True):
        _draw(left, right, result)
    return figure


def _draw(left: Axes, right: Axes, result: Result) -> None:
    left.set_title(f"{result.column}, {len(result.truth)} rows", fontsize=9)
    if isinstance(result, Classes):
        _reliability(left, result)
        _confusion(right, result)
    elif result.sigma is None:
        _against_truth(left, right, result)
    else:
        _calibration(left, result, result.sigma)
        _pulls(right, result, result.sigma)


def _calibration(axis: Axes, result: Numbers, sigma: np.ndarray) -> None:
    observed, error = coverage(pit_values(result.truth, result.mean, sigma), LEVELS)
    _diagonal(axis)
    band = (LEVELS - 1.96 * error, LEVELS + 1.96 * error)
    axis.fill_between(LEVELS, *band, color=IDEAL, alpha=0.2, lw=0, label="chance, 95 %")
    axis.plot(LEVELS, observed, color=OURS, lw=1.6, label="observed")
    axis.set_xlabel("nominal coverage")
    axis.set_ylabel("observed coverage")
    axis.legend(fontsize=7, frameon=False)


def _pulls(axis: Axes, result: Numbers, sigma: np.ndarray) -> None:
    pull = pulls(result.truth, result.mean, sigma)
    far = max(4.0, min(float(np.abs(pull).max()), 10.0))
    edges = np.linspace(-far, far, 41)
    density = np.histogram(np.clip(pull, -far, far), edges)[0] / (len(pull) * np.diff(edges))
    axis.stairs(density, edges, fill=True, color=OURS, alpha=0.6, label="observed")
    z = np.linspace(-far, far, 201)
    axis.plot(z, stats.norm.pdf(z), color=IDEAL, lw=1.4, label="standard normal")
    beyond = int((np.abs(pull) > far).sum())
    outer = f",\n{beyond} beyond it in the outer bins" if beyond else ""
    axis.set_xlabel(f"pull: (predicted - true) / standard deviation{outer}")
    axis.set_ylabel("density")
    axis.legend(fontsize=7, frameon=False)


def _against_truth(left: Axes, right: Axes, result: Numbers) -> None:
    unit = "" if result.unit == "1" else axis_label("", result.unit).strip()
    left.plot(result.truth, result.mean, ".", ms=2.5, color=OURS)
    left.axline((result.truth[0], result.truth[0]), slope=1, color=IDEAL, lw=1)
    right.plot(result.truth, result.mean - result.truth, ".", ms=2.5, color=OURS)
    right.axhline(0, color=IDEAL, lw=1)
    for axis, word in ((left, "predicted"), (right, "predicted - true")):
        axis.set_xlabel(f"true {unit}".rstrip())
        axis.set_ylabel(f"{word} {unit}".rstrip())


def _reliability(axis: Axes, result: Classes, bins: int = 10) -> None:
    if result.probabilities is None:
        axis.text(0.5, 0.5, "no probabilities", ha="center", va="center", color="grey")
        axis.set_axis_off()
        return
    confidence = result.probabilities.max(1)
    right = result.probabilities.argmax(1) == result.truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    used = np.unique(place)
    of = [place == number for number in used]
    _diagonal(axis)
    shares = [right[here].mean() for here in of]
    axis.plot([confidence[here].mean() for here in of], shares, "o-", ms=4, color=OURS)
    axis.set_xlabel("confidence")
    axis.set_ylabel("share that is right")


def _confusion(axis: Axes, result: Classes) -> None:
    seen = np.union1d(result.truth, result.predicted)
    true, taken = ((of[:, None] == seen).astype(int) for of in (result.truth, result.predicted))
    counts = true.T @ taken
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    names = [spelt(result.names[number]) for number in seen]
    axis.set_xticks(range(len(names)), names, fontsize=7, rotation=90 if len(names) > FEW else 0)
    axis.set_yticks(range(len(names)), names, fontsize=7)
    for (row, column), count in np.ndenumerate(counts) if len(names) <= FEW else ():
        colour = "white" if shares[row, column] > 0.5 else "black"
        axis.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")


def _diagonal(axis: Axes) -> None:
    axis.plot([0, 1], [0, 1], color=IDEAL, lw=1, ls="--")
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1)
    axis.set_aspect("equal")


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
        _draw_statistic(above, below, result, (comparison.a, comparison.b))
    for axis in (*upper[len(results) :], *lower[len(results) :]):
        axis.set_axis_off()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    counts = " and ".join(f"{count}" for count in comparison.rows)
    figure.suptitle(f"{counts} examples; p {p_text(comparison.p)} of all tests", fontsize=10)
    return figure


def _draw_statistic(above: Axes, below: Axes, result: Compared, names: tuple[str, str]) -> None:
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
