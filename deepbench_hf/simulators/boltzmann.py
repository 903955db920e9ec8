"""Samples of restricted Boltzmann machines, with their exact partition function and entropy."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, uniform, white

VISIBLE, HIDDEN, SAMPLES = 12, 6, 256
"""Units of either kind, and samples of a row."""
STATES, HALF, LOW_BITS = 4096, 64, 6
"""Configurations of the visible units, and of half of them."""
BIAS = 0.5
"""Standard deviation of the biases; that of the weights is 1."""


class Boltzmann(Simulator):
    r"""Exact samples of the visible units of a restricted Boltzmann machine.

    Visible units v and hidden units h are 0 or 1. At the inverse temperature beta,

        p(v, h) = e^(-beta E) / Z,    E = -b . v - c . h - h . W v,
        p(v) = e^(-F(v)) / Z,    F(v) = -beta b . v - sum_j ln(1 + e^(beta (c_j + (W v)_j))),

    which is summed over all 4096 states, so that samples are independent and have no burn-in.
    Weights W are standard normal, biases b and c normal with a standard deviation of 0.5.

    Args:
        inverse_temperature: beta, (n,).
        instance: number of the weights and biases, (n,).
        coupling_error: standard deviation of an error that every row's weights have, as those of a
            device do, (n,); 0 by default.
        realization: number of the samples and of the errors, (n,).

    Returns:
        samples (n, 12, 256), by unit and sample; weights (n, 6, 12), visible_bias (n, 12) and
        hidden_bias (n, 6), those of the instance, without error; log_partition ln Z, entropy of v
        in nats, and the log_likelihood of the samples, (n,), of the machine that was sampled.

    Source: P. Smolensky, Information processing in dynamical systems: foundations of harmony
    theory, in Parallel Distributed Processing 1 (1986) 194. The question is that of J. Caldeira et
    al., Restricted Boltzmann machines for galaxy morphology classification with a quantum annealer
    (2019), arXiv:1911.06259, whose samples have a temperature to be found; the machines are ours.
    """

    kind: Literal["boltzmann"] = "boltzmann"
    parameters: ClassVar[Parameters] = {
        "inverse_temperature": Parameter("1", "inverse temperature", 0, 10, symbol=r"\beta"),
        "instance": Parameter(
            "1", "number of the machine", 0, 2**53 - 1, 0, whole=True, symbol="I"
        ),
        "coupling_error": Parameter(
            "1", "standard deviation of the errors of the weights", 0, 1, 0.0, symbol=r"\sigma_W"
        ),
        "realization": REALIZATION,
    }

    @property
    def columns(self) -> Fields:
        units: Any = {"dtype": "float32", "role": "label"}
        likelihood = "logarithm of the probability of the samples"
        axes = ("hidden unit", "visible unit")
        return {
            "visible_bias": Field("1", "biases of the visible units", (VISIBLE,), **units),
            "hidden_bias": Field("1", "biases of the hidden units", (HIDDEN,), **units),
            "log_partition": Field("1", "logarithm of the partition function", role="label"),
            "entropy": Field("1", "entropy of the visible units, nats", role="label"),
            "log_likelihood": Field("1", likelihood, role="label"),
            "samples": Field(
                "1", "states of the visible units", (VISIBLE, SAMPLES), "bool", low=0.0,
                axes=("visible unit", "sample"),
            ),
            "weights": Field("1", "couplings of the units", (HIDDEN, VISIBLE), axes=axes, **units),
        }  # fmt: skip

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        n, number = len(row["realization"]), row["realization"]
        drawn = white(row["instance"], "machine", (HIDDEN + 1) * (VISIBLE + 1))
        machine = drawn.reshape(n, HIDDEN + 1, VISIBLE + 1)
        machine[:, HIDDEN, :] *= np.float32(BIAS)
        machine[:, :HIDDEN, VISIBLE] *= np.float32(BIAS)
        error = row["coupling_error"][:, None] * white(number, "errors", HIDDEN * VISIBLE)
        sampled = machine.astype(np.float64)
        sampled[:, :HIDDEN, :VISIBLE] += error.reshape(n, HIDDEN, VISIBLE)
        draws = uniform(number, "samples", SAMPLES)
        samples, told = np.empty((n, VISIBLE, SAMPLES), np.bool_), np.empty((3, n))
        _sample(row["inverse_temperature"], sampled, draws, samples, told)
        return {
            "visible_bias": machine[:, HIDDEN, :VISIBLE].copy(),
            "hidden_bias": machine[:, :HIDDEN, VISIBLE].copy(),
            "log_partition": told[0],
            "entropy": told[1],
            "log_likelihood": told[2],
            "samples": samples,
            "weights": machine[:, :HIDDEN, :VISIBLE].copy(),
        }


@kernel(allocates=True)
def _sample(beta, machine, draws, samples, told):
    """Fill in samples (n, 12, m), and ln Z, entropy and log-likelihood, (3, n).

    Args:
        beta: inverse temperatures, (n,).
        machine: weights (n, 7, 13) with the hidden biases in the last column and the visible ones
            in the last row.
        draws: uniform numbers, (n, m).
    """
    low, high = np.empty((HIDDEN + 1, HALF)), np.empty((HIDDEN + 1, HALF))
    log_weight, total = np.empty(STATES), np.empty(STATES)
    scratch = np.empty((2, HALF))
    for i in range(beta.size):
        _halves(beta[i], machine[i], low, high)
        largest = _free_energies(low, high, scratch, log_weight)
        _weigh(largest, log_weight, total)
        whole, mean = 0.0, 0.0
        for s in range(STATES):
            weight = total[s]
            whole += weight
            mean += weight * log_weight[s]
            total[s] = whole
        log_sum = exact.log(whole)
        told[0, i], told[1, i], told[2, i] = largest + log_sum, log_sum - mean / whole, 0.0
        for k in range(draws.shape[1]):
            first, last = 0, STATES - 1
            while first < last:  # the first state with total / sum above the draw
                middle = (first + last) // 2
                if total[middle] > draws[i, k] * whole:
                    last = middle
                else:
                    first = middle + 1
            told[2, i] += log_weight[first] - log_sum
            for unit in range(VISIBLE):
                samples[i, unit, k] = (first >> unit) & 1 == 1


@kernel
def _halves(beta, machine, low, high):
    """Fill in the input of each hidden unit, and that of the visible biases, by half a state."""
    for j in range(HIDDEN + 1):
        for s in range(HALF):
            low[j, s] = beta * machine[j, VISIBLE] if j < HIDDEN else 0.0
            high[j, s] = 0.0
            for unit in range(LOW_BITS):
                if (s >> unit) & 1 == 1:
                    low[j, s] += beta * machine[j, unit]
                    high[j, s] += beta * machine[j, LOW_BITS + unit]


@kernel
def _free_energies(low, high, scratch, out):
    """Fill in -F of each state, (4096,), and return the largest.

    ln(1 + e^x) is max(x, 0) + ln(1 + e^-|x|), and the second terms of all units are one logarithm.
    A half of the units at a time, so that loops over the other half vectorise.
    """
    largest = -np.inf
    for other in range(HALF):
        part = out[other * HALF : (other + 1) * HALF]
        _half_energies(low, high, other, scratch[0], scratch[1], part)
        for one in range(HALF):
            largest = max(largest, part[one])
    return largest


@kernel
def _half_energies(low, high, other, value, product, out):
    """Fill in -F of the states that share the upper half of their units, (64,)."""
    for one in range(HALF):
        value[one], product[one] = low[HIDDEN, one] + high[HIDDEN, other], 1.0
    for j in range(HIDDEN):
        below, above = low[j], high[j, other]
        for one in range(HALF):
            x = below[one] + above
            value[one] += max(x, 0.0)
            product[one] *= 1.0 + exact.exp(max(-abs(x), -700.0))
    for one in range(HALF):
        out[one] = value[one] + exact.log(product[one])


@kernel
def _weigh(largest, log_weight, weight):
    """Take the largest logarithm away, and fill in the weights."""
    for s in range(log_weight.size):
        log_weight[s] -= largest
        weight[s] = exact.exp(max(log_weight[s], -700.0))
