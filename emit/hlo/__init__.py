"""StableHLO programs as typed SSA values: one small function an operation, one builder, one printer.

    x = hlo.multiply(a, b, name="scaled")

Every function checks shapes and element types when it is called; a mistake raises `ShapeError`, which names
the layer being emitted.
"""

from emit.hlo.elementwise import (
    add,
    bitwise_or,
    bitwise_xor,
    compare,
    convert,
    divide,
    exponential,
    exponential_minus_one,
    iota,
    log,
    logical_and,
    maximum,
    minimum,
    multiply,
    rsqrt,
    select,
    shift_left,
    shift_right,
    sqrt,
    subtract,
)
from emit.hlo.linear import convolution, dot, kept, read
from emit.hlo.program import Block, Function, Module, Operation, Real, ShapeError, TensorType, Value
from emit.hlo.reduction import max_window, reduce_max, reduce_min, sums
from emit.hlo.shape import broadcast, concatenate, pad, reshape, reverse, slice_, transpose

__all__ = [
    "Block",
    "Function",
    "Module",
    "Operation",
    "Real",
    "ShapeError",
    "TensorType",
    "Value",
    "add",
    "bitwise_or",
    "bitwise_xor",
    "broadcast",
    "compare",
    "concatenate",
    "convert",
    "convolution",
    "divide",
    "dot",
    "exponential",
    "exponential_minus_one",
    "iota",
    "kept",
    "log",
    "logical_and",
    "max_window",
    "maximum",
    "minimum",
    "multiply",
    "pad",
    "read",
    "reduce_max",
    "reduce_min",
    "reshape",
    "reverse",
    "rsqrt",
    "select",
    "shift_left",
    "shift_right",
    "slice_",
    "sqrt",
    "subtract",
    "sums",
    "transpose",
]
