"""What a user does first with the installed wheel, run from an empty folder."""

import time
from pathlib import Path

from datasets import load_dataset

import deepbench_hf


def main():
    """Load, stream and simulate."""
    assert not list(Path.cwd().iterdir()), "run it from an empty folder"
    assert "pendulum_noisy" in deepbench_hf.list_recipes()
    ds = load_dataset("deepbench", "pendulum_noisy", num_examples=300)
    assert ds["train"].num_rows == 300, ds
    start = time.perf_counter()
    load_dataset("deepbench", "pendulum_noisy", num_examples=300)
    print(f"second load: {1e3 * (time.perf_counter() - start):.0f} ms")
    row = ds["train"][7]
    stream = load_dataset(
        "deepbench", "pendulum_noisy", split="train", streaming=True, seed=7, num_examples=100_000
    )
    assert next(iter(stream))["length_m"] != ds["train"][0]["length_m"]
    clean = deepbench_hf.simulate("pendulum_noisy", **row)
    assert clean["x_m"].tolist() == row["x_m"]
    assert not list(Path.cwd().iterdir()), "something was written here"
    print("smoke test passed")


if __name__ == "__main__":
    main()
