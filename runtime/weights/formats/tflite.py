"""A float TFLite file of a classifier: its graph, and its constant tensors, each read when it is asked for."""

import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.text import shown
from runtime.weights.formats.strided import READABLE, packed_strides, read_floats
from runtime.weights.formats.tflite_graph import Model, model
from runtime.weights.formats.untrusted import UnreadableError, UntrustedFile, said_of
from runtime.weights.formats.weight_file import Stored, WeightFile
from runtime.weights.formats.zipped import members, unpacked

FORMAT = "a TFLite file"
IDENTIFIER = b"TFL3"  # bytes 4 to 8 of the file
LONGEST_LIST = 4096  # integers of a constant: axes, paddings, a shape
LONGEST_LABELS = 2**20  # bytes
_INTEGERS = {"int32": "i", "int64": "q"}


class TFLiteFile(WeightFile):
    """An open TFLite file: its constant float tensors, kernels as `[O, H, W, I]`, depthwise ones `[1, H, W, C]`.

    Attributes:
        graph: what is computed with them; `graph.tensors` has the same names.
        description: what the converter wrote, such as `TOCO Converted.`.
        labels: names of the classes, by label, where the file carries a list of them.
    """

    format = FORMAT

    def __init__(self, file: UntrustedFile, read: Model, labels: tuple[str, ...], notes: tuple[str, ...]) -> None:
        self.path, self.graph, self.description = file.path, read.graph, read.description
        self.labels, self.notes = labels, notes
        self._file, self._spans = file, read.spans
        self._numbers = {
            tensor.name: number
            for number, tensor in enumerate(read.graph.tensors)
            if tensor.constant and tensor.dtype in READABLE
        }
        constants = {name: read.graph.tensors[number] for name, number in self._numbers.items()}
        self.tensors = {name: Stored(tensor.shape, tensor.dtype) for name, tensor in constants.items()}

    def read(self, name: str) -> NDArray[np.float32]:
        """One constant as f32, in the file's own layout. Raises InputError."""
        with said_of(self.path, FORMAT):
            if name not in self.tensors:
                raise UnreadableError(f"none with a constant tensor {shown(name)}", "check its name")
            stored, start = self.tensors[name], self._spans[self._numbers[name]][0]
            return read_floats(self._file, start, stored.dtype, stored.shape, packed_strides(stored.shape))

    def integers(self, number: int) -> tuple[int, ...]:
        """A constant list of integers (axes, paddings, a shape), by its tensor's number. Raises InputError."""
        tensor, count = self.graph.tensors[number], math.prod(self.graph.tensors[number].shape)
        with said_of(self.path, FORMAT):
            if not tensor.constant or tensor.dtype not in _INTEGERS or count > LONGEST_LIST:
                raise UnreadableError(
                    f"the tensor {shown(tensor.name)} in place of a short constant list of integers",
                    "is it of a classifier?",
                )
            return struct.unpack(f"<{count}{_INTEGERS[tensor.dtype]}", self._file.read(*self._spans[number]))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def opened(path: Path) -> TFLiteFile:
    """Open a TFLite file, and check all of it but the numbers. Raises InputError, also for a quantised one."""
    file = UntrustedFile(path)
    try:
        with said_of(path, FORMAT):
            if file.size < 8 or file.read(4, 4) != IDENTIFIER:
                raise UnreadableError("other bytes at its start", "check the path")
            read = model(file)
        labels, notes = _labels(file)
        if read.widened:
            notes = (f"Constants that are stored as f16 or bf16: {read.widened}.", *notes)
        return TFLiteFile(file, read, labels, notes)
    except BaseException:
        file.close()
        raise


def _labels(file: UntrustedFile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The list of classes in the zip file that may stand behind the tables, and what to note about it."""
    try:
        lists = [member for name, member in members(file).items() if "label" in name and name.endswith(".txt")]
        if len(lists) != 1:
            return (), ()
        text = unpacked(file, lists[0], LONGEST_LABELS).decode("utf-8")
    except (UnreadableError, UnicodeDecodeError):
        return (), ("It carries an archive that cannot be read: its list of classes is not used.",)
    return tuple(line.strip() for line in text.splitlines() if line.strip()), ()
