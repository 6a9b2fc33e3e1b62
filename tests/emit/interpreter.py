"""The official StableHLO dialect as a judge: its parser, its verifier, and its reference interpreter."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jax._src.interpreters import mlir
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import stablehlo
from numpy.typing import NDArray


def verify(text: str) -> None:
    """Parse and verify a module. Raises `MLIRError` with the official message."""
    with mlir.make_ir_context():
        assert ir.Module.parse(text).operation.verify()


def run(text: str, arguments: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Verify a module and interpret its function `main`."""
    with mlir.make_ir_context():
        module = ir.Module.parse(text)
        assert module.operation.verify()
        results = stablehlo.eval_module(module, [_attribute(array) for array in arguments])
        return [np.array(result) for result in results]


def _attribute(array: NDArray[Any]) -> Any:
    """Bytes and words are named unsigned, which numpy's own type does not say here."""
    if array.dtype.kind == "u":
        return ir.DenseElementsAttr.get(array, type=ir.IntegerType.get_unsigned(8 * array.itemsize))
    return ir.DenseElementsAttr.get(array)
