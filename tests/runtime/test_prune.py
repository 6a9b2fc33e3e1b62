"""What of the cache goes, and what stays: the longest unused first, and never what is being made or was measured."""

import os
import time
from pathlib import Path

import pytest

from netspec.errors import InputError
from runtime import cache, files, paths, prune
from tests.runtime.house import House


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three programs of 1 kB, unused for 1, 2 and 3 days, an image set of 5 kB for 4, and a table for 9."""
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    for days in (1, 2, 3):
        _keep(paths.programs_cache() / f"{days}", 1000 - 81, days)
    _keep(paths.images_cache() / "set" / "train", 4000 - 81, 4)
    _keep(paths.images_cache() / "set" / "index", 1000 - 81, 4)
    for folder in (paths.images_cache() / "set",):
        os.utime(folder, (time.time() - 4 * prune.DAY,) * 2)
    _keep(paths.tuned_cache() / "table", 100, 9)
    return tmp_path / "cache"


def _keep(path: Path, count: int, days: int) -> None:
    cache.keep(path, b"x" * count)
    os.utime(path, (time.time() - days * prune.DAY,) * 2)


def names(of: list[prune.Entry]) -> list[str]:
    return [entry.path.name for entry in of]


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
    assert names(prune.beyond(0, [kept / "programs" / "2"])) == ["set", "3", "1"]


def test_a_limit_is_kept_after_each_addition_and_said(kept: Path) -> None:
    said: list[str] = []
    prune.keep_limit(said.append, [])
    assert (prune.limit(), said) == (None, [])
    prune.set_limit(2500)
    prune.keep_limit(said.append, [])
    assert said == ["the cache's limit of 2.5 KB: 2 entries unused for longest are removed"]
    assert names(prune.entries()) == ["table", "2", "1"]
    assert prune.limit() == 2500


def test_what_is_being_made_at_this_moment_stays(kept: Path) -> None:
    with files.workspace(paths.programs_cache(), "compiling") as folder:
        (folder / "half").write_bytes(b"x" * 10_000)
        prune.remove(prune.entries())
        assert (folder / "half").exists()


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
