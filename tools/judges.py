"""Other samplers of the same posterior: chains of emcee, and the nested sampling of dynesty.

Both see the likelihood and the prior alone. Classes are those that are most probable, and angles
that go round are counted from their mean.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf import posterior
from deepbench_hf.inference.space import Space
from deepbench_hf.inference.symmetry import space_of
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.unknowns import split_cases
from deepbench_hf.rows.likelihoods import observations

Density = Callable[[NDArray], NDArray]


def judged(
    recipe: Recipe, row: int, steps: int = 4000, judge: str = "emcee", proposals: int = 20_000
) -> tuple[float, float]:
    """The largest difference of a row to another sampler: of means in sigma, and of widths."""
    found = posterior(recipe, "test", [row], draws=20_000, proposals=proposals)
    (one,) = observations(recipe, "test", np.array([row]))
    one = one.keeping()  # of counts: walkers come in small groups, near each other
    fixed = {n: v[0] for n, v in found.draws.items() if n not in found.mean or _whole(v[0])}
    together = np.stack([*fixed.values(), np.zeros(20_000)])
    kinds, counts = np.unique(together, axis=1, return_counts=True)
    most = kinds[:, counts.argmax()]
    here = (together == most[:, None]).all(axis=0)
    wanted = dict(zip(fixed, most, strict=False))
    (case,) = (
        case for case in split_cases(recipe, "test")
        if all(case.fixed[n] == v for n, v in wanted.items())
    )  # fmt: skip
    space, names = space_of(case, one), list(case.free)
    ours = np.stack([found.draws[n][0][here] for n in names], axis=1)

    def likelihood(points: NDArray) -> NDArray:
        own = {n: np.full(len(points), v) for n, v in case.fixed.items()}
        return one.log_likelihood(own | dict(zip(names, points.T, strict=True)))

    sampled = {"emcee": _chain, "dynesty": _nested}[judge]
    other = sampled(likelihood, space, ours, steps)
    ours, other = (_unwound(space, ours, points) for points in (ours, other))
    wide = other.std(axis=0)
    mean = np.abs(ours.mean(axis=0) - other.mean(axis=0)) / wide
    return float(mean.max()), float(np.abs(ours.std(axis=0) / wide - 1.0).max())


def _whole(values: NDArray) -> bool:
    return bool((values == np.round(values)).all())


def _unwound(space: Space, ours: NDArray, points: NDArray) -> NDArray:
    """Angles that go round, within half of a turn of the mean of our draws."""
    found = points.copy()
    for k, name in enumerate(space.names):
        if name in space.turns:
            low, high = space.case.free[name].support
            turn = (high - low) / space.turns[name]
            phase = np.exp(2j * np.pi * ours[:, k] / turn).mean()
            middle = np.angle(phase) * turn / (2 * np.pi)
            found[:, k] = (points[:, k] - middle + turn / 2) % turn
    return found


def _chain(likelihood: Density, space: Space, ours: NDArray, steps: int) -> NDArray:
    import emcee

    priors = list(space.case.free.values())

    def density(points: NDArray) -> NDArray:
        value = sum(p.log_prob(points[:, k]) for k, p in enumerate(priors)) + np.zeros(len(points))
        here = np.isfinite(value)
        value[here] += likelihood(points[here])
        return value

    random = np.random.default_rng(7)
    start = np.unique(ours, axis=0)
    start = random.permutation(start)[:96]
    start = start[: len(start) // 2 * 2]
    np.random.seed(7)
    moves = [(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)]
    chain = emcee.EnsembleSampler(*start.shape, density, vectorize=True, moves=moves)
    chain.run_mcmc(start, steps)
    return chain.get_chain(discard=steps // 10, flat=True)


def _nested(likelihood: Density, space: Space, ours: NDArray, steps: int) -> NDArray:
    """Of at most as many live points as steps; it starts from the prior and so sees all modes."""
    import dynesty

    priors = list(space.case.free.values())
    sampler = dynesty.NestedSampler(
        lambda point: float(likelihood(point[None])[0]),
        lambda u: np.array([p.quantile(u[k : k + 1])[0] for k, p in enumerate(priors)]),
        len(priors), nlive=steps, rstate=np.random.default_rng(7),
    )  # fmt: skip
    sampler.run_nested(print_progress=False)
    weight = special.softmax(sampler.results.logwt)
    place = (np.arange(20_000) + 0.5) / 20_000
    chosen = np.searchsorted(np.cumsum(weight), place)
    return sampler.results.samples[np.minimum(chosen, len(weight) - 1)]
