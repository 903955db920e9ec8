"""A Space of the Hub from the explorer: a folder that runs by itself."""

import shutil
from importlib.metadata import distribution
from pathlib import Path

import deepbench_hf
from deepbench_hf.errors import BuildError

PARTS = ("builders", "configs", "dataset_cards")
KINDS = (".py", ".js", ".css", ".csv", ".yaml", ".md", ".jinja", ".typed")
APP = '''"""The explorer of deepbench_hf."""

from deepbench_hf.cli.explorer.page import APPEARANCE, page

if __name__ == "__main__":
    page({name!r}).launch(**APPEARANCE)
'''
README = """---
title: deepbench_hf explorer
emoji: 🔭
colorFrom: blue
colorTo: red
sdk: gradio
sdk_version: {gradio}
app_file: app.py
license: apache-2.0
short_description: Physics datasets whose parameters are sliders
---

Move a slider, and see what the simulator makes of it: clean, observed, residual, derivatives and
Cramer-Rao bounds. Made by `deepbench-hf explore --export`, with deepbench_hf {version}, which lies
beside this file.
"""


def export(folder: str | Path, name: str = "pendulum_noisy") -> list[Path]:
    """Write a Space: ``app.py``, ``requirements.txt``, ``README.md`` and this package.

    Args:
        folder: a new or an empty one.
        name: the config that it begins with.

    Returns:
        The files that were written.

    Raises:
        BuildError: something else is in the folder.
    """
    root = Path(folder)
    if root.exists() and any(root.iterdir()):
        raise BuildError(f"{root}: is not empty; name a new folder")
    ours, gradio = distribution("deepbench-hf"), distribution("gradio")
    needs = [n.split(";")[0].strip() for n in ours.requires or () if "extra ==" not in n]
    texts = {
        "app.py": APP.format(name=name),
        "requirements.txt": "\n".join(needs) + "\n",
        "README.md": README.format(gradio=gradio.version, version=ours.version),
        f"deepbench_hf-{ours.version}.dist-info/METADATA": ours.read_text("METADATA") or "",
    }
    for path, text in texts.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    package = root / "deepbench_hf"
    shutil.copytree(Path(deepbench_hf.__file__).parent, package, ignore=_others)
    for part in PARTS:
        place = next(p for p in map(Path, deepbench_hf.__path__) if (p / part).is_dir()) / part
        shutil.copytree(place, package / part, ignore=_others, dirs_exist_ok=True)
    return sorted(file for file in root.rglob("*") if file.is_file())


def _others(folder: str, names: list[str]) -> list[str]:
    """What is no source: caches of Python and the like."""
    return [
        name
        for name in names
        if name == "__pycache__"
        or ((Path(folder) / name).is_file() and Path(name).suffix not in KINDS)
    ]
