"""A file of weights that another framework wrote: named tensors, each read when it is asked for."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stored:
    """A tensor as its file describes it, before it is read. `dtype`: as NumPy writes it, or `bfloat16`."""

    shape: tuple[int, ...]
    dtype: str


class WeightFile(ABC):
    """An open file of weights. Closed by `with`.

    Attributes:
        path: of the file.
        format: in words, for messages: `a safetensors file`, `a PyTorch file`.
        tensors: what the file holds, by name, in the file's order. All of it was checked against the file's size.
        notes: sentences on what was chosen or left out, such as which of two state dicts is used.
    """

    path: Path
    format: str
    tensors: Mapping[str, Stored]
    notes: tuple[str, ...] = ()

    @abstractmethod
    def read(self, name: str) -> NDArray[np.float32]:
        """One tensor as f32, C-contiguous, in the file's own layout. Raises InputError."""

    def close(self) -> None:  # noqa: B027 - a format may have nothing to close
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
