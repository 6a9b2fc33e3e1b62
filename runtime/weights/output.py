"""Which files a command that writes weights may replace: what it wrote itself, and nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown

SUFFIX = ".safetensors"


def check_replaceable(path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Raises InputError for a name of another kind, and for a file that somebody else wrote."""
    if path.suffix != SUFFIX:
        raise InputError(f"{shown(path)}: expected a name that ends in {SUFFIX}, as that is what is written.")
    if os.path.lexists(path) and not is_ours(path):
        raise InputError(f"{shown(path)}: is there already, and this command did not write it: choose another name.")
