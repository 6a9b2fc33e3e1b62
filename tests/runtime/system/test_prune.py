"""What of the cache goes, and what stays: the longest unused first, and never what is being made or was measured."""

import os
import time
from pathlib import Path

import pytest

from netspec.errors import InputError
from runtime.system import cache, files, paths, prune
from tests.runtime.sandbox import House


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three programs of 1 kB, unused for 1, 2 and 3 days, an image set of 5 kB for 4, and a table for 9."""
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    for days in (1, 2, 3):
        _keep(paths.programs_cache() / PROGRAM.format(days), 1000 - 81, days)
    _keep(paths.images_cache() / SET / "train", 4000 - 81, 4)
    _keep(paths.images_cache() / SET / "index", 1000 - 81, 4)
    os.utime(paths.images_cache() / SET, (time.time() - 4 * prune.DAY,) * 2)
    _keep(paths.tuned_cache() / TABLE, 100, 9)
    return tmp_path / "cache"


PROGRAM, SET = "predict-{:032x}.vmfb", f"photos-{0:012x}-32x32-{0:016x}"
TABLE = f"tables-{0:016x}.json"
SHORT = {SET: "set", TABLE: "table", **{PROGRAM.format(days): str(days) for days in (1, 2, 3)}}


def _keep(path: Path, count: int, days: int) -> None:
    cache.keep(path, b"x" * count)
    os.utime(path, (time.time() - days * prune.DAY,) * 2)


def names(of: list[prune.Entry]) -> list[str]:
    return [SHORT[entry.path.name] for entry in of]


def test_what_is_kept_is_listed_the_longest_unused_first(kept: Path) -> None:
    found = prune.entries()
    assert names(found) == ["table", "set", "3", "2", "1"]
    assert [entry.kind for entry in found] == ["tuned", "images", "programs", "programs", "programs"]
    assert 5000 <= found[1].bytes < 10_000


def test_what_is_old_goes_but_not_what_was_measured(kept: Path) -> None:
    prune.remove(prune.older_than(2.5))
    assert names(prune.entries()) == ["table", "2", "1"]


def test_what_is_too_much_goes_the_longest_unused_first_and_what_is_spared_stays(kept: Path) -> None:
    assert names(prune.beyond(10**9)) == []
    assert names(prune.beyond(3500)) == ["set"]
    assert names(prune.beyond(2500)) == ["set", "3"]
    assert names(prune.beyond(0, [kept / "programs" / PROGRAM.format(2)])) == ["set", "3", "1"]


def test_a_limit_is_kept_after_each_addition_and_said(kept: Path) -> None:
    said: list[str] = []
    prune.keep_limit(said.append, [])
    assert (prune.limit(said.append), said) == (None, [])
    prune.set_limit(2500)
    prune.keep_limit(said.append, [])
    assert said == ["the cache's limit of 2.5 KB: 2 entries unused for longest are removed"]
    assert names(prune.entries()) == ["table", "2", "1"]
    assert prune.limit(print) == 2500


def test_what_is_being_made_at_this_moment_stays(kept: Path) -> None:
    with files.workspace(paths.programs_cache(), "compiling") as folder:
        (folder / "half").write_bytes(b"x" * 10_000)
        prune.remove(prune.entries())
        assert (folder / "half").exists()


def test_what_netspec_never_wrote_is_never_removed(kept: Path, tmp_path: Path) -> None:
    """A folder that was in use is named as the cache, or a folder of the cache is a link to one."""
    mine = [kept / "images" / "2024" / "a.jpg", kept / "programs" / "code.py", tmp_path / "pictures" / SET / "b.jpg"]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"mine")
        os.utime(path, (0, 0))
    (kept / "embedded").symlink_to(tmp_path / "pictures")
    (kept / "images" / SET.replace("photos", "linked")).symlink_to(tmp_path / "pictures" / SET)
    prune.remove([*prune.entries(), *prune.older_than(0), *prune.beyond(0)])
    prune.set_limit(0)
    prune.keep_limit(print, [])
    assert [path.read_bytes() for path in mine] == [b"mine"] * 3
    assert names(prune.entries()) == []


@pytest.mark.parametrize(("text", "count"), [("500MB", 500 * 10**6), ("2 gb", 2 * 10**9), ("0B", 0), ("1.5KB", 1500)])
def test_a_size_is_read_as_it_is_written(text: str, count: int) -> None:
    assert prune.parse_size(text) == count


@pytest.mark.parametrize("text", ["", "5", "GB", "-1GB", "nanGB", "infGB", "1PB", "\x1b[2J"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a size like 500MB or 2GB"):
        prune.parse_size(text)


def test_the_command_shows_prunes_and_limits(kept: Path, tmp_path: Path) -> None:
    house = House(tmp_path, kept, tmp_path)
    ran = house.run("cache")
    assert ran.code == 0
    assert "3 days ago" in ran.out
    assert "no limit" in ran.out
    assert "removed 2 entries" in house.run("cache", "--older-than", "2.5").out
    assert "at most 1.5 KB" in house.run("cache", "--limit", "1.5KB").out
    assert names(prune.entries()) == ["table", "1"]
    assert "removed 1 entries" in house.run("cache", "--remove", "--kind", "tuned").out
    assert house.run("cache", "--larger-than", "0B").code == 0
    assert names(prune.entries()) == []
    assert house.run("cache", "--kind", "tuned").code == 2


def test_a_damaged_limit_is_reported_and_not_silently_dropped(kept: Path, tmp_path: Path) -> None:
    house = House(tmp_path, kept, tmp_path)
    assert house.run("cache", "--limit", "1GB").code == 0
    file = kept / "limit.json"
    file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    ran = house.run("cache")
    assert "there is no limit any more: set it again (netspec cache --limit)" in ran.err
    assert "no limit" in ran.out
