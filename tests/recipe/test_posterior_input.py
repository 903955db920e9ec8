"""Broken recipes and overrides of reference posteriors: only `RecipeError` comes out."""

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
