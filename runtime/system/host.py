"""This machine: the features of its processor that compiled code depends on, and the memory of this process."""

import os
import platform
import resource
import sys
from pathlib import Path


def host() -> str:
    """The model and features of this processor, which decide the code compiled for it, as text."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        known = {line.split(":")[0].strip(): line for line in lines if ":" in line}
        return "\n".join(known.get(key, "") for key in ("model name", "flags", "Features", "CPU part"))
    return f"{platform.machine()} {platform.processor()} {os.uname().release}"


def peak_memory() -> int:
    """The peak memory of this process, bytes.

    On Linux from its own status: getrusage includes the process that started it there.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
