"""Tensors as NumPy arrays: element types, and checks that an array is valid for a program's entry."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emit.manifest import Entry
from netspec.errors import InputError
from netspec.language import BN_EPS
from netspec.text import shown

LARGEST = 1e18  # absolute value of a parameter: the square of a larger one overflows f32
OLDER = "use an older checkpoint"
SQUARES = ("_v", "_square")  # ends of the slots of squared gradients
DTYPES: dict[str, Any] = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "ui32": np.uint32, "ui8": np.uint8}


def check_tensor(entry: Entry, array: NDArray[Any], where: str, remedy: str = OLDER) -> None:
    """Raises InputError unless a tensor is valid for its entry.

    All state that is put on a device is checked here.

    Args:
        where: the tensor, as the message calls it: its source and its name.
        remedy: what to do where numbers are wrong.
    """
    check_type(entry, array.dtype.name, array.shape, where)
    check_numbers(entry, array, where, remedy)


def check_numbers(entry: Entry, array: NDArray[Any], where: str, remedy: str = OLDER) -> None:
    """Raises InputError unless all are finite, and not negative where none can be."""
    least, most = array.min(), array.max()  # either is NaN when any number is
    if not (math.isfinite(least) and math.isfinite(most)):
        raise InputError(f"{where}: expected finite numbers, found others; {remedy}.")
    if least < _least(entry):
        raise InputError(f"{where}: expected no negative numbers, found {least:g}; {remedy}.")


def check_size(entry: Entry, array: NDArray[Any], where: str, remedy: str = OLDER) -> None:
    """Raises InputError where a parameter or statistic is too large to be of use.

    A run that diverges may still be gone on with, which says so; what it has learnt is of no use any more.
    """
    largest = np.abs(array).max()
    if entry.role in ("parameter", "statistic") and largest > LARGEST:
        raise InputError(f"{where}: expected numbers of a size up to {LARGEST:g}, found {largest:g}; {remedy}.")


def lacking(entry: Entry, source: str) -> str:
    """The message for a missing tensor."""
    return f"{source}: expected a tensor {entry.name}, found none; is it of another network?"


def _least(entry: Entry) -> float:
    """The lower bound of a tensor's values."""
    if entry.role == "statistic" and entry.name.endswith("_running_variance"):
        return -BN_EPS / 10  # rounding may leave a variance of 0 a little below 0
    if entry.role == "step" or (entry.role == "slot" and entry.name.endswith(SQUARES)):
        return 0.0
    return -np.inf


def check_type(entry: Entry, dtype: str, shape: Sequence[int], where: str) -> None:
    """Raises InputError unless the type, by NumPy's name, and the shape are the entry's."""
    wanted = DTYPES[entry.dtype].__name__
    if (dtype, tuple(shape)) != (wanted, entry.shape):
        raise InputError(
            f"{where}: expected {wanted} of shape {entry.shape}, found {shown(dtype)} of shape {shown(tuple(shape))}."
        )
