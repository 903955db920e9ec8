"""Gauss-Legendre rules on the unit interval around zero: nodes within +-1/2, weights that add to 1.

Source: DLMF 3.5(v).
"""

import numpy as np

ORDERS = (1, 2, 3, 5, 8)
"""How many nodes a side a pixel can have."""

# fmt: off
_HALVES = (
    ((0.0, 1.0),),
    ((0.28867513459481287, 0.5),),
    ((0.0, 0.4444444444444444), (0.3872983346207417, 0.2777777777777778)),
    ((0.0, 0.2844444444444444), (0.26923465505284155, 0.23931433524968324),
     (0.453089922969332, 0.11846344252809454)),
    ((0.09171732124782489, 0.18134189168918100), (0.2627662049581645, 0.15685332293894364),
     (0.3983332387068134, 0.11119051722668724), (0.4801449282487681, 0.05061426814518813)),
)
_HALF_12 = (
    (0.06261670425573446, 0.12457352290670139), (0.1839157494990901, 0.1167462682691774),
    (0.29365897714330874, 0.10158371336153296), (0.38495133709715235, 0.08003916427167311),
    (0.4520586281852374, 0.05346966299765922), (0.4907803171233596, 0.02358766819325591),
)
# fmt: on


def _whole(half: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """The nodes of both signs, in ascending order."""
    return sorted({(sign * node, weight) for node, weight in half for sign in (1.0, -1.0)})


RULES = np.zeros((len(ORDERS), 2, max(ORDERS)))
"""Nodes and weights of the rule number k of `ORDERS` are in RULES[k, 0] and RULES[k, 1]."""
for _k, _half in enumerate(_HALVES):
    RULES[_k, :, : ORDERS[_k]] = np.transpose(_whole(_half))
NODES_12, WEIGHTS_12 = np.transpose(_whole(_HALF_12)).copy()
