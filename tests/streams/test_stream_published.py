"""Published rows become the batches of their recipe, wherever they lie."""

import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
from huggingface_hub import HfApi

from deepbench_hf import HubError, RecipeError, load_recipe, stream
from deepbench_hf.streams import sources
from deepbench_hf.tables.building import build
from tests.support.draws import identical
from tests.support.publishing import recipe_file
from tests.support.recipes import extended_file
from tests.support.spoiling import change, one_ulp_up

TRAIN = 2500
"""More than `datasets` keeps in one piece."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A recipe of few noisy pendulums, as a file."""
    folder = tmp_path_factory.mktemp("recipes")
    return recipe_file(folder, train=TRAIN, base="pendulum_noisy", noise={"length_m": None})


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory):
    """A folder with what the recipe gives."""
    place = tmp_path_factory.mktemp("built")
    build([tiny], place, quiet=True)
    return str(place)


def same(batches, expected):
    return all(identical(one, other) for one, other in zip(batches, expected, strict=True))


def test_a_folder_gives_the_batches_of_its_recipe_bit_for_bit(folder, tiny):
    options = {"split": "train", "batch_size": 48, "epoch": 2}
    found = stream(folder, config="tiny", **options)
    batches = list(found)
    assert same(batches, list(stream(tiny, **options)))
    assert all(values.flags.writeable for values in batches[0].values())
    assert len(pickle.dumps(found)) < 100_000  # the rows stay where they are
    assert same(
        list(pickle.loads(pickle.dumps(found))), list(stream(tiny, **options | {"epoch": 3}))
    )


def test_rows_stay_in_the_mapped_files_whatever_is_taken(folder):
    found = stream(folder, "train", 48, config="tiny")
    before = pa.total_allocated_bytes()
    assert sum(len(batch["index"]) for batch in found) > TRAIN - 48
    held = pa.total_allocated_bytes() - before
    assert held < 0.02 * found.source.dataset.data.nbytes


def test_chosen_columns_and_ranks_are_those_of_the_recipe(folder, tiny):
    options = {"columns": ["x_observed_m", "length_m"], "rank": 1, "world_size": 3}
    batches = list(stream(folder, "test", 48, config="tiny", **options))
    assert same(batches, list(stream(tiny, "test", 48, **options)))


def test_a_position_among_published_rows_is_one_among_made_ones(folder, tiny):
    found = stream(folder, "train", 48, config="tiny", start=7)
    made = stream(tiny, "train", 48)
    made.load_state_dict(json.loads(json.dumps(found.state_dict())))
    assert identical(next(iter(made)), next(iter(found)))


def test_a_row_by_its_index_is_that_of_the_split(folder):
    face = stream(folder, "train", 48, config="tiny").torch_dataset()
    assert face[[TRAIN - 1, 0, 1500]]["index"].tolist() == [TRAIN - 1, 0, 1500]


def test_scenes_have_the_objects_and_masks_that_generate_gives(tmp_path):
    scene = extended_file(tmp_path, "shapes_scene", "scene", {"train": 20}, masks=True)
    build([str(scene)], tmp_path / "built", quiet=True)
    batches = list(stream(str(tmp_path / "built"), "train", 8, config="scene"))
    expected = list(stream(str(scene), "train", 8))
    for batch, made in zip(batches, expected, strict=True):
        assert {name: values.dtype for name, values in batch.items()} == {
            name: values.dtype for name, values in made.items()
        }
        assert all(np.array_equal(batch[name], made[name]) for name in made)


def first_batches(place, **options):
    """What another process streams."""
    return [batch for batch, _ in zip(stream(place, **options), range(5), strict=False)]


def publish(folder, repo_id):
    """Send a folder to the Hub as it is."""
    api = HfApi()
    api.create_repo(repo_id, repo_type="dataset")
    return api.upload_folder(repo_id=repo_id, repo_type="dataset", folder_path=folder).oid


@pytest.fixture(scope="module")
def commit(publisher, folder):
    """The commit of a repository, `user/streamed`, that holds what the folder holds."""
    return publisher.pool.submit(publish, folder, "user/streamed").result()


def test_a_repository_gives_the_batches_of_its_recipe_bit_for_bit(publisher, commit, tiny):
    options = {"split": "train", "batch_size": 48}
    for revision in (None, commit):
        found = publisher.pool.submit(
            first_batches, "user/streamed", config="tiny", revision=revision, **options
        )
        assert same(found.result(), first_batches(tiny, **options))


def overtaken(repo_id, later):
    """The first batches and the recipe of a repository that changes after its recipe is read."""
    download = sources.hf_hub_download

    def and_then(*args, **kwargs):
        file = download(*args, **kwargs)
        HfApi().upload_folder(repo_id=repo_id, repo_type="dataset", folder_path=later)
        return file

    sources.hf_hub_download = and_then
    try:
        found = stream(repo_id, "train", 48, config="tiny")
        return [batch for batch, _ in zip(found, range(5), strict=False)], found.source.recipe
    finally:
        sources.hf_hub_download = download


def test_rows_are_those_of_the_recipe_whoever_pushes_meanwhile(publisher, folder, tiny, tmp_path):
    publisher.pool.submit(publish, folder, "user/pushed-meanwhile").result()
    build([tiny], tmp_path / "later", quiet=True, seed=5)
    later = str(tmp_path / "later")
    batches, recipe = publisher.pool.submit(overtaken, "user/pushed-meanwhile", later).result()
    assert same(batches, first_batches(recipe, split="train", batch_size=48))


def test_what_a_repository_lacks_is_told_in_one_line(publisher, commit):
    for place, config, message in [
        ("user/streamed", "other", "has no recipes/other.yaml"),
        ("user/nowhere", "tiny", "there is no such folder, and the Hub says"),
    ]:
        task = publisher.pool.submit(
            first_batches, place, split="train", batch_size=8, config=config
        )
        with pytest.raises(HubError, match=message) as caught:
            task.result()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"config": "other"}, HubError, "has no recipes/other.yaml"),
        ({"config": "tiny", "seed": 3}, RecipeError, "seed: cannot be given"),
        ({"config": "tiny", "endless": True}, ValueError, "published rows end"),
        ({"config": "tiny", "split": "trian"}, KeyError, "did you mean 'train'"),
        ({"config": "tiny", "columns": ["indx"]}, KeyError, "did you mean 'index'"),
        ({}, ValueError, "give config="),
        ({"config": "tiny", "revision": "main"}, HubError, "a folder has no revisions"),
    ],
)
def test_what_a_folder_cannot_give_is_refused_in_one_line(folder, options, error, message):
    with pytest.raises(error, match=message) as caught:
        stream(folder, **{"split": "train", "batch_size": 8, **options})
    assert "\n" not in str(caught.value)


def _readme(file):
    return file.parents[1] / "README.md"


def test_a_folder_that_datasets_cannot_load_is_told_in_one_line(tiny, tmp_path):
    for place, spoil in [
        ("no [pattern]", lambda file: None),  # `datasets` takes this for one
        ("no rows", lambda file: file.write_bytes(b"PAR1")),
        ("no yaml", lambda file: _readme(file).write_text("---\nconfigs: [\n---\n")),
        (
            "no name",
            lambda file: _readme(file).write_text("---\nconfigs: [{config_name: }]\n---\n"),
        ),
        ("no readme", lambda file: _readme(file).write_text("# Rows\n")),
    ]:
        build([tiny], tmp_path / place, quiet=True, splits=["train"])
        spoil(tmp_path / place / "tiny" / "train-00000-of-00001.parquet")
        with pytest.raises(HubError, match=r": `datasets` cannot load tiny: ") as caught:
            stream(str(tmp_path / place), "train", 8, config="tiny")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", ["./nowhere", "/no/where", "no/where/else", "nowhere/"])
def test_a_mistyped_folder_is_a_missing_folder(place):
    with pytest.raises(HubError, match=r"there is no such folder$"):
        stream(place, "train", 8, config="tiny")


def test_a_name_without_a_user_is_told_to_be_neither_folder_nor_repository():
    with pytest.raises(HubError, match="no such folder here, and a repository is user/name"):
        stream("nowhere", "train", 8, config="tiny")


def test_rows_of_a_folder_that_was_mended_are_the_mended_ones(tiny, tmp_path):
    def lengths():
        batches = stream(str(tmp_path), "train", 32, config="tiny", shuffle=False, threads=0)
        return [angle for batch in batches for angle in batch["theta0_rad"]]

    build([tiny], tmp_path, quiet=True)
    whole = (tmp_path / "tiny" / "train-00000-of-00001.parquet").read_bytes()
    change(tmp_path, "theta0_rad", one_ulp_up(3))
    wrong = lengths()
    build([tiny], tmp_path, quiet=True)
    assert (tmp_path / "tiny" / "train-00000-of-00001.parquet").read_bytes() == whole
    changed = [n for n, (a, b) in enumerate(zip(wrong, lengths(), strict=True)) if a != b]
    assert changed == [3]


def test_rows_that_are_not_as_many_as_the_recipe_says_are_refused(folder, tmp_path):
    recipe = tmp_path / "recipes" / "tiny.yaml"
    recipe.parent.mkdir()
    (tmp_path / "tiny").symlink_to(f"{folder}/tiny")
    (tmp_path / "README.md").symlink_to(f"{folder}/README.md")
    text = load_recipe(f"{folder}/recipes/tiny.yaml").to_yaml()
    recipe.write_text(text.replace(f"size: {TRAIN}", "size: 9"))
    with pytest.raises(HubError, match=f"tiny/train has {TRAIN} rows, its recipe 9"):
        stream(str(tmp_path), "train", 8, config="tiny")
