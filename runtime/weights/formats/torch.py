"""PyTorch's files (`.pt`, `.pth`, `.bin`, `.ckpt`), read without PyTorch and without running anything in them."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.text import shown, size_text
from runtime.weights.formats.archive import Extent, check_crc
from runtime.weights.formats.containers import Contents, read_legacy, read_zip
from runtime.weights.formats.strided import BYTES, check_layout, check_readable, read_floats
from runtime.weights.formats.untrusted import Budget, UnreadableError, UntrustedFile, said_of
from runtime.weights.formats.unwrap import state_dict_of
from runtime.weights.formats.values import Tensor
from runtime.weights.formats.weight_file import Stored, WeightFile

_EXPECTED = "a PyTorch file with a state dict"
_ZIP = b"PK"
# Names of one tensor (tied weights) are few: more would be a way to have a small file read for ever.
_MOST_SHARING = 16


def opened(path: Path) -> WeightFile:
    """Open a file that torch.save wrote, of any version. Raises InputError when it is none, or not safe to read."""
    file = UntrustedFile(path)
    try:
        with said_of(path, _EXPECTED):
            return TorchFile(file)
    except BaseException:
        file.close()
        raise


class TorchFile(WeightFile):
    """An open PyTorch file."""

    format = "a PyTorch file"

    def __init__(self, file: UntrustedFile) -> None:
        """Raises UnreadableError."""
        budget = Budget(file.size)
        contents = (read_zip if file.read(0, min(2, file.size)) == _ZIP else read_legacy)(file, budget)
        self._tensors, self.notes = state_dict_of(contents.value, budget)
        self.path, self._file = file.path, file
        self._extents = _checked(self._tensors, contents, file)
        self._verified: set[str] = set()
        self.tensors = {name: Stored(tensor.shape, tensor.storage.dtype) for name, tensor in self._tensors.items()}

    def read(self, name: str) -> NDArray[np.float32]:
        """See `WeightFile.read`."""
        tensor = self._tensors[name]
        dtype = tensor.storage.dtype
        with said_of(self.path, _EXPECTED):
            check_readable(name, dtype)
            if not math.prod(tensor.shape):
                return np.empty(tensor.shape, np.float32)
            extent = self._extents[tensor.storage.key]
            if tensor.storage.key not in self._verified:
                check_crc(self._file, extent)
                self._verified.add(tensor.storage.key)
            start = extent.start + (tensor.storage.offset + tensor.offset) * BYTES[dtype]
            return read_floats(self._file, start, dtype, tensor.shape, tensor.strides)

    def close(self) -> None:
        """See `WeightFile.close`."""
        self._file.close()


def _checked(tensors: dict[str, Tensor], contents: Contents, file: UntrustedFile) -> dict[str, Extent]:
    """The extents of the tensors' storages, when each tensor lies within its own. Raises UnreadableError."""
    extents: dict[str, Extent] = {}
    total = 0
    for name, tensor in tensors.items():
        storage = tensor.storage
        check_layout(name, tensor.shape, tensor.strides, tensor.offset, storage.count)
        total += math.prod(tensor.shape) * BYTES[storage.dtype]
        if not math.prod(tensor.shape):
            continue
        extent = contents.extents.get(storage.key)
        if extent is None:
            raise UnreadableError(f"one without the numbers of its tensor {shown(name, 100)}")
        if (storage.offset + storage.count) * BYTES[storage.dtype] > extent.size:
            raise UnreadableError(
                f"one with {extent.size} bytes for the tensor {shown(name, 100)}, whose storage is of "
                f"{storage.count} elements of {storage.dtype}"
            )
        extents[storage.key] = extent
    if total > _MOST_SHARING * file.size:
        raise UnreadableError(
            f"one whose tensors have {size_text(total)} together, in a file of {size_text(file.size)}",
            "save each tensor under one name",
        )
    return extents
