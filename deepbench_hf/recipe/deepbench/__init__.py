"""DeepBench's configuration files as recipes, and what changes its meaning on the way."""

from deepbench_hf.recipe.deepbench.configuration import changes, convert, is_deepbench, read
from deepbench_hf.recipe.deepbench.conversion import Change

__all__ = ["Change", "changes", "convert", "is_deepbench", "read"]
