"""``load_dataset("deepbench", ...)``."""

import datasets

from deepbench_hf.builder import Core, recipe_configs


class DeepBench(Core, datasets.ArrowBasedBuilder, datasets.GeneratorBasedBuilder):
    """Analytic physics simulators with exact labels and known noise."""

    BUILDER_CONFIGS = recipe_configs()
