"""What a recipe's rows are good for."""

from collections.abc import Mapping

from deepbench_hf.fields import of_role
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import Layered, objects_of

TASKS: Mapping[str, str] = {
    "regression": "rows have a number to find",
    "classification": "rows have a class to find",
    "detection": "rows have objects to find",
    "segmentation": "images have masks",
    "denoising": "what is observed has noise, and the clean output is known",
}


def tasks_of(recipe: Recipe) -> list[str]:
    """Those of `TASKS` that the rows of a recipe are good for.

    What all rows share is nothing to find; nor are the number of a random realization, and what no
    output depends on.

    >>> from deepbench_hf import load_recipe
    >>> tasks_of(load_recipe("pendulum_noisy")), tasks_of(load_recipe("shapes_scene"))
    (['regression', 'denoising'], ['regression', 'detection', 'segmentation'])
    """
    simulator, priors = recipe.simulator, recipe.priors
    outputs = of_role(simulator.columns, "output")
    padding = {field.valid for field in simulator.columns.values()}
    is_class = [
        bool(parameter.names)
        for name, parameter in simulator.parameters.items()
        if name in priors
        and priors[name].support[0] != priors[name].support[1]
        and not parameter.decoy
        and (priors[name].discrete or not parameter.whole)
    ]
    is_class += [
        bool(field.names) or field.dtype == "bool"
        for name, field in of_role(simulator.columns, "label").items()
        if not field.is_text and name not in padding
    ]
    fit = {
        "regression": not all(is_class),
        "classification": any(is_class),
        "detection": bool(objects_of(simulator)),
        "segmentation": isinstance(simulator, Layered),
        "denoising": bool(outputs.keys() & recipe.noise.keys()),
    }
    return [task for task in TASKS if fit[task]]
