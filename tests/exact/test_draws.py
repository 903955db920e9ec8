"""Random numbers: the published words, and any example alone has the bits it has in a batch."""

import hashlib

import numpy as np
import pytest

from deepbench_hf.exact.draws import (
    add_normals,
    normals,
    uniform_rows,
    uniforms,
    uniforms_of_blocks,
)
from deepbench_hf.exact.poisson import poisson
from deepbench_hf.exact.words import philox4x32, stream_key, words

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


def test_normals_of_float64_output_are_those_of_float32():
    assert np.array_equal(noise(KEY, [3], np.float64, 999), noise(KEY, [3], np.float32, 999))
