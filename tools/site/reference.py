"""The reference of every public name, from the docstrings."""

from collections.abc import Iterator

import deepbench_hf
from deepbench_hf import cards, exact, figures, metrics, statistics
from deepbench_hf.noise import NOISES
from deepbench_hf.noise.perturbation import PERTURBATIONS
from deepbench_hf.priors import PRIORS
from deepbench_hf.simulators import SIMULATORS

MODULES = {
    "metrics": ("Metrics: predictions against the truth", metrics),
    "statistics": ("Statistics: sets against sets", statistics),
    "figures": ("Figures", figures),
    "cards": ("Cards", cards),
    "exact": ("Exact functions", exact),
}
WITHIN = ("horner",)
"""Intrinsics, which only kernels can call: they have no signature and no docstring to show."""
LIGHTNING = """# Lightning

```{eval-rst}
.. autoclass:: deepbench_hf.lightning.DataModule
   :members: train_dataloader, val_dataloader, test_dataloader, state_dict, load_state_dict
```
"""
"""Its page is written without an import: Lightning is an extra."""
SHARED = {
    "exact": """Arguments and results are single float64 numbers, angles in radians unless the
name ends in ``d``. No error is raised: outside of what an entry names the result loses its
meaning. An ulp is a unit in the last place.

Source: where an entry names none, coefficients and bounds are ours.""",
    "priors": """Ends, means and widths are in the unit of the parameter. A value that is out of
range raises a `RecipeError` when the recipe is read.

Source: the definitions; draws are made by the inverse of the distribution function.""",
    "noises": """Strengths are in the unit of what is measured, unless an entry says otherwise.

Source: where an entry names none, the definition.""",
    "perturbations": """Source: where an entry names none, ours.""",
}
"""What holds for all entries of a page."""
"""The public modules, each a page."""

KINDS = {
    "simulators": ("Simulators", SIMULATORS, "What a recipe's `simulator:` can be."),
    "priors": ("Priors", PRIORS, "What a parameter's `kind:` can be under `priors:`."),
    "noises": ("Noises", NOISES, "What `kind:` can be under `noise:`."),
    "perturbations": ("Perturbations", PERTURBATIONS, "What is done to an image after its noise."),
}
"""The closed sets that a recipe chooses from, each a page."""

MEMBERS = {
    "Recipe": ("fingerprint", "family", "plan", "from_mapping", "to_mapping", "to_yaml"),
    "RecipeError": (),
    "HubError": (),
}
"""The members that are shown of classes."""


def pages() -> Iterator[tuple[str, str]]:
    """The path of each page, and its Markdown."""
    yield "api/deepbench_hf.md", package()
    for name, (title, module) in MODULES.items():
        names = [f"deepbench_hf.{name}.{one}" for one in module.__all__ if one not in WITHIN]
        about = f"{module.__doc__}\n\n{SHARED.get(name, '')}"
        yield f"api/{name}.md", _page(title, about, map(directive, names))
    for name, (title, kinds, about) in KINDS.items():
        found = (f"## {kind}\n\n{_class(cls)}" for kind, cls in kinds.items())
        yield f"api/{name}.md", _page(title, f"{about}\n\n{SHARED.get(name, '')}", found)
    yield "api/lightning.md", LIGHTNING
    names = "\n".join(["deepbench_hf", *MODULES, *KINDS, "lightning"])
    yield "api/index.md", f"# Reference\n\n```{{toctree}}\n\n{names}\n```\n"


def package() -> str:
    """The page of the package itself."""
    names = [n for n in deepbench_hf.__all__ if n not in MODULES]
    returned = {
        "stream": "streams.batches.Stream",
        "posterior": "rows.posteriors.Posterior",
        "sbi_task": "rows.tasks.Task",
    }
    results = [
        f"## What `{name}` returns\n\n{directive(f'deepbench_hf.{path}')}"
        for name, path in returned.items()
    ]
    return _page(
        "deepbench_hf",
        deepbench_hf.__doc__ or "",
        [*(f"## {n}\n\n{directive(f'deepbench_hf.{n}')}" for n in names), *results],
    )


def directive(path: str) -> str:
    """What shows a name from its docstring."""
    module, name = path.rsplit(".", 1)
    value = getattr(__import__(module, fromlist=[name]), name)
    if isinstance(value, type):
        return _class(value, path)
    return f"```{{eval-rst}}\n.. autofunction:: {path}\n```"


def _class(cls: type, path: str = "") -> str:
    """A class without what it inherits."""
    options = []
    members = MEMBERS.get(cls.__name__)
    ours = [
        n
        for n, v in vars(cls).items()
        if not n.startswith("_") and (callable(v) or isinstance(v, property)) and v.__doc__
    ]
    if not hasattr(cls, "model_fields"):
        members = ours if members is None else members
    if members:
        options.append(f"   :members: {', '.join(members)}")
    where = path or f"{cls.__module__}.{cls.__qualname__}"
    what = "autoexception" if issubclass(cls, Exception) else "autoclass"
    return "\n".join(["```{eval-rst}", f".. {what}:: {where}", *options, "```"])


def _page(title: str, about: str, parts) -> str:
    return "\n\n".join([f"# {title}", "```{eval-rst}\n" + about.strip() + "\n```", *parts]) + "\n"
