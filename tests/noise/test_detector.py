"""Photon noise: its mean and variance, white, one row alone, against SciPy's law and NumPy.

Statistical tests have fixed seeds; their false-alarm probability is at most 1e-6.
"""

import hashlib

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import load_recipe
from deepbench_hf.exact.draws import add_normals
from deepbench_hf.exact.words import stream_key
from deepbench_hf.noise.counts import expose, matched_filter, signal_to_noise

ALARM = 1e-6
SIGMAS = 5.5
PHOTONS, READS = stream_key("test", "photons"), stream_key("test", "reads")


def exposed(clean, t=1.0, sky=0.0, sigma=0.0, gain=1.0, indices=None):
    """Observed images with the streams of this file."""
    indices = np.arange(len(clean)) if indices is None else indices
    return expose(clean, t, sky, sigma, gain, PHOTONS, READS, indices)


def flat(level, n=200, shape=(64, 64)):
    """Images of one brightness."""
    return np.full((n, *shape), level, np.float32)


def scene(n=3, shape=(40, 25)):
    """Bright spots on nothing: every way of drawing counts in one image."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    spot = 300 / (1 + ((x - 9.0) ** 2 + (y - 20.0) ** 2) / 20)
    return (spot * np.arange(1, n + 1)[:, None, None]).astype(np.float32)


LEVELS = [(0.02, 0.03), (2.0, 0.0), (3.0, 7.0), (12.0, 30.0), (400.0, 10.0), (1e6, 1e5)]


@pytest.mark.parametrize(("clean", "sky"), LEVELS)
@pytest.mark.parametrize(("t", "sigma"), [(1.0, 0.0), (3.0, 4.0)])
def test_counts_have_mean_t_s_plus_b_and_that_variance_plus_read_noise_s7(clean, sky, t, sigma):
    counts = t * (exposed(flat(clean), t, sky, sigma).astype(np.float64) + sky)
    rate, n = t * (clean + sky), counts.size
    variance = rate + sigma**2
    excess = rate / variance**2
    assert abs(counts.mean() - rate) < SIGMAS * np.sqrt(variance / n)
    assert abs(counts.var() / variance - 1) < SIGMAS * np.sqrt((2 + excess) / n)


def test_the_noise_is_brighter_where_the_image_is_s7():
    seen = exposed(np.repeat(scene(1), 4000, axis=0), 2.0, 5.0, 3.0)
    variance = (2.0 * (scene(1)[0] + 5.0) + 9.0) / 4.0
    assert np.all(np.abs(seen.var(axis=0) / variance - 1) < SIGMAS * np.sqrt(3 / 4000))


def test_one_constant_noise_would_be_found_s7():
    noise = exposed(flat(0.0, 4000, (40, 25)), 1.0, 50.0)
    variance = scene(1)[0] + 50.0
    assert np.any(np.abs(noise.var(axis=0) / variance - 1) > SIGMAS * np.sqrt(3 / 4000))


@pytest.mark.parametrize(("level", "sigma"), [(2.0, 0.0), (100.0, 0.0), (2.0, 3.0)])
def test_neighbouring_pixels_are_uncorrelated_s6(level, sigma):
    noise = exposed(flat(level), 1.0, 0.0, sigma).astype(np.float64) - level
    for one, other in (
        (noise[:, :, 1:], noise[:, :, :-1]),
        (noise[:, 1:], noise[:, :-1]),
        (noise[1:], noise[:-1]),
    ):
        correlation = np.corrcoef(one.ravel(), other.ravel())[0, 1]
        assert abs(correlation) < SIGMAS / np.sqrt(one.size)


def test_a_blurred_noise_would_be_found_s6():
    noise = exposed(flat(100.0)).astype(np.float64) - 100.0
    blurred = noise[:, :, 1:] + 0.02 * noise[:, :, :-1]
    correlation = np.corrcoef(blurred[:, :, 1:].ravel(), blurred[:, :, :-1].ravel())[0, 1]
    assert abs(correlation) > SIGMAS / np.sqrt(blurred.size)


@pytest.mark.parametrize("rate", [0.05, 0.7, 4.0, 13.0, 17.0, 60.0, 900.0])
def test_counts_follow_scipys_poisson_law(rate):
    assert chi_square_p(exposed(flat(rate)), rate) > ALARM


@pytest.mark.parametrize("rate", [4.0, 60.0])
def test_another_law_is_found(rate):
    normal = np.random.default_rng(1).normal(rate, np.sqrt(rate), (200, 64, 64))
    assert chi_square_p(np.maximum(np.rint(normal), 0.0), rate) < ALARM


def chi_square_p(counts, rate):
    """P-value of Pearson's test, with the counts beyond the first and last wide cell in those."""
    values = np.arange(int(counts.max()) + 2)
    wide = np.flatnonzero(counts.size * stats.poisson.pmf(values, rate) > 20)
    observed = np.bincount(
        np.clip(counts.astype(np.int64).ravel(), wide[0], wide[-1]) - wide[0], minlength=len(wide)
    )
    share = stats.poisson.pmf(wide, rate)
    share[0], share[-1] = stats.poisson.cdf(wide[0], rate), stats.poisson.sf(wide[-1] - 1, rate)
    return stats.chisquare(observed, share * counts.size).pvalue


def test_counts_are_whole_numbers_without_read_noise():
    t, sky = 4.0, 2.5
    counts = t * (exposed(scene(), t, sky).astype(np.float64) + sky)
    assert np.abs(counts - np.rint(counts)).max() < 1e-3


@pytest.mark.parametrize(("sky", "t"), [(0.1, 1.0), (1.0, 10.0), (50.0, 2.0), (1e5, 100.0)])
def test_an_empty_image_has_mean_zero(sky, t):
    seen = exposed(flat(0.0), t, sky, 3.0).astype(np.float64)
    assert abs(seen.mean()) < SIGMAS * np.sqrt((sky / t + 9.0 / t**2) / seen.size)


@pytest.mark.parametrize("level", [0.5, 30.0, 1e4])
def test_doubling_the_exposure_halves_the_variance(level):
    once, twice = (exposed(flat(level), t).astype(np.float64) for t in (1.0, 2.0))
    assert abs(once.mean() - twice.mean()) < SIGMAS * np.sqrt(1.5 * level / once.size)
    assert abs(once.var() / twice.var() - 2) < 2 * SIGMAS * np.sqrt((4 + 3 / level) / once.size)


def test_nothing_gives_nothing():
    assert not exposed(flat(0.0, 3)).any()
    assert exposed(np.zeros((0, 8, 8), np.float32)).shape == (0, 8, 8)
    assert exposed(np.zeros((2, 0, 8), np.float32)).shape == (2, 0, 8)


def test_a_rate_below_zero_counts_as_zero():
    seen = exposed(flat(-5.0, 2), 3.0, 2.0)
    assert np.array_equal(seen, np.full_like(seen, -2.0))


def test_without_light_the_read_noise_is_that_of_add_normals():
    t, sigma, gain = np.array([1.0, 2.0]), np.array([3.0, 0.5]), np.array([1.0, 4.0])
    seen = exposed(flat(0.0, 2), t, 0.0, sigma, gain, [7, 9])
    z = np.zeros((2, 64 * 64), np.float32)
    add_normals(z, np.ones(2), READS, [7, 9])
    expected = (sigma / t / gain)[:, None] * z
    assert np.allclose(seen.reshape(2, -1), expected, rtol=3e-7, atol=0)


def test_the_read_noise_changes_no_photon():
    dark, read = exposed(scene(), 2.0, 5.0), exposed(scene(), 2.0, 5.0, 3.0)
    z = np.zeros((3, 40 * 25), np.float32)
    add_normals(z, np.full(3, 1.5), READS, np.arange(3))
    assert np.allclose((read - dark).reshape(3, -1), z, rtol=0, atol=1e-3)


def test_the_result_is_divided_by_the_gain():
    electrons = exposed(scene(), 2.0, 5.0, 3.0)
    assert np.array_equal(exposed(scene(), 2.0, 5.0, 3.0, 4.0), electrons / np.float32(4.0))


@pytest.mark.parametrize("rate", [1e7, 1e9])
def test_high_rates_have_their_mean_and_variance(rate):
    counts = exposed(flat(rate / 10), 10.0).astype(np.float64) * 10
    assert abs(counts.mean() - rate) < SIGMAS * np.sqrt(rate / counts.size)
    assert abs(counts.var() / rate - 1) < SIGMAS * np.sqrt(2 / counts.size)


@pytest.mark.parametrize("shape", [(40, 25), (17, 31), (1, 1), (64, 64)])
def test_an_image_alone_has_the_bits_it_has_in_any_batch(shape):
    clean, indices = scene(5, shape), np.array([3, 0, 2**40, 2**63 - 1, 8])
    columns = np.array([[1, 2, 3, 4, 5.0], [0, 3, 0.1, 20, 1], [0, 1, 2, 0, 4], [1, 1, 2, 3, 1]])
    batch = exposed(clean, *columns, indices)
    backwards = exposed(clean[::-1], *columns[:, ::-1], indices[::-1])
    assert backwards[::-1].tobytes() == batch.tobytes()
    for i in range(5):
        alone = exposed(clean[i : i + 1], *columns[:, i : i + 1], indices[i : i + 1])
        assert alone.tobytes() == batch[i : i + 1].tobytes()


def test_a_pixel_depends_on_no_other_pixel():
    seen = exposed(scene(2), 1.0, 3.0, 2.0)
    brighter = scene(2)
    brighter[:, :30] += 100.0
    assert np.array_equal(exposed(brighter, 1.0, 3.0, 2.0)[:, 30:], seen[:, 30:])


def test_the_bits_are_fixed():
    seen = exposed(scene(), [1.0, 2.0, 30.0], [0.1, 5.0, 40.0], [0.0, 3.0, 1.5], [1.0, 1.0, 2.0])
    assert hashlib.sha256(seen.astype("<f4").tobytes()).hexdigest()[:16] == "67ed94efc99393a2"


def numpy_snr(clean, t, sky, sigma):
    """The ratio by NumPy's own sums, per image."""
    s = clean.astype(np.float64)
    t, sky, sigma = (np.asarray(x)[:, None, None] for x in (t, sky, sigma))
    terms = (t * s) ** 2 / (t * (s + sky) + sigma**2)
    return np.sqrt(terms.sum(axis=(1, 2)))


def test_signal_to_noise_is_that_of_the_formula():
    columns = [1.0, 20.0, 300.0], [0.5, 0.0, 9.0], [3.0, 0.1, 0.0]
    clean = scene() + np.float32(0.01)
    assert np.allclose(signal_to_noise(clean, *columns), numpy_snr(clean, *columns), rtol=1e-13)


def test_signal_to_noise_of_nothing_is_zero():
    assert np.array_equal(signal_to_noise(flat(0.0, 2), 1.0, 0.0, 0.0), [0, 0])
    half = flat(4.0, 1, (2, 2))
    half[0, 0, 0] = 0.0
    assert np.allclose(signal_to_noise(half, 1.0, 0.0, 0.0), np.sqrt(12.0))


def test_signal_to_noise_is_what_the_best_filter_measures():
    n, t, sky, sigma = 4000, 2.0, 6.0, 4.0
    clean = np.repeat(scene(1) / 30, n, axis=0)
    weight = clean[0] / (t * (clean[0] + sky) + sigma**2)
    measured = np.tensordot(exposed(clean, t, sky, sigma).astype(np.float64), weight, 2)
    empty = np.tensordot(clean[0].astype(np.float64), weight, 2)
    assert abs(empty / measured.std() / signal_to_noise(clean[:1], t, sky, sigma)[0] - 1) < 0.08


def test_the_matched_filter_is_the_root_of_the_energy_over_sigma():
    sigma = np.array([0.5, 2.0, 0.0])
    energy = (scene().astype(np.float64) ** 2).sum(axis=(1, 2))
    expected = [np.sqrt(energy[0]) / 0.5, np.sqrt(energy[1]) / 2.0, np.inf]
    assert np.allclose(matched_filter(scene(), sigma), expected, rtol=1e-13)


@pytest.mark.parametrize("bright", [0, 1])
def test_an_image_that_the_detector_cannot_hold_is_refused(bright):
    detector = load_recipe("sky_stars").noise["image"]
    clean = np.zeros((2, 4, 4), np.float32)
    clean[bright, 1, 2] = 1.1 * detector.MOST_ELECTRONS / 100
    settings = {"exposure_s": np.full(2, 100.0)}
    with pytest.raises(ValueError, match="electrons in a pixel; the detector holds"):
        detector.measure(clean, settings, (), None)
