"""Whole files: all of one or nothing, in its place only, never through a link."""

import os
import stat

import pytest

from deepbench_hf import files
from deepbench_hf.files import replacing, write_whole


def test_a_file_is_replaced_with_the_rights_that_the_umask_leaves(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")
    before = os.umask(0o027)
    try:
        write_whole(file, "ä\n")
    finally:
        os.umask(before)
    assert file.read_bytes() == "ä\n".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_an_error_leaves_what_was_there(tmp_path, error):
    file = tmp_path / "a.txt"
    file.write_text("old")
    with pytest.raises(type(error)), replacing(file) as hidden:
        hidden.write_text("half")
        raise error
    assert file.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_link_is_replaced_and_not_followed(tmp_path):
    precious, link = tmp_path / "precious", tmp_path / "a.txt"
    precious.write_text("years")
    link.symlink_to(precious)
    write_whole(link, b"new")
    assert (precious.read_text(), link.read_text(), link.is_symlink()) == ("years", "new", False)


def test_nobody_can_lay_a_link_where_the_hidden_file_will_be(tmp_path, monkeypatch):
    names = set()
    for _ in range(20):
        with replacing(tmp_path / "a.txt") as hidden:
            names.add(hidden.name)
    assert len(names) == 20
    monkeypatch.setattr(files.secrets, "token_hex", lambda count: "guessed")
    (tmp_path / ".guessed.incomplete.txt").symlink_to(tmp_path / "precious")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a.txt", "x")
    assert not (tmp_path / "precious").exists()


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(OSError, match="no ordinary file"):
        write_whole(tmp_path, "x")
