"""This machine: its processor, as far as compiled code depends on it, and what a process takes of its memory."""

import os
import platform
import resource
import sys
from pathlib import Path


def host() -> str:
    """What decides the code for this machine's own processor."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        known = {line.split(":")[0].strip(): line for line in lines if ":" in line}
        return "\n".join(known.get(key, "") for key in ("model name", "flags", "Features", "CPU part"))
    return f"{platform.machine()} {platform.processor()} {os.uname().release}"


def peak_memory() -> int:
    """The most bytes that this process has held at once.

    On Linux from its own status: what getrusage says there includes the process that started it.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
