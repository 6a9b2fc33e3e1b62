"""How many threads are of use for decoding and drawing, where Pillow works outside Python's lock."""

import os
import sys


def usable_cpus() -> int:
    """The CPUs this process may run on, at least 1."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
