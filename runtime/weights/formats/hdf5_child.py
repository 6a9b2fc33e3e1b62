"""The process that reads an HDF5 file for `hdf5`: on some malformed bytes the library crashes, or never ends.

It has the file as standard input, writes to a file as standard output, and may open nothing else, so that what the file
refers to elsewhere stays unread. It writes the tensors as little-endian f32, one after the other; then a listing as
JSON; then the listing's length in 8 bytes. It imports nothing of NetSpec.
"""

import contextlib
import io
import json
import math
import os
import resource
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5s, h5t, h5z

OBJECTS, DEEPEST, HIGHEST_RANK = 2**14, 32, 8
TEXTS = 2**21  # bytes of all paths and attributes
SHARED = 2**20  # bytes by which the tensors may exceed twice the file's size
SPARE = 2**26  # bytes of memory beside twice the file's size
LISTS, TEXT, MODEL = ("layer_names", "weight_names"), "name", "model_config"
LONGEST_MODEL = 2**20  # characters
SKIPPED = ("optimizer", "optimizer_weights")  # of the root: state of the training
FLOATS = {
    "float16": (h5t.IEEE_F16LE, h5t.IEEE_F16BE),
    "float32": (h5t.IEEE_F32LE, h5t.IEEE_F32BE),
    "float64": (h5t.IEEE_F64LE, h5t.IEEE_F64BE),
}
FILTERS = (h5z.FILTER_DEFLATE, h5z.FILTER_SHUFFLE)
AGAIN = "save the weights again with Keras"
TRUSTED = "get it from a source that you trust"


class RefusedError(Exception):
    """What was found in place of what may be read, and what to do."""

    def __init__(self, found: str, remedy: str = TRUSTED) -> None:
        super().__init__(found)
        self.found, self.remedy = found, remedy


class Window(io.RawIOBase):
    """A part of standard input as a file, in which every read is complete or fails."""

    def __init__(self, start: int, size: int) -> None:
        self._start, self._size, self._position = start, size, 0

    def readable(self) -> bool:
        """As any file that is read."""
        return True

    def seekable(self) -> bool:
        """As any file on a disk."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte."""
        self._position = offset + {os.SEEK_CUR: self._position, os.SEEK_END: self._size}.get(whence, 0)
        return self._position

    def tell(self) -> int:
        """Which byte comes next."""
        return self._position

    def readinto(self, target: Any) -> int:
        """Fill all of `target`. Raises OSError for bytes outside of the window."""
        view = memoryview(target).cast("B")
        if not 0 <= self._position <= self._size - len(view):
            raise OSError("it refers to bytes outside of it")
        done = 0
        while done < len(view):
            some = os.preadv(0, [view[done:]], self._start + self._position + done)
            if some <= 0:
                raise OSError("it became shorter while it was read")
            done += some
        self._position += done
        return done


class Reader:
    """Walks through a file, and writes what it finds."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._left, self._floats = TEXTS, 2 * size + SHARED
        self._seen: set[int] = set()
        self._datasets: list[tuple[int, str, h5d.DatasetID, str]] = []
        self._groups: dict[str, dict[str, list[str]]] = {}
        self._skipped: list[str] = []

    def read(self, root: h5g.GroupID) -> dict[str, Any]:
        """The listing; the tensors are written on the way."""
        self._walk(root)
        self._datasets.sort(key=lambda found: found[0])  # by address: as they were written
        listed = []
        for _, path, dataset, dtype in self._datasets:
            sys.stdout.buffer.write(_numbers(dataset, dtype).data)
            listed.append([path, list(dataset.shape), dtype])
        return {"datasets": listed, "groups": self._groups, "skipped": self._skipped}

    def _walk(self, root: h5g.GroupID) -> None:
        self._seen.add(h5o.get_info(root).addr)
        waiting: list[tuple[str, h5g.GroupID, int]] = [("", root, 0)]
        while waiting:
            path, group, depth = waiting.pop()
            self._attributes(path, group)
            for name in _links(group):
                if not path and name in SKIPPED:
                    self._skipped.append(name)
                    continue
                within = f"{path}/{name}" if path else name
                found = self._opened(group, name, within)
                if isinstance(found, h5d.DatasetID):
                    self._dataset(within, found)
                elif depth == DEEPEST:
                    raise RefusedError(f"groups nested more than {DEEPEST} deep")
                else:
                    waiting.append((within, found, depth + 1))

    def _opened(self, group: h5g.GroupID, name: str, path: str) -> Any:
        self._spend(path)
        if group.links.get_info(name.encode()).type != h5l.TYPE_HARD:
            raise RefusedError(f"{path}, which is a link to another place or file")
        found = h5o.open(group, name.encode())
        address = h5o.get_info(found).addr
        if address in self._seen:
            raise RefusedError(f"{path}, which stands in a second place as well")
        self._seen.add(address)
        if len(self._seen) > OBJECTS:
            raise RefusedError(f"more than {OBJECTS} groups and datasets")
        if not isinstance(found, h5d.DatasetID | h5g.GroupID):
            raise RefusedError(f"{path}, which is neither a group nor a dataset")
        return found

    def _attributes(self, path: str, group: h5g.GroupID) -> None:
        """Keep the attributes that say what is where; a long list is in pieces, with numbers behind its name."""
        kept = {}
        for name in LISTS:
            texts, number = self._texts(group, path, name), 0
            while texts is None or number:
                piece = self._texts(group, path, f"{name}{number}")
                if piece is None:
                    break
                texts, number = [*(texts or ()), *piece], number + 1
            if texts is not None:
                kept[name] = texts
        if texts := self._texts(group, path, TEXT):
            kept[TEXT] = texts[:1]
        if not path and (said := self._described(group)):
            kept[MODEL] = [said]
        if kept:
            self._groups[path] = kept

    def _described(self, root: h5g.GroupID) -> str | None:
        """The model's description, which nothing depends on: one that cannot be had is left out."""
        left, text = self._left, ""
        with contextlib.suppress(Exception):
            text = (self._texts(root, "", MODEL) or [""])[0]
        self._left = left  # it takes nothing from what names may
        return text if len(text) <= LONGEST_MODEL else None

    def _texts(self, thing: Any, path: str, name: str) -> list[str] | None:
        """An attribute's text or texts; None where there is none of that name."""
        if not h5a.exists(thing, name.encode()):
            return None
        attribute = h5a.open(thing, name.encode())
        space, kind = attribute.get_space(), attribute.get_type()
        count = space.get_simple_extent_npoints()
        if count == 0:
            return []
        if kind.get_class() != h5t.STRING or len(attribute.shape) > 1 or count > OBJECTS or kind.get_size() > 2**16:
            raise RefusedError(f"the attribute {name} of {path or 'its root'}, which is no list of names")
        value = np.atleast_1d(np.asarray(h5py.AttributeManager(_High(thing))[name], dtype=object))
        texts = [text.decode() if isinstance(text, bytes) else str(text) for text in value]
        for text in texts:
            self._spend(text)
        return texts

    def _spend(self, text: str) -> None:
        self._left -= len(text.encode()) + 16
        if self._left < 0:
            raise RefusedError(f"names of more than {TEXTS} bytes")

    def _dataset(self, path: str, dataset: h5d.DatasetID) -> None:
        kind = dataset.get_type()
        if kind.get_class() in (h5t.INTEGER, h5t.ENUM):  # counters, random states
            self._skipped.append(path)
            return
        dtype = next((name for name, types in FLOATS.items() if any(kind.equal(each) for each in types)), "")
        if not dtype and kind.get_class() == h5t.OPAQUE and kind.get_size() == 2:
            dtype = "".join(self._texts(dataset, path, "dtype") or ())
        if dtype not in (*FLOATS, "bfloat16"):
            raise RefusedError(f"{path}, which holds no numbers of a known type", AGAIN)
        self._check_storage(path, dataset, kind.get_size())
        self._floats -= 4 * math.prod(dataset.shape)
        if self._floats < 0:
            raise RefusedError(f"tensors that take more than twice the {self._size} bytes of the file")
        self._datasets.append((h5o.get_info(dataset).addr, path, dataset, dtype))

    def _check_storage(self, path: str, dataset: h5d.DatasetID, item: int) -> None:
        """Raises RefusedError unless all numbers are stored, in this file."""
        if len(dataset.shape) > HIGHEST_RANK:
            raise RefusedError(f"{path}, which has {len(dataset.shape)} axes")
        needed, stored = item * math.prod(dataset.shape), dataset.get_storage_size()
        creation = dataset.get_create_plist()
        layout = creation.get_layout()
        if layout not in (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED) or creation.get_external_count():
            raise RefusedError(f"{path}, whose numbers are in other files")
        if layout != h5d.CHUNKED:
            if stored < needed:
                raise RefusedError(f"{path}, which claims {needed} bytes and stores {stored}")
            return
        for number in range(creation.get_nfilters()):
            if creation.get_filter(number)[0] not in FILTERS:
                raise RefusedError(f"{path}, which is compressed in an unusual way", AGAIN)
        chunk = item * math.prod(creation.get_chunk())
        if (needed and not stored) or max(needed, chunk) > 2 * self._size:
            raise RefusedError(f"{path}, which claims {max(needed, chunk)} bytes in a file of {self._size}")


class _High:
    """What `AttributeManager` wants: something with an `id`."""

    def __init__(self, thing: Any) -> None:
        self.id = thing


def _links(group: h5g.GroupID) -> list[str]:
    names: list[bytes] = []

    def add(name: bytes) -> bool | None:
        names.append(name)
        return True if len(names) > OBJECTS else None  # True ends the iteration

    group.links.iterate(add)
    texts = [name.decode() for name in names]
    if len(texts) > OBJECTS or any(not name or "/" in name for name in texts):
        raise RefusedError(f"a group of more than {OBJECTS} members, or of ones without a name")
    return texts


def _numbers(dataset: h5d.DatasetID, dtype: str) -> Any:
    """A tensor as little-endian f32; the library converts it."""
    if dtype == "bfloat16":
        halves = np.empty(dataset.shape, "V2")
        dataset.read(h5s.ALL, h5s.ALL, halves)
        return (halves.view("<u2").astype("<u4") << 16).view("<f4")
    numbers = np.empty(dataset.shape, "<f4")
    if numbers.size:
        dataset.read(h5s.ALL, h5s.ALL, numbers)
    return numbers


def _limit(size: int, seconds: int) -> None:
    """From here on: no other file, no process, bounded time, memory and output."""
    limits = {"CORE": 0, "NOFILE": 3, "NPROC": 0, "CPU": seconds, "FSIZE": 2 * size + 2 * SHARED + 8 * TEXTS}
    with contextlib.suppress(OSError, ValueError):  # on Linux
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limits["AS"] = pages * resource.getpagesize() + 2 * size + SPARE
    for name, most in limits.items():
        with contextlib.suppress(OSError, ValueError, AttributeError):  # not every system knows all
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most + 2 if name == "CPU" else most))


def main(start: int, size: int, seconds: int) -> None:
    """Read the file that `size` bytes of standard input are, from byte `start` on."""
    _limit(size, seconds)
    try:
        with h5py.File(Window(start, size), "r") as file:
            listing = Reader(size).read(h5g.open(file.id, b"/"))
    except RefusedError as wrong:
        listing = {"found": wrong.found, "remedy": wrong.remedy}
    except MemoryError:
        listing = {"found": "one that takes more than twice its size of memory", "remedy": TRUSTED}
    except Exception as wrong:  # what the library raises on malformed bytes is not a closed list
        reason = " ".join(str(wrong).split()) or type(wrong).__name__
        listing = {"found": f"a damaged one ({reason})", "remedy": "download or save it again"}
    text = json.dumps(listing).encode()
    sys.stdout.buffer.write(text + len(text).to_bytes(8, "little"))
    sys.stdout.buffer.flush()
    os._exit(0)  # closing a malformed file may crash as well
