"""Files of weights that other frameworks wrote, recognised by what is in them."""

import importlib
from collections.abc import Callable
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown
from runtime.weights.formats.untrusted import UntrustedFile, said_of
from runtime.weights.formats.weight_file import WeightFile

_EXPECTED = "a file of weights (safetensors, PyTorch, TFLite or Keras)"
_HEAD = 512  # bytes: a tar archive has its mark at 257
_MAGIC = bytes.fromhex("6cfc9c46f9206aa85019"), b"L119547037146038801333356L\n."


def _is_safetensors(head: bytes) -> bool:
    """The size of a header of less than a terabyte, and its first letter."""
    return head[5:9] == b"\0\0\0{"


def _is_legacy_torch(head: bytes) -> bool:
    """A pickle of the magic number: of protocol 2 or more, or 1."""
    return (head[:1] == b"\x80" and _MAGIC[0] in head[:32]) or head.startswith(_MAGIC[1])


def _is_keras_archive(head: bytes) -> bool:
    """A zip file whose first member is one that Keras writes first."""
    return head[:4] == b"PK\3\4" and head[30:].startswith((b"metadata.json", b"config.json", b"model.weights.h5"))


# What a file begins with, and the module of this folder whose `opened(path)` gives its WeightFile. The first that
# holds counts; modules are imported when a file needs them.
_FORMATS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_is_safetensors, "safetensors"),
    (_is_keras_archive, "keras"),
    (lambda head: head[:4] in (b"PK\3\4", b"PK\5\6"), "torch"),
    (_is_legacy_torch, "torch"),
    (lambda head: head[4:8] == b"TFL3", "tflite"),
    (lambda head: head.startswith(b"\x89HDF\r\n\x1a\n"), "keras"),
)
# What is often downloaded or passed instead, and what to do about it.
_MISTAKES: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
    (lambda head: not head, "an empty file", "download or save it again"),
    (
        lambda head: head.startswith(b"version https://git-lfs.github.com/spec/"),
        "a pointer of git-lfs to the file",
        "download the file itself: git lfs pull",
    ),
    (
        lambda head: head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")),
        "a web page, such as a login page or an error",
        "download the file itself",
    ),
    (
        lambda head: head[257:262] == b"ustar",
        "a tar archive, as the first versions of PyTorch wrote",
        "load and save it with PyTorch, or unpack it",
    ),
    (lambda head: head.startswith(b"\x1f\x8b"), "a file compressed by gzip", "unpack it: gunzip"),
    (lambda head: head.startswith(b"\x93NUMPY"), "an array of NumPy's", "save named tensors as safetensors"),
    (lambda head: head.lstrip()[:1] == b"{", "a text in JSON", "pass the file of weights that it describes"),
    (
        lambda head: head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5"),
        "a pickle that is no PyTorch file",
        "save the tensors with torch.save(model.state_dict(), path) or as safetensors",
    ),
)


def open_weights(path: Path) -> WeightFile:
    """Open a file of weights, of a format recognised by its content, not its name.

    Raises:
        InputError: it cannot be opened, is of no known format, or is damaged; nothing in it was run.
    """
    with UntrustedFile(path) as file, said_of(path, _EXPECTED):
        head = file.read(0, min(_HEAD, file.size))
    for recognises, module in _FORMATS:
        if recognises(head):
            return _opened(path, module)
    found, remedy = next(
        ((words, remedy) for recognises, words, remedy in _MISTAKES if recognises(head)),
        (f"one that begins with the bytes {head[:8].hex(' ')}", "check that it is the right file"),
    )
    raise InputError(f"{shown(path)}: expected {_EXPECTED}, found {found}; {remedy}.")


def _opened(path: Path, name: str) -> WeightFile:
    opened: Callable[[Path], WeightFile] = importlib.import_module(f"{__name__}.{name}").opened
    return opened(path)
