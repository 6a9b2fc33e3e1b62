"""Every folder that NetSpec writes to outside a run, in one place."""

import os
from pathlib import Path


def cache_root() -> Path:
    """The user's cache folder: `NETSPEC_CACHE`, or `netspec` under `XDG_CACHE_HOME` (`~/.cache`)."""
    if explicit := os.environ.get("NETSPEC_CACHE"):
        return Path(explicit).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().absolute() / "netspec"


def programs_cache() -> Path:
    """Compiled programs, keyed on everything that decides their bytes."""
    return cache_root() / "programs"


def devices_cache() -> Path:
    """What the self-check found of each device."""
    return cache_root() / "devices"


def tuned_cache() -> Path:
    """What `netspec tune` found, by processor."""
    return cache_root() / "tuned"


def images_cache() -> Path:
    """Decoded and resized images of the folders that were trained on."""
    return cache_root() / "images"


def embedded_images() -> Path:
    """The image folder that the project draws itself."""
    return cache_root() / "embedded"
