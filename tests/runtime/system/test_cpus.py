"""How many CPUs are of use: what the scheduler allows, and what a container's quota leaves of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.system import cpus
from runtime.system.cpus import cpu_quota, usable_cpus

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


V2 = "0::/user.slice/job\n"
V1 = "12:memory:/a\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n"
GROUP = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"proc/self/cgroup": V2, f"{GROUP}/user.slice/job/cpu.max": "150000 100000\n"}, 1.5),
        ({"proc/self/cgroup": V2, f"{GROUP}/user.slice/job/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": V2, f"{GROUP}/user.slice/cpu.max": "200000 100000\n",
          f"{GROUP}/user.slice/job/cpu.max": "400000 100000\n"}, 2.0),
        ({"proc/self/cgroup": "0::/\n", f"{GROUP}/cpu.max": "50000 100000\n"}, 0.5),
        ({"proc/self/cgroup": "0::/../../other\n", f"{GROUP}/cpu.max": "300000 100000\n"}, 3.0),
        ({"proc/self/cgroup": "0::/job\n", f"{GROUP}/unified/job/cpu.max": "100000 100000\n"}, 1.0),
        ({"proc/self/cgroup": V1, f"{GROUP}/cpu/docker/abc/cpu.cfs_quota_us": "250000\n",
          f"{GROUP}/cpu/docker/abc/cpu.cfs_period_us": "100000\n"}, 2.5),
        ({"proc/self/cgroup": V1, f"{GROUP}/cpu,cpuacct/cpu.cfs_quota_us": "100000\n",
          f"{GROUP}/cpu,cpuacct/cpu.cfs_period_us": "50000\n"}, 2.0),
        ({"proc/self/cgroup": V1, f"{GROUP}/cpu/docker/abc/cpu.cfs_quota_us": "-1\n",
          f"{GROUP}/cpu/docker/abc/cpu.cfs_period_us": "100000\n"}, None),
        ({"proc/self/cgroup": V2, f"{GROUP}/user.slice/job/cpu.max": "rubbish"}, None),
        ({"proc/self/cgroup": V2, f"{GROUP}/user.slice/job/cpu.max": "1 0\n"}, None),
        ({"proc/self/cgroup": "rubbish\n"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_least_quota_from_ones_own_group_upwards_counts(
    files: dict[str, str], quota: float | None, tmp_path: Path
) -> None:
    assert cpu_quota(put(tmp_path, files)) == quota


@linux
@pytest.mark.parametrize(("quota", "usable"), [(None, 8), (0.2, 1), (1.0, 1), (1.5, 2), (4.0, 4), (64.0, 8)])
def test_a_quota_lowers_the_count_of_cpus_and_never_below_one(
    quota: float | None, usable: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)))
    monkeypatch.setattr(cpus, "cpu_quota", lambda: quota)
    assert usable_cpus() == usable


@pytest.mark.ordinary
@linux
def test_the_cpu_device_has_no_more_workers_than_the_quota_keeps_busy() -> None:
    program = (
        "import os; from runtime.system import cpus; from runtime.engine import iree as engine\n"
        "from runtime.compiler.target import target_from_environment\n"
        "quota = {quota}; engine.cpu_quota = cpus.cpu_quota = lambda: quota\n"
        "import iree.runtime\n"
        "before = len(os.listdir('/proc/self/task')); engine.Device(target_from_environment())\n"
        "print(len(os.listdir('/proc/self/task')) - before)"
    )

    def threads(quota: float | None) -> int:
        ran = subprocess.run(
            [sys.executable, "-c", program.format(quota=quota)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return int(ran.stdout)

    if usable_cpus() == 1:
        pytest.skip("one CPU has one worker")
    assert threads(1.0) < threads(None)
