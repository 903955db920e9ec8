"""``load_dataset("deepbench", ...)``."""

import datasets

from deepbench_hf.tables.builder import Core, recipe_configs


# Both bases are meant: a true GeneratorBasedBuilder whose tables come in blocks.
class DeepBench(  # pyright: ignore[reportIncompatibleMethodOverride]
    Core, datasets.ArrowBasedBuilder, datasets.GeneratorBasedBuilder
):
    """Analytic physics simulators with exact labels and known noise."""

    BUILDER_CONFIGS = recipe_configs()
