"""Files of the kernel cache: what is damaged, or what others could have written, is not run."""

import os
import pickle
import stat

import pytest

from deepbench_hf.exact import kernel_cache
from tests.support.house import CALL

AS_USER = """
import os
from huggingface_hub import constants
home, constants.HF_HOME = constants.HF_HOME, {own!r}
from deepbench_hf.exact import exp2
from numba.core.registry import cpu_target
from numba.core import boxing
for x in (3.0, 3):
    exp2(x)  # Numba imports some of its modules late; the user may not read them
cpu_target.target_context.refresh()
constants.HF_HOME = home
os.setgroups([])
os.setgid({user})
os.setuid({user})
os.umask(0o022)
"""
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can act as two other users"
)
needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of this kind")


def test_damaged_files_are_made_again(house):
    house.call()
    whole = {file: file.read_bytes() for file in house.kernels()}
    for file, content in whole.items():
        flipped = bytearray(content)
        flipped[len(flipped) // 2] ^= 16
        no_code = pickle.dumps((1, 2))
        checked = kernel_cache.digest(file.name, no_code) + no_code
        file.write_bytes(checked if file.name.startswith("twice") else flipped)
    program = "from deepbench_hf.exact.kernel_cache import compiled"
    program = f"{program}\nfrom deepbench_hf.caller import twice\ntwice(3.0); print(*compiled)"
    made = house.run(program)[0].split()
    assert len(made) == len(whole)
    assert {"deepbench_hf.caller.twice", "deepbench_hf.exact.float64.exp2"} <= set(made)
    assert house.run(program)[0] == ""


@pytest.fixture
def stored(tmp_path):
    """A file of the cache, and what it holds."""
    path = tmp_path / "home" / "deepbench_hf" / "kernels" / "name.nbc"
    kernel_cache.write_checked(path, bytes(range(256)))
    kernel_cache.say_once.cache_clear()
    return path


def test_a_flipped_bit_anywhere_is_noticed(stored):
    whole = stored.read_bytes()
    assert kernel_cache.read_checked(stored) == bytes(range(256))
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        stored.write_bytes(damaged)
        assert kernel_cache.read_checked(stored) is None, place
    for end in range(len(whole)):
        stored.write_bytes(whole[:end])
        assert kernel_cache.read_checked(stored) is None, end
    stored.write_bytes(whole)
    assert kernel_cache.read_checked(stored.rename(stored.with_name("other.nbc"))) is None


@needs_modes
@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o644)])
def test_files_can_be_read_as_the_umask_says_and_written_by_their_owner(tmp_path, umask, mode):
    path = tmp_path / "home" / "deepbench_hf" / "kernels" / "name.nbc"
    before = os.umask(umask)
    try:
        kernel_cache.write_checked(path, b"content")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o777 & ~umask & ~0o022
    assert kernel_cache.read_checked(path) == b"content"


@needs_modes
@pytest.mark.parametrize("mode", [0o020, 0o002])
def test_what_others_can_write_is_not_run(stored, mode, capsys):
    stored.parent.chmod(0o755 | mode)
    for _ in range(2):
        assert kernel_cache.read_checked(stored) is None
        kernel_cache.write_checked(stored.with_name("other.nbc"), b"content")
    said = capsys.readouterr().err
    assert said.count("\n") == said.count(f"compiled kernels in {stored.parent} are not used") == 1
    assert list(stored.parent.iterdir()) == [stored]
    stored.parent.chmod(0o755)
    stored.chmod(0o644 | mode)
    assert kernel_cache.read_checked(stored) is None
    kernel_cache.write_checked(stored, b"content")
    assert kernel_cache.read_checked(stored) == b"content"


@needs_root
def test_what_a_stranger_owns_is_not_run_unless_the_whole_cache_is_theirs(stored):
    os.chown(stored, 12345, 12345)
    assert kernel_cache.read_checked(stored) is None
    os.chown(stored.parents[2], 12345, 12345)
    assert kernel_cache.read_checked(stored) == bytes(range(256))
    os.chown(stored.parent, 12346, 12346)
    assert kernel_cache.read_checked(stored) is None


@needs_modes
def test_nothing_is_written_through_a_link(stored):
    victim = stored.with_name("victim")
    victim.write_text("mine")
    stored.unlink()
    stored.symlink_to(victim)
    kernel_cache.write_checked(stored, b"content")
    assert victim.read_text() == "mine"
    assert kernel_cache.read_checked(stored) == b"content"


@needs_root
def test_two_users_share_the_cache_of_the_one_who_owns_it(open_house):
    house, owner, guest = open_house, 12345, 12346
    house.home.mkdir(mode=0o755)
    os.chown(house.home, owner, owner)

    def run_as(user, call):
        start = AS_USER.format(user=user, own=str(house.folder / "own"))
        return house.run(f"{start}from deepbench_hf.caller import twice\n{call}")

    assert run_as(owner, CALL) == ("16.0 0", "")
    assert {file.stat().st_uid for file in house.kernels()} == {owner}
    assert run_as(guest, CALL) == ("16.0 1", "")
    output, complaints = run_as(guest, CALL.replace("3.0", "3"))
    assert (output, complaints.count("\n")) == ("16.0 0", 1)
    assert f"cannot be kept in {house.kernels()[0].parent} (Permission denied)" in complaints
