"""Child processes that never outlive this process."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

# Run by a Python that becomes the command: on Linux the kernel then ends it with its parent, SIGKILL included. Done
# there and not between fork and exec, where a process with threads may do nothing. The parent may be gone already.
_WITH_ITS_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


def start(command: Sequence[str | os.PathLike[str]], **options: Any) -> subprocess.Popen[Any]:
    """Start a process that ends with this one (on Linux; elsewhere it must be stopped). `options` are `Popen`'s."""
    words = [os.fspath(word) for word in command]
    if sys.platform == "linux":
        words = [sys.executable, "-I", "-S", "-c", _WITH_ITS_PARENT, str(os.getpid()), *words]
    return subprocess.Popen(words, **options)
