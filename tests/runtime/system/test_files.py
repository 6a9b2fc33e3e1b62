"""Files that NetSpec writes, reads and locks: complete, and never through what somebody else put there."""

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec.errors import FileError
from runtime.system import files
from runtime.system.files import errors_about, overwrite, remove, replacing, write_whole

# Whole or not at all.


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if broken == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileError, match=r"file: cannot be written: No space left on device; make room"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def write_thrice(path: Path, data: bytes) -> None:
    with replacing(path) as file:
        for _ in range(3):
            with errors_about(path, "written"):
                file.write(data)


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_disk_that_takes_no_more_is_reported_with_the_files_name(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
    try:
        with pytest.raises(FileError, match=r"file: cannot be written: File too large"):
            write_thrice(path, bytes(size))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def stand_in_as_link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


@pytest.mark.parametrize("put", [stand_in_as_link, lambda path, victim: path.mkdir(), lambda path, victim: None])
def test_what_is_removed_is_what_stands_there_and_never_what_it_leads_to(
    put: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "mine").write_bytes(b"mine")
    put(tmp_path / "x", victim)
    remove(tmp_path / "x")
    assert not os.path.lexists(tmp_path / "x")
    assert (victim / "mine").read_bytes() == b"mine"


def test_bytes_within_a_file_are_overwritten_and_never_through_a_link(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    overwrite(path, 3, b"abc")
    assert path.read_bytes() == b"012abc6789"
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(FileError, match=r"link: cannot be written"):
        overwrite(tmp_path / "link", 0, b"x")
    with pytest.raises(FileError, match=r"nowhere: cannot be written"):
        overwrite(tmp_path / "nowhere", 0, b"x")


def test_a_write_is_on_the_disk_before_it_takes_the_old_files_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, order = tmp_path / "file", list[str]()
    sync, replace = os.fsync, Path.replace

    def synced(file: int) -> None:
        order.append("fsync")
        sync(file)

    def replaced(source: Path, target: Path) -> Path:
        order.append("replace")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write_whole(path, b"new")
    assert order == ["fsync", "replace", "fsync"]

    assert list(tmp_path.iterdir()) == [path]


def put_link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def put_pipe(path: Path, victim: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("put", [put_link, put_pipe])
def test_nothing_that_lies_under_a_foreseeable_name_is_followed_emptied_or_waited_for(
    put: object, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    folder = tmp_path / "run"
    folder.mkdir()
    for name in (".last.safetensors.tmp", ".lock"):
        put(folder / name, victim)  # type: ignore[operator]
    write_whole(folder / "last.safetensors", b"new")
    with pytest.raises(FileError, match=r"\.lock: "), files.exclusive(folder / ".lock", lambda: None):
        pass
    assert victim.read_bytes() == b"mine"
    assert (folder / "last.safetensors").read_bytes() == b"new"


def test_a_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "out").symlink_to(victim)
    write_whole(tmp_path / "out", b"new")
    assert victim.read_bytes() == b"mine"
    assert not (tmp_path / "out").is_symlink()


def test_a_lock_never_changes_what_is_in_its_file(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_bytes(b"content")
    with files.exclusive(lock, lambda: None):
        assert files.is_held(lock)
    assert not files.is_held(lock)
    assert lock.read_bytes() == b"content"


def test_only_a_file_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, kind in (("pipe", "a pipe"), ("folder", "a folder")):
        with pytest.raises(FileError, match=f"{name}: expected a file or nothing there, found {kind}"):
            write_whole(tmp_path / name, b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


def test_a_pipe_is_not_waited_for_when_it_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="expected a file, found a pipe"):
        files.read_whole(tmp_path / "pipe")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_has_the_mode_that_the_umask_leaves_it(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "x", b"")
        write_whole(tmp_path / "own", b"", 0o600)
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o666 & ~umask
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o600


def test_what_a_kill_left_unfinished_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / f".x.0123{files.TEMPORARY}").write_bytes(b"half")
    (tmp_path / ".x.tmp").write_bytes(b"theirs")
    files.remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".x.tmp"]


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "", "NaN", "[Infinity]"])
def test_what_is_no_json_is_a_value_error_however_deep(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|Expecting|is no JSON"):
        files.parse_json(text)


def test_a_name_as_long_as_a_name_can_be_is_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("x" * 255), b"new")
    assert (tmp_path / ("x" * 255)).read_bytes() == b"new"


def test_a_folder_for_output_is_made_before_the_work_and_removed_when_it_gets_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with files.output_folder(folder):
        assert folder.is_dir()
    assert not (tmp_path / "a").exists()
    with files.output_folder(folder):
        (folder / "x").touch()
    assert (folder / "x").exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    with files.output_folder(empty):
        pass
    assert empty.is_dir()


def test_a_folder_that_nothing_can_be_added_to_is_reported_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(FileError, match="cannot be written to; check its permissions"), files.output_folder(tmp_path):
        pytest.fail("it went on")
