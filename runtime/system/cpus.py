"""How many threads to use: the CPUs that this process may run on, within a container's quota."""

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cpus() -> int:
    """CPUs, at least 1. A quota of one and a half CPUs is two: the second is busy half of the time."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    cpus = len(os.sched_getaffinity(0))
    quota = cpu_quota()
    return cpus if quota is None else max(1, min(cpus, math.ceil(quota)))


def cpu_quota(root: Path = Path("/")) -> float | None:
    """How many CPUs' time the control groups of this process grant it; None where they set no limit.

    Args:
        root: where `proc` and `sys` are mounted.

    A limit holds for all groups within, so the least from this process's own group up to the topmost counts. Inside a
    container the topmost visible group is the container's own.
    """
    quotas = [quota for folder in _groups(root) for quota in (_quota_v2(folder), _quota_v1(folder)) if quota]
    return min(quotas, default=None)


def _groups(root: Path) -> Iterator[Path]:
    """The folders of this process's control groups that limit CPU time, and of those above them."""
    mounts = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2) if line.count(":") >= 2 else ("", "none", "")
        if not controllers:
            roots = [mounts, mounts / "unified"]
        elif "cpu" in controllers.split(","):
            roots = [mounts / "cpu", mounts / controllers]
        else:
            continue
        # A group outside of what is mounted here begins with "..": then the mounted one is this process's own.
        path = PurePosixPath(group.lstrip("/"))
        for base in roots:
            yield from (base / part for part in (path, *path.parents) if ".." not in part.parts)


def _quota_v2(folder: Path) -> float | None:
    """`cpu.max` holds "QUOTA PERIOD" in microseconds, or "max PERIOD"."""
    return _share(*_read(folder / "cpu.max").split()[:2])


def _quota_v1(folder: Path) -> float | None:
    """A quota of -1 is none."""
    return _share(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _share(quota: str = "", period: str = "") -> float | None:
    try:
        share = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return None
    return share if share > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
