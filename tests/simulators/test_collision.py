"""Collisions: straight lines and circles before and after, and a conserved angular momentum."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe


@pytest.fixture(scope="module")
def rows():
    return generate(load_recipe("scinet_collision", clean=True), "train", 0, 300)


def momentum(x, y, vx, vy):
    """Angular momentum about the origin of a mass of 1 kg."""
    return x * vy - y * vx


def test_the_angular_momentum_is_the_same_before_and_after(rows):
    """From places alone: velocities by straight lines, the rotor's angle unwrapped."""
    for row in range(300):
        one = {name: values[row] for name, values in rows.items()}
        free, rotor, after = (one[f"time_{name}_s"] for name in ("free", "rotor", "after"))
        vx, x = np.polyfit(free, one["x_free_m"], 1)
        vy, y = np.polyfit(free, one["y_free_m"], 1)
        angle = np.unwrap(np.arctan2(one["y_rotor_m"], one["x_rotor_m"]))
        turning = np.polyfit(rotor, angle, 1)[0]
        if np.diff(rotor).max() * one["angular_velocity_rad_s"] > 3:
            continue  # more than half a turn between two sights
        later_vx, later_x = np.polyfit(after, one["x_after_m"], 1)
        later_vy, later_y = np.polyfit(after, one["y_after_m"], 1)
        before = momentum(x, y, vx, vy) + turning
        assert before == pytest.approx(one["angular_momentum_kg_m2_s"], abs=1e-9)
        kept = momentum(later_x, later_y, later_vx, later_vy) + one["later_angular_velocity_rad_s"]
        assert kept == pytest.approx(before, abs=1e-9)


def test_both_meet_where_the_rod_points_up_and_the_rotor_goes_on_from_there(rows):
    hit = (-rows["start_x_m"] / rows["velocity_x_m_s"])[:, None]
    back = rows["time_free_s"] - hit, rows["time_rotor_s"] - hit
    np.testing.assert_allclose(rows["x_free_m"], rows["velocity_x_m_s"][:, None] * back[0])
    height = 1 + rows["velocity_y_m_s"][:, None] * back[0]
    np.testing.assert_allclose(rows["y_free_m"], height, atol=1e-12)
    angle = rows["angular_velocity_rad_s"][:, None] * back[1]
    np.testing.assert_allclose(rows["x_rotor_m"], -np.sin(angle), atol=1e-12)
    np.testing.assert_allclose(rows["y_rotor_m"], np.cos(angle), atol=1e-12)
    later = rows["later_angular_velocity_rad_s"] * rows["question_time_s"]
    np.testing.assert_allclose(rows["answer_x_m"], -np.sin(later), atol=1e-14)
    np.testing.assert_allclose(rows["answer_y_m"], np.cos(later), atol=1e-14)


def test_all_is_seen_before_the_collision_and_the_momentum_suffices_for_the_answer(rows):
    hit = -rows["start_x_m"] / rows["velocity_x_m_s"]
    for name in ("free", "rotor"):
        assert (rows[f"time_{name}_s"] < hit[:, None]).all()
        assert (np.diff(rows[f"time_{name}_s"]) > 0).all()
    assert (rows["x_free_m"] < 0).all()
    speed = (rows["x_after_m"] / rows["time_after_s"])[:, 0]
    angle = rows["question_time_s"] * (rows["angular_momentum_kg_m2_s"] + speed)
    np.testing.assert_allclose(rows["answer_x_m"], -np.sin(angle), atol=1e-12)
