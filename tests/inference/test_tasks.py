"""Tasks for packages of simulation-based inference: prior, simulator, observations, export."""

import h5py
import numpy as np
import torch
from sbi.utils import user_input_checks as checks
from scipy import stats

from deepbench_hf import generate, log_prior, sbi_task


def test_a_task_has_the_prior_of_its_split():
    task = sbi_task("pendulum_noisy")
    theta = task.prior.sample((2000,))
    assert task.names == ("length_m", "gravity_m_s2", "theta0_rad")
    assert task.units == ("m", "m s-2", "rad")
    assert stats.kstest(theta[:, 0], stats.uniform(0.5, 9.5).cdf).pvalue > 1e-4
    named = dict(zip(task.names, theta.T, strict=True))
    np.testing.assert_allclose(task.prior.log_prob(theta), log_prior("pendulum_noisy", **named))
    assert np.isneginf(task.prior.log_prob(np.array([-1.0, 9.0, 0.1])))
    assert not np.array_equal(theta, task.prior.sample((2000,)))


def test_the_simulator_adds_new_noise_to_the_clean_output():
    task = sbi_task("pendulum_noisy")
    theta = np.repeat(task.truth(3)[None], 400, axis=0)
    x = task.simulator(theta)
    row = generate("pendulum_noisy", "test", 3, 4)
    seen = [
        row[n].ravel()
        for n in ("length_measured_m", "gravity_measured_m_s2", "theta0_measured_rad")
    ]
    seen += [row["x_observed_m"].ravel(), row["x_noise_sigma_m"]]
    np.testing.assert_array_equal(task.observation(3), np.concatenate(seen))
    pulls = (x[:, 3:-1] - row["x_m"]) / x[:, -1:]
    assert stats.kstest(pulls[:, ::9].ravel(), "norm").pvalue > 1e-4
    assert not np.array_equal(x, task.simulator(theta))
    again = sbi_task("pendulum_noisy")
    np.testing.assert_array_equal(again.simulator(theta), x)


def test_tensors_pass_the_checks_of_sbi():
    task = sbi_task("pendulum_noisy", tensors=True)
    theta = task.prior.sample(torch.Size((4,)))
    assert theta.dtype == torch.float32
    assert task.simulator(theta).shape == (4, 104)
    assert task.prior.log_prob(theta).shape == (4,)
    prior, _, numpy = checks.process_prior(task.prior)
    simulator = checks.process_simulator(task.simulator, prior, numpy)
    checks.check_sbi_inputs(simulator, prior)


def test_an_export_holds_truths_and_observations(tmp_path):
    task = sbi_task("deeply_uncertain_t10")
    task.export(tmp_path / "test.h5", range(5))
    with h5py.File(tmp_path / "test.h5") as file:
        assert sorted(file) == ["thetas", "xs"]
        np.testing.assert_array_equal(file["thetas"][2], task.truth(2))
        np.testing.assert_array_equal(file["xs"][2], task.observation(2))
        assert file["xs"].shape == (5, 12)


def test_a_reference_posterior_has_the_order_of_the_names():
    task = sbi_task("deeply_uncertain_t10")
    draws = task.reference_posterior(0, 200)
    assert draws.shape == (200, 4)
    place = task.names.index("length_m")
    assert abs(draws[:, place].mean() / task.truth(0)[place] - 1) < 0.1
