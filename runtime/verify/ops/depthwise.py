"""Depthwise convolution: the sum over a window, with one kernel a channel, and a bias."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from emit.ops.depthwise import Depthwise
from emit.windows import Window
from runtime.verify.arithmetic import Arithmetic, repeated
from runtime.verify.op import WHOLE, Definition, Sized, Theorem, in_lowerings
from runtime.verify.windows import SIZES, dilated, windowed, windows

_PIECES = {
    f"{pieces} {'pieces' if pieces > 1 else 'piece'}": replace(WHOLE, depthwise_pieces=pieces, depthwise_rows=1)
    for pieces in (1, 2, 32)
}


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,), weight = inputs, tensors["weight"]

    def step(total: Any, seen: Any, i: int, j: int) -> Any:
        return at.add(total, at.multiply(seen, repeated(weight[i, j, 0], seen)))

    y = windowed(at, x, op, 0, step, op.channels)
    return at.add(y, repeated(tensors["bias"], y)) if op.bias else y


def _sized() -> list[Sized]:
    return [
        *(
            (Depthwise(1 + i % 3, window, bias=i % 4 == 0), ((*SIZES[i % 3], 1 + i % 3),))
            for i, window in enumerate(windows((1, 2, 3, 5, 7)))
        ),
        (Depthwise(2, Window(3, 2, "same")), ((2, 1, 1, 2),)),
        *(
            (Depthwise(2, window, bias=i % 4 == 0), ((*image, 2),))
            for i, (window, image) in enumerate(dilated((2, 3, 5)))
        ),
    ]


DEFINITION = Definition(
    _output,
    in_lowerings(_sized(), _PIECES),
    thin=lambda op: replace(op, channels=2, bias=False),
    theorem=Theorem("theorems 37, 38", "depthwise_has_vjp3, depthwise_weight_grad_has_vjp3"),
)
