"""Single objects against astropy and GalSim; stars, maps and light curves against NumPy."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import deepbench_hf
from benchmarks import numpy_peers, objects, ours
from benchmarks.objects import KINDS, Kind
from benchmarks.results import Counts, Ratio, Suite
from benchmarks.timing import Contestant, interleaved, ratios, timed
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK

SHARP = {"simulator": {"psf": "none", "sampled": True}, "priors": {"psf_fwhm_px": None}}
"""Brightness at the pixels' centres and no point-spread function, as astropy draws."""
BATCH = 16
"""Images whose float64 pixels fit in a processor's cache."""


def single_objects(counts: Counts) -> Suite:
    """One object without noise, its parameters drawn before the clock starts."""
    if objects.galsim is None:
        print("GalSim is left out: it is not installed")
    rows = max(BLOCK, counts.rows // 20)
    groups = [_contestants(kind, rows) for kind in KINDS]
    times = interleaved([one for group in groups for one in group], counts.rounds)
    told = [
        Ratio(f"{peer.name} / ours", ratios(times, peer.name, own.name))
        for own, _, *peers in groups
        for peer in peers
    ]
    return Suite("One object without noise, 64 x 64", "us", groups[0][0].name, times, told)


def stars(counts: Counts) -> Suite:
    """One star, its parameters and a detector's noise included."""
    rows = max(BLOCK, counts.rows // 10)
    contestants = [
        numpy_peers.noisy_stars(rows // BATCH // 2, BATCH),
        own := ours.generate("ours: sky_stars", ours.varied("sky_stars", rows)),
        ours.generate("ours: the same as NumPy", ours.varied("sky_stars", rows, SHARP)),
    ]
    times = interleaved(contestants, counts.rounds)
    told = [Ratio("NumPy star / sky_stars", ratios(times, contestants[0].name, own.name))]
    return Suite("One star with noise, 64 x 64", "us", own.name, times, told)


def _contestants(kind: Kind, rows: int) -> list[Contestant]:
    """Ours as shipped, ours as astropy draws, astropy one by one and in batches, GalSim."""
    sharp, blurred = _recipe(kind, rows, SHARP), _recipe(kind, rows, {})
    made, name = deepbench_hf.generate(sharp, "train"), kind.model.__name__
    few = rows // 4 // BATCH * BATCH
    found = [
        ours.simulator(f"{kind.name}: ours, pixel means, blurred", blurred),
        ours.simulator(f"{kind.name}: ours, pixel centres", sharp),
        timed(f"{kind.name}: astropy {name}", few, _one_by_one(kind, made, few)),
        timed(f"{kind.name}: astropy {name}, batches", few, _in_batches(kind, made, few)),
    ]
    if objects.galsim is not None:
        few = rows // 10
        work = _galsim(kind, deepbench_hf.generate(blurred, "train"), few)
        found.append(timed(f"{kind.name}: GalSim, pixel means, blurred", few, work))
    return found


def _recipe(kind: Kind, rows: int, how: Mapping[str, Any]) -> Recipe:
    priors = {**kind.priors, **how.get("priors", {})}
    return ours.varied(kind.config, rows, {**how, "noise": None, "priors": priors})


def _one_by_one(kind: Kind, made: Columns, count: int) -> Callable[[], None]:
    """A model for each object, made and evaluated: astropy's usual way."""
    x, y = objects.pixel_centres()
    settings = _rows(kind.settings(made), count)

    def work() -> None:
        for row in settings:
            kind.model(**row)(x, y)

    return work


def _in_batches(kind: Kind, made: Columns, count: int) -> Callable[[], None]:
    """The bare formula on several objects at once: astropy's fastest way."""
    x, y = objects.pixel_centres()
    columns = kind.settings(made)
    batches = [
        {name: values[start : start + BATCH, None, None] for name, values in columns.items()}
        for start in range(0, count, BATCH)
    ]

    def work() -> None:
        for batch in batches:
            kind.model.evaluate(x, y, **batch)

    return work


def _galsim(kind: Kind, made: Columns, count: int) -> Callable[[], None]:
    numbers = {name: values for name, values in made.items() if values.ndim == 1}
    rows = _rows(numbers, count)

    def work() -> None:
        for row in rows:
            objects.galsim_image(kind, row)

    return work


def _rows(columns: Mapping[str, np.ndarray], count: int) -> list[dict[str, float]]:
    """The first rows as mappings of plain numbers."""
    lists = {name: values[:count].tolist() for name, values in columns.items()}
    return [{name: values[row] for name, values in lists.items()} for row in range(count)]


def fields(counts: Counts) -> Suite:
    """Maps against numpy.fft, light curves against Cholesky factors, oscillators against NumPy."""
    maps = BLOCK // 8
    large = deepbench_hf.load_recipe("kappa_gaussian", num_examples=maps, image_size=256)
    curves = ours.varied("quasar_drw", max(BLOCK, counts.rows // 20))
    numbers = ours.varied("scinet_boring_patch", 10 * counts.rows)
    groups = [
        (
            numpy_peers.fourier_maps(maps, 256),
            ours.generate("ours: kappa_gaussian, 256 x 256", large),
        ),
        (numpy_peers.gaussian_process(BLOCK // 16, 300), ours.generate("ours: quasar_drw", curves)),
        (
            numpy_peers.oscillators(10 * counts.rows),
            ours.generate("ours: scinet_boring_patch", numbers),
        ),
    ]
    times = interleaved([one for group in groups for one in group], counts.rounds)
    told = [Ratio(f"{a.name} / {b.name}", ratios(times, a.name, b.name)) for a, b in groups]
    return Suite("Fields, light curves and numbers", "us", groups[0][1].name, times, told)
