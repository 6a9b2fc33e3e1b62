"""What the compiler refuses while it emits: every message names the layer, and what was found."""

import re
from collections.abc import Callable

import pytest

from emit import hlo
from emit.graph import Graph
from emit.hlo import Block, ShapeError, Value
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.programs import emit
from emit.windows import Window
from netspec import NetSpec, SpecError, TrainConfig, convBn, dense, flatten, globalAvgPool


class Sample:
    """Values to make mistakes with."""

    def __init__(self) -> None:
        self.block = Block()
        self.image = self.block.argument("image", (2, 5, 6, 3))
        self.matrix = self.block.argument("matrix", (4, 3))
        self.wide = self.block.argument("wide", (4, 7))
        self.double = self.block.argument("double", (4, 3), "f64")
        self.whole = self.block.argument("whole", (4, 3), "i32")
        self.word = self.block.argument("word", (4, 3), "ui32")
        self.truth = self.block.argument("truth", (4, 7), "i1")
        self.kernel = self.block.argument("kernel", (3, 3, 4, 8))


MISTAKES: dict[str, tuple[str, Callable[[Sample], object]]] = {
    "add": ("add of tensor<4x3xf32> and tensor<4x7xf32>, expected one type", lambda s: hlo.add(s.matrix, s.wide)),
    "subtract": ("expected one type", lambda s: hlo.subtract(s.matrix, s.double)),
    "multiply": ("expected one type", lambda s: hlo.multiply(s.matrix, s.whole)),
    "divide": ("expected one type", lambda s: hlo.divide(s.matrix, s.wide)),
    "maximum": ("expected one type", lambda s: hlo.maximum(s.matrix, s.wide)),
    "minimum": ("expected one type", lambda s: hlo.minimum(s.matrix, s.wide)),
    "logical_and": ("and of f32, expected i1", lambda s: hlo.logical_and(s.matrix, s.matrix)),
    "bitwise_or": ("or of tensor<4x7xi1>, expected ui32", lambda s: hlo.bitwise_or(s.truth, s.truth)),
    "bitwise_xor": ("xor of tensor<4x3xi32>, expected ui32", lambda s: hlo.bitwise_xor(s.whole, s.whole)),
    "shift_left": ("shift_left of tensor<4x3xf32>, expected ui32", lambda s: hlo.shift_left(s.matrix, s.matrix)),
    "shift_right": ("expected one type", lambda s: hlo.shift_right(s.word, s.block.constant(1, (4, 7), "ui32"))),
    "exponential": ("exponential of tensor<4x3xi32>, expected real numbers", lambda s: hlo.exponential(s.whole)),
    "exponential_minus_one": ("expected real numbers", lambda s: hlo.exponential_minus_one(s.whole)),
    "log": ("expected real numbers", lambda s: hlo.log(s.whole)),
    "sqrt": ("expected real numbers", lambda s: hlo.sqrt(s.whole)),
    "rsqrt": ("expected real numbers", lambda s: hlo.rsqrt(s.truth)),
    "compare": ("compare of tensor<4x3xf32> and tensor<4x7xf32>", lambda s: hlo.compare(s.matrix, "EQ", s.wide)),
    "select of two shapes": ("expected one type", lambda s: hlo.select(s.truth, s.wide, s.matrix)),
    "select by another shape": (
        "select by tensor<4x7xi1> between tensor<4x3xf32>",
        lambda s: hlo.select(s.truth, s.matrix, s.matrix),
    ),
    "select by numbers": ("select by tensor<4x3xf32>", lambda s: hlo.select(s.matrix, s.matrix, s.matrix)),
    "iota": ("iota along axis 2 of tensor<4x3xf32>", lambda s: hlo.iota(s.matrix, 2)),
    "dot of other sizes": (
        "dot of tensor<4x3xf32> and tensor<4x7xf32> over axes (1, 0)",
        lambda s: hlo.dot(s.matrix, s.wide, (1, 0)),
    ),
    "dot of an image": ("dot of tensor<2x5x6x3xf32>", lambda s: hlo.dot(s.image, s.matrix, (0, 0))),
    "dot of two types": ("dot of tensor<4x3xf32> and tensor<4x3xf64>", lambda s: hlo.dot(s.matrix, s.double, (0, 0))),
    "convolution of other channels": (
        "convolution of tensor<2x5x6x3xf32> with tensor<3x3x4x8xf32> (01io) in 1 groups",
        lambda s: hlo.convolution(s.image, s.kernel),
    ),
    "convolution of other groups": ("in 3 groups", lambda s: hlo.convolution(s.image, s.kernel, groups=3)),
    "convolution that nothing is left of": (
        "conv would be empty: tensor<2x-1x0x8xf32>",
        lambda s: hlo.convolution(s.image, s.block.argument("large", (7, 7, 3, 8))),
    ),
    "reduce of two shapes": (
        "reduce of tensor<4x3xf32>, tensor<4x7xf32> over axes (0,)",
        lambda s: hlo.sums((s.matrix, s.wide), (0,)),
    ),
    "reduce over an axis too many": ("over axes (2,)", lambda s: hlo.reduce_max(s.matrix, (2,))),
    "max_window that nothing is left of": (
        "max would be empty",
        lambda s: hlo.max_window(s.image, (1, 7, 7, 1), (1, 1, 1, 1), ((0, 0),) * 4),
    ),
    "reshape": ("reshape of tensor<4x3xf32> to (5, 3)", lambda s: hlo.reshape(s.matrix, (5, 3))),
    "broadcast along too few axes": (
        "broadcast of tensor<4x3xf32> to (4, 3, 2) along (0,)",
        lambda s: hlo.broadcast(s.matrix, (4, 3, 2), (0,)),
    ),
    "broadcast to another size": ("along (0, 1)", lambda s: hlo.broadcast(s.matrix, (4, 5), (0, 1))),
    "broadcast along an axis that is not there": ("along (0, 2)", lambda s: hlo.broadcast(s.matrix, (4, 3), (0, 2))),
    "broadcast that turns axes round": ("along (1, 0)", lambda s: hlo.broadcast(s.matrix, (3, 4), (1, 0))),
    "slice beyond the end": (
        "slice of tensor<4x3xf32> from (0, 0) to (5, 3)",
        lambda s: hlo.slice_(s.matrix, (0, 0), (5, 3)),
    ),
    "slice of nothing": ("from (2, 0) to (2, 3)", lambda s: hlo.slice_(s.matrix, (2, 0), (2, 3))),
    "slice of too few axes": ("from (0,) to (1,)", lambda s: hlo.slice_(s.matrix, (0,), (1,))),
    "pad by less than nothing": ("pad of tensor<4x3xf32> by (0, -1)", lambda s: hlo.pad(s.matrix, (0, -1), (0, 0))),
    "pad of too few axes": ("pad of tensor<4x3xf32> by (1,)", lambda s: hlo.pad(s.matrix, (1,), (1,))),
    "concatenate": (
        "concatenate of tensor<4x3xf32> and tensor<4x7xf32> along axis 0",
        lambda s: hlo.concatenate((s.matrix, s.wide), 0),
    ),
    "concatenate of two types": ("along axis 1", lambda s: hlo.concatenate((s.matrix, s.double), 1)),
    "transpose": (
        "transpose of tensor<2x5x6x3xf32> in the order (0, 1)",
        lambda s: hlo.transpose(s.image, (0, 1)),
    ),
    "dot of other stacks": (
        "dot of tensor<2x5x6x3xf32> and tensor<4x3xf32> over axes (3, 1)",
        lambda s: hlo.dot(s.image, s.matrix, (3, 1), batch=1),
    ),
    "reverse": ("reverse of tensor<4x3xf32> along (2,)", lambda s: hlo.reverse(s.matrix, (2,))),
}


@pytest.mark.parametrize("mistake", list(MISTAKES))
def test_an_operation_refuses_operands_that_do_not_fit_and_names_the_layer(mistake: str) -> None:
    message, make = MISTAKES[mistake]
    sample = Sample()
    with sample.block.scope("block2_1_dw"), pytest.raises(ShapeError, match=f"^block2_1_dw: .*{re.escape(message)}"):
        make(sample)
    with pytest.raises(ShapeError, match=r"^program: "):
        make(sample)


def test_every_function_of_the_emitter_is_tried_with_a_mistake() -> None:
    functions = {name for name in hlo.__all__ if name[0].islower()}
    # What has an element type is no mistake to convert, keep or read; reduce_min and sums share reduce_max's check.
    tried = {mistake.split()[0] for mistake in MISTAKES} | {
        "convert",
        "kept",
        "read",
        "reduce_min",
        "reduce_max",
        "sums",
    }
    assert {name.rstrip("_") for name in functions} <= tried


def test_a_refused_operation_leaves_nothing_in_the_program() -> None:
    sample = Sample()
    for _, make in MISTAKES.values():
        with pytest.raises(ShapeError):
            make(sample)
    assert not sample.block.body


def net(size: int, *layers: object) -> NetSpec:
    return NetSpec("Net", layers, size, size, activation="relu", padding="same")  # type: ignore[arg-type]


def config(batch: int) -> TrainConfig:
    return TrainConfig(learningRate=0.1, batchSize=batch, epochs=1, useAdam=False)


def test_batch_norm_of_one_number_a_channel_is_refused_in_training_and_not_in_evaluation() -> None:
    small = net(2, convBn(3, 4, 3, 2, "same"), globalAvgPool(), dense(4, 2, "identity"))
    with pytest.raises(SpecError, match=r"expected more than one number a channel .*; raise batchSize or the image"):
        emit("train_step", small, config(1))
    emit("evaluate", small, config(1))
    emit("train_step", small, config(2))


def test_a_tensor_too_large_to_index_is_refused_with_its_size_and_what_to_lower() -> None:
    large = net(4096, convBn(3, 64, 3, 1, "same"), globalAvgPool(), dense(64, 2, "identity"))
    with pytest.raises(SpecError, match=r"stem_conv: .* 2×4096×4096×64 .* too large.*lower the batch size"):
        emit("train_step", large, config(2))
    head = net(64, flatten(), dense(64 * 64 * 3, 65536, "identity"))
    emit("evaluate", head, config(1))


def test_a_node_name_is_used_once() -> None:
    graph = Graph((4, 4, 3))
    graph.add("stem", Convolution(3, 2, Window(1, 1, "same")), ("images",), 0)
    with pytest.raises(ValueError, match="two nodes are named stem"):
        graph.add("stem", BatchNorm(2), ("images",), 0)


def test_an_input_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        Graph((4, 4, 3)).add("stem", BatchNorm(3), ("nowhere",), 0)


def test_a_value_keeps_to_its_scope_after_an_error_inside() -> None:
    sample = Sample()
    with sample.block.scope("outer"):
        with pytest.raises(ShapeError), sample.block.scope("inner"):
            hlo.add(sample.matrix, sample.wide)
        value: Value = hlo.add(sample.matrix, sample.matrix)
    assert value.name == "outer_sum"
