"""The benchmarks of every config, and of the fields and series that NumPy makes too."""

import tempfile
from pathlib import Path

from benchmarks import ours, peers
from benchmarks.numpy_fields import fourier_maps, gaussian_process, oscillators
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import Contestant, interleaved, ratios
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.rows.generation import BLOCK

FEWEST, MOST_BYTES = 16, 16 << 20
MOST_SIDES = 256


def configs(counts: Counts) -> Suite:
    """Rows of every config: made, and the same rows written by Arrow."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = [_pair(name, counts, Path(folder)) for name in list_recipes()]
        times = interleaved([one for pair in pairs for one in pair], counts.few)
    told = [
        Ratio(f"{made.name} / {written.name}", ratios(times, made.name, written.name))
        for made, written in pairs
    ]
    return Suite("A row of every config", "us", pairs[0][0].name, times, told)


def _pair(name: str, counts: Counts, folder: Path) -> tuple[Contestant, Contestant]:
    fitting = MOST_BYTES // row_bytes(load_recipe(name))
    rows = max(FEWEST, min(counts.rows // 4, fitting))
    table = ours.whole_table(name, ours.mostly_train(name, rows))
    written = peers.arrow_floor(table, folder / f"{name}.arrow")
    made = ours.generate(name, ours.varied(name, rows))
    return made, Contestant(f"{name}: writing", written.run)


def fields(counts: Counts) -> Suite:
    """Maps against numpy.fft, light curves against Cholesky factors, oscillators against NumPy."""
    maps = BLOCK // 8
    large = load_recipe("kappa_gaussian", num_examples=maps, image_size=MOST_SIDES)
    curves = ours.varied("quasar_drw", max(BLOCK, counts.rows // 20))
    numbers = ours.varied("scinet_boring_patch", 10 * counts.rows)
    groups = [
        (fourier_maps(maps, MOST_SIDES), ours.generate("ours: kappa_gaussian, 256 x 256", large)),
        (gaussian_process(BLOCK // 16, 300), ours.generate("ours: quasar_drw", curves)),
        (oscillators(10 * counts.rows), ours.generate("ours: scinet_boring_patch", numbers)),
    ]
    times = interleaved([one for group in groups for one in group], counts.rounds)
    told = [Ratio(f"{a.name} / {b.name}", ratios(times, a.name, b.name)) for a, b in groups]
    return Suite("Fields, light curves and numbers", "us", groups[0][1].name, times, told)
