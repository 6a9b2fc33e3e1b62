"""Makes an environment from a lock file the first time, and again when that has changed. Standard library alone."""

from __future__ import annotations  # an older Python must get as far as the sentence that refuses it

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
# By lock file: what the project is compared with keeps to itself.
VENVS = {"run": ROOT / ".venv", "dev": ROOT / ".venv", "peers": ROOT / ".venv-peers"}
SIZES = {"peers": ", up to 6 GB where torch comes with CUDA"}
OLDEST = (3, 11)
# Larger pages for malloc: a training step touches gigabytes. Read by glibc alone, at process start.
TUNABLES = "glibc.malloc.hugetlb=1"


def run(lock: str, module: str, arguments: list[str]) -> NoReturn:
    """Become `python -m module arguments` in the environment that `bin/lock/<lock>.txt` describes."""
    python = ensure(lock)
    environment = dict(os.environ)
    environment.setdefault("GLIBC_TUNABLES", TUNABLES)
    environment["PYTHONPATH"] = str(ROOT)
    if sys.stdout is not None:  # it may be closed
        sys.stdout.flush()
    # -P: what lies in the user's folder is no module of ours.
    os.execve(python, [str(python), "-P", "-m", module, *arguments], environment)


def ensure(lock: str) -> Path:
    """Install the lock file if need be; the environment's Python."""
    _isolate()
    try:
        return _ensured(lock)
    except KeyboardInterrupt:
        print("netspec: stopped; the next start goes on with the setting up.", file=sys.stderr)
        sys.exit(130)


def _isolate() -> None:
    """Keep other Pythons' packages out of the path, as set by a shell for ROS or Conda."""
    for name in ("PYTHONPATH", "PYTHONHOME"):
        os.environ.pop(name, None)
    os.environ["PYTHONNOUSERSITE"] = "1"


def _ensured(lock: str) -> Path:
    python = VENVS[lock] / "bin" / "python"
    wanted = _digest(lock)
    if _holds(lock, wanted, python):
        return python
    # This takes minutes: let signals stop it.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    guarded = os.open(ROOT / "bin" / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(guarded) as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # another start may be at it: wait, then look again
        if not _holds(lock, wanted, python):
            _make(lock, wanted, python)
    return python


def _make(lock: str, wanted: str, python: Path) -> None:
    started = time.monotonic()
    venv = VENVS[lock]
    lasts = f"(a minute or two{SIZES.get(lock, '')})"
    print(f"First use: setting up {venv} from bin/lock/{lock}.txt {lasts} ...", file=sys.stderr, flush=True)
    if not _runs(python):
        shutil.rmtree(venv, ignore_errors=True)
        _call([str(_interpreter()), "-m", "venv", str(venv)], venv)
    requirements = str(ROOT / "bin" / "lock" / f"{lock}.txt")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "--no-deps"]
    _call([*pip, "-r", requirements], venv)
    _stamp(lock).write_text(wanted)
    print(f"Ready after {time.monotonic() - started:.0f} s.", file=sys.stderr, flush=True)


def _holds(lock: str, wanted: str, python: Path) -> bool:
    stamp = _stamp(lock)
    return stamp.is_file() and stamp.read_text() == wanted and python.exists()


def _stamp(lock: str) -> Path:
    return VENVS[lock] / f"{lock}.installed"


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / "bin" / "lock" / f"{lock}.txt").read_bytes()).hexdigest()


def _runs(python: Path) -> bool:
    return (
        python.exists()
        and subprocess.run([python, "-c", "import pip"], check=False, stderr=subprocess.DEVNULL).returncode == 0
    )


def _interpreter() -> Path:
    """A new enough Python: the running one, or another on the path."""
    if sys.version_info >= OLDEST:
        return Path(sys.executable)
    for minor in range(11, 20):
        if python := shutil.which(f"python3.{minor}"):
            return Path(python)
    sys.exit(f"netspec: expected Python {'.'.join(map(str, OLDEST))} or newer, found {sys.version.split()[0]}.")


def _call(command: list[str], venv: Path) -> None:
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode:
        sys.exit(f"netspec: setting up {venv} failed at: {' '.join(command)}")
