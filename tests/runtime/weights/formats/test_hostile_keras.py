"""Malformed and hostile files of Keras weights: each is refused with a sentence, and nothing but the file is read."""

import importlib.util
import io
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.errors import InputError
from runtime.weights.formats import hdf5, keras
from tests.runtime.weights import keras_files as files

# Each file is read by a process that is started for it: a few tenths of a second.
pytestmark = pytest.mark.ordinary
KERNEL = np.ones((3, 3), np.float32)


@pytest.fixture(name="h5py")
def h5py_or_skipped() -> Any:
    return pytest.importorskip("h5py", reason="reading Keras weights needs h5py, an optional package")


def one_layer(file: Any) -> Any:
    """A right file of one layer without weights, to be changed."""
    file.attrs["layer_names"] = [b"a"]
    group = file.create_group("a")
    group.attrs["weight_names"] = []
    return group


def with_weight(write: Callable[[Any, Any], None]) -> Callable[[Any, Any, Path], None]:
    """A layer whose weight is written by `write(h5py, group)`."""

    def written(h5py: Any, file: Any, folder: Path) -> None:
        group = one_layer(file)
        group.attrs["weight_names"] = [b"kernel"]
        write(h5py, group)

    return written


def link(make: Callable[[Any, Path], Any]) -> Callable[[Any, Any, Path], None]:
    def written(h5py: Any, file: Any, folder: Path) -> None:
        file["b"] = KERNEL
        with h5py.File(folder / "other.h5", "w") as other:
            other["kernel"] = KERNEL
        group = one_layer(file)
        group.attrs["weight_names"] = [b"kernel"]
        group["kernel"] = make(h5py, folder)

    return written


def virtual(h5py: Any, file: Any, folder: Path) -> None:
    with h5py.File(folder / "other.h5", "w") as other:
        other["kernel"] = KERNEL
    layout = h5py.VirtualLayout((3, 3), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "kernel", (3, 3))
    one_layer(file).create_virtual_dataset("kernel", layout)


def external(h5py: Any, file: Any, folder: Path) -> None:
    (folder / "secret").write_bytes(KERNEL.tobytes())
    one_layer(file).create_dataset("kernel", (3, 3), "f4", external=[(str(folder / "secret"), 0, 36)])


def cycle(h5py: Any, file: Any, folder: Path) -> None:
    group = one_layer(file)
    group["again"] = group


def cycle_of_the_root(h5py: Any, file: Any, folder: Path) -> None:
    one_layer(file)["root"] = file["/"]


def linked_twice(h5py: Any, file: Any, folder: Path) -> None:
    group = one_layer(file)
    group["kernel"] = KERNEL
    group["again"] = group["kernel"]


def deep(h5py: Any, file: Any, folder: Path) -> None:
    file.create_group("/".join("a" * 40))["kernel"] = KERNEL


def many_groups(h5py: Any, file: Any, folder: Path) -> None:
    for number in range(2**14 + 1):
        h5py.h5g.create(file.id, f"g{number}".encode())


def reserved(shape: tuple[int, ...], **options: Any) -> Callable[[Any, Any, Path], None]:
    """A dataset that claims a shape and stores nothing."""
    return with_weight(lambda h5py, group: group.create_dataset("kernel", shape, "f4", **options))


def late(h5py: Any, group: Any) -> None:
    """A contiguous dataset whose place is not reserved before it is written: its numbers are the fill value."""
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
    creation.set_fill_value(np.array(1, "f4"))
    space = h5py.h5s.create_simple((10**6, 10**6))
    h5py.h5d.create(group.id, b"kernel", h5py.h5t.IEEE_F32LE, space, creation)


def partly(h5py: Any, group: Any) -> None:
    """One chunk of a million."""
    group.create_dataset("kernel", (10**6, 10**3), "f4", chunks=(1, 10**3))[0] = 1


def squeezed(h5py: Any, group: Any) -> None:
    group.create_dataset("kernel", data=np.zeros((2000, 2000), "f4"), compression="gzip", compression_opts=9)


def squeezed_in_many(h5py: Any, file: Any, folder: Path) -> None:
    """Each within bounds, all together not."""
    group = one_layer(file)
    for number in range(64):
        group.create_dataset(f"w{number}", data=np.zeros(2**15, "f4"), compression="gzip", compression_opts=9)


def widened(h5py: Any, group: Any) -> None:
    """Less than twice the file as f16, more as f32."""
    group.create_dataset("kernel", data=np.zeros(2**23, "f2"), chunks=(2**20,), compression="gzip")
    group.create_dataset("zeros", data=np.random.default_rng(0).integers(0, 255, 2**23).astype("i1"))


def custom_float(h5py: Any, group: Any) -> None:
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_ebias(100)
    h5py.h5d.create(group.id, b"kernel", kind, h5py.h5s.create_simple((3,)))


def opaque(dtype: str | None) -> Callable[[Any, Any, Path], None]:
    def write(h5py: Any, group: Any) -> None:
        dataset = group.create_dataset("kernel", data=np.zeros(3, "V2"))
        if dtype is not None:
            dataset.attrs["dtype"] = dtype

    return with_weight(write)


def attribute(name: str, value: Any) -> Callable[[Any, Any, Path], None]:
    def write(h5py: Any, file: Any, folder: Path) -> None:
        one_layer(file)
        file.attrs[name] = value

    return write


def of_layer(value: Any) -> Callable[[Any, Any, Path], None]:
    def write(h5py: Any, file: Any, folder: Path) -> None:
        one_layer(file).attrs["weight_names"] = value

    return write


def dataset(*arguments: Any, **options: Any) -> Callable[[Any, Any, Path], None]:
    return with_weight(lambda h5py, group: group.create_dataset("kernel", *arguments, **options))


def references(h5py: Any, group: Any) -> None:
    group.create_dataset("kernel", (2,), h5py.ref_dtype)


def texts(h5py: Any, group: Any) -> None:
    group.create_dataset("kernel", data=["a", "b"], dtype=h5py.string_dtype())


def ragged(h5py: Any, group: Any) -> None:
    group.create_dataset("kernel", (2,), h5py.vlen_dtype(np.float32))


def named_type(h5py: Any, group: Any) -> None:
    group["kernel"] = np.dtype("f4")


def without_list(h5py: Any, file: Any, folder: Path) -> None:
    del one_layer(file).attrs["weight_names"]


def of_no_kind(h5py: Any, file: Any, folder: Path) -> None:
    file["x\x1b[2J"] = KERNEL


# What a file holds, and what the message says is found.
FILES: dict[str, tuple[Callable[[Any, Any, Path], Any], str]] = {
    "a soft link": (link(lambda h5py, _: h5py.SoftLink("/b")), "a/kernel, which is a link to another place or file"),
    "a link to nowhere": (link(lambda h5py, _: h5py.SoftLink("/none")), "a/kernel, which is a link"),
    "a link to itself": (link(lambda h5py, _: h5py.SoftLink("/a/kernel")), "a/kernel, which is a link"),
    "a link to another file": (
        link(lambda h5py, folder: h5py.ExternalLink(str(folder / "other.h5"), "/kernel")),
        "a/kernel, which is a link to another place or file",
    ),
    "a link to a file that is none": (link(lambda h5py, _: h5py.ExternalLink("/etc/passwd", "/x")), "which is a link"),
    "a link to the terminal": (link(lambda h5py, _: h5py.ExternalLink("/dev/stdin", "/x")), "which is a link"),
    "a group within itself": (cycle, "a/again, which stands in a second place as well"),
    "the root within a group": (cycle_of_the_root, "a/root, which stands in a second place as well"),
    "a dataset in two places": (linked_twice, "which stands in a second place as well"),
    "a virtual dataset": (virtual, "a/kernel, whose numbers are in other files"),
    "numbers in another file": (external, "a/kernel, whose numbers are in other files"),
    "groups 40 deep": (deep, "groups nested more than 32 deep"),
    "very many groups": (many_groups, "more than 16384"),
    "a terabyte that is not stored": (with_weight(late), "which claims 4000000000000 bytes and stores 0"),
    "a terabyte of chunks that are not stored": (reserved((10**6, 10**6), chunks=(10, 10)), "which claims 40000000000"),
    "one chunk of very many": (with_weight(partly), "which claims 4000000000 bytes in a file of"),
    "a chunk of a gigabyte": (reserved((2**14, 2**14), chunks=(2**14, 2**14)), "which claims 1073741824 bytes"),
    "a chunk larger than its dataset": (reserved((2,), chunks=(2**28,), maxshape=(None,)), "which claims 1073741824"),
    "zeros compressed a thousand times": (with_weight(squeezed), "which claims 16000000 bytes in a file of"),
    "zeros compressed in many datasets": (squeezed_in_many, "a/w.*, which claims|take more than twice the"),
    "halves that would fill more than twice the file": (with_weight(widened), "tensors that take more than twice"),
    "lzf": (dataset(data=KERNEL, compression="lzf"), "a/kernel, which is compressed in an unusual way"),
    "a checksum": (dataset(data=KERNEL, fletcher32=True), "a/kernel, which is compressed in an unusual way"),
    "scale and offset": (dataset(data=KERNEL, scaleoffset=2), "a/kernel, which is compressed in an unusual way"),
    "nine axes": (dataset(data=np.ones((1,) * 9, "f4")), "a/kernel, which has 9 axes"),
    "texts for numbers": (with_weight(texts), "a/kernel, which holds no numbers of a known type"),
    "short texts for numbers": (dataset(data=np.array([b"ab"])), "a/kernel, which holds no numbers of a known type"),
    "ragged numbers": (with_weight(ragged), "a/kernel, which holds no numbers of a known type"),
    "references": (with_weight(references), "a/kernel, which holds no numbers of a known type"),
    "records": (dataset(data=np.zeros(2, [("x", "f4")])), "a/kernel, which holds no numbers of a known type"),
    "complex numbers": (dataset(data=np.zeros(2, "c8")), "a/kernel, which holds no numbers of a known type"),
    "long doubles": (dataset(data=np.zeros(2, np.longdouble)), "a/kernel, which holds no numbers of a known type"),
    "arrays for numbers": (dataset((2,), np.dtype(("f4", (3,)))), "a/kernel, which holds no numbers of a known type"),
    "floats of an odd layout": (with_weight(custom_float), "a/kernel, which holds no numbers of a known type"),
    "two bytes of no type": (opaque(None), "a/kernel, which holds no numbers of a known type"),
    "two bytes of an unknown type": (opaque("float8"), "a/kernel, which holds no numbers of a known type"),
    "a named type": (with_weight(named_type), "a/kernel, which is neither a group nor a dataset"),
    "integers for names": (attribute("layer_names", [1, 2]), "the attribute layer_names of its root, which is no list"),
    "numbers for a weight's name": (of_layer(np.ones(3)), "the attribute weight_names of a, which is no list of names"),
    "a table of names": (attribute("layer_names", np.array([[b"a"], [b"b"]])), "which is no list of names"),
    "very many names": (attribute("layer_names", np.array([b"a"] * 20000)), "which is no list of names"),
    "names of very many bytes": (attribute("layer_names", ["n" * 60000] * 40), "names of more than 2097152 bytes"),
    "names that are no text": (attribute("layer_names", np.array([b"\xff\xfe"])), "a damaged one"),
    "a layer that is not there": (attribute("layer_names", [b"a", b"b"]), "the layer b without a list of its weights"),
    "a layer outside of the file": (attribute("layer_names", [b"../../a/b"]), r"the layer ../../a/b without a list"),
    "a layer without a list": (without_list, "the layer a without a list of its weights"),
    "a weight that is not there": (of_layer([b"a/kernel:0"]), "the layer a without its weight a/kernel:0"),
    "a weight that is its layer": (of_layer([b""]), "the layer a without its weight"),
    "nothing": (lambda h5py, file, folder: None, "an HDF5 file without lists of layers .it holds nothing."),
    "something else": (of_no_kind, r"without lists of layers .it holds x\\x1b\[2J."),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_a_sentence(name: str, h5py: Any, tmp_path: Path) -> None:
    write, found = FILES[name]
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        write(h5py, file, tmp_path)
    begun = time.monotonic()
    with pytest.raises(InputError, match=found) as refused:
        keras.opened(path)
    assert time.monotonic() - begun < hdf5.SECONDS
    text = str(refused.value)
    assert text.startswith(f"{path}: expected a Keras file, found ")
    assert text.endswith(".")
    assert text.isprintable()


def test_a_chunk_that_unpacks_to_more_than_it_should_is_refused(h5py: Any, tmp_path: Path) -> None:
    """A chunk of 4 KB whose stream unpacks to 256 MB: the library would unpack all of it."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(bytes(2**20)) for _ in range(2**8)) + packer.flush()
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        group = one_layer(file)
        group.attrs["weight_names"] = [b"kernel"]
        made = group.create_dataset("kernel", (2**10,), "f4", chunks=(2**10,), compression="gzip")
        made.id.write_direct_chunk((0,), stream)
    with pytest.raises(InputError, match=r"a damaged one \(.*filter"):
        keras.opened(path)


def good(h5py: Any) -> bytes:
    held = io.BytesIO()
    with h5py.File(held, "w") as file:
        files.numbered(file)
    return held.getvalue()


@pytest.mark.parametrize("kept", [8, 9, 40, 95, 96, 100, 500, 1000, 2000, 4000, -1000, -8, -1])
def test_a_file_that_ends_too_early_is_refused(kept: int, h5py: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    path.write_bytes(good(h5py)[:kept])
    with pytest.raises(InputError, match="found a damaged one"):
        keras.opened(path)


@pytest.mark.parametrize("tail", [b"", b"\0" * 1000, b"\xff" * 1000, bytes(range(256)) * 8])
def test_a_signature_alone_is_refused(tail: bytes, h5py: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    path.write_bytes(hdf5.SIGNATURE + tail)
    with pytest.raises(InputError, match="found a damaged one"):
        keras.opened(path)


@dataclass(frozen=True)
class Zip:
    """An archive around weights, packed by a method, with fields of its last entry changed."""

    packed_by: int
    fields: Mapping[str, int]


ENTRY = {"flags": (8, 2), "method": (10, 2), "packed": (20, 4), "size": (24, 4), "offset": (42, 4), "name": (28, 2)}
ZIPS: dict[str, tuple[Zip, str]] = {
    "an encrypted member": (Zip(zipfile.ZIP_STORED, {"flags": 1}), "is encrypted, or compressed in an unusual way"),
    "a member packed in an unusual way": (
        Zip(zipfile.ZIP_STORED, {"method": 14}),
        "is encrypted, or compressed in an unusual way",
    ),
    "a stored member of two sizes": (Zip(zipfile.ZIP_STORED, {"size": 10**6}), "has [0-9]+ bytes of 1000000"),
    "a stored member that ends behind the file": (
        Zip(zipfile.ZIP_STORED, {"size": 10**6, "packed": 10**6}),
        "reaches beyond its end",
    ),
    "a member elsewhere": (Zip(zipfile.ZIP_STORED, {"offset": 7}), "is not where its list of entries says"),
    "a member behind the file": (Zip(zipfile.ZIP_STORED, {"offset": 2**32 - 1}), "ends too early"),
    "a name shorter than it is": (
        Zip(zipfile.ZIP_STORED, {"name": 3}),
        "list of entries cannot be read",
    ),
    "a member that claims 4 GB": (
        Zip(zipfile.ZIP_DEFLATED, {"size": 2**32 - 2}),
        "claims 4294967294 bytes, of at most",
    ),
    "a member of more than it claims": (
        Zip(zipfile.ZIP_DEFLATED, {"size": 100}),
        "has not the 100 bytes that it claims",
    ),
    "a member of less than it claims": (Zip(zipfile.ZIP_DEFLATED, {"size": 10**5}), "has not the 100000 bytes"),
    "a member that is cut off": (Zip(zipfile.ZIP_DEFLATED, {"packed": 100}), "has not the [0-9]+ bytes that it claims"),
    "a stored member that is not packed": (Zip(zipfile.ZIP_STORED, {"method": 8}), "is damaged"),
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_malformed_archive_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    wrong, found = ZIPS[name]
    path = files.archived(tmp_path, hdf5.SIGNATURE + bytes(range(255)) * 8, wrong.packed_by)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")  # the last member is the weights
    for field, number in wrong.fields.items():
        place, size = ENTRY[field]
        data[entry + place : entry + place + size] = number.to_bytes(size, "little")
    path.write_bytes(data)
    with pytest.raises(InputError, match=found) as refused:
        keras.opened(path)
    assert str(refused.value).startswith(f"{path}: expected a Keras file, found ")


def test_an_archive_without_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "{}")
    with pytest.raises(InputError, match=r"a zip file without model\.weights\.h5; save the model as one \.keras file"):
        keras.opened(path)


def test_an_archive_of_other_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a zip file whose model\.weights\.h5 is no HDF5 file"):
        keras.opened(files.archived(tmp_path, b"not HDF5"))


def test_an_archive_of_two_members_of_one_name_is_refused(tmp_path: Path) -> None:
    path = files.archived(tmp_path, b"")
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("model.weights.h5", "")
    with pytest.raises(InputError, match=r"a zip file with two entries of one name"):
        keras.opened(path)


def test_an_archive_of_very_many_members_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(5000):
            file.writestr(str(number), "")
    with pytest.raises(InputError, match=r"a zip file whose list of entries takes [0-9]+ bytes, too much"):
        keras.opened(path)


def test_compressed_zeros_in_an_archive_are_refused(tmp_path: Path) -> None:
    path = files.archived(tmp_path, hdf5.SIGNATURE + bytes(2**24), zipfile.ZIP_DEFLATED)
    with pytest.raises(
        InputError, match=r"claims 16777224 bytes, of at most [0-9]+; get it from a source that you trust"
    ):
        keras.opened(path)


def test_an_archive_that_ends_too_early_is_refused(tmp_path: Path) -> None:
    path = files.archived(tmp_path, hdf5.SIGNATURE)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"a zip file without model\.weights\.h5"):
        keras.opened(path)


@pytest.mark.parametrize("data", [b"", b"\x89HDF", b"hello", bytes(1000), b"TFL3" * 10])
def test_other_bytes_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    path.write_bytes(data)
    with pytest.raises(InputError, match="found other bytes at its start; check the path"):
        keras.opened(path)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name, found in (("pipe", "a pipe"), ("link", "a device"), ("", "a folder")):
        with pytest.raises(InputError, match=f"expected a file, found {found}; check the path"):
            keras.opened(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        keras.opened(tmp_path / "missing")


@pytest.fixture(name="path")
def file_of_a_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for a child that does not read it; h5py need not be there."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    (tmp_path / "net.h5").write_bytes(hdf5.SIGNATURE)
    return tmp_path / "net.h5"


LISTING = """
import json, sys
text = {listing}.encode()
sys.stdout.buffer.write(b"data" + text + len(text).to_bytes(8, "little"))
"""
# What the child does in place of reading the file, and what the message says.
CHILDREN = {
    "crashes": ("import os; os.kill(os.getpid(), 11)", "one on which the HDF5 library crashes; get it from a source"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "one on which the HDF5 library crashes"),
    "takes too much of the processor": (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 3))\nwhile True: pass",
        "one that takes more than [12] s to read",  # of the clock, where other programs have the processor
    ),
    "sleeps": ("import time; time.sleep(60)", "one that takes more than 2 s to read"),
    "fails": ("raise ImportError", "no way to read it: h5py ended with code 1; install h5py again"),
    "says nothing": ("", "the HDF5 library fails"),
    "says little": ("print(1)", "the HDF5 library fails"),
    "says nonsense": ("print('x' * 100)", "the HDF5 library fails"),
    "gives no JSON": (LISTING.format(listing="'{'"), "the HDF5 library fails"),
    "gives a list": (LISTING.format(listing="'[1]'"), "the HDF5 library fails"),
    "gives a number": (LISTING.format(listing="'1'"), "the HDF5 library fails"),
    "gives half a refusal": (LISTING.format(listing="""'{"found": "x"}'"""), "the HDF5 library fails"),
    "gives nothing": (LISTING.format(listing="'{}'"), "the HDF5 library fails"),
    "gives too large a tensor": (
        LISTING.format(listing="""json.dumps({"datasets": [["a", [2], "float32"]], "groups": {}, "skipped": []})"""),
        "the HDF5 library fails",
    ),
    "gives a negative shape": (
        LISTING.format(listing="""json.dumps({"datasets": [["a", [-1, -1], "f"]], "groups": {}, "skipped": []})"""),
        "the HDF5 library fails",
    ),
    "gives groups of another kind": (
        LISTING.format(listing="""json.dumps({"datasets": [], "groups": [1], "skipped": []})"""),
        "the HDF5 library fails",
    ),
}


@pytest.mark.parametrize("name", CHILDREN)
def test_a_child_that_misbehaves_is_an_error_of_the_file(
    name: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found = CHILDREN[name]
    monkeypatch.setattr(hdf5, "_CHILD", code)
    monkeypatch.setattr(hdf5, "SECONDS", 1)
    monkeypatch.setattr(hdf5, "WAITS", 2)
    with pytest.raises(InputError, match=found) as refused:
        keras.opened(path)
    assert str(refused.value).startswith(f"{path}: expected a Keras file, found ")


def test_without_h5py_the_message_says_how_to_install_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"needs the package h5py: pip install 'netspec\[weights\]'\."):
        keras.opened(path)


# Forks for each file, instead of starting a process: 3 ms in place of 300.
FLIPS = """
import os, random, sys
from pathlib import Path
import runtime.weights.formats.hdf5_child as hdf5_child
from netspec.errors import InputError
from runtime.weights.formats import hdf5, keras

def run(file, start, size, output):
    seconds = 5
    pid = os.fork()
    if not pid:
        os.dup2(file.fileno(), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.closerange(3, 100)
        hdf5_child.main(start, size, seconds)
        os._exit(9)
    hdf5.check_end(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seconds)

hdf5._run = run
rng, path, counts = random.Random(int(sys.argv[2])), Path(sys.argv[1]), {}
good = path.read_bytes()
used = [place for place, byte in enumerate(good) if byte]  # half of a small file is room that is not used
for _ in range(int(sys.argv[3])):
    data = bytearray(good)
    for _ in range(rng.choice((1, 1, 2, 4))):
        data[rng.choice(used) if rng.random() < 0.8 else rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    try:
        with keras.opened(path) as file:
            for name, stored in file.tensors.items():
                assert file.read(name).shape == stored.shape
        outcome = "read"
    except InputError as wrong:
        text = str(wrong)
        assert text.endswith("."), text
        outcome = "crashed" if "crashes" in text else "too long" if "more than 5 s" in text else "refused"
    counts[outcome] = counts.get(outcome, 0) + 1
print(counts)
"""


@pytest.mark.parametrize("kind", ["listed", "numbered", "compressed"])
def test_flipped_bits_give_a_file_or_a_sentence(kind: str, h5py: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        if kind == "compressed":
            array = files.values((40, 30), 1)
            file.create_dataset("layers/a/vars/0", data=array, compression="gzip", shuffle=True, chunks=(8, 8))
        else:
            (files.listed if kind == "listed" else files.numbered)(file)
    root = Path(__file__).parents[4]
    command = [sys.executable, "-c", FLIPS, str(path), "1", "150"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "refused" in done.stdout
    assert "'read'" in done.stdout
