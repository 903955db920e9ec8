"""The unmodified `datasets` and `hf://` against the test Hub, in processes of their own."""

import pytest

from deepbench_hf.exact.kernel_cache import kernel_folder
from tests.support.hub.usage import NAME

PUSH = f"""
import datasets
data = datasets.Dataset.from_dict({{"x": [1.5, 2.5]}})
datasets.DatasetDict(train=data, test=data).push_to_hub("{NAME}", "one")
data.push_to_hub("{NAME}", "two", private=True)
"""

LOAD = f"""
import datasets, fsspec
from huggingface_hub import HfFileSystem
print(datasets.get_dataset_config_names("{NAME}"))
print(datasets.load_dataset("{NAME}", "one", split="test")[:])
print(list(datasets.load_dataset("{NAME}", "two", split="train", streaming=True)))
print(len(HfFileSystem().glob("datasets/{NAME}/*/*.parquet")))
with fsspec.open("hf://datasets/{NAME}/README.md") as file:
    print(file.read(4))
"""

SAID = ["['one', 'two']", "{'x': [1.5, 2.5]}", "[{'x': 1.5}, {'x': 2.5}]", "3", "b'---\\n'"]


def test_stock_datasets_loads_what_stock_datasets_pushed(alice, hub):
    hub.run(PUSH, token=alice.token)
    assert hub.run(LOAD, token=alice.token, computer="two").splitlines() == SAID
    offline = hub.run(
        f"import datasets; print(len(datasets.load_dataset('{NAME}', 'one', split='test')))",
        computer="two",
        HF_HUB_OFFLINE="1",
    )
    assert offline == "2\n"


def test_with_xet_a_large_file_would_not_come_by_lfs(alice, hub):
    """Which is why `client.QUIET` switches it off."""
    pytest.importorskip("hf_xet")
    code = f"""
from huggingface_hub import HfApi
HfApi().upload_file(
    path_or_fileobj=b"large", path_in_repo="a.parquet", repo_id="{NAME}", repo_type="dataset"
)
"""
    done = hub.finish("-c", code, token=alice.token, HF_HUB_DISABLE_XET="0")
    assert done.returncode == 1
    assert hub.count("GET", "xet-write-token") > 0


def test_children_have_the_compiled_kernels_and_no_variable_of_the_tests(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_tests")
    code = """
import os
from deepbench_hf.exact.kernel_cache import kernel_folder
print(kernel_folder())
print(os.environ.get("HF_TOKEN"), os.environ.get("HF_HUB_OFFLINE"))
"""
    assert hub.run(code).splitlines() == [str(kernel_folder()), "None None"]
    assert hub.cli("list").returncode == 0
