"""Whether posteriors of two machines say the same: linear algebra has its own last digits."""

import numpy as np

from deepbench_hf.fields import Columns

MEAN, WIDTH, EVIDENCE = 0.2, 0.15, 0.1
"""How much posteriors of two machines may differ: standard deviations, a share of one, nats."""


def like_posteriors(published: Columns, made: Columns) -> Columns:
    """Columns of reference posteriors as they are made, published values where they say the same.

    Means within `MEAN` standard deviations, widths within a share of `WIDTH`, and evidence within
    `EVIDENCE` nats, of the draws and of all weighted points; a row that is at the edge of having
    draws may have them on one machine alone.

    Args:
        published: columns of a config of posteriors, ``(n, ...)``.
        made: the same columns as the recipe makes them.
    """
    names = [name for name in made if f"{name}_mean" in made]
    here = np.ones(len(made["index"]), bool)
    for name in names:
        one, other = (rows[f"{name}_mean"] for rows in (published, made))
        sigma, wide = (rows[f"{name}_sigma"] for rows in (published, made))
        off = np.abs(one - other), np.abs(published[name].mean(axis=1) - other)
        few = 4.0 / np.sqrt(published[name].shape[1])  # of so many draws the mean scatters
        near = (off[0] <= MEAN * wide) & (off[1] <= (MEAN + few) * wide)
        near &= np.abs(sigma / np.where(wide > 0.0, wide, 1.0) - 1.0) <= WIDTH
        here &= near | (wide == 0.0) & (sigma == 0.0) | np.isnan(one) | np.isnan(other)
    evidence = published["log_evidence"], made["log_evidence"]
    here &= (np.abs(evidence[0] - evidence[1]) <= EVIDENCE) | ~np.isfinite(evidence).all(axis=0)
    settled = {"index"} | {name for name in made if name.endswith("_truth")}
    return {
        name: values
        if name in settled
        else np.where(here.reshape(-1, *[1] * (values.ndim - 1)), published[name], values)
        for name, values in made.items()
    }
