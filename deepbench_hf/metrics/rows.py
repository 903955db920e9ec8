"""The truth of chosen rows, made anew from the recipe."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, Field, class_column
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, rows_at

ROLES = ("parameter", "derived", "clean", "noise")
"""The roles of columns that a model can predict."""


def known_truths(recipe: Recipe) -> dict[str, Field]:
    """The columns that can be predicted: one number or class in each row."""
    columns = schema(recipe).items()
    return {name: c.field for name, c in columns if c.role in ROLES and not c.field.shape}


def truth_rows(recipe: Recipe, split: str, index: NDArray[np.int64]) -> Columns:
    """The columns with one value a row, ``(n,)``, of rows in any order, a block at a time."""
    names = [name for name, column in schema(recipe).items() if not column.field.shape]
    blocks = [index[start : start + BLOCK] for start in range(0, len(index), BLOCK)]
    parts = [rows_at(recipe, split, block, names) for block in blocks]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def present(recipe: Recipe, name: str, rows: Columns) -> NDArray[np.bool_]:
    """Which rows have a parameter: those of the classes that it is for, ``(n,)``."""
    parameters = recipe.simulator.parameters
    here = np.ones(len(rows["index"]), bool)
    only = parameters[name].only if name in parameters else {}
    for other, classes in only.items():
        column = class_column(other, parameters)
        if column in rows:
            here &= np.isin(np.array(parameters[column].names)[rows[column]], classes)
    return here
