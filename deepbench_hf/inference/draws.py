"""What is told of weighted points: equally likely draws, means and standard deviations.

Source: J. Carpenter, P. Clifford, P. Fearnhead, IEE Proc. Radar Sonar Navig. 146 (1999) 2, for
systematic resampling.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.steps import Infer


def told(
    values: Columns, turns: Mapping[str, Array | None], weight: Array, chosen: NDArray[np.int64]
) -> Columns:
    """Draws and moments of weighted points, whose parameters are ``values``, ``(n,)``.

    What goes round is counted on from the heaviest point, to half a turn on both sides.
    """
    found: Columns = {}
    for name, of in values.items():
        found[name], turn, heaviest = of[chosen], turns[name], of[weight.argmax()]
        near = of if turn is None else of - turn * np.round((of - heaviest) / turn)
        mean = weight @ near
        sigma = np.sqrt(weight @ (near - mean) ** 2)
        found |= {f"{name}_mean": np.array(mean), f"{name}_sigma": np.array(sigma)}
    return found


def resampled(step: Infer, index: int, weight: Array, shuffled: bool = False) -> NDArray[np.int64]:
    """Which points are equally likely draws, by systematic resampling, in the order they came.

    Equal weights are shuffled: every fourth point of Sobol's sequence is in the same quarter.
    """
    steps = (np.arange(step.draws) + step.uniforms("resampling", index, 1)) / step.draws
    n = len(weight)
    order = np.argsort(step.uniforms("shuffle", index, n)) if shuffled else np.arange(n)
    return order[np.minimum(np.searchsorted(np.cumsum(weight[order]), steps), n - 1)]
