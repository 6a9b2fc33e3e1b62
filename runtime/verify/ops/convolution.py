"""Convolution: the sum over a window and over the input's channels, or those of a group, and a bias."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from emit.hlo import Block
from emit.lowerings import Lowerings
from emit.op import Call
from emit.ops.convolution import Convolution
from emit.windows import Window
from runtime.verify.arithmetic import Arithmetic, repeated
from runtime.verify.op import STAGED, WHOLE, Case, Definition, Shape, Sized, Theorem, in_lowerings
from runtime.verify.windows import SIZES, dilated, windowed, windows

_CUT_PRODUCTS = replace(STAGED, product_rows=1, product_numbers=100)
_PLACES = {
    f"{place} {cut}": replace(lowerings, patches_below=below, strided_patches_below=below)
    for place, below in (("place by place", 0), ("patches", 2**31))
    for cut, lowerings in (
        ("at once", replace(WHOLE, product_rows=0)),
        ("in pieces", replace(_CUT_PRODUCTS, image_rows=0)),
        ("by image", _CUT_PRODUCTS),
    )
    if place == "place by place" or cut != "by image"
}
# Lowerings that few convolutions have.
_WINOGRAD = replace(WHOLE, winograd_channels=1, winograd_tiles=1)
_AFFINE = replace(WHOLE, affine_pixels=1)


def _output(at: Arithmetic, op: Any, inputs: Sequence[Any], tensors: Mapping[str, Any], training: bool) -> Any:
    (x,), weight = inputs, tensors["weight"]
    inside, outside = op.ic // op.groups, op.oc // op.groups

    def step(total: Any, seen: Any, i: int, j: int) -> Any:
        parts = []
        for group in range(op.groups):
            read, written = (slice(group * size, (group + 1) * size) for size in (inside, outside))
            parts.append(at.product(seen[..., read].reshape(-1, inside), weight[i, j][:, written]))
        return at.add(total, at.join(parts, 1).reshape(total.shape))

    y = windowed(at, x, op, 0, step, op.oc)
    return at.add(y, repeated(tensors["bias"], y)) if op.bias else y


def _sized() -> list[Sized]:
    """Strides that do and do not divide, every padding, one channel, one pixel."""
    return [
        *(
            (Convolution(ic, oc, window, bias=(i + ic) % 2 == 0), ((*SIZES[i % 3], ic),))
            for i, window in enumerate(windows((1, 2, 3, 5, 7)))
            for ic, oc in (((1, 2), (3, 2))[i % 2],)
        ),
        *((Convolution(2, 1, Window(3, stride, "same")), ((2, 1, 1, 2),)) for stride in (1, 2)),
        *((Convolution(1, 1, Window(size, 2, "same")), ((2, 5, 4, 1),)) for size in (3, 5)),
        (Convolution(3, 2, Window(3, 1, "same")), ((2, 6, 4, 3),)),
        (Convolution(2, 7, Window(1, 1, "same")), ((2, 3, 5, 2),)),
        *(
            (Convolution(1 + i % 2, 2, window, bias=i % 4 == 0), ((*image, 1 + i % 2),))
            for i, (window, image) in enumerate(dilated((2, 3, 5)))
        ),
        *(
            (Convolution(ic, oc, window, bias=i % 2 == 0, groups=groups), ((*SIZES[i % 3], ic),))
            for i, (window, (ic, oc, groups)) in enumerate(
                product(
                    (Window(1, 1, "same"), Window(1, 2, "same"), Window(3, 1, "symmetric"), Window(3, 2, "same")),
                    ((4, 4, 2), (4, 6, 2), (3, 6, 3)),
                )
            )
        ),
        (Convolution(4, 2, Window(3, 1, "same", 2), groups=2), ((2, 6, 4, 4),)),
    ]


def _neither() -> list[Sized]:
    """Dilated windows do not go by Winograd's products, and groups take no cotangent from parts."""
    return [
        (Convolution(2, 3, Window(3, 1, "same", 2)), ((2, 5, 6, 2),)),
        (Convolution(2, 6, Window(1, 1, "same"), groups=2), ((2, 3, 4, 2),)),
    ]


def _cases() -> list[Case]:
    sized = _sized()
    return [
        *in_lowerings(sized, _PLACES),
        *(case for case in in_lowerings(sized, {"by Winograd": _WINOGRAD}) if _by_winograd(case)),
        *(case for case in in_lowerings(sized, {"from parts": _AFFINE}) if _takes_affine(case)),
        *in_lowerings(_neither(), {"neither of these": replace(_WINOGRAD, affine_pixels=1)}),
    ]


def _call(case: Case) -> Call:
    return Call((Block().argument("x", case.inputs[0]),), lowerings=case.lowerings)


def _by_winograd(case: Case) -> bool:
    assert isinstance(case.op, Convolution)
    return case.op.by_winograd(_call(case))


def _takes_affine(case: Case) -> bool:
    return case.op.takes_affine(_call(case))


def _like(op: Convolution, shape: Shape, lowerings: Lowerings) -> Lowerings:
    """By Winograd or from parts, whatever the size, where an image of a shape is."""
    case = Case(op, (shape,), lowerings)
    return replace(
        lowerings, winograd_channels=int(_by_winograd(case)), winograd_tiles=1, affine_pixels=int(_takes_affine(case))
    )


DEFINITION = Definition(
    _output,
    _cases(),
    thin=lambda op: replace(op, ic=2, oc=2, bias=False, groups=min(op.groups, 2)),
    like=_like,
    theorem=Theorem("conv2d_has_vjp3"),
)
