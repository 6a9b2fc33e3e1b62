"""The cache: what was kept comes back as it was or not at all; what others could have put there is not trusted."""

import os
import random
import stat
from pathlib import Path

import pytest

from netspec.errors import FileError
from runtime.system import cache, paths

SEED = 20261129


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_kept_comes_back_and_what_never_was_does_not() -> None:
    said: list[str] = []
    path = paths.programs_cache() / "x.vmfb"
    assert cache.fetch(path, said.append) is None
    cache.keep(path, b"content")
    assert cache.fetch(path, said.append) == b"content"
    cache.keep(path, b"")
    assert cache.fetch(path, said.append) == b""
    assert said == []


def test_no_bit_of_a_cached_file_can_change_unnoticed() -> None:
    draw, path = random.Random(SEED), paths.programs_cache() / "x.vmfb"
    cache.keep(path, draw.randbytes(300))
    intact = path.read_bytes()
    for bit in (*draw.sample(range(8 * len(intact)), 500), 8 * len(intact) - 1):
        changed = bytearray(intact)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        said: list[str] = []
        assert cache.fetch(path, said.append) is None, bit
        assert len(said) == 1
        assert said[0].startswith(f"{path}: expected it ")
        assert said[0].endswith("; it is made anew")
        assert not path.exists()


def test_a_file_under_the_name_of_another_is_not_taken_for_it() -> None:
    one, other = (paths.programs_cache() / name for name in ("one.vmfb", "other.vmfb"))
    cache.keep(one, b"one")
    cache.keep(other, b"other")
    one.rename(one.with_suffix(".aside"))
    other.rename(one)
    one.with_suffix(".aside").rename(other)
    said: list[str] = []
    assert (cache.fetch(one, said.append), cache.fetch(other, said.append)) == (None, None)
    assert len(said) == 2


@pytest.mark.parametrize("length", [0, 1, 80, 81, 150])
def test_a_truncated_cached_file_is_created_anew(length: int) -> None:
    path = paths.programs_cache() / "x.vmfb"
    cache.keep(path, b"x" * 100)
    path.write_bytes(path.read_bytes()[:length])
    assert cache.fetch(path, print) is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_cache_is_the_users_alone_whatever_the_umask_is(umask: int, root: Path) -> None:
    before = os.umask(umask)
    try:
        cache.keep(paths.programs_cache() / "x", b"content")
        with cache.locked("name", paths.programs_cache(), print, ""):
            pass
    finally:
        os.umask(before)
    assert {mode(path) for path in (root, *root.rglob("*")) if path.is_dir()} == {0o700}
    assert {mode(path) for path in root.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.parametrize("place", ["", "programs", "programs/x"])
@pytest.mark.parametrize("bits", [0o020, 0o002, 0o022])
def test_what_others_may_write_to_is_refused_and_not_run(place: str, bits: int, root: Path) -> None:
    path = paths.programs_cache() / "x"
    cache.keep(path, b"content")
    open_to_others = root / place
    open_to_others.chmod(mode(open_to_others) | bits)
    with pytest.raises(FileError, match="others may write to it") as wrong:
        cache.fetch(path, print)
    assert str(wrong.value).startswith(f"{open_to_others}: ")
    assert str(wrong.value).endswith("remove it, or set NETSPEC_CACHE to a folder of your own.")
    if open_to_others.is_dir():
        with pytest.raises(FileError, match="others may write to it"):
            cache.keep(path, b"more")


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may give files away")
@pytest.mark.parametrize("place", ["", "programs", "programs/x"])
def test_what_belongs_to_somebody_else_is_refused_and_not_run(place: str, root: Path) -> None:
    path = paths.programs_cache() / "x"
    cache.keep(path, b"content")
    os.chown(root / place, 54321, 54321)
    with pytest.raises(FileError, match=r"belongs to another user \(number 54321\)"):
        cache.fetch(path, print)


@pytest.mark.parametrize("put", ["link", "pipe", "folder"])
def test_what_is_no_file_in_the_cache_is_no_cached_file(put: str, tmp_path: Path) -> None:
    path = cache.folder(paths.programs_cache()) / "x"
    if put == "link":
        cache.keep(tmp_path / "cache" / "y", b"content")
        path.symlink_to(tmp_path / "cache" / "y")
    elif put == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    said: list[str] = []
    assert cache.fetch(path, said.append) is None
    assert "expected a file of ours, found something else; it is made anew" in said[0]


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "NaN", ""])
def test_cached_data_that_is_no_json_is_made_anew_although_its_checksum_holds(text: str) -> None:
    path = paths.devices_cache() / "x.json"
    cache.keep(path, text.encode())
    said: list[str] = []
    assert cache.fetch_json(path, said.append) is None
    assert len(said) == 1


def test_a_cache_that_cannot_be_created_is_reported_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in ("file", "file/cache", "x" * 300):
        monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / place))
        with pytest.raises(FileError, match=r"or set NETSPEC_CACHE to a folder of your own\.$"):
            cache.keep(paths.programs_cache() / "x", b"")


def test_without_a_home_the_error_says_to_choose_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETSPEC_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 987654)
    with pytest.raises(Exception, match="set NETSPEC_CACHE to a folder of your own") as wrong:
        paths.cache_root()
    assert type(wrong.value).__name__ == "InputError"


def test_what_is_used_is_younger_than_what_is_not() -> None:
    path = paths.programs_cache() / "x"
    cache.keep(path, b"")
    os.utime(path, (0, 0))
    cache.fetch(path, print)
    assert path.stat().st_mtime > 1e9


def test_a_file_of_a_size_that_none_of_ours_has_is_not_read(root: Path) -> None:
    path = root / "programs/a.vmfb"
    cache.keep(path, b"content")
    with path.open("r+b") as file:
        file.truncate(2**42)
    said: list[str] = []
    assert cache.fetch(path, said.append) is None
    assert "expected at most 537 MB, found 4.4 TB" in said[0]
    assert not path.exists()
