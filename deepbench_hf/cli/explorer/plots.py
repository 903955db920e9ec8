"""Line plots as SVG: a millisecond each, which a figure of matplotlib takes fifty times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.figures.labels import number_text

WIDTH, HEIGHT = 460.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 66.0, 14.0, 10.0, 44.0
"""Room around the axes, in the units of ``WIDTH``."""
TICKS = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
ROOM = 0.05
"""Beside the outermost values, as a share of their range."""


@dataclass(frozen=True)
class Line:
    """A curve through ``(n,)`` points."""

    x: ArrayLike
    y: ArrayLike


@dataclass(frozen=True)
class Points:
    """Points ``(n,)``, with error bars where ``bars`` gives their half lengths."""

    x: ArrayLike
    y: ArrayLike
    bars: ArrayLike | None = None
    is_large: bool = False


@dataclass(frozen=True)
class Band:
    """What lies between two curves ``(n,)``."""

    x: ArrayLike
    low: ArrayLike
    high: ArrayLike


def plot(
    title: str,
    labels: tuple[str, str],
    marks: Sequence[Line | Points | Band],
    ends: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> str:
    """A plot with its title below, in HTML.

    Args:
        title: what it shows, also for those who do not see it.
        labels: of the horizontal and the vertical axis.
        marks: what is drawn, the first at the bottom.
        ends: of both axes; those of the marks, and some room, unless given.
    """
    x, y = ends or _ends(marks)
    axes = _Axes(x, y)
    parts = [*axes.frame(labels), *(part for mark in marks for part in axes.drawn(mark))]
    return (
        f'<figure><svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg><figcaption>{escape(title)}</figcaption></figure>"
    )


@dataclass(frozen=True)
class _Axes:
    """From values to places in the picture."""

    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, x: ArrayLike) -> NDArray:
        """Horizontal places of values."""
        low, high = self.x
        share = (np.asarray(x, float) - low) / (high - low)
        return LEFT + np.clip(share, -1, 2) * (WIDTH - LEFT - RIGHT)

    def down(self, y: ArrayLike) -> NDArray:
        """Vertical places of values."""
        low, high = self.y
        share = (np.asarray(y, float) - low) / (high - low)
        return TOP + np.clip(1 - share, -1, 2) * (HEIGHT - TOP - BOTTOM)

    def frame(self, labels: tuple[str, str]) -> list[str]:
        """Numbers and lines of both axes, and their labels."""
        foot, middle = HEIGHT - BOTTOM, (HEIGHT - BOTTOM + TOP) / 2
        parts = [f'<path class="axis" d="M{LEFT},{TOP}V{foot}H{WIDTH - RIGHT}"></path>']
        for place, text in _ticks(*self.x, self.across):
            parts += [
                f'<path class="grid" d="M{place:.1f},{TOP}V{foot}"></path>',
                f'<text x="{place:.1f}" y="{foot + 16}" text-anchor="middle">{text}</text>',
            ]
        for place, text in _ticks(*self.y, self.down):
            parts += [
                f'<path class="grid" d="M{LEFT},{place:.1f}H{WIDTH - RIGHT}"></path>',
                f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{text}</text>',
            ]
        across, down = (escape(label) for label in labels)
        centre = (LEFT + WIDTH - RIGHT) / 2
        return [
            *parts,
            f'<text x="{centre}" y="{HEIGHT - 8}" text-anchor="middle">{across}</text>',
            f'<text x="{-middle}" y="13" text-anchor="middle" class="upright">{down}</text>',
        ]

    def drawn(self, mark: Line | Points | Band) -> list[str]:
        """A mark as paths."""
        x = self.across(mark.x)
        if isinstance(mark, Band):
            there = np.concatenate([x, x[::-1]])
            around = np.concatenate([self.down(mark.low), self.down(mark.high)[::-1]])
            return [_path("band", "M", "L", there, around, "Z")]
        y = self.down(mark.y)
        if isinstance(mark, Line):
            return [_path("line", "M", "L", x, y)]
        paths = [_path("points large" if mark.is_large else "points", "M", "h0M", x, y, "h0")]
        if mark.bars is not None:
            low, high = (
                self.down(np.asarray(mark.y) + way * np.asarray(mark.bars)) for way in (-1, 1)
            )
            bars = "".join(f"M{a:.1f},{b:.1f}V{c:.1f}" for a, b, c in _finite(x, low, high))
            paths.insert(0, f'<path class="bars" d="{bars}"></path>')
        return paths


def _path(name: str, first: str, between: str, x: NDArray, y: NDArray, last: str = "") -> str:
    places = between.join(f"{a:.1f},{b:.1f}" for a, b in _finite(x, y))
    return f'<path class="{name}" d="{first + places + last if places else ""}"></path>'


def _finite(*columns: NDArray) -> list[list[float]]:
    table = np.stack(np.broadcast_arrays(*map(np.atleast_1d, columns)), axis=-1)
    return table[np.isfinite(table).all(axis=-1)].tolist()


def _ends(marks: Sequence[Line | Points | Band]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The least and the greatest place and value of all marks, with room beside the values."""
    xs, ys = [], []
    for mark in marks:
        xs.append(np.ravel(np.asarray(mark.x, float)))
        sides = (mark.low, mark.high) if isinstance(mark, Band) else (mark.y,)
        ys += [np.ravel(np.asarray(side, float)) for side in sides]
    return _around(np.concatenate(xs), 0.01), _around(np.concatenate(ys), ROOM)


def _around(values: NDArray, room: float) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    more = room * (high - low) or 0.05 * abs(high) or 1.0
    return low - more, high + more


def _ticks(
    low: float, high: float, place: Callable[[ArrayLike], NDArray]
) -> list[tuple[float, str]]:
    """Round numbers within an axis: where they are, and their text."""
    values = np.asarray(TICKS.tick_values(low, high))
    step = values[1] - values[0]
    values = values[(values >= low - 1e-9 * step) & (values <= high + 1e-9 * step)]
    digits = int(np.ceil(np.log10(max(np.abs(values).max(), step) / step))) + 2
    texts = (number_text(0.0 if abs(v) < step / 2 else float(v), digits) for v in values)
    return list(zip(place(values).tolist(), texts, strict=True))
