"""A build into the cache of `datasets`: space only for what is not there, and errors in a line."""

import os
import shutil
from types import SimpleNamespace

import datasets.config
import pytest

from deepbench_hf.errors import BuildError
from deepbench_hf.tables.building import build
from tests.support.children import python


def test_what_is_in_the_cache_needs_no_more_space(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    asked = {"quiet": True, "splits": ["train"], "num_examples": 300}
    built = build(["scinet_linear"], **asked)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=0))
    assert build(["scinet_linear"], **asked) == built
    with pytest.raises(BuildError, match="needs up to"):
        build(["scinet_linear"], **asked, seed=5)


@pytest.mark.skipif(os.name == "nt", reason="limits differ there")
def test_a_cache_that_cannot_be_written_is_one_line(tmp_path):
    file = tmp_path / "a file"
    file.touch()
    limited = (
        "import resource, signal, sys\n"
        "from deepbench_hf.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, 10_000_000))\n"
        "sys.argv[1:] = ['build', 'shapes_noisy', '--num-examples', '2000', '-q']\n"
        "main()"
    )
    for cache, why in ((file / "x", "Not a directory"), (tmp_path / "full", "File too large")):
        done = python("-c", limited, HF_DATASETS_CACHE=str(cache))
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert f"Error: {cache}: the build stopped: {why}; whole configs stay" in done.stderr
