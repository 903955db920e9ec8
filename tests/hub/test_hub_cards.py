"""What the Hub objects to in the front matter of a README."""

import base64
import json

import pytest
import yaml
from huggingface_hub.utils import get_session

from tests.support.hub.cards import problems
from tests.support.hub.usage import CARD, NAME, put

GOOD = {
    "license": "cc-by-4.0",
    "size_categories": ["1K<n<10K"],
    "tags": ["physics"],
    "configs": [
        {
            "config_name": "one",
            "default": True,
            "data_files": [{"split": "train", "path": "one/*"}, {"split": "test", "path": ["a"]}],
        },
        {"config_name": "two", "data_files": "two/*.parquet"},
    ],
    "dataset_info": [{"config_name": "one"}, {"config_name": "two"}],
}


def readme(**changes):
    return f"---\n{yaml.safe_dump({**GOOD, **changes})}---\n# Demo\n"


def test_a_good_card_is_accepted():
    assert problems(readme(), "datasets") == ([], [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("license", "my-own"),
        ("license", "other"),
        ("size_categories", ["1K-10K"]),
        ("tags", "physics"),
        ("tags", [1]),
        ("pretty_name", 3),
        ("configs", {"config_name": "one"}),
        ("configs", [{"data_files": "a"}]),
        ("configs", [{"config_name": "data"}]),
        ("configs", [{"config_name": "a"}, {"config_name": "a"}]),
        ("configs", [{"config_name": "a", "default": True}, {"config_name": "b", "default": True}]),
        ("configs", [{"config_name": "a", "data_files": [{"path": "x"}]}]),
        ("configs", [{"config_name": "a", "data_files": {"train": "x"}}]),
        ("dataset_info", "one"),
        ("dataset_info", [{"features": []}, {"features": []}]),
    ],
)
def test_a_bad_value_is_named(key, value):
    errors, _ = problems(readme(**{key: value}), "datasets")
    assert len(errors) == 1
    assert key in errors[0].replace("license_name", "license")


@pytest.mark.parametrize("text", ["---\na: [\n---\n", "---\n- a\n---\n"])
def test_front_matter_that_is_no_mapping_is_an_error(text):
    errors, _ = problems(text, "datasets")
    assert errors
    assert "YAML" in errors[0]


def test_a_card_without_front_matter_is_a_warning():
    assert problems("# Demo\n", "datasets")[0] == []
    assert problems("# Demo\n", "datasets")[1]


def test_a_bad_card_is_refused_before_and_in_a_commit(alice, hub):
    bad = CARD.replace(b"n<1K", b"few")
    with pytest.raises(ValueError, match="size_categories"):
        put(alice, {"README.md": bad})
    assert hub.count("POST", "/preupload/") == 0
    assert hub.count("POST", "/commit/") == 0
    content = base64.b64encode(bad).decode()
    changes = [
        {"key": "header", "value": {"summary": "x"}},
        {"key": "file", "value": {"path": "README.md", "content": content}},
    ]
    place = f"{hub.url}/api/datasets/{NAME}/commit/main"
    lines = "\n".join(map(json.dumps, changes))
    answer = get_session().post(place, content=lines, headers=alice._build_hf_headers())
    assert answer.status_code == 400
    assert "README.md" not in hub.dataset(NAME).files()


def test_the_card_of_a_repository_is_read_back(alice):
    put(alice, {"README.md": CARD})
    assert alice.dataset_info(NAME).card_data["license"] == "mit"
