"""Figures of many panels, which notebooks display."""

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure

DOTS = 100
"""Dots an inch in a notebook."""


class Picture(Figure):
    """A figure that a notebook shows, whether pyplot is in use or not."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=DOTS)
        return file.getvalue()


def panels(
    count: int, across: int, inches: tuple[float, float], title: str
) -> tuple[Picture, list[Axes]]:
    """A figure of so many inches with a title and ``count`` panels, ``across`` in a line."""
    figure = Picture(figsize=inches, layout="constrained")
    axes = figure.subplots(-(-count // across), across, squeeze=False).flat
    for axis in axes[count:]:
        axis.set_axis_off()
    figure.suptitle(title, fontsize=10)
    return figure, list(axes[:count])
