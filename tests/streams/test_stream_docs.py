"""The page on streams and the training example do what they say."""

import importlib.util

import pytest
import torch

from deepbench_hf.tables.building import build
from tests.cli.test_package import blocks
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "streams.md"


def test_the_examples_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(["pendulum_noisy"], "out", quiet=True, num_examples=100)
    code = "\n".join(blocks(PAGE, "python"))
    exec(compile(code, PAGE.name, "exec"), {})


FILE = ROOT / "examples" / "train.py"


@pytest.fixture(scope="module")
def train():
    """The example as a module; one thread, as tests share their cores."""
    torch.set_num_threads(1)
    spec = importlib.util.spec_from_file_location("train", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_few_steps_lower_the_loss_and_beat_guessing_by_far(train):
    torch.manual_seed(0)
    model = train.network()
    losses = list(train.train(model, steps=50, batch_size=32))
    assert sum(losses[-10:]) < 0.9 * sum(losses[:10])
    assert train.accuracy(model, "validation") > 0.6  # guessing gives 0.5, within 0.02


def test_the_command_line_prints_the_accuracy(train, capsys):
    assert train.main(["--steps", "1", "--batch-size", "4"]) == 0
    assert capsys.readouterr().out.startswith("accuracy on test: 0.")
