"""What statistics cannot be made of is told in one line, by the argument's name."""

import numpy as np
import pytest

from deepbench_hf import statistics

SERIES, MAPS = np.zeros((2, 8)), np.zeros((2, 4, 4))
MASKED = np.ma.masked_array(SERIES, np.arange(16).reshape(2, 8) == 3)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: statistics.power_spectrum(SERIES, spacing=0.0), "spacing: 0; give a number above"),
        (lambda: statistics.power_spectrum(SERIES, spacing=np.nan), "spacing: nan"),
        (lambda: statistics.minkowski_functionals(MAPS, [0, 1], spacing=-1.0), "spacing: -1"),
        (lambda: statistics.gaussian_minkowski([0.0], 0.0, 1.0), "sigma0: 0; give a number above"),
        (lambda: statistics.gaussian_minkowski([0.0], 1.0, -1.0), "sigma1: -1"),
        (lambda: statistics.lognormal_minkowski([1.0], -1.0, 1.0, 1.0), "shift: -1"),
        (
            lambda: statistics.structure_function([0, 1, 2], SERIES, [0, 1]),
            r"times: shape \(3,\); give \(2, 8\) or \(8,\)",
        ),
        (
            lambda: statistics.structure_function(np.arange(8), SERIES, [0, 1], [1]),
            r"valid: shape \(1,\); give \(2, 8\)",
        ),
        (
            lambda: statistics.intensity_histogram(SERIES, [0, 1], SERIES.T),
            r"valid: shape \(8, 2\)",
        ),
        (lambda: statistics.compare(MASKED, SERIES), "array: it has masked values; leave"),
        (lambda: statistics.compare(SERIES + 0j, SERIES), "array: it is complex; give real"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(wrong, told):
    with pytest.raises(ValueError, match=told) as error:
        wrong()
    assert "\n" not in str(error.value)


def test_half_a_neighbour_is_none():
    x, y = np.random.default_rng(0).normal(size=(2, 20))
    with pytest.raises(TypeError, match="float"):
        statistics.mutual_information(x, y, neighbours=2.5)


def test_times_that_no_set_has_are_told(tmp_path):
    file = tmp_path / "series.npz"
    np.savez(file, x_m=SERIES, time_s=np.tile(np.arange(8.0), (2, 1)))
    with pytest.raises(KeyError, match="no column 'tme_s' of times; did you mean 'time_s'"):
        statistics.compare(file, file, column="x_m", times="tme_s")
