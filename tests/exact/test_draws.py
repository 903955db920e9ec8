"""Random numbers: the published words, any example alone, and the right distributions.

Every statistical test has a fixed seed and a false-alarm probability of at most 1e-6 (p-values are
compared with that), and a planted defect shows that it can fail.
"""

import hashlib
from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf.exact.draws import (
    add_normals,
    normals,
    uniform_rows,
    uniforms,
    uniforms_of_blocks,
)
from deepbench_hf.exact.poisson import poisson
from deepbench_hf.exact.words import philox4x32, stream_key, words
from tools.noise import EXACT, poisson_error

ALARM = 1e-6
SIGMAS = 5.5
"""Of a normal statistic: 4e-8, as up to 20 of them are looked at together."""
KEY = stream_key("test", 42)
KNOWN_ANSWERS = [
    ("00000000 " * 4, "00000000 " * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def hexadecimal(text):
    return [np.uint32(int(word, 16)) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers_of_random123(counter, key, answer):
    words = philox4x32(*hexadecimal(counter), *hexadecimal(key))
    assert list(words) == hexadecimal(answer)


def test_a_counter_is_block_zero_and_index_and_a_key_is_low_and_high():
    index, key = 0x0123456789ABCDEF, np.uint64(0xFEDCBA9876543210)
    expected = philox4x32(*hexadecimal("7 0 89abcdef 01234567 76543210 fedcba98"))
    assert words(7, np.int64(index), key) == expected


def test_a_key_is_the_head_of_the_sha256_of_compact_json():
    text = '["pendulum",42,"tr\u00e4in","parameter"]'.encode()
    expected = int.from_bytes(hashlib.sha256(text).digest()[:8], "little")
    assert stream_key("pendulum", 42, "tr\u00e4in", "parameter") == expected
    assert stream_key("pendulum", np.int64(42), "tr\u00e4in", "parameter") == expected
    assert isinstance(stream_key("a"), np.uint64)


def test_neighbouring_seeds_share_no_word():
    seen = set()
    for seed in range(42, 46):
        out = np.zeros((1, 4000))
        key = stream_key("pendulum", seed)
        found = {words(b, i, key) for b in range(10) for i in range(100)}
        add_normals(out, np.ones(1), key, [0])
        assert len(found) == 1000
        assert not seen & found
        seen |= found


INDICES = np.array([5, 0, 2**63 - 1, 2**32, 2**32 - 1, 7, 1], np.int64)
RATES = np.exp(np.linspace(-4, 8, 7 * 300)).reshape(300, 7).T
DRAWS = {
    "uniforms": uniforms,
    "normals": normals,
    "normals_again": lambda key, indices: normals(key, indices, 3),
    "normals_float32": lambda key, indices: noise(key, indices, np.float32, 1027),
    "normals_float64": lambda key, indices: noise(key, indices, np.float64, 1027),
    "poisson": lambda key, indices: poisson(np.full((len(indices), 300), 11.0), key, indices),
}


def noise(key, indices, kind, m):
    """Fresh normals of a few examples."""
    out = np.zeros((len(indices), m), kind)
    add_normals(out, np.ones(len(indices)), key, indices)
    return out


@pytest.mark.parametrize("name", DRAWS)
def test_an_example_alone_has_the_bits_it_has_in_any_batch(name):
    draw = DRAWS[name]
    batch = draw(KEY, INDICES)
    assert draw(KEY, INDICES[::-1])[::-1].tobytes() == batch.tobytes()
    for i, index in enumerate(INDICES):
        assert draw(KEY, [index]).tobytes() == batch[i : i + 1].tobytes()
    assert len({row.tobytes() for row in batch}) == len(INDICES)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("m", [0, 1, 2, 3, 5, 1023, 1024, 1025, 2049])
def test_fewer_values_are_a_prefix_of_more(m, kind):
    indices, rates = INDICES[:2], np.full((2, 5000), 9.0, kind)
    assert np.array_equal(noise(KEY, indices, kind, m), noise(KEY, indices, kind, 5000)[:, :m])
    fewer = poisson(rates[:, :m], KEY, indices)
    assert np.array_equal(fewer, poisson(rates, KEY, indices)[:, :m])


def test_noise_is_added_with_each_examples_sigma_in_the_type_of_the_output():
    z = noise(KEY, INDICES, np.float32, 100)
    sigma = np.linspace(0.1, 30, len(INDICES))
    for kind in (np.float32, np.float64):
        out = np.full((len(INDICES), 100), 1000.0, kind)
        add_normals(out, sigma, KEY, INDICES)
        expected = kind(1000.0) + sigma.astype(kind)[:, None] * z.astype(kind)
        assert out.tobytes() == expected.tobytes()


def test_a_poisson_count_depends_on_its_own_rate_and_word_only():
    counts = poisson(RATES, KEY, INDICES)
    for j in (0, 100, 299):
        others = np.full_like(RATES, 50.0)
        others[:, j] = RATES[:, j]
        assert np.array_equal(poisson(others, KEY, INDICES)[:, j], counts[:, j])


def test_poisson_counts_rise_with_the_rate():
    rates = np.concatenate([np.linspace(0, 15.9, 200), np.linspace(16.1, 100, 200)])
    counts = np.array([poisson(np.full((1, 256), rate), KEY, [3])[0] for rate in rates])
    assert np.all(np.diff(counts[:200], axis=0) >= 0)
    assert np.all(np.diff(counts[200:], axis=0) >= 0)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_poisson_counts_are_whole_numbers_of_the_type_of_the_rate(kind):
    rate = np.array([[-3.0, 0.0, 1e-30, 0.1, 15.999, 16.0, 1e4, 1e9] * 50], kind)
    counts = poisson(rate, KEY, [1])
    assert counts.dtype == kind
    assert np.all(counts == np.floor(counts))
    assert np.all(counts[rate < 1e-20] == 0)
    big = counts[rate == 1e9]
    assert np.all(np.abs(big - 1e9) < 6 * np.sqrt(1e9))


@pytest.mark.parametrize("indices", [[-1], [0.5], [[1]], np.array([2**63], np.uint64)])
def test_other_indices_are_refused(indices):
    with pytest.raises(ValueError, match="indices: got .* accepts"):
        uniforms(KEY, indices)


def test_other_arrays_are_refused():
    with pytest.raises(ValueError, match="out: got int64"):
        add_normals(np.zeros((1, 4), np.int64), np.ones(1), KEY, [0])
    with pytest.raises(ValueError, match="blocks: 1 of them, for 2 indices"):
        uniforms_of_blocks(KEY, [0, 1], [0])
    with pytest.raises(ValueError, match="2, 1, 1 examples"):
        add_normals(np.zeros((2, 4)), np.ones(1), KEY, [0])
    with pytest.raises(ValueError, match="rate: got int64"):
        poisson(np.ones((1, 4), np.int64), KEY, [0])


def test_no_examples_give_no_values():
    assert uniforms(KEY, []).shape == normals(KEY, []).shape == (0,)
    assert poisson(np.zeros((0, 5)), KEY, []).shape == (0, 5)
    assert uniform_rows(KEY, [], 3).shape == (0, 3)
    assert uniform_rows(KEY, [1, 2], 0).shape == (2, 0)


def chi_square(observed, expected):
    """P-value of Pearson's test of counts with given expectations."""
    statistic = ((observed - expected) ** 2 / expected).sum()
    return stats.chi2.sf(statistic, len(expected) - 1)


def distance(sample, distribution):
    """P-value of the Kolmogorov-Smirnov test."""
    x = distribution(np.sort(sample))
    grid = np.arange(len(x) + 1) / len(x)
    largest = max((grid[1:] - x).max(), (x - grid[:-1]).max())
    return special.kolmogorov(largest * np.sqrt(len(x)))


def correlation(x, y):
    """Sigmas by which the correlation of two samples differs from zero."""
    return abs(np.corrcoef(x, y)[0, 1]) * np.sqrt(len(x))


def uniform_p(u):
    """The smaller p-value of two tests of uniform numbers."""
    return min(
        chi_square(
            np.bincount((u * 1000).astype(int), minlength=1000), np.full(1000, len(u) / 1e3)
        ),
        distance(u, lambda x: x),
    )


def test_uniform_numbers_are_uniform_and_independent():
    u = uniforms(KEY, np.arange(2_000_000))
    other = uniforms(stream_key("test", 43), np.arange(2_000_000))
    assert u.min() >= 0.0 and u.max() < 1.0
    assert np.array_equal(u * 2.0**53, np.floor(u * 2.0**53))
    assert uniform_p(u) > ALARM / 4
    assert uniform_p(np.mod(u * 2.0**20, 1.0)) > ALARM / 4
    for lag in (1, 2, 256, 4096):
        assert correlation(u[lag:], u[:-lag]) < SIGMAS
    assert correlation(u, other) < SIGMAS


def test_a_uniform_defect_is_found():
    u = uniforms(KEY, np.arange(2_000_000))
    assert uniform_p(u**1.01) < ALARM
    assert correlation(u[1:], u[1:] + 100 * u[:-1]) > SIGMAS
    assert correlation(u, 0.99 * np.random.default_rng(1).random(len(u)) + 0.01 * u) > SIGMAS


EDGES = np.linspace(-5, 5, 401)
MOMENTS = [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)]
"""Power, expectation and variance of the power of a standard normal number."""


def normal_faults(z):
    """The tests of standard normal numbers that a large sample fails."""
    n, z = z.size, z.ravel().astype(np.float64)
    inner, _ = np.histogram(z, EDGES)
    observed = np.array([(z < -5).sum() + inner[0], *inner[1:-1], inner[-1] + (z >= 5).sum()])
    share = np.diff(stats.norm.cdf([-np.inf, *EDGES[1:-1], np.inf]))
    wide = share * n > 20
    kept = np.append(observed[wide], observed[~wide].sum())
    expected = np.append(share[wide], share[~wide].sum()) * n
    p = {
        "chi square": chi_square(kept, expected),
        "distance": distance(z[:2_000_000], stats.norm.cdf),
    }
    for t in (3.0, 4.0, 4.5, 5.0):
        count, mean = int((np.abs(z) > t).sum()), 2 * n * stats.norm.sf(t)
        p[f"tail {t}"] = 2 * min(stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean))
    for power, mean, variance in MOMENTS:
        sigmas = ((z**power).mean() - mean) / np.sqrt(variance / n)
        p[f"moment {power}"] = 2 * stats.norm.sf(abs(sigmas))
    return {name for name, value in p.items() if value < ALARM / len(p)}


@cache
def normal_sample(kind):
    """Ten million normals, pixel noise by rows of 2 500 or one per example."""
    if kind == "single":
        return normals(KEY, np.arange(10_000_000))
    return noise(KEY, np.arange(4000), kind, 2500)


@pytest.mark.parametrize("kind", [np.float32, "single"])
def test_normal_numbers_are_normal(kind):
    assert normal_faults(normal_sample(kind)) == set()


def test_normals_of_float64_output_are_those_of_float32():
    assert np.array_equal(noise(KEY, [3], np.float64, 999), noise(KEY, [3], np.float32, 999))


def test_normal_numbers_are_independent():
    z = normal_sample(np.float32).astype(np.float64)
    flat, single = z.ravel(), normal_sample("single")
    for lag in (1, 2, 3, 4, 1024, 2500):
        assert correlation(flat[lag:], flat[:-lag]) < SIGMAS
        assert correlation(flat[lag:] ** 2, flat[:-lag] ** 2) < SIGMAS
    assert correlation(single[1:], single[:-1]) < SIGMAS
    again = normals(KEY, np.arange(1_000_000), attempt=1)
    assert correlation(again, single[:1_000_000]) < SIGMAS


@pytest.mark.parametrize(
    ("defect", "symptom"),
    [
        (lambda z: 1.003 * z, "moment 2"),
        (lambda z: np.clip(z, -4.5, 4.5), "tail 4.5"),
        (lambda z: z + 0.002, "moment 1"),
        (lambda z: np.round(z * 32) / 32, "chi square"),
        (lambda z: np.where(z > 0, z, 1.01 * z), "moment 3"),
    ],
)
def test_a_normal_defect_is_found(defect, symptom):
    assert symptom in normal_faults(defect(normal_sample(np.float32)))


LOW_AND_HIGH = [0.05, 0.3, 1.0, 3.0, 7.0, 12.0, 15.99, 16.0, 30.0, 100.0, 300.0, 1000.0]


def poisson_p(counts, rate):
    """P-value of the chi-square test of Poisson counts, cells of at least 20 expected counts."""
    observed = np.bincount(counts.ravel().astype(np.int64))
    expected = counts.size * stats.poisson.pmf(np.arange(len(observed)), rate)
    wide = np.flatnonzero(expected > 20)
    first, last = wide[0], wide[-1]
    below, above = stats.poisson.cdf(first, rate), stats.poisson.sf(last - 1, rate)
    observed = [observed[: first + 1].sum(), *observed[first + 1 : last], observed[last:].sum()]
    expected = [below * counts.size, *expected[first + 1 : last], above * counts.size]
    return chi_square(np.array(observed), np.array(expected))


def counts_of(rate, kind=np.float32):
    """Two million counts of one rate, from a key of its own."""
    rates = np.full((500, 4000), rate, kind)
    return poisson(rates, stream_key("poisson", str(rate)), np.arange(500))


@pytest.mark.parametrize("rate", LOW_AND_HIGH)
def test_poisson_counts_follow_the_poisson_law(rate):
    assert poisson_p(counts_of(rate), rate) > ALARM


@pytest.mark.parametrize("rate", LOW_AND_HIGH)
def test_the_poisson_law_is_exact_over_every_4096th_word(rate):
    assert poisson_error(rate, 4096) < EXACT
    assert poisson_error(rate * 1.0001, 4096, rate) > EXACT


@pytest.mark.parametrize("rate", [3.0, 100.0, 1e6, 1e9])
def test_poisson_counts_have_the_mean_and_variance_of_the_rate(rate):
    counts = counts_of(rate, np.float64)
    n = counts.size
    assert abs(counts.mean() - rate) < SIGMAS * np.sqrt(rate / n)
    assert abs(counts.var() / rate - 1) < SIGMAS * np.sqrt((2 + 1 / rate) / n)


@pytest.mark.parametrize("rate", [1.0, 7.0, 15.99, 16.0, 100.0, 1000.0])
def test_a_wrong_poisson_rate_is_found(rate):
    wrong = 1.003 if rate > 5 else 1.01
    assert poisson_p(counts_of(rate * wrong), rate) < ALARM


@pytest.mark.parametrize("rate", [1.0, 7.0, 30.0, 300.0])
def test_a_normal_approximation_of_poisson_is_found(rate):
    z = normal_sample(np.float32).ravel()[:2_000_000].astype(np.float64)
    approximation = np.maximum(np.floor(rate + np.sqrt(rate) * z + 0.5), 0.0)
    assert poisson_p(approximation, rate) < ALARM
