"""This machine's processor, as far as compiled code depends on it."""

import os
import platform
from pathlib import Path


def host() -> str:
    """What decides the code for this machine's own processor."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        known = {line.split(":")[0].strip(): line for line in lines if ":" in line}
        return "\n".join(known.get(key, "") for key in ("model name", "flags", "Features", "CPU part"))
    return f"{platform.machine()} {platform.processor()} {os.uname().release}"
