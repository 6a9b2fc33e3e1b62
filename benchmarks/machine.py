"""The machine of a measurement, and how busy it is."""

import os
import platform
import time
from pathlib import Path


def machine() -> dict[str, str | int]:
    """The processor, its cores, memory in GB, system and Python."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def busy(seconds: float = 1.0) -> float | None:
    """The share of all cores' time used during the next `seconds`, 0 to 1; None where Linux does not say."""
    before = _times()
    time.sleep(seconds)
    after = _times()
    if not before or not after:
        return None
    spent = [new - old for old, new in zip(before, after, strict=True)]
    idle = spent[3] + spent[4]  # idle, and waiting for a disk
    return 1 - idle / max(sum(spent), 1)


def _times() -> list[int]:
    """Ticks since the start: user, nice, system, idle, iowait, irq, softirq, steal."""
    stat = Path("/proc/stat")
    return [int(number) for number in stat.read_text().split()[1:9]] if stat.is_file() else []


def _cpu() -> str:
    name = _fields(Path("/proc/cpuinfo")).get("model name")
    return name or platform.processor() or platform.machine()


def _fields(path: Path) -> dict[str, str]:
    """`name: value` lines; of several with one name, the first."""
    if not path.is_file():
        return {}
    fields: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip(), value.strip())
    return fields
