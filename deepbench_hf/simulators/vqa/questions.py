"""Questions about coloured shapes on a grid, each with the program that answers it."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, packed, uniform
from deepbench_hf.simulators.shapes import ShapesScene
from deepbench_hf.simulators.shapes.outline import KINDS
from deepbench_hf.simulators.vqa import scenes
from deepbench_hf.simulators.vqa.scenes import COLOURS, PER_CELL, SHAPES, WORDS

WANTED, PAIR = ("no", "yes", "any"), ("allowed", "never", "always")
CELL_PX = 10
SIZES_PX = (6.0, 8.0)
"""Sides of a small and a large shape."""
JITTER_PX = 0.4
"""How far size and place of a shape may be from the usual ones."""

SCENE: Mapping[str, Parameter] = {
    "fill": Parameter("1", "chance of a cell to hold a shape", 0.1, 1, 0.8, symbol="p"),
    "wanted": one_of("the answer that scenes are drawn for", WANTED, default=2, symbol="w"),
    "green_squares": one_of("whether scenes show green squares", PAIR, default=0, symbol="g"),
    "realization": REALIZATION,
}
"""What questions in words and by number have in common."""


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
        green_squares: allowed, never, or always at least one, for a pair that is held out, (n,).
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
        "hops": one_of("how many relations the question has", scenes.HOPS, symbol="h"),
        "subject": one_of("what is asked for", WORDS, symbol="S"),
        "object": one_of("what it is or where it lies", WORDS, symbol="O"),
        "relation": one_of(
            "where the subject lies", scenes.RELATIONS, only={"hops": ("one", "two")}, symbol="r"
        ),
        "second_relation": one_of(
            "where the cell between lies", scenes.RELATIONS, only={"hops": ("two",)}, symbol="q"
        ),
        **SCENE,
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
        row = filled(self.parameters, inputs)
        asked = np.stack([row[k] for k in tuple(row)[:5]], axis=1).astype(np.int64)
        return self.answered(asked, row)

    def answered(self, asked: NDArray[np.int64], row: Columns) -> Columns:
        """Scenes and answers for hops, subject, object and relations (n, 5)."""
        n, cells = len(asked), self.grid * self.grid
        number = row["realization"]
        drawn = uniform(number, "scenes", scenes.MOST_SCENES * cells * PER_CELL)
        scene, answer = np.empty((n, 2, self.grid, self.grid), np.int64), np.zeros(n, np.bool_)
        spot = uniform(number, "pair", 1)[:, 0]
        chance, pair = row["fill"], row["green_squares"].astype(np.int64)
        scenes.draw(asked, chance, row["wanted"], pair, drawn, spot, scene, answer)
        looks = uniform(number, "looks", cells * PER_CELL).reshape(n, cells, PER_CELL)
        count, found = self._cells(scene.reshape(n, 2, cells), looks)
        return {
            "question": np.array([scenes.question(*one) for one in asked.tolist()], "U64"),
            "program": np.array([scenes.program(*one) for one in asked.tolist()], "U96"),
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
            parts = {
                "kind": kinds[shape["shape"]],
                "center_x_px": shape["x_px"],
                "center_y_px": shape["y_px"] - (shape["shape"] == 2) * shape["side_px"] / 6.0,
                "radius_px": radius[shape["shape"]] * shape["side_px"],
                "angle_deg": angle[shape["shape"]],
            }
            shapes = {COUNT: np.count_nonzero(own, axis=1), OBJECTS: packed(parts)}
            image[:, k] = painter.painted(shapes)[0]
        return image


class ListedQuestion(ShapesQuestion):
    """The same, with the question by its number in the list of all 756 that there are.

    The list is in the order of the SHA-256 digests of the questions. A range of numbers is a fixed
    sample of questions, and other ranges are questions that it does not hold.

    Args:
        number: of the question, 0 to 755, (n,).
        fill, wanted, green_squares, realization, grid: as for `ShapesQuestion`.

    Returns:
        As `ShapesQuestion`, and hops, subject, object, relation and second_relation, (n,).

    Source: as `ShapesQuestion`. The published set has 244 questions, 212 of them to train.
    """

    kind: Literal["shapes_vqa_listed"] = "shapes_vqa_listed"  # pyright: ignore[reportIncompatibleVariableOverride]
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "number": Parameter("1", "number of the question", 0, 755, whole=True, symbol="N"),
        **SCENE,
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        asked = {
            name: Field(
                "1", one.meaning, dtype="int64", names=one.names, only=one.only, role="label"
            )
            for name, one in list(ShapesQuestion.parameters.items())[:5]
        }
        return {**asked, **super().columns}

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        asked = scenes.listed()[row["number"].astype(np.int64)]
        words = dict(zip(tuple(ShapesQuestion.parameters)[:5], asked.T.copy(), strict=True))
        return {**words, **self.answered(asked, row)}
