"""Broken overrides, simulators, and reference posteriors: only `RecipeError` comes out."""

import pytest

from deepbench_hf import RecipeError, load_recipe


@pytest.mark.parametrize("level", ["x", [1], 3, {"rows": 5, "truths": ["a"]}])
def test_a_broken_level_of_a_posterior_is_told(level, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        f"extends: pendulum_noisy\nposterior: {{draws: 5}}\nlevels: {{planet: {level}}}\n"
    )
    with pytest.raises(RecipeError, match=r"levels\.planet"):
        load_recipe(file)


@pytest.mark.parametrize(
    ("option", "place"),
    [
        *[({"num_examples": n}, "size") for n in ("x", [1], 5.5, -3, True, 10**30, {"test": "x"})],
        *[({"draws": n}, "draws") for n in ("a", -1, 0, 2.5, 10**30)],
    ],
)
def test_a_bad_number_of_posteriors_or_draws_is_told(option, place):
    with pytest.raises(RecipeError, match=rf"^pendulum_noisy_posterior: {place}: must be "):
        load_recipe("pendulum_noisy_posterior", **option)


@pytest.mark.parametrize("splits", [5, [[1]], [None], {"trian": 1}])
def test_splits_that_are_no_names_are_told(splits):
    with pytest.raises(RecipeError, match=r"^pendulum_noisy: splits: no split .*accepted: train"):
        load_recipe("pendulum_noisy", splits=splits)


@pytest.mark.parametrize("simulator", ["pendulun", "3", "{}", "[1]", "{kind: [pendulum]}"])
def test_a_simulator_without_a_kind_is_told_in_a_short_line(simulator, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: pendulum_noisy\nsimulator: {simulator}\n")
    if simulator == "{}":  # merges with that of the base, so it needs one of its own
        file.write_text("simulator: {}\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(file)
    (line,) = [problem for problem in caught.value.problems if problem.startswith("simulator: ")]
    assert "must be a mapping with a kind" in line and len(line) < 200
    assert ("did you mean 'pendulum'" in line) == ("pend" in simulator)
