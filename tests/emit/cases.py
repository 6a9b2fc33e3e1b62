"""The one table of cases an op kind: a kind of `emit.op.REGISTRY` without entries here fails the suite.

* `NUMERIC`: cases that the reference interpreter runs in f64 against the oracle.
* `GOLDEN`: the case whose text is kept in `tests/golden/<kind>.mlir`.
* `INVALID`: operands that do not fit, and must be refused.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count, product

import jax
import numpy as np
from numpy.typing import NDArray

from emit import hlo
from emit.forms import Forms
from emit.hlo import Block, Function, Module, Value
from emit.hlo.printer import module_text
from emit.losses.cross_entropy import CrossEntropy
from emit.op import Call, Cotangents, Op, Parts, Result
from emit.ops.add import Add
from emit.ops.batch_norm import BatchNorm
from emit.ops.convolution import Convolution
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from emit.ops.flatten import Flatten
from emit.ops.global_average_pool import GlobalAveragePool
from emit.ops.max_pool import MaxPool
from emit.ops.relu import Relu
from emit.ops.relu6 import Relu6
from emit.sums import per_channel
from emit.targets import FORMS
from emit.windows import Window
from netspec.windows import Padding
from tests.emit import oracle

Shape = tuple[int, ...]
WHOLE = replace(FORMS["cpu"], channel_sums="whole")
STAGED = replace(FORMS["cpu"], channel_sums="staged")
LAYER = "block1_1_x"
PADDINGS: tuple[Padding, ...] = ("same", "symmetric", "valid")


@dataclass(frozen=True)
class Case:
    """One op with inputs of given shapes (batch first). `draw` makes the numbers of an input."""

    op: Op
    inputs: tuple[Shape, ...]
    oracle: Callable[..., jax.Array]
    draw: Callable[[np.random.Generator, Shape], NDArray[np.float64]] = lambda source, shape: source.standard_normal(
        shape
    )
    forms: Forms = WHOLE
    training: bool = True
    name: str = ""

    def __str__(self) -> str:
        sizes = " + ".join("x".join(map(str, shape)) for shape in self.inputs)
        return f"{self.op.kind} {self.name} {sizes}".replace("  ", " ")


@dataclass(frozen=True)
class Emitted:
    """A case as a module with one function `main`: what goes in, what comes out."""

    text: str
    module: Module
    arguments: tuple[Value, ...]
    statistics: tuple[str, ...]
    parameters: tuple[str, ...]


def in_parts(cotangent: Value, output: Value) -> Parts:
    """Parts, no two alike, that add up to a cotangent."""
    channels = output.shape[-1]
    block = output.block
    scale, slope, shift = (
        block.vector([sign * Fraction(3 + i, 4) for i in range(channels)], name)
        for sign, name in ((1, "scale"), (-1, "slope"), (2, "shift"))
    )
    through = hlo.multiply(output, per_channel(slope, output))
    rest = hlo.subtract(hlo.subtract(cotangent, through), per_channel(shift, output))
    return Parts(hlo.divide(rest, per_channel(scale, rest)), scale, output, slope, shift)


def emitted(case: Case, dtype: str) -> Emitted:
    """(inputs, parameters, running statistics, cotangent) → (output, new statistics, cotangents)."""
    block = Block(dtype)
    labelled = isinstance(case.op, CrossEntropy)
    names = "xy"
    inputs = [
        block.argument("labels", shape, "i32") if labelled and i else block.argument(names[i], shape)
        for i, shape in enumerate(case.inputs)
    ]
    parameters = {each.name: block.argument(each.name, each.shape) for each in case.op.parameters()}
    statistics = {each.name: block.argument(each.name, each.shape) for each in case.op.statistics()}
    wanted = tuple(value.dtype == dtype for value in inputs)
    call = Call(tuple(inputs), parameters, statistics, case.forms, case.training)
    with block.scope(LAYER):
        result = case.op.forward(call)
        arguments = [*inputs, *parameters.values(), *statistics.values()]
        results = [result.output, *result.statistics.values()]
        if case.training:
            cotangent = block.argument("dy", result.output.shape)
            if case.op.takes_parts(call):
                found = case.op.vjp_of_parts(call, result, in_parts(cotangent, result.output), wanted)
            else:
                found = case.op.vjp(call, result, cotangent, wanted)
            arguments.append(cotangent)
            results += [value for value in found.whole() if value is not None]
            results += [found.parameters[name] for name in parameters]
    function = Function("main", tuple(arguments), tuple(block.operations), tuple(results))
    module = Module(case.op.kind, (f"{case.op}",), (function,))
    return Emitted(module_text(module), module, tuple(arguments), tuple(result.statistics), tuple(parameters))


# --- numbers ----------------------------------------------------------------------------------------------------------


def _distinct(source: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Numbers no two of which are equal or nearly so."""
    return source.permutation(math.prod(shape)).reshape(shape) / 7.0 - 1.0


def _away_from_kinks(source: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """On both sides of 0 and of 6, a tenth away at least."""
    return source.choice([-3.0, 0.1, 2.0, 5.8, 6.1, 9.0], shape) + source.uniform(0, 0.1, shape)


def _at_kinks(source: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    return source.choice([-1.0, 0.0, 3.0, 6.0, 7.0], shape)


def _far_from_zero(source: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """A mean a thousand deviations from 0, where E[x²] - E[x]² loses what it should keep."""
    return 1000.0 + source.standard_normal(shape)


def _shared(source: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Large logits: exp alone would overflow even in f64. Labels, one a row, are whole numbers."""
    return source.standard_normal(shape) * 300 if len(shape) == 2 else source.integers(0, 3, shape).astype(np.float64)


def _logits(source: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    return source.standard_normal(shape) if len(shape) == 2 else source.integers(0, 3, shape).astype(np.float64)


# --- what each kind is held against -----------------------------------------------------------------------------------


def convolution_case(
    ic: int,
    oc: int,
    window: Window,
    image: Shape,
    *,
    bias: bool = False,
    below: int = 16,
    cut: bool = False,
    shortcut: bool = False,
) -> Case:
    def expected(x: jax.Array, weight: jax.Array, *rest: jax.Array) -> jax.Array:
        y = oracle.convolution(x, weight, window.stride, window.padding)
        return y + rest[0] if rest else y

    name = f"{window.size}x{window.size} by {window.stride} {window.padding} to {oc}{' bias' if bias else ''}"
    form = f"{'patches' if ic < below else 'places'}{' in pieces' if cut else ''}"
    return Case(
        Convolution(ic, oc, window, bias, shortcut),
        ((*image, ic),),
        expected,
        forms=replace(
            STAGED if below else WHOLE,
            patches_below=below,
            strided_patches_below=below,
            product_rows=int(cut),
            product_numbers=100 * cut,
            image_rows=1024 if below else 0,
            winograd_channels=0,
            parts_pixels=0,
        ),
        name=f"{name} {form}",
    )


def winograd_case(ic: int, oc: int, padding: Padding, image: Shape, *, bias: bool = False) -> Case:
    case = convolution_case(ic, oc, Window(3, 1, padding), image, bias=bias)
    forms = replace(case.forms, winograd_channels=1, winograd_tiles=1)
    return replace(case, forms=forms, name=f"{case.name} by winograd")


def parts_case(ic: int, oc: int, image: Shape) -> Case:
    case = convolution_case(ic, oc, Window(1, 1, "same"), image)
    return replace(case, forms=replace(case.forms, parts_pixels=1), name=f"{case.name} in parts")


def depthwise_case(
    channels: int, window: Window, image: Shape, *, pieces: int = 32, rows: int = 14, bias: bool = False
) -> Case:
    def expected(x: jax.Array, weight: jax.Array, *rest: jax.Array) -> jax.Array:
        y = oracle.depthwise(x, weight, window.stride, window.padding)
        return y + rest[0] if rest else y

    window_name = f"{window.size}x{window.size} by {window.stride} {window.padding}{' bias' if bias else ''}"
    return Case(
        Depthwise(channels, window, bias),
        ((*image, channels),),
        expected,
        forms=replace(WHOLE, depthwise_pieces=pieces, depthwise_rows=rows),
        name=f"{window_name} in {pieces} pieces, {rows} rows",
    )


def max_pool_case(channels: int, window: Window, image: Shape) -> Case:
    def expected(x: jax.Array) -> jax.Array:
        return oracle.max_pool(x, window.size, window.stride, window.padding)

    name = f"{window.size}x{window.size} by {window.stride} {window.padding}"
    return Case(MaxPool(window), ((*image, channels),), expected, _distinct, name=name)


def batch_norm_case(shape: Shape, forms: Forms, *, training: bool = True) -> Case:
    def expected(x: jax.Array, gamma: jax.Array, beta: jax.Array, *statistics: jax.Array) -> jax.Array:
        if training:
            return oracle.batch_norm(x, gamma, beta)
        return oracle.batch_norm_running(x, gamma, beta, *statistics)

    name = f"{forms.channel_sum(shape)} {'training' if training else 'evaluation'}"
    return Case(BatchNorm(shape[3]), (shape,), expected, forms=forms, training=training, name=name)


def cross_entropy_case(rows: int, classes: int, smoothing: float) -> Case:
    def expected(logits: jax.Array, labels: jax.Array) -> jax.Array:
        return oracle.cross_entropy(logits, labels, smoothing)

    return Case(CrossEntropy(smoothing), ((rows, classes), (rows,)), expected, _logits, name=f"smoothing {smoothing:g}")


def _pointwise(op: Op, expected: Callable[[jax.Array], jax.Array]) -> list[Case]:
    away = [Case(op, (shape,), expected, _away_from_kinks) for shape in ((2, 3, 4, 5), (3, 7))]
    return [*away, Case(op, ((2, 3, 4, 5),), expected, _at_kinks, name="at kinks")]


IMAGES: tuple[Shape, ...] = ((1, 7, 9), (3, 5, 8), (1, 6, 6), (2, 9, 7), (3, 7, 5))


def _convolutions() -> list[Case]:
    """Every kernel, stride and padding; sizes, channels, bias and form go round beside them."""
    turn = count()
    cases = []
    for size, stride, padding, below in product((1, 2, 3, 5, 7), (1, 2, 3), PADDINGS, (0, 16)):
        i = next(turn)
        image = IMAGES[i % 5] if padding != "valid" else (IMAGES[i % 5][0], 8 + i % 2, 7 + i % 3)
        ic, oc = ((1, 2), (2, 3), (3, 1), (2, 1))[i // 2 % 4]
        cases.append(
            convolution_case(ic, oc, Window(size, stride, padding), image, bias=i % 3 == 0, below=below, cut=i % 4 > 1)
        )
    # Both sides of the default border between the forms, one channel, and a single pixel.
    cases += [convolution_case(ic, 2, Window(3, 1, "same"), (1, 4, 5)) for ic in (1, 15, 16)]
    cases += [convolution_case(2, 3, Window(3, stride, "same"), (2, 1, 1), bias=True) for stride in (1, 2)]
    # A residual block's shortcut, whose stride IREE is given.
    shortcuts = product((2, 3), (0, 16), ((2, 5, 4), (1, 1, 6)))
    cases += [
        convolution_case(3, 2, Window(1, stride, "same"), image, below=below, shortcut=True)
        for stride, below, image in shortcuts
    ]
    # Winograd's tiles: even and odd sizes, so that the last ones are whole or reach over; fewer pixels than a tile.
    cases += [
        winograd_case(1 + i % 3, 1 + i // 3 % 3, padding, image, bias=i % 2 == 0)
        for i, (padding, image) in enumerate(product(PADDINGS, ((2, 6, 6), (1, 7, 9), (3, 5, 8), (2, 9, 4), (2, 3, 3))))
    ]
    cases += [winograd_case(2, 3, "same", image) for image in ((2, 1, 1), (1, 2, 1), (3, 1, 4))]
    cases += [parts_case(ic, oc, image) for ic, oc, image in ((1, 3, (2, 3, 4)), (2, 7, (1, 1, 1)), (3, 10, (3, 2, 5)))]
    return cases


def _depthwises() -> list[Case]:
    """As convolutions; the number of pieces, and the rows below which there are fewer, go round."""
    cases = []
    for i, (size, stride, padding) in enumerate(product((1, 2, 3, 5, 7), (1, 2, 3), PADDINGS)):
        pieces, rows = ((32, 14), (32, 1), (1, 1), (8, 14))[i % 4]
        image = IMAGES[i % 5] if padding != "valid" else (IMAGES[i % 5][0], 8 + i % 2, 7 + i % 3)
        window = Window(size, stride, padding)
        cases.append(depthwise_case(1 + i % 3, window, image, pieces=pieces, rows=rows, bias=i % 5 == 0))
    cases += [depthwise_case(2, Window(3, 1, "same"), (7, 4, 5), pieces=pieces, rows=1) for pieces in (1, 2, 4, 9)]
    cases += [depthwise_case(2, Window(3, 2, "same"), (2, 1, 1))]
    return cases


def _max_pools() -> list[Case]:
    cases = []
    for i, (size, stride, padding) in enumerate(product((1, 2, 3, 5), (1, 2, 3), PADDINGS)):
        cases.append(max_pool_case(1 + i % 2, Window(size, stride, padding), IMAGES[i % 5]))
    return cases


def _mean(x: jax.Array) -> jax.Array:
    return x.mean(axis=(1, 2))


def _flat(x: jax.Array) -> jax.Array:
    return x.reshape(len(x), -1)


def _affine(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    return x @ weight + bias


def _sum(x: jax.Array, y: jax.Array) -> jax.Array:
    return x + y


NUMERIC: dict[str, Sequence[Case]] = {
    "convolution": _convolutions(),
    "depthwise": _depthwises(),
    "max_pool": _max_pools(),
    "batch_norm": [
        *(
            batch_norm_case(shape, forms, training=training)
            for shape in ((2, 3, 4, 2), (1, 5, 7, 1), (2, 1, 1, 3), (4, 2, 3, 5))
            for forms in (WHOLE, STAGED)
            for training in (True, False)
        ),
        replace(batch_norm_case((3, 4, 5, 2), WHOLE), draw=_far_from_zero, name="far from zero"),
    ],
    "relu": _pointwise(Relu(), oracle.relu),
    "relu6": _pointwise(Relu6(), oracle.relu6),
    "dense": [
        Case(Dense(fan_in, fan_out), ((rows, fan_in),), _affine)
        for rows, fan_in, fan_out in ((1, 1, 1), (1, 5, 3), (4, 3, 7))
    ],
    "add": [Case(Add(), (shape, shape), _sum) for shape in ((2, 3, 4, 5), (1, 1, 1, 1))],
    "global_average_pool": [Case(GlobalAveragePool(), (shape,), _mean) for shape in ((2, 3, 5, 4), (1, 1, 1, 2))],
    "flatten": [Case(Flatten(), (shape,), _flat) for shape in ((2, 3, 5, 4), (1, 1, 1, 2))],
    "cross_entropy": [
        *(
            cross_entropy_case(rows, classes, smoothing)
            for rows, classes in ((1, 3), (5, 4))
            for smoothing in (0.0, 0.1)
        ),
        replace(cross_entropy_case(4, 3, 0.1), draw=_shared, name="large logits"),
    ],
}
GOLDEN: dict[str, Case] = {
    "convolution": convolution_case(2, 3, Window(3, 2, "same"), (2, 5, 6), bias=True),
    "depthwise": depthwise_case(3, Window(3, 2, "same"), (2, 5, 6)),
    "max_pool": max_pool_case(2, Window(3, 2, "symmetric"), (1, 5, 6)),
    "batch_norm": batch_norm_case((2, 3, 4, 2), WHOLE),
    "relu": NUMERIC["relu"][0],
    "relu6": NUMERIC["relu6"][0],
    "dense": NUMERIC["dense"][2],
    "add": NUMERIC["add"][0],
    "global_average_pool": NUMERIC["global_average_pool"][0],
    "flatten": NUMERIC["flatten"][0],
    "cross_entropy": cross_entropy_case(4, 5, 0.1),
}
# What stands beside them: a form that shares little with the one above.
GOLDEN_FORMS: dict[str, Case] = {
    "convolution_winograd": winograd_case(2, 3, "same", (2, 5, 6)),
    "convolution_parts": parts_case(2, 6, (2, 3, 4)),
}


# --- operands that do not fit -----------------------------------------------------------------------------------------


def _emit(case: Case, **shapes: Shape) -> None:
    """Emit a case forward and back, with arguments of other shapes than the op asks for."""
    block = Block()
    inputs = tuple(
        block.argument(f"x{i}", shapes.get(f"x{i}", shape), "i32" if isinstance(case.op, CrossEntropy) and i else None)
        for i, shape in enumerate(case.inputs)
    )
    parameters = {
        each.name: block.argument(each.name, shapes.get(each.name, each.shape)) for each in case.op.parameters()
    }
    statistics = {
        each.name: block.argument(each.name, shapes.get(each.name, each.shape)) for each in case.op.statistics()
    }
    with block.scope(LAYER):
        call = Call(inputs, parameters, statistics)
        result: Result = case.op.forward(call)
        cotangent = block.argument("dy", shapes.get("dy", result.output.shape))
        _: Cotangents = case.op.vjp(call, result, cotangent, (True,) * len(inputs))


def _refused(kind: str, **shapes: Shape) -> Callable[[], None]:
    return lambda: _emit(GOLDEN[kind], **shapes)


INVALID: dict[str, Sequence[tuple[str, Callable[[], None]]]] = {
    "convolution": [
        ("an input of other channels", _refused("convolution", x0=(2, 5, 6, 4))),
        ("a bias of other channels", _refused("convolution", bias=(4,))),
        ("a cotangent of another shape", _refused("convolution", dy=(2, 9, 9, 3))),
    ],
    "depthwise": [
        ("an input of other channels", _refused("depthwise", x0=(2, 5, 6, 4))),
        ("a cotangent of other channels", _refused("depthwise", dy=(2, 3, 3, 4))),
    ],
    "max_pool": [("a cotangent of another shape", _refused("max_pool", dy=(1, 4, 3, 2)))],
    "batch_norm": [
        ("gamma of other channels", _refused("batch_norm", gamma=(3,))),
        ("a running mean of other channels", _refused("batch_norm", running_mean=(3,))),
        ("a cotangent of another shape", _refused("batch_norm", dy=(2, 3, 3, 2))),
    ],
    "relu": [("a cotangent of another shape", _refused("relu", dy=(2, 3, 4, 4)))],
    "relu6": [("a cotangent of another shape", _refused("relu6", dy=(2, 3, 4, 4)))],
    "dense": [
        ("an input of other features", _refused("dense", x0=(4, 2))),
        ("a bias of other features", _refused("dense", bias=(2,))),
        ("a cotangent of other features", _refused("dense", dy=(4, 2))),
    ],
    "add": [("inputs of two shapes", _refused("add", x1=(2, 3, 4, 1)))],
    "global_average_pool": [("a cotangent of other channels", _refused("global_average_pool", dy=(2, 5)))],
    "flatten": [("a cotangent of other features", _refused("flatten", dy=(2, 59)))],
    "cross_entropy": [
        ("labels of other rows", _refused("cross_entropy", x1=(3,))),
        ("a cotangent that is no scalar", _refused("cross_entropy", dy=(2,))),
    ],
}
