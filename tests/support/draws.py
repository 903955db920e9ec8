"""What tests compare of rows: draws by their priors, and bits."""

import numpy as np
from scipy import stats

from deepbench_hf.fields import class_column
from deepbench_hf.priors import Classes, Conditional, Constant, Grid
from deepbench_hf.recipe.columns import row_bytes, schema
from deepbench_hf.rows.generation import rows_at
from deepbench_hf.simulators.base import all_parameters

ALPHA = 1e-7
"""False-alarm probability of one comparison; a test makes at most ten of them."""

SLOW = (
    *("cmb_lensing", "sz_cutouts", "galaxy_points", "field_3d"),
    *("lens_finding", "survey_ten", "survey_depth"),
)
"""Configs whose rows are several Fourier transforms, or a pass over all pairs of points, each."""
MOST_BYTES = 64 << 20
"""What a test makes of one split at once."""


def fewer(recipe, rows):
    """So many rows, or fewer of those that take a megabyte or a tenth of a second each."""
    if recipe.name in SLOW:
        rows = max(rows // 5, 1)
    return min(rows, MOST_BYTES // row_bytes(recipe))


def true_rows(recipe, split, indices):
    """The parameters of rows and their objects, without what is made of them."""
    own = [name for name, one in schema(recipe).items() if one.role in ("parameter", "objects")]
    return rows_at(recipe, split, np.asarray(indices, dtype=np.int64), own)


def spread(recipe, split, rows):
    """Truths from all over a split: in the first rows some parameter of a grid hardly changes."""
    size = recipe.splits[split].size
    return true_rows(recipe, split, np.arange(min(rows, size)) * 0.6180339887498949 % 1 * size)


def identical(one, other):
    """Whether two dicts of columns hold the same bits."""
    return one.keys() == other.keys() and all(
        one[k].dtype == other[k].dtype and one[k].tobytes() == other[k].tobytes() for k in one
    )


def drawn(recipe, split, rows):
    """For each parameter: its draws by prior, (prior, values), absent and padded ones left out.

    A conditional prior gives one pair for each class that decides.
    """
    part, found = recipe.splits[split], {}
    columns = dict(rows)
    if "objects" in rows:
        used = np.arange(rows["objects"].shape[1]) < rows["n_objects"][:, None]
        columns |= {name: rows["objects"][name][used] for name in rows["objects"].dtype.names}
    parameters = all_parameters(part.simulator)
    for name, prior in part.priors.items():
        here = np.ones(len(columns[name]), bool)
        for other, classes in parameters[name].only.items():
            column = class_column(other, parameters)
            if column in part.priors:
                here &= np.isin(columns[column], numbers_of(parameters[column], classes))
        found[name] = [(prior, columns[name][here])]
        if isinstance(prior, Conditional):
            decides = columns[prior.given][here]
            names = [parameters[prior.given].names[number] for number in np.unique(decides)]
            number = dict(zip(names, np.unique(decides), strict=True))
            found[name] = [
                (prior.case(n), columns[name][here][decides == number[n]]) for n in names
            ]
    return found


def numbers_of(parameter, names):
    return [parameter.names.index(name) for name in names]


def continuous(recipe, split, rows):
    """The draws of each parameter that are never twice the same: their values."""
    for name, pairs in drawn(recipe, split, rows).items():
        parts = [values for prior, values in pairs if not prior.discrete]
        if parts:
            yield name, np.concatenate(parts)


def goodness(prior, values, parameter):
    """The p value of draws against their prior; 0 where one of them is impossible."""
    if isinstance(prior, Classes):
        values = np.searchsorted(np.sort(numbers_of(parameter, prior.names)), values)
    if isinstance(prior, Grid):
        whole = np.isin(values, prior.values).all()
        return stats.kstest(values, prior.values).pvalue if whole else 0.0
    low, high = prior.support
    if values.size and not (low <= values.min() and values.max() <= high):
        return 0.0
    if len(values) < 10:
        return 1.0
    if not prior.discrete:
        return uniformity(prior, np.unique(values))  # one for each member of a level
    u = np.linspace(0, 1, 40_001, endpoint=False)
    possible, weights = np.unique(prior.quantile(u), return_counts=True)
    seen = np.array([(values == value).sum() for value in possible])
    if seen.sum() < len(values):
        return 0.0
    expected = weights / weights.sum() * len(values)
    big = expected > 5
    if big.sum() < 2:
        return 1.0
    rest = [seen[~big].sum()], [expected[~big].sum()]
    keep = rest[1][0] > 5
    pair = [
        np.append(a[big], b if keep else []) for a, b in zip((seen, expected), rest, strict=True)
    ]
    statistic = ((pair[0] - pair[1]) ** 2 / pair[1]).sum()
    return stats.chi2.sf(statistic, max(len(pair[0]) - 1, 1))


def uniformity(prior, values):
    """Kolmogorov-Smirnov p value of draws against a prior's quantile function.

    What a folded prior makes of even uniforms has to be put in order first.
    """
    u = np.linspace(0, 1, 4001, endpoint=False)
    return stats.kstest(np.interp(values, np.sort(prior.quantile(u)), u), "uniform").pvalue


def another(prior, parameter, values):
    """Other values of a parameter, absent ones as they are."""
    if parameter.names:
        return (values + 1) % len(parameter.names)
    part = prior.parts[0] if isinstance(prior, Conditional) else prior
    if isinstance(part, Constant):
        if not values.any():
            return np.minimum(values + 10.0, parameter.high)
        other = values + 1 if parameter.whole else values * 1.01
    else:
        low, high = part.quantile(np.array([0.2, 0.987]))
        other = np.where(np.isclose(values, high), low, high)
    return np.where((values == parameter.absent) & bool(parameter.only), values, other)
