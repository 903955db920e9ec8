"""Questions about coloured shapes on a grid, each with the program that answers it."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.realization import REALIZATION, uniform
from deepbench_hf.simulators.shapes import ShapesScene
from deepbench_hf.simulators.shapes.objects import KINDS

SHAPES, COLOURS = ("circle", "square", "triangle"), ("red", "green", "blue")
WORDS = (*SHAPES, *COLOURS)
RELATIONS = ("above", "below", "left_of", "right_of")
HOPS = ("none", "one", "two")
WANTED = ("no", "yes", "any")
CELL_PX, MOST_SCENES = 10, 64
SIZES_PX = (6.0, 8.0)
"""Sides of a small and a large shape."""
JITTER_PX = 0.4
"""How far size and place of a shape may be from the usual ones."""
_PER_CELL = 3


class ShapesQuestion(Simulator):
    r"""A grid of coloured shapes, a question, and its answer by a program.

    A cell holds a circle, square or triangle in red, green or blue with the chance ``fill``. With
    mask(w) the cells that hold the shape or colour w, and shift(m, r) the cells whose neighbour
    lies in m such that they are, say, above it,

        is a S P              any(mask(S) and mask(P)),
        is a S r a O          any(mask(S) and shift(mask(O), r)),
        is a S r q a O        any(mask(S) and shift(shift(mask(O), q), r)).

    Relations are those of adjacent cells, and "above" is towards larger rows and y.

    Args:
        hops: none, one or two relations, (n,).
        subject, object: S and P or O, each a shape or a colour, (n,).
        relation, second_relation: r and q, (n,).
        fill: chance of a cell to hold a shape, (n,).
        wanted: scenes are drawn until the answer is this one, at most 64; any for the first, (n,).
        realization: number of the scenes, (n,).
        grid: cells along each side, of 10 pixels.

    Returns:
        image (n, 3, H, W) float32: red, green and blue coverage; question and program, text;
        answer, bool; cells, n_cells of them: row, column, shape, colour, side and centre.

    Source: J. Andreas, M. Rohrbach, T. Darrell and D. Klein, Neural module networks, CVPR 2016,
    arXiv:1511.02799, whose SHAPES has such grids and questions; that a relation is one of adjacent
    cells was found in the published files (https://github.com/ronghanghu/n2nmn). Answers there are
    not balanced; sizes and jitter are ours.
    """

    kind: Literal["shapes_vqa"] = "shapes_vqa"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "hops": one_of("how many relations the question has", HOPS, symbol="h"),
        "subject": one_of("what is asked for", WORDS, symbol="S"),
        "object": one_of("what it is or where it lies", WORDS, symbol="O"),
        "relation": one_of(
            "where the subject lies", RELATIONS, only={"hops": ("one", "two")}, symbol="r"
        ),
        "second_relation": one_of(
            "where the cell between lies", RELATIONS, only={"hops": ("two",)}, symbol="q"
        ),
        "fill": Parameter("1", "chance of a cell to hold a shape", 0.1, 1, 0.8, symbol="p"),
        "wanted": one_of("the answer that scenes are drawn for", WANTED, default=2, symbol="w"),
        "realization": REALIZATION,
    }
    grid: Annotated[int, pydantic.Field(ge=2, le=6)] = 3

    @property
    def columns(self) -> Mapping[str, Field]:
        side, cell = self.grid * CELL_PX, dict[str, Any](dtype="int64")
        records = {
            "row": Field("1", "row of the cell, from below", **cell),
            "column": Field("1", "column of the cell", **cell),
            "shape": Field("1", "its shape", names=SHAPES, **cell),
            "colour": Field("1", "its colour", names=COLOURS, **cell),
            "side_px": Field("pix", "side of the shape"),
            "x_px": Field("pix", "centre of the shape along x"),
            "y_px": Field("pix", "centre of the shape along y"),
        }
        most = (self.grid * self.grid,)
        return {
            "question": Field("1", "the question", dtype="U64", role="label"),
            "program": Field("1", "the program that answers it", dtype="U96", role="label"),
            "answer": Field("1", "whether the answer is yes", dtype="bool", low=0, role="label"),
            "n_cells": Field("1", "number of cells with a shape", low=0, role="label", **cell),
            "cells": Field("1", "the cells with a shape", most, fields=records, role="label"),
            "image": Field(
                "1", "coverage by shapes of each colour", (3, side, side), "float32",
                channels=COLOURS,
            ),
        }  # fmt: skip

    def __call__(self, **inputs: Any) -> Columns:
        """Scenes, questions and answers."""
        row = filled(self.parameters, inputs)
        asked = np.stack([row[k] for k in tuple(row)[:5]], axis=1).astype(np.int64)
        n, cells = len(asked), self.grid * self.grid
        number = row["realization"]
        drawn = uniform(number, "scenes", MOST_SCENES * cells * _PER_CELL)
        scene, answer = np.empty((n, 2, self.grid, self.grid), np.int64), np.zeros(n, np.bool_)
        _draw(asked, row["fill"], row["wanted"], drawn, scene, answer)
        looks = uniform(number, "looks", cells * _PER_CELL).reshape(n, cells, _PER_CELL)
        count, found = self._cells(scene.reshape(n, 2, cells), looks)
        return {
            "question": np.array([question(*one) for one in asked.tolist()], "U64"),
            "program": np.array([program(*one) for one in asked.tolist()], "U96"),
            "answer": answer,
            "n_cells": count,
            "cells": found,
            "image": self._image(count, found),
        }

    def _cells(self, scene: NDArray, looks: NDArray) -> tuple[NDArray, NDArray]:
        """How many cells hold a shape, (n,), and these cells as records, (n, cells)."""
        n, cells = looks.shape[:2]
        filled_in = scene[:, 0] >= 0
        order = np.argsort(~filled_in, axis=1, kind="stable")
        count = np.count_nonzero(filled_in, axis=1)
        records = np.zeros((n, cells), self.columns["cells"].array_dtype)
        place = np.arange(cells)
        sizes = np.array(SIZES_PX)[(looks[:, :, 0] * 2).astype(np.int64)]
        moved = (looks * 2 - 1) * JITTER_PX
        middle = 0.5 * (CELL_PX - 1)
        records["row"], records["column"] = place // self.grid, place % self.grid
        records["shape"], records["colour"] = scene[:, 0], scene[:, 1]
        records["side_px"] = sizes
        records["x_px"] = CELL_PX * records["column"] + middle + moved[:, :, 1]
        records["y_px"] = CELL_PX * records["row"] + middle + moved[:, :, 2]
        records = np.take_along_axis(records, order, axis=1)
        records[place >= count[:, None]] = np.zeros((), records.dtype)
        return count, records

    def _image(self, count: NDArray, cells: NDArray) -> NDArray[np.float32]:
        """The coverage by shapes of each colour, exact, (n, 3, H, W)."""
        n, most = cells.shape
        side, there = self.grid * CELL_PX, np.arange(most) < count[:, None]
        image = np.empty((n, 3, side, side), np.float32)
        painter = ShapesScene(image_size=(side, side), max_objects=most)
        kinds = np.array([KINDS.index(name) for name in SHAPES])
        # Radius of a circle, circumradii of a square and of a triangle as high as the square.
        radius = np.array([0.5, 0.7071067811865476, 2.0 / 3.0])
        angle = np.array([0.0, 45.0, 90.0])
        for k in range(3):
            own = there & (cells["colour"] == k)
            order = np.argsort(~own, axis=1, kind="stable")
            shape = np.take_along_axis(cells, order, axis=1)
            parts = [
                ("kind", kinds[shape["shape"]]),
                ("center_x_px", shape["x_px"]),
                ("center_y_px", shape["y_px"] - (shape["shape"] == 2) * shape["side_px"] / 6.0),
                ("radius_px", radius[shape["shape"]] * shape["side_px"]),
                ("angle_deg", angle[shape["shape"]]),
            ]
            objects = np.empty(shape.shape, [(name, values.dtype) for name, values in parts])
            for name, values in parts:
                objects[name] = values
            shapes = {COUNT: np.count_nonzero(own, axis=1), OBJECTS: objects}
            image[:, k] = painter.painted(shapes)[0]
        return image


def question(hops: int, subject: int, target: int, relation: int, second: int) -> str:
    """The question in words.

    >>> question(2, 0, 3, 1, 2), question(0, 5, 1, 0, 0)
    ('is a circle below left of a red shape', 'is a blue shape a square')
    """
    words = ["is a", _noun(subject)]
    if hops == 0:
        words.append(f"a {WORDS[target]}" if WORDS[target] in SHAPES else WORDS[target])
        return " ".join(words)
    words += [RELATIONS[r].replace("_", " ") for r in (relation, second)[:hops]]
    return " ".join([*words, "a", _noun(target)])


def program(hops: int, subject: int, target: int, relation: int, second: int) -> str:
    """The program that answers it.

    >>> program(2, 0, 3, 1, 2)
    'any(mask(circle) & shift(shift(mask(red), left_of), below))'
    """
    text = f"mask({WORDS[target]})"
    for r in reversed((relation, second)[:hops]):
        text = f"shift({text}, {RELATIONS[r]})"
    return f"any(mask({WORDS[subject]}) & {text})"


def _noun(word: int) -> str:
    return WORDS[word] if WORDS[word] in SHAPES else f"{WORDS[word]} shape"


@kernel
def _holds(scene, row, column, word):
    """Whether a cell holds a shape, or a shape of a colour; none does beyond the grid."""
    side = scene.shape[1]
    if row < 0 or column < 0 or row >= side or column >= side or scene[0, row, column] < 0:
        return False
    return scene[0, row, column] == word if word < 3 else scene[1, row, column] == word - 3


@kernel
def _answer(scene, asked):
    """Whether a scene (2, grid, grid) has what is asked: hops, subject, object and relations."""
    side = scene.shape[1]
    for row in range(side):
        for column in range(side):
            if not _holds(scene, row, column, asked[1]):
                continue
            y, x, inside = row, column, True
            for hop in range(asked[0]):  # from the subject back to what it lies at
                relation = asked[3 + hop]
                y += (relation == 1) * 1 - (relation == 0) * 1
                x += (relation == 2) * 1 - (relation == 3) * 1
                inside = inside and 0 <= y < side and 0 <= x < side
            if inside and _holds(scene, y, x, asked[2]):
                return True
    return False


@kernel
def _draw(asked, fill, wanted, drawn, scene, answer):
    """Fill in scenes (n, 2, grid, grid), -1 where a cell is empty, and their answers, (n,)."""
    side = scene.shape[2]
    for i in range(fill.size):
        place = 0
        for _ in range(MOST_SCENES):
            for row in range(side):
                for column in range(side):
                    there = drawn[i, place] < fill[i]
                    scene[i, 0, row, column] = np.int64(3.0 * drawn[i, place + 1]) if there else -1
                    scene[i, 1, row, column] = np.int64(3.0 * drawn[i, place + 2]) if there else -1
                    place += 3
            answer[i] = _answer(scene[i], asked[i])
            if wanted[i] == 2.0 or answer[i] == (wanted[i] == 1.0):
                break
