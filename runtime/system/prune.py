"""The entries of the cache and their sizes; removal by age, by size, or to stay under a limit."""

import re
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown, size_text
from runtime.system import cache, files, paths

# Results that take long to measure, or are tiny, are removed only by naming their kind.
PRUNED = ("programs", "images", "embedded")
KINDS = (*PRUNED, "devices", "tuned")
# The names of NetSpec's entries. Other files in the folder are left alone.
NAMES = {
    "programs": re.compile(r"(untuned-)?\w+-[0-9a-f]{32}\.((stream|flow)\.)?(vmfb|mlir|(refused\.)?log)"),
    "images": re.compile(r"[\w-]*-[0-9a-f]{12}-\d+x\d+(x1)?(-[0-9a-f]{8})?(-train|-val)?-[0-9a-f]{16}"),
    "embedded": re.compile(r"v\d+"),
    "devices": re.compile(r"[0-9a-f]{32}\.json"),
    "tuned": re.compile(r"(tables-)?[0-9a-f]{16,64}\.json"),
}
DAY = 86400.0


@dataclass(frozen=True)
class Entry:
    """An entry of the cache: a file, or a folder of images. `used`: time of last use, seconds since 1970."""

    kind: str
    path: Path
    bytes: int
    used: float


def entries(kinds: Iterable[str] = KINDS) -> list[Entry]:
    """The entries, least recently used first, without unfinished ones."""
    listed = []
    for kind in kinds:
        folder = paths.cache_root() / kind
        if folder.is_symlink():
            continue
        with suppress(OSError):
            for path in folder.iterdir():
                if NAMES[kind].fullmatch(path.name) and not path.is_symlink():
                    with suppress(OSError):  # gone meanwhile
                        listed.append(_entry(kind, path))
    return sorted(listed, key=lambda entry: (entry.used, entry.path))


def _entry(kind: str, path: Path) -> Entry:
    parts = [path, *(path.rglob("*") if path.is_dir() and not path.is_symlink() else ())]
    states = [part.lstat() for part in parts]
    return Entry(kind, path, sum(state.st_size for state in states), max(state.st_mtime for state in states))


def total(of: Iterable[Entry]) -> int:
    """The size of some entries, bytes."""
    return sum(entry.bytes for entry in of)


def remove(chosen: Sequence[Entry]) -> None:
    """Remove entries in order. Raises FileError at the first that cannot be removed."""
    for entry in chosen:
        cache.check_owner(entry.path.parent)
        if entry.path.is_dir() and not entry.path.is_symlink():
            # Renamed first, so that no process opens half of it.
            doomed = entry.path.with_name(f".{entry.path.name}.gone")
            with files.errors_about(entry.path, "removed"):
                shutil.rmtree(doomed, ignore_errors=True)
                entry.path.rename(doomed)
                shutil.rmtree(doomed)
        else:
            with files.errors_about(entry.path, "removed"):
                entry.path.unlink(missing_ok=True)


def older_than(days: float) -> list[Entry]:
    """Entries that were not used for so many days."""
    return [entry for entry in entries(PRUNED) if entry.used < time.time() - days * DAY]


def beyond(most: int, spared: Iterable[Path] = ()) -> list[Entry]:
    """The entries to remove, least recently used first, so that the rest has at most `most` bytes; never `spared`."""
    left, going = total(entries()), []
    kept = set(spared)
    for entry in entries(PRUNED):
        if left <= most:
            break
        if entry.path not in kept:
            going.append(entry)
            left -= entry.bytes
    return going


def limit(say: cache.Say) -> int | None:
    """The limit of the cache, bytes; None where none is set, or it is damaged, which is reported."""
    kept = cache.fetch_json(_limit_file(), say, "there is no limit any more: set it again (netspec cache --limit)")
    return kept if isinstance(kept, int) and kept >= 0 else None


def set_limit(most: int | None) -> None:
    """Set the limit, or remove it (None). Raises FileError."""
    cache.keep_json(_limit_file(), most)


def keep_limit(say: cache.Say, spared: Iterable[Path]) -> None:
    """Remove what exceeds the limit, but not `spared`, and report it. Called after an entry was added."""
    most = limit(say)
    going = [] if most is None else beyond(most, spared)
    if going:
        remove(going)
        say(f"the cache's limit of {size_text(most or 0)}: {len(going)} entries unused for longest are removed")


def _limit_file() -> Path:
    return paths.cache_root() / "limit.json"


_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def parse_size(text: str) -> int:
    """Bytes from `500MB` or `2 GB`. Raises InputError."""
    number = text.strip().upper()
    unit = next((name for name in ("KB", "MB", "GB", "TB", "B") if number.endswith(name)), "")
    try:
        count = float(number.removesuffix(unit))
    except ValueError:
        count = -1.0
    if not 0 <= count < 10**9 or not unit:
        raise InputError(f"{shown(text)}: expected a size like 500MB or 2GB.")
    return int(count * _UNITS[unit])
