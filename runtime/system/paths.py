"""Every folder that NetSpec creates, and the pages that it brings, in one place."""

import os
import time
from importlib.resources import files
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown


def cache_root() -> Path:
    """The user's cache folder: `NETSPEC_CACHE`, or `netspec` under `XDG_CACHE_HOME` (`~/.cache`). Raises InputError."""
    if explicit := os.environ.get("NETSPEC_CACHE"):
        return _absolute(explicit)
    return _absolute(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "netspec"


def _absolute(path: str) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as wrong:  # no home folder, or a current folder that is gone
        raise InputError(
            f"the cache: there is no folder {shown(path)} ({shown(wrong)}); set NETSPEC_CACHE to a folder of your own."
        ) from None


def programs_cache() -> Path:
    """Compiled programs, keyed by everything that decides their bytes."""
    return cache_root() / "programs"


def locks() -> Path:
    """Lock files of processes that write the same file."""
    return cache_root() / "locks"


def devices_cache() -> Path:
    """Results of the self-check, by device."""
    return cache_root() / "devices"


def tuned_cache() -> Path:
    """Results of `netspec tune`, by processor."""
    return cache_root() / "tuned"


def images_cache() -> Path:
    """Decoded and resized images of the folders that were trained on."""
    return cache_root() / "images"


def embedded_images() -> Path:
    """The embedded image set, which NetSpec draws itself."""
    return cache_root() / "embedded"


def new_folder(name: str) -> Path:
    """`runs/<network>-<date>-<time>`, followed by a number when that exists."""
    stem = f"{slug(name)}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, count = Path("runs") / stem, 1
    while path.exists():
        count += 1
        path = Path("runs") / f"{stem}-{count}"
    return path


def slug(name: str) -> str:
    """A network's name as part of a file name."""
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()[:50]).strip("-") or "run"


def bundled() -> dict[str, Path]:
    """The bundled pages by their names."""
    pages = [
        Path(str(entry)) for entry in files("specs").iterdir() if entry.name[0] != "_" and entry.name.endswith(".py")
    ]
    return {page.stem: page for page in sorted(pages, key=_ordered)}


def _ordered(page: Path) -> tuple[str, int]:
    """By name, and by number where a name ends in one: resnet18 before resnet101."""
    letters = page.stem.rstrip("0123456789")
    return letters, int(page.stem[len(letters) :] or 0)
