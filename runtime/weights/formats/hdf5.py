"""The tensors of an HDF5 file from anywhere, with the names that Keras gives them.

The HDF5 library crashes, or never ends, on some files with flipped bits (h5py 3.16.0 with HDF5 2.0.0). So it runs in a
process of its own (`hdf5_child`), within limits, which copies the tensors to a temporary file; what that process says
is checked like the file itself.
"""

import importlib.util
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown
from runtime.system import child
from runtime.system.files import errors_about, parse_json
from runtime.weights.formats.strided import packed_strides, read_floats
from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile
from runtime.weights.formats.weight_file import Stored

SIGNATURE = b"\x89HDF\r\n\x1a\n"
SECONDS = 10  # of the processor, beside those that the size takes: a file of 200 MB takes one
BYTES_A_SECOND = 2**24
WAITS = 5  # times as long by the clock: other programs run too
LONGEST_LISTING = 2**24
# This Python, with the modules that it has here, not the environment's.
_CHILD = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
_CHILD += "from runtime.weights.formats.hdf5_child import main; main(*map(int, sys.argv[2:]))"
# No plugin is loaded, no lock taken, no thread started.
_SETTINGS = {"HDF5_PLUGIN_PRELOAD": "::", "HDF5_USE_FILE_LOCKING": "FALSE", "OPENBLAS_NUM_THREADS": "1"}
_TRUSTED = "get it from a source that you trust"
_MISSING = "reading Keras weights needs the package h5py: pip install 'netspec[weights]'"


@dataclass(frozen=True)
class Contents:
    """What an HDF5 file holds.

    Args:
        data: a temporary file of all tensors as f32.
        tensors: by path, such as `model_weights/Conv1/Conv1/kernel:0`, in the order in which they were written.
        offsets: where each begins in `data`.
        groups: of each group by path the attributes `layer_names`, `weight_names` and `name`, where it has any.
        skipped: paths of what was left out: integers, and the optimizer's state.
    """

    data: UntrustedFile
    tensors: Mapping[str, Stored]
    offsets: Mapping[str, int]
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    skipped: tuple[str, ...]

    def read(self, path: str) -> NDArray[np.float32]:
        """One tensor. Raises UnreadableError."""
        shape = self.tensors[path].shape
        return read_floats(self.data, self.offsets[path], "float32", shape, packed_strides(shape))


def contents(file: UntrustedFile, start: int, size: int) -> Contents:
    """Read the HDF5 file that `size` bytes of `file` are, from byte `start` on.

    Raises UnreadableError; InputError without h5py.
    """
    if importlib.util.find_spec("h5py") is None:
        raise InputError(f"{shown(file.path)}: {_MISSING}.")
    with errors_about(Path(tempfile.gettempdir()), "written"):
        output = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the result
    try:
        _run(file, start, size, output)
        return _contents(UntrustedFile(file.path, output))
    except BaseException:
        output.close()
        raise


def _run(file: UntrustedFile, start: int, size: int, output: BinaryIO) -> None:
    """Have the child write to `output`. Raises UnreadableError where it crashes or takes too long."""
    seconds = SECONDS + size // BYTES_A_SECOND
    command = [sys.executable, "-I", "-c", _CHILD, json.dumps(sys.path), str(start), str(size), str(seconds)]
    with errors_about(file.path, "read"):
        process = child.start(
            command, stdin=file, stdout=output, stderr=subprocess.DEVNULL, env={**os.environ, **_SETTINGS}
        )
    try:
        check_end(process.wait(timeout=WAITS * seconds), seconds)
    except subprocess.TimeoutExpired:
        raise _too_long(WAITS * seconds) from None
    finally:
        process.kill()
        process.wait()


def check_end(code: int, seconds: int) -> None:
    """Raises UnreadableError unless the child ended well. `code`: as `Popen` gives it, a signal as a negative one."""
    if code == -signal.SIGXCPU:
        raise _too_long(seconds)
    if code < 0:
        raise UnreadableError("one on which the HDF5 library crashes", _TRUSTED)
    if code:
        raise UnreadableError(f"no way to read it: h5py ended with code {code}", "install h5py again")


def _too_long(seconds: int) -> UnreadableError:
    return UnreadableError(f"one that takes more than {seconds} s to read", _TRUSTED)


def _contents(data: UntrustedFile) -> Contents:
    """What the child wrote, which is no more to be trusted than the file. Raises UnreadableError."""
    try:
        listing, size = _listing(data)
        if "found" in listing:
            raise UnreadableError(shown(listing["found"]), shown(listing["remedy"]))
        tensors = {
            str(path): Stored(tuple(int(size) for size in shape), str(dtype))
            for path, shape, dtype in listing["datasets"]
        }
        groups = {
            str(path): {str(name): tuple(map(str, texts)) for name, texts in attributes.items()}
            for path, attributes in listing["groups"].items()
        }
        skipped = tuple(map(str, listing["skipped"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _nonsense() from None
    ends = list(accumulate((4 * math.prod(stored.shape) for stored in tensors.values()), initial=0))
    if ends.pop() != size or any(size < 0 for stored in tensors.values() for size in stored.shape):
        raise _nonsense()
    return Contents(data, tensors, dict(zip(tensors, ends, strict=True)), groups, skipped)


def _listing(data: UntrustedFile) -> tuple[Any, int]:
    """The listing at the end of the child's output, and how many bytes come before it."""
    if data.size < 8:
        raise _nonsense()
    length = int.from_bytes(data.read(data.size - 8, 8), "little")
    if length > min(LONGEST_LISTING, data.size - 8):
        raise _nonsense()
    return parse_json(data.read(data.size - 8 - length, length)), data.size - 8 - length


def _nonsense() -> UnreadableError:
    return UnreadableError("one on which the HDF5 library fails", _TRUSTED)
