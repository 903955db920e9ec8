"""What has another meaning here than in DeepBench 0.2.3: the sentences of corrections.yaml."""

from dataclasses import dataclass
from importlib import resources

import yaml

from deepbench_hf.recipe.text import SafeLoader


@dataclass(frozen=True)
class Change:
    """A changed meaning.

    Args:
        where: the entry of the file that it is about.
        kind: ``corrected`` if DeepBench does it wrong, ``approximated`` if a recipe cannot say the
            same exactly, ``dropped`` if the entry decides nothing here.
        law: what holds here, and what DeepBench does.
    """

    where: str
    kind: str
    law: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.law}"


_TEXT = (
    resources.files("deepbench_hf.recipe.deepbench")
    .joinpath("corrections.yaml")
    .read_text(encoding="utf-8")
)
CORRECTIONS: dict[str, tuple[str, str]] = {
    name: (kind, law)
    for kind, laws in yaml.load(_TEXT, SafeLoader).items()  # noqa: S506 (a SafeLoader)
    for name, law in laws.items()
}
"""Kind and sentence of every changed meaning, by a name of its own."""
