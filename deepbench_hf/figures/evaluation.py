"""How good predictions are: calibration curves, histograms of pulls, confusion of classes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from deepbench_hf.figures.labels import axis_label, spelt
from deepbench_hf.figures.panels import panels
from deepbench_hf.metrics import coverage, pit_values, pulls
from deepbench_hf.metrics.evaluation import Evaluation
from deepbench_hf.metrics.results import Classes, Numbers, Result

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
    outer = f"; {beyond} beyond it in the outer bins" if beyond else ""
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
    counts = np.array(
        [[np.sum((result.truth == t) & (result.predicted == p)) for p in seen] for t in seen]
    )
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
