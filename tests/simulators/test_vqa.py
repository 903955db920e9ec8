"""Questions about shapes: programs executed by Python, chances in closed form, symmetries."""

import numpy as np
import pytest

from deepbench_hf import generate, simulate
from deepbench_hf.simulators.vqa.scenes import COLOURS, RELATIONS, SHAPES, WORDS

MOVES = {"above": (1, 0), "below": (-1, 0), "left_of": (0, -1), "right_of": (0, 1)}


def grid_of(cells, count, side=3):
    shape, colour = (np.full((side, side), "", object) for _ in range(2))
    for one in cells[:count]:
        place = int(one["row"]), int(one["column"])
        shape[place], colour[place] = SHAPES[one["shape"]], COLOURS[one["colour"]]
    return shape, colour


def execute(program, cells, count, side=3):
    """The program of a row, executed on its cells."""
    shape, colour = grid_of(cells, count, side)

    def shift(mask, relation):
        moved, (up, right) = np.zeros_like(mask), MOVES[relation]
        for row, column in np.argwhere(mask):
            if 0 <= row + up < side and 0 <= column + right < side:
                moved[row + up, column + right] = True
        return moved

    names = {word: word for word in (*WORDS, *RELATIONS)}
    names |= {"any": np.any, "shift": shift, "mask": lambda w: (shape == w) | (colour == w)}
    return bool(eval(program, {"__builtins__": {}}, names))  # a program of this very row


@pytest.mark.parametrize(
    ("name", "split", "side"),
    [
        ("shapes_vqa", "train", 3),
        ("shapes_vqa", "test_two_hops", 3),
        ("shapes_vqa", "test_unbalanced", 3),
        ("shapes_vqa_questions", "test_unseen_pair", 3),
        ("shapes_vqa_4x4", "test_two_hops", 4),
    ],
)
def test_the_program_of_a_row_gives_its_answer(name, split, side):
    rows = generate(name, split, 0, 300)
    rows = {name: rows[name] for name in ("program", "cells", "n_cells", "answer")}
    columns = zip(*rows.values(), strict=True)
    found = [execute(text, cells, count, side) for text, cells, count, _ in columns]
    assert found == rows["answer"].tolist()
    assert 0.1 < np.mean(found) < 0.9


def asked(**more):
    given = {"hops": "one", "subject": "circle", "object": "red", "relation": "above"}
    given |= {"second_relation": "above", "wanted": "any", "fill": 0.8, **more}
    return simulate("shapes_vqa", realization=np.arange(3000) + 100, **given)


def test_chances_without_balance_are_those_of_independent_cells():
    attribute = asked(hops="none")["answer"].mean()
    assert abs(attribute - (1 - (1 - 0.8 / 9) ** 9)) < 4 * 0.5 / np.sqrt(3000)
    count = asked()["n_cells"]
    assert abs(count.mean() - 7.2) < 4 * np.sqrt(9 * 0.16 / 3000)
    assert abs(count.var() / (9 * 0.16) - 1) < 0.15


def test_impossible_questions_keep_their_answer_and_others_are_balanced():
    assert not asked(hops="none", subject="circle", object="square", wanted="yes")["answer"].any()
    for wanted, answer in (("yes", True), ("no", False)):
        assert (asked(wanted=wanted)["answer"] == answer).mean() > 0.999


def test_above_of_a_subject_is_below_of_its_object():
    up = asked(subject="square", object="blue", relation="above")["answer"]
    down = asked(subject="blue", object="square", relation="below")["answer"]
    assert np.array_equal(up, down)
    two = asked(hops="two", relation="left_of", second_relation="right_of", object="circle")
    assert two["answer"].any()  # there and back: the same cell


def test_the_image_shows_the_cells_in_their_colours():
    found = simulate("shapes_vqa", hops="none", subject="red", object="circle", realization=5)
    image, cells = found["image"].astype(float), found["cells"][: found["n_cells"]]
    area = {"circle": np.pi / 4, "square": 1.0, "triangle": 1 / np.sqrt(3)}
    for one in cells:
        y, x = 10 * one["row"], 10 * one["column"]
        cell = image[:, y : y + 10, x : x + 10].sum(axis=(1, 2))
        expected = area[SHAPES[one["shape"]]] * one["side_px"] ** 2
        assert cell[one["colour"]] == pytest.approx(expected, rel=1e-3)
        assert cell.sum() == pytest.approx(cell[one["colour"]], rel=1e-6)
        centre = [(image.sum(axis=0)[y : y + 10, x : x + 10] * np.arange(10)).sum() / cell.sum()]
        assert centre[0] + x == pytest.approx(one["x_px"], abs=0.02)


def test_a_question_alone_tells_no_answer():
    rows = generate("shapes_vqa", "train", 0, 4000)
    both = rows["question"] != "is a red shape green"
    words, place = np.unique(rows["question"][both], return_inverse=True)
    share = np.bincount(place, rows["answer"][both]) / np.bincount(place)
    possible = share > 0
    assert len(words) > 100
    assert abs(share[possible].mean() - 0.5) < 0.03


def test_train_has_212_fixed_questions_and_the_unseen_ones_are_others():
    seen, unseen = (
        set(generate("shapes_vqa_questions", split, 0, size)["question"])
        for split, size in (("train", 4000), ("test_unseen_questions", 1024))
    )
    assert len(seen) == 212
    assert len(unseen) > 300
    assert not seen & unseen
    assert set(generate("shapes_vqa_questions", "test", 0, 1024)["question"]) <= seen


def test_green_squares_are_held_out_of_train_and_shown_in_their_split():
    for split, shown in (("train", False), ("test", False), ("test_unseen_pair", True)):
        rows = generate("shapes_vqa_questions", split, 0, 500)
        there = np.arange(9) < rows["n_cells"][:, None]
        pair = (rows["cells"]["shape"] == 1) & (rows["cells"]["colour"] == 1) & there
        assert (pair.any(axis=1) == shown).all()
    never = generate("shapes_vqa_questions", "train", 0, 500)
    there = np.arange(9) < never["n_cells"][:, None]
    share = np.bincount(never["cells"]["colour"][there]) / there.sum()
    np.testing.assert_allclose(share, [7 / 18, 4 / 18, 7 / 18], atol=0.04)  # squares in two colours
