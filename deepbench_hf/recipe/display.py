"""What notebooks show of a recipe: its parameters, splits and columns as tables."""

from html import escape

from deepbench_hf.markup import folded
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import all_parameters


def html(recipe: Recipe) -> str:
    """A heading, the description, and three tables that open on a click; all text is escaped.

    >>> from deepbench_hf import load_recipe
    >>> html(load_recipe("pendulum")).splitlines()[0]
    '<h4>pendulum 1.0.0</h4>'
    """
    known = all_parameters(recipe.simulator)
    parameters = [
        (name, one.unit, prior.kind, *map("{:g}".format, prior.support), one.meaning)
        for name, prior in recipe.priors.items()
        if (one := known.get(name))
    ]
    splits = [(name, split.size) for name, split in recipe.splits.items()]
    columns = [
        (name, column.role, column.field.unit, column.field.type_name, column.field.shape or "")
        for name, column in schema(recipe).items()
    ]
    head = f"<h4>{escape(recipe.name)} {recipe.version}</h4>\n<p>{escape(recipe.description)}</p>"
    tables = [
        folded("parameters", ("name", "unit", "prior", "low", "high", "meaning"), parameters),
        folded("splits", ("name", "rows"), splits),
        folded("columns", ("name", "role", "unit", "type", "shape"), columns),
    ]
    return "\n".join([head, *tables])
