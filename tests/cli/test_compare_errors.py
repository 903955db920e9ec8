"""`compare`: what is wrong with two sets, in one line."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.commands import failed


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (("pendulm", "pendulum"), "did you mean 'pendulum'"),
        (("pendulum:tset", "pendulum"), "no split 'tset'; did you mean 'test'?"),
        (
            ("pendulum", "pendulum", "--column", "xm"),
            "no column 'xm' of arrays; did you mean 'x_m'?",
        ),
        (("pendulum", "maps.npy"), "give two of series, or of maps of one size"),
        (("maps.npy", "small.npy"), "give two of series, or of maps of one size"),
        (("maps.npy", "missing.npy"), "missing.npy: No such file or directory"),
        (("maps.npy", "flat.npy"), "flat.npy: holds no series (n, T) and no maps (n, H, W)"),
        (("maps.npy", "broken.parquet"), "broken.parquet: is no Parquet file"),
        (("maps.npy", "broken.npz"), "broken.npz: File is not a zip file"),
        (("maps.npy", "broken.npy"), "broken.npy: holds no array of numbers"),
        (("maps.npy", "cut.npy"), "cut.npy: mmap length is greater than file size"),
        (("maps.npy", "objects.npy"), "objects.npy: holds no array of numbers"),
        (("maps.npy", "words.npy"), "words.npy: holds <U1; give numbers"),
        (("maps.npy", "pipe.npy"), "pipe.npy: is no regular file"),
        (("maps.npy", "pipe.parquet"), "pipe.parquet: is no regular file"),
        (("maps.npy", "cut.parquet"), "cut.parquet: is no Parquet file"),
        (("maps.npy", "bomb.npz"), "bomb.npz: unpacks to 5.0 GB; save one array as .npy"),
        (("maps.npy", "lie.npz"), "lie.npz: "),
        (("maps.npy", "vast.npy"), "vast.npy: 1000 rows of (40000, 40000) are 12800.0 GB; take"),
        (("maps.npy", "two.npz"), "two.npz: which column? give one of a, b"),
        (("maps.npy", "other.npy", "--rows", "9"), "intensity: 20 bins that vary need 24 examples"),
        (("maps.npy", "empty"), "empty: Parquet files are nowhere in it"),
        (("maps.npy", "unlike"), "unlike: 1.npy (4, 8), 0.npy (8, 8); give series (T,) or maps"),
        (("maps.npy", "nan.npy"), "nan.npy[0, 0, 0] is nan; it must be finite"),
        (("pendulum", "longer.npy"), "longer.npy (40, 120): its times are not known; give it"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(sides, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    maps = np.random.default_rng(0).normal(size=(40, 8, 8))
    np.save("maps.npy", maps)
    np.save("other.npy", maps[::-1])
    np.save("small.npy", maps[:, :4])
    np.save("flat.npy", maps[:, 0, 0])
    np.save("nan.npy", maps * np.nan)
    Path("unlike").mkdir()
    np.save("unlike/0.npy", maps[0])
    np.save("unlike/1.npy", maps[0, :4])
    np.save("longer.npy", np.zeros((40, 120)))
    np.savez("two.npz", a=maps, b=maps)
    np.save("objects.npy", np.array([[None]]), allow_pickle=True)
    Path("broken.npz").write_text("no archive")
    Path("broken.npy").write_text("no array")
    Path("cut.npy").write_bytes(Path("maps.npy").read_bytes()[:-8])
    os.mkfifo("pipe.npy")
    os.mkfifo("pipe.parquet")
    pq.write_table(pa.table({"image": list(maps[:, 0])}), "whole.parquet")
    Path("cut.parquet").write_bytes(Path("whole.parquet").read_bytes()[:-9])
    np.save("words.npy", np.full((4, 4), "a"))
    bombs()
    Path("broken.parquet").write_text("no table")
    Path("empty").mkdir()
    lines = failed("compare", *sides)
    assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]
    assert message in lines[0]


def bombs():
    """Small files that unpack to gigabytes, or say that they hold terabytes."""
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (1000, 40_000, 40_000)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile("lie.npz", "w") as packed:
        packed.writestr("image.npy", header.getvalue())
    with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("image.npy", header.getvalue())
        packed.infolist()[0].file_size = 5_000_000_000  # what the directory of the archive says
    with Path("vast.npy").open("wb") as file:  # a hole on the disk
        file.write(header.getvalue())
        file.truncate(len(header.getvalue()) + 8 * 1000 * 40_000 * 40_000)
