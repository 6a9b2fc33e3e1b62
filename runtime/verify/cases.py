"""Which ops the first certainty is asked of: every op in every form at odd sizes, and a network's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from emit.forms import Forms
from emit.graph import Graph
from emit.hlo import Block
from emit.losses.cross_entropy import CrossEntropy
from emit.op import Call, Op
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
from emit.targets import FORMS
from emit.windows import Window
from netspec.windows import Padding

Shape = tuple[int, ...]
Sized = tuple[Op, tuple[Shape, ...]]


@dataclass(frozen=True)
class Case:
    """An op with the shapes of its inputs (batch first), in one of its forms; `training` False: no way back."""

    op: Op
    inputs: tuple[Shape, ...]
    forms: Forms = FORMS["cpu"]
    form: str = ""
    training: bool = True

    def __str__(self) -> str:
        return " + ".join("×".join(map(str, shape)) for shape in self.inputs)


_WHOLE, _STAGED = (
    replace(FORMS["cpu"], channel_sums=form, winograd_channels=0, parts_pixels=0) for form in ("whole", "staged")
)
_SUMS = {"whole sums": _WHOLE, "staged sums": _STAGED}
_WHOLE_PRODUCTS = replace(_WHOLE, product_rows=0)
_CUT_PRODUCTS = replace(_STAGED, product_rows=1, product_numbers=100)
_PLACES = {
    f"{place} {cut}": replace(forms, patches_below=below, strided_patches_below=below)
    for place, below in (("place by place", 0), ("patches", 2**31))
    for cut, forms in (
        ("at once", _WHOLE_PRODUCTS),
        ("in pieces", replace(_CUT_PRODUCTS, image_rows=0)),
        ("by image", _CUT_PRODUCTS),
    )
    if place == "place by place" or cut != "by image"
}
_WINOGRAD = {"by Winograd": replace(_WHOLE, winograd_channels=1, winograd_tiles=1)}
_PARTS = {"from parts": replace(_WHOLE, parts_pixels=1)}
_PIECES = {
    f"{pieces} {'pieces' if pieces > 1 else 'piece'}": replace(_WHOLE, depthwise_pieces=pieces, depthwise_rows=1)
    for pieces in (1, 2, 32)
}
ONE_FORM = {"": FORMS["cpu"]}
# Every form of every op: the fields of `Forms` that it reads, in all their values.
VARIANTS: dict[type[Op], dict[str, Forms]] = {
    BatchNorm: _SUMS,
    Convolution: _PLACES | _WINOGRAD | _PARTS,
    Depthwise: _PIECES,
}
_PADDINGS: tuple[Padding, ...] = ("same", "symmetric", "valid")
_SIZES = ((1, 7, 9), (2, 9, 8), (3, 8, 7))


def _windows(sizes: tuple[int, ...]) -> list[Window]:
    return [Window(*each) for each in product(sizes, (1, 2, 3), _PADDINGS)]


def _general() -> dict[type[Op], Sequence[Sized]]:
    """Ops at odd sizes, strides that do and do not divide, every padding, one channel, batch one, one pixel."""
    images: list[Shape] = [(2, 3, 5, 4), (1, 1, 1, 1)]
    return {
        Add: [(Add(), (shape, shape)) for shape in images],
        BatchNorm: [(BatchNorm(shape[3]), (shape,)) for shape in ((2, 3, 5, 4), (1, 5, 7, 1), (3, 1, 1, 2))],
        Convolution: [
            (Convolution(ic, oc, window, bias=(i + ic) % 2 == 0), ((*_SIZES[i % 3], ic),))
            for i, window in enumerate(_windows((1, 2, 3, 5, 7)))
            for ic, oc in (((1, 2), (3, 2))[i % 2],)
        ]
        + [(Convolution(2, 1, Window(3, stride, "same")), ((2, 1, 1, 2),)) for stride in (1, 2)]
        + [(Convolution(3, 2, Window(3, 1, "same")), ((2, 6, 4, 3),))]
        + [(Convolution(2, 7, Window(1, 1, "same")), ((2, 3, 5, 2),))]
        + [(Convolution(3, 2, Window(1, stride, "same"), shortcut=True), ((2, 6, 7, 3),)) for stride in (2, 3)],
        CrossEntropy: [
            (CrossEntropy(smoothing), ((rows, classes), (rows,)))
            for rows, classes, smoothing in ((1, 3, 0.0), (5, 4, 0.1), (2, 10, 0.3))
        ],
        Dense: [(Dense(i, o), ((rows, i),)) for rows, i, o in ((1, 1, 1), (1, 5, 3), (4, 3, 7))],
        Depthwise: [
            (Depthwise(1 + i % 3, window, bias=i % 4 == 0), ((*_SIZES[i % 3], 1 + i % 3),))
            for i, window in enumerate(_windows((1, 2, 3, 5, 7)))
        ]
        + [(Depthwise(2, Window(3, 2, "same")), ((2, 1, 1, 2),))],
        Flatten: [(Flatten(), (shape,)) for shape in images],
        GlobalAveragePool: [(GlobalAveragePool(), (shape,)) for shape in images],
        MaxPool: [
            (MaxPool(window), ((*_SIZES[i % 3][:2], 6, 1 + i % 2),)) for i, window in enumerate(_windows((1, 2, 3, 5)))
        ],
        Relu: [(Relu(), (shape,)) for shape in ((2, 3, 5, 4), (3, 7))],
        Relu6: [(Relu6(), (shape,)) for shape in ((2, 3, 5, 4), (3, 7))],
    }


def general_cases() -> list[Case]:
    """Every op of the registry, in every form; batch norm also as evaluation has it."""
    cases = []
    for kind, pairs in _general().items():
        for op, inputs in pairs:
            for form, forms in VARIANTS.get(kind, ONE_FORM).items():
                if form not in _SPECIAL or _SPECIAL[form](op, inputs[0], forms):
                    cases.append(Case(op, inputs, forms, form))
            if kind is BatchNorm:
                cases.append(Case(op, inputs, _WHOLE, "running statistics", training=False))
    return cases


def _call(shape: Shape, forms: Forms) -> Call:
    return Call((Block().argument("x", shape),), forms=forms)


def _by_winograd(op: Op, shape: Shape, forms: Forms) -> bool:
    """Whether an op goes by Winograd's products, given an input of a shape (batch first)."""
    return isinstance(op, Convolution) and op.by_winograd(_call(shape, forms))


def _from_parts(op: Op, shape: Shape, forms: Forms) -> bool:
    return op.takes_parts(_call(shape, forms))


# Forms that few convolutions have.
_SPECIAL: dict[str, Callable[[Op, Shape, Forms], bool]] = {"by Winograd": _by_winograd, "from parts": _from_parts}


def network_cases(graph: Graph, batch: int, forms: Forms, smoothing: float) -> list[Case]:
    """Each different op of a network with its real channels, kernel, stride and padding, on a small image.

    Those with a window a second time with the real image, and two channels. Whatever their size, they go by Winograd
    or take parts where the network's own do.
    """
    found: dict[tuple[Op, tuple[Shape, ...], bool, bool], Case] = {}
    for small in (True, False):
        for node in graph.nodes.values():
            shapes = [graph.shape(source) for source in node.inputs]
            if small:
                op, inputs = node.op, tuple(_small(node.op, shape) for shape in shapes)
            elif hasattr(node.op, "window"):
                op, inputs = _THIN[type(node.op)](node.op), ((2, *shapes[0][:2], 2),)
            else:
                continue
            real = (batch, *shapes[0])
            tiled, parts = _by_winograd(node.op, real, forms), len(shapes) == 1 and _from_parts(node.op, real, forms)
            like = replace(forms, winograd_channels=int(tiled), winograd_tiles=1, parts_pixels=int(parts))
            found.setdefault((op, inputs, tiled, parts), Case(op, inputs, like, CHANNELS if small else SIZES))
    logits = (3, graph.shape(graph.output)[0])
    return [*found.values(), Case(CrossEntropy(smoothing), (logits, (3,)), forms, CHANNELS)]


CHANNELS, SIZES = "the network's channels", "the network's image sizes"
_THIN: dict[type[Op], Callable[[Any], Op]] = {
    Convolution: lambda op: replace(op, ic=2, oc=2, bias=False),
    Depthwise: lambda op: replace(op, channels=2, bias=False),
    MaxPool: lambda op: op,
}


def _small(op: Op, shape: Shape) -> Shape:
    """One example's shape with a batch, and an image just large enough for the op to see an edge and a middle."""
    if len(shape) == 1:
        return (3, *shape)
    window = getattr(op, "window", None)
    height, width = (window.size + window.stride + 1, window.size + 2) if window else (3, 2)
    if isinstance(op, Flatten):
        height, width = shape[:2]
    return (2, height, width, shape[2])


def title(op: Op) -> str:
    """How a table names an op: its kind and window."""
    window = getattr(op, "window", None)
    kind = op.kind.replace("_", " ")
    return f"{kind} {window.size}×{window.size} by {window.stride}, {window.padding}" if window else kind


def by_family(case: Case) -> str:
    """A kind and form: how the general cases are grouped."""
    return f"{case.op.kind.replace('_', ' ')}{f', {case.form}' if case.form else ''}"


def by_window(case: Case) -> str:
    """A kind and window: how a network's own ops are grouped."""
    return title(case.op)
