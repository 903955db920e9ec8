"""The DataModule under a real Trainer: stopped in mid-epoch, it goes on with the next batch."""

import pytest
import torch

from deepbench_hf import stream

lightning = pytest.importorskip("lightning", reason="the extra lightning is not installed")

from lightning.pytorch.callbacks import ModelCheckpoint  # noqa: E402

from deepbench_hf.lightning import DataModule  # noqa: E402

BATCH, ROWS = 8, 48
OPTIONS = {"columns": ["index", "length_m", "period_s"], "num_examples": ROWS, "threads": 0}
QUIET = {
    **{"logger": False, "enable_progress_bar": False, "enable_model_summary": False},
    **{"accelerator": "cpu", "max_epochs": 2},
}


class Line(lightning.LightningModule):
    """The period as a straight line of the length, which remembers what it saw."""

    def __init__(self):
        super().__init__()
        self.layer, self.seen, self.checked = torch.nn.Linear(1, 1), [], []

    def training_step(self, batch, number):
        self.seen.append(batch["index"].tolist())
        guess = self.layer(batch["length_m"].float()[:, None])[:, 0]
        return ((guess - batch["period_s"].float()) ** 2).mean()

    def validation_step(self, batch, number):
        self.checked.append(batch["index"].tolist())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1e-3)


def expected():
    """What two epochs of the stream itself give."""
    batches = stream("pendulum", "train", BATCH, **OPTIONS)
    return [batch["index"].tolist() for _ in range(2) for batch in batches]


def test_training_that_stopped_in_mid_epoch_goes_on_with_the_next_batch(tmp_path):
    model, keep = Line(), ModelCheckpoint(tmp_path, "middle", every_n_train_steps=8)
    trainer = lightning.Trainer(max_steps=10, callbacks=[keep], **QUIET)
    trainer.fit(model, DataModule("pendulum", BATCH, **OPTIONS))
    again = Line()
    trainer = lightning.Trainer(max_steps=12, enable_checkpointing=False, **QUIET)
    trainer.fit(again, DataModule("pendulum", BATCH, **OPTIONS), ckpt_path=keep.best_model_path)
    assert model.seen == expected()[:10]
    assert again.seen == expected()[8:]


def test_every_validation_sees_the_whole_split_in_order(tmp_path):
    model = Line()
    data = DataModule("pendulum", BATCH, **OPTIONS)
    lightning.Trainer(default_root_dir=tmp_path, **QUIET).fit(model, data)
    rows = [index for batch in model.checked for index in batch]
    assert rows == [*range(2 * BATCH), *range(1000), *range(1000)]  # the sanity check comes first


def test_test_splits_have_a_loader_each():
    data = DataModule("pendulum", 100, test=("test", "test_large_angle"), **OPTIONS)
    first, second = data.test_dataloader()
    assert len(first) == len(second) == 10
    assert next(iter(second))["length_m"].shape == (100,)
