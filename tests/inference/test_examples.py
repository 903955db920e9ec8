"""The examples of sbi and BayesFlow at a small size: they train, draw and are judged."""

import re
from importlib.util import find_spec

import numpy as np
import pytest

from tests.support.children import printed
from tests.support.paths import ROOT

EXAMPLES = {
    "sbi": ["--simulations", "200", "--epochs", "1", "--rows", "8"],
    "bayesflow": ["--rows", "300", "--epochs", "1"],
}


@pytest.mark.parametrize("package", EXAMPLES)
def test_a_network_is_trained_and_judged_against_exact_posteriors(package):
    if find_spec(package) is None:
        pytest.skip("the extra sbi is not installed")
    # In a process of its own: BayesFlow switches the gradients of torch off for all who come after.
    file = str(ROOT / "examples" / f"{package}_posterior.py")
    text = printed(file, *EXAMPLES[package], KERAS_BACKEND="torch")
    told = dict(re.findall(r"^(\w+) (\{.*\})$", text, re.MULTILINE))
    assert told.keys() == {"length_m", "gravity_m_s2", "theta0_rad", "mass_kg", "joint"}
    c2st = float(re.search(r"'c2st': ([\d.]+)", told["joint"])[1])
    assert 0.5 < c2st <= 1.0  # hardly trained, so that it is told from the exact one
    assert all(np.isfinite(float(n)) for n in re.findall(r": (-?[\d.e-]+|nan)", told["length_m"]))
