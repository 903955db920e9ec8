"""Flips of a classifier: a linear one has a closed form."""

import numpy as np
import pytest

from deepbench_hf import metrics

WEIGHTS = np.random.default_rng(0).normal(size=(6, 7))
IMAGES = np.random.default_rng(1).normal(size=(9, 6, 7))
VALUES = metrics.one_pixel_values(IMAGES, 1.0, sigmas=3.0).astype(float)


def linear(images):
    """1 where the weighted sum of pixels is above 0."""
    return (images.reshape(len(images), -1) @ WEIGHTS.ravel() > 0).astype(int)


def flipped():
    """Whether each image, pixel and value flips the linear model: s + w_p (v - x_p) < 0."""
    x, w = IMAGES.reshape(9, -1, 1), WEIGHTS.reshape(1, -1, 1)
    score = (x * w).sum(axis=1, keepdims=True)
    return (score + w * (VALUES[:, None] - x) > 0) != (score > 0)


def test_a_linear_model_flips_where_its_closed_form_says():
    shares = metrics.one_pixel_flips(linear, IMAGES, VALUES)
    np.testing.assert_array_equal(shares, flipped().mean(axis=(1, 2)))
    assert 0 < (shares > 0).mean() < 1  # it can fail
    rate = metrics.one_pixel_flip_rate(linear, IMAGES, VALUES)
    assert rate.value == flipped().any(axis=(1, 2)).mean()


@pytest.mark.parametrize("batch", [1, 7, 168])
def test_the_size_of_a_batch_does_not_matter(batch):
    shares = metrics.one_pixel_flips(linear, IMAGES, VALUES, batch=batch)
    np.testing.assert_array_equal(shares, flipped().mean(axis=(1, 2)))


def test_some_replacements_are_a_sample_of_all():
    every = flipped().mean(axis=(1, 2))
    whole = metrics.one_pixel_flips(linear, IMAGES, VALUES, tries=6 * 7 * 4, seed=3)
    np.testing.assert_array_equal(whole, every)
    some = [metrics.one_pixel_flips(linear, IMAGES, VALUES, tries=40, seed=k) for k in range(50)]
    assert np.abs(np.mean(some, axis=0) - every).max() < 6 * 0.5 / np.sqrt(40 * 50)
    assert (some[0] != some[1]).any()
    assert (np.array(some)[:, every == 0] == 0).all()


def test_a_model_that_sees_the_mean_flips_only_near_its_threshold():
    images = np.full((3, 4, 4), 0.0)
    images += np.array([0.5, 0.95, 1.5])[:, None, None]
    mean = metrics.one_pixel_flips(lambda x: x.mean(axis=(1, 2)) > 1, images, [0.0, 2.0])
    np.testing.assert_array_equal(mean, [0, 0.5, 0])  # (2 - 0.95) / 16 > 0.05


def test_flips_along_a_ladder_bound_the_drop_in_accuracy():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 2000)
    predicted = np.where(rng.random((4, 2000)) < [[0.1], [0.1], [0.3], [0.6]], 0, truth)
    flips, drop = metrics.flip_rate(predicted), metrics.accuracy_drop(truth, predicted)
    assert flips.value[0] == 0
    assert (flips.value >= np.abs(drop.value)).all()
    # A third of truths is class 0 already; the others flip if exactly one level turned them.
    expected = 2 / 3 * np.array([2 * 0.1 * 0.9, 0.1 * 0.7 + 0.3 * 0.9, 0.1 * 0.4 + 0.6 * 0.9])
    assert (np.abs(flips.value[1:] - expected) < 6 * flips.error[1:]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.one_pixel_flips(linear, IMAGES[0], VALUES), "give \\(n, H, W\\)"),
        (lambda: metrics.one_pixel_flips(linear, IMAGES, VALUES[:3]), "values \\(3, 4\\); give"),
        (lambda: metrics.one_pixel_flips(linear, IMAGES, VALUES, tries=169), "give 1 to 168"),
        (lambda: metrics.one_pixel_flips(lambda x: 1, IMAGES, VALUES), "one class each"),
        (lambda: metrics.one_pixel_values(IMAGES, [1.0, 2.0]), "sigma \\(2,\\); give"),
        (lambda: metrics.flip_rate([0, 1]), "give \\(k, n\\)"),
    ],
)
def test_what_does_not_fit_is_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()
