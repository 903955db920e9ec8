"""How good posteriors are: ranks, coverage, and corner plots with the truth."""

from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from deepbench_hf.figures.evaluation import IDEAL, LEVELS, OURS
from deepbench_hf.figures.labels import Picture, axis_label, panels
from deepbench_hf.metrics import coverage, tarp
from deepbench_hf.metrics.inferred import PosteriorEvaluation
from deepbench_hf.noise.measurement import word_of
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate

BINS, MOST_NAMES = 20, 8
TRIES = 20
"""Rows of reference posteriors of which the first with draws is shown."""


def draw_ranks(evaluation: PosteriorEvaluation) -> Figure:
    """A figure with a histogram of ranks for each parameter, and the coverage of all of them.

    The bands hold 95 % of the histograms and curves of a calibrated posterior with as many rows.
    Bins end where steps of the ranks do, for a bin that held one rank more than the next would seem
    too high.

    Args:
        evaluation: what `deepbench_hf.metrics.evaluate_posterior` found.
    """
    names, n = evaluation.names, len(evaluation.index)
    title = f"{evaluation.config} {evaluation.version}, split {evaluation.split}: {n} rows"
    across = min(len(names) + 1, 3)
    lines = -(-(len(names) + 1) // across)
    figure, axes = panels(len(names) + 1, across, (3.4 * across, 3.0 * lines + 0.4), title)
    ranks = [pit[np.isfinite(pit)] for pit in evaluation.pit.T]  # of the rows that have it
    steps = evaluation.draws.shape[1] + 1
    edges = np.rint(np.linspace(0, steps, min(BINS, steps) + 1)) / steps
    wide = np.diff(edges)
    for axis, name, pit in zip(axes, names, ranks, strict=False):
        even = len(pit) * wide
        low, high = (stats.binom.ppf(p, len(pit), wide) / even for p in (0.025, 0.975))
        axis.stairs(high, edges, baseline=low, fill=True, color=IDEAL, alpha=0.2, lw=0)
        axis.stairs(np.histogram(pit, edges)[0] / even, edges, fill=True, color=OURS, alpha=0.7)
        axis.set_xlabel(f"rank of the true {name}")
        axis.set_ylabel("density")
    axes[-1].plot([0, 1], [0, 1], color=IDEAL, lw=1, ls="--")
    for name, pit in zip(names, ranks, strict=True):
        axes[-1].plot(LEVELS, coverage(pit, LEVELS).value, lw=1.2, label=name)
    whole = evaluation.whole
    if whole.any():
        near = np.sort(tarp(evaluation.truth[whole], evaluation.draws[whole]))
        share = (np.arange(len(near)) + 0.5) / len(near)
        axes[-1].plot(near, share, color="black", lw=1.4, label="TARP, all")
    band = 1.96 * np.sqrt(LEVELS * (1 - LEVELS) / n)
    axes[-1].fill_between(LEVELS, LEVELS - band, LEVELS + band, color=IDEAL, alpha=0.2, lw=0)
    axes[-1].set_xlabel("nominal coverage")
    axes[-1].set_ylabel("observed coverage")
    axes[-1].legend(fontsize=6, frameon=False)
    return figure


def draw_reference(recipe: Recipe, split: str, row: int = 0) -> Figure:
    """A corner plot of a row of a config of reference posteriors, with the truth marked.

    It is the first row from this one on that has draws, of `TRIES` at most.
    """
    every = [n for n, c in schema(recipe).items() if c.field.shape and not c.field.names]
    rows, names = {}, []
    for place in range(row, min(row + TRIES, recipe.splits[split].size)):
        rows = generate(recipe, split, place, place + 1)
        spread = {n: np.ptp(rows[n][0]) for n in every}
        names = [n for n in every if np.isfinite(spread[n]) and spread[n] > 0.0][:MOST_NAMES]
        if names:
            break
    if not names:
        figure, (axis,) = panels(1, 1, (4.0, 3.0), f"{recipe.name}, split {split}")
        axis.text(0.5, 0.5, "no draws", ha="center", va="center", color="grey")
        axis.set_axis_off()
        return figure
    draws = np.stack([rows[n] for n in names], axis=-1)
    units = tuple(schema(recipe)[n].field.unit for n in names)
    truth = np.array([[rows[f"{n}_truth"][0] for n in names]], np.float64)
    head = (recipe.name, recipe.version, recipe.fingerprint, split, rows["index"])
    none = np.empty((0, 1, len(names))), np.empty(0, np.int64)
    return draw_corner(PosteriorEvaluation(*head, tuple(names), units, truth, draws, *none))


def draw_corner(evaluation: PosteriorEvaluation, row: int = 0) -> Figure:
    """A corner plot of one posterior, with the exact one where there is one, and the truth marked.

    Args:
        evaluation: what `deepbench_hf.metrics.evaluate_posterior` found.
        row: number of the row among those that were inferred.
    """
    d, units = len(evaluation.names), zip(evaluation.names, evaluation.units, strict=True)
    labels = [axis_label(word_of(name, unit), unit) for name, unit in units]
    sets = {"inferred": (evaluation.draws[row], OURS)}
    if row in evaluation.compared:
        place = int(np.flatnonzero(evaluation.compared == row)[0])
        sets["exact"] = (evaluation.reference[place], IDEAL)
    figure = Picture(figsize=(1.9 * d + 0.8, 1.9 * d + 0.8), layout="constrained")
    axes = figure.subplots(d, d, squeeze=False)
    for i, j in np.ndindex(d, d):
        axis = cast("Axes", axes[i, j])
        if j > i:
            axis.set_axis_off()
            continue
        for name, (draws, color) in sets.items():
            if i == j:
                axis.hist(draws[:, i], 30, color=color, histtype="step", density=True, label=name)
            else:
                axis.plot(draws[:, j], draws[:, i], ".", ms=1, color=color, alpha=0.5)
        axis.axvline(evaluation.truth[row, j], color="black", lw=0.8)
        if i != j:
            axis.axhline(evaluation.truth[row, i], color="black", lw=0.8)
        axis.tick_params(labelsize=6)
        if i == d - 1:
            axis.set_xlabel(labels[j], fontsize=7)
        if j == 0 and i:
            axis.set_ylabel(labels[i], fontsize=7)
    axes[0, 0].legend(fontsize=6, frameon=False)
    index = evaluation.index[row]
    figure.suptitle(f"{evaluation.config}, split {evaluation.split}, row {index}", fontsize=9)
    return figure
