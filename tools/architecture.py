"""The picture of docs/architecture.md, drawn from the imports that the sources really make.

``python -m tools.architecture`` writes it; ``--check`` fails if the arrows have changed since.
"""

import ast
import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from tests.support.paths import ROOT

PACKAGE = ROOT / "deepbench_hf"
PICTURE = ROOT / "docs" / "architecture.png"
HOLDS = {
    "cli": "verbs and what they print",
    "hub": "push and verify",
    "lightning": "a DataModule",
    "cards": "the README of a repository",
    "figures": "pictures",
    "statistics": "sets against sets",
    "streams": "arrays to training loops",
    "metrics": "predictions against truth",
    "tables": "arrays to Arrow, Parquet, datasets",
    "inference": "what rows tell of their truths",
    "rows": "a recipe to arrays",
    "recipe": "YAML to a checked, frozen recipe",
    "noise": "what is measured",
    "simulators": "what nature does",
    "priors": "how a parameter is distributed",
    "model": "a checked, frozen value",
    "fields": "columns: units, shapes, names",
    "errors": "what can go wrong",
    "markup": "tables for notebooks",
    "exact": "the same bits everywhere",
    "files": "whole files or none",
}
"""What each room is for, in a few words."""
DATA_PATH = ("recipe", "rows", "tables", "streams", "hub")
"""The way of a row."""


def floors() -> list[list[str]]:
    """The rooms from the top floor down, as the contract of imports lists them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return [floor.split(" : ") for floor in contract["layers"]]


def arrows() -> Counter[tuple[str, str]]:
    """How many import statements of one room ask for another."""
    found: Counter[tuple[str, str]] = Counter()
    for file in PACKAGE.rglob("*.py"):
        room = file.relative_to(PACKAGE).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for other in _asked(node):
                if room != other and room in HOLDS and other in HOLDS:
                    found[room, other] += 1
    return found


def _asked(node: ast.AST) -> list[str]:
    """The rooms that a statement imports from."""
    if not isinstance(node, ast.ImportFrom) or not node.module:
        return []
    if node.module == "deepbench_hf":
        return [alias.name for alias in node.names]
    return [node.module.split(".")[1]] if node.module.startswith("deepbench_hf.") else []


def direct(found: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows without those that a way over other rooms makes: a > b > c needs no a > c."""
    reach = {room: {b for a, b in found if a == room} for room in HOLDS}
    for _ in HOLDS:
        reach = {room: own.union(*(reach[other] for other in own)) for room, own in reach.items()}
    return [(a, b) for a, b in found if not any((a, c) in found and b in reach[c] for c in HOLDS)]


def draw(found: Counter[tuple[str, str]]) -> Figure:
    """Rooms on their floors, the way of a row in colour, and the arrows that imports make."""
    figure = Figure(figsize=(13, 10), layout="constrained")
    axes = figure.subplots()
    middle = {}
    for level, rooms in enumerate(levels := floors()):
        y = len(levels) - level
        for k, room in enumerate(rooms):
            x = (k - (len(rooms) - 1) / 2) * 3.1
            middle[room] = x, y
            colour = "#cfe3f7" if room in DATA_PATH else "#f0f0f0"
            box = FancyBboxPatch(
                (x - 1.38, y - 0.27), 2.76, 0.54, boxstyle="round,pad=0.03",
                facecolor=colour, edgecolor="#444444", zorder=3,
            )  # fmt: skip
            axes.add_patch(box)
            axes.text(x, y + 0.09, room, ha="center", va="center", weight="bold", zorder=4)
            axes.text(x, y - 0.14, HOLDS[room], ha="center", va="center", fontsize=7, zorder=4)
    for room, other in sorted(direct(found)):
        (x, y), (to_x, to_y) = middle[room], middle[other]
        side = 1.4 if x < to_x else -1.4  # between neighbours on a floor
        ends = ((x, y - 0.3), (to_x, to_y + 0.3)) if y > to_y else ((x + side, y), (to_x - side, y))
        arrow = FancyArrowPatch(
            *ends, arrowstyle="-|>", mutation_scale=14,
            connectionstyle=f"arc3,rad={0.35 if y - to_y > 1 and x == to_x else 0}",
            color="#555555", zorder=1,
        )  # fmt: skip
        axes.add_patch(arrow)
    wide = max(map(len, levels)) * 3.1 / 2
    axes.set_xlim(-wide, wide)
    axes.set_ylim(0.4, len(levels) + 0.6)
    axes.set_axis_off()
    return figure


def main(arguments: list[str]) -> int:
    """Write the picture with the arrows inside it, or compare these."""
    found = arrows()
    rooms = [room for floor in floors() for room in floor]
    missing = {p.stem for p in PACKAGE.iterdir() if p.suffix in ("", ".py")} - {*rooms}
    if missing - {"__init__", "__pycache__", "py", "__main__"}:
        print(f"no floor for {', '.join(sorted(missing))}: add it to pyproject.toml and to HOLDS")
        return 1
    text = json.dumps(sorted(f"{a} > {b}" for a, b in found))
    if "--check" in arguments:
        from PIL import Image

        same = Path(PICTURE).exists() and Image.open(PICTURE).info.get("Comment") == text
        print("the picture is up to date" if same else "run: python -m tools.architecture")
        return int(not same)
    draw(found).savefig(PICTURE, dpi=110, metadata={"Comment": text, "Software": None})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
