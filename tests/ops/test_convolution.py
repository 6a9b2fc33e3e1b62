"""Convolution, in every lowering."""

from dataclasses import replace
from itertools import count, product
from typing import get_args

import jax
import pytest
from jax import lax

from emit.hlo import ShapeError
from emit.ops.convolution import Convolution
from emit.windows import Window
from netspec.windows import Padding
from tests.ops.harness import IMAGES, STAGED, WHOLE, Case, OpTests, Shape, edges


def convolution(
    x: jax.Array, weight: jax.Array, stride: int, padding: str, groups: int = 1, dilation: int = 1
) -> jax.Array:
    """Cross-correlation, as every deep-learning paper writes "convolution"."""
    return lax.conv_general_dilated(
        x,
        weight,
        window_strides=(stride, stride),
        padding=edges(weight.shape[0], stride, padding, dilation),
        rhs_dilation=(dilation, dilation),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        feature_group_count=groups,
        precision=lax.Precision.HIGHEST,
    )


def case(
    ic: int,
    oc: int,
    window: Window,
    image: Shape,
    *,
    bias: bool = False,
    below: int = 16,
    cut: bool = False,
    groups: int = 1,
) -> Case:
    def expected(x: jax.Array, weight: jax.Array, *rest: jax.Array) -> jax.Array:
        y = convolution(x, weight, window.stride, window.padding, groups, window.dilation)
        return y + rest[0] if rest else y

    name = f"{named(window)} to {oc}{' bias' if bias else ''}{f' in {groups} groups' if groups > 1 else ''}"
    lowering = f"{'patches' if ic < below else 'places'}{' in pieces' if cut else ''}"
    return Case(
        Convolution(ic, oc, window, bias, groups),
        ((*image, ic),),
        expected,
        lowerings=replace(
            STAGED if below else WHOLE,
            patches_below=below,
            strided_patches_below=below,
            product_rows=int(cut),
            product_numbers=100 * cut,
            image_rows=1024 if below else 0,
            winograd_channels=0,
            affine_pixels=0,
        ),
        name=f"{name} {lowering}",
    )


def named(window: Window) -> str:
    """A window in the name of a case."""
    dilation = f" dilation {window.dilation}" if window.dilation > 1 else ""
    return f"{window.size}x{window.size} by {window.stride}{dilation} {window.padding}"


def winograd_case(ic: int, oc: int, padding: Padding, image: Shape, *, bias: bool = False, groups: int = 1) -> Case:
    plain = case(ic, oc, Window(3, 1, padding), image, bias=bias, groups=groups)
    lowerings = replace(plain.lowerings, winograd_channels=1, winograd_tiles=1)
    return replace(plain, lowerings=lowerings, name=f"{plain.name} by winograd")


def affine_case(ic: int, oc: int, image: Shape) -> Case:
    plain = case(ic, oc, Window(1, 1, "same"), image)
    return replace(plain, lowerings=replace(plain.lowerings, affine_pixels=1), name=f"{plain.name} in parts")


def cases() -> list[Case]:
    """Every kernel, stride and padding; sizes, channels, bias and lowering go round beside them."""
    turn, paddings = count(), get_args(Padding)
    found = []
    for size, stride, padding, below in product((1, 2, 3, 5, 7), (1, 2, 3), paddings, (0, 16)):
        i = next(turn)
        image = IMAGES[i % 5] if padding != "valid" else (IMAGES[i % 5][0], 8 + i % 2, 7 + i % 3)
        ic, oc = ((1, 2), (2, 3), (3, 1), (2, 1))[i // 2 % 4]
        found.append(case(ic, oc, Window(size, stride, padding), image, bias=i % 3 == 0, below=below, cut=i % 4 > 1))
    # Both sides of the default border between the lowerings, one channel, and a single pixel.
    found += [case(ic, 2, Window(3, 1, "same"), (1, 4, 5)) for ic in (1, 15, 16)]
    found += [case(2, 3, Window(3, stride, "same"), (2, 1, 1), bias=True) for stride in (1, 2)]
    # One channel in and out: its kernel is reversed before its phases are cut out of it.
    found += [
        case(1, 1, Window(size, stride, padding), (2, 9, 8))
        for size, stride, padding in product((2, 3, 4, 5, 7), (2, 3), paddings)
    ]
    # Winograd's tiles: even and odd sizes, so that the last ones are whole or reach over; fewer pixels than a tile.
    found += [
        winograd_case(1 + i % 3, 1 + i // 3 % 3, padding, image, bias=i % 2 == 0)
        for i, (padding, image) in enumerate(product(paddings, ((2, 6, 6), (1, 7, 9), (3, 5, 8), (2, 9, 4), (2, 3, 3))))
    ]
    found += [winograd_case(2, 3, "same", image) for image in ((2, 1, 1), (1, 2, 1), (3, 1, 4))]
    # Dilated windows, in every lowering; the largest spans nine rows, and padded ones more than there are.
    for size, dilation, padding, below in product((2, 3, 5), (2, 4), paddings, (0, 16)):
        if padding == "valid" and (size - 1) * dilation > 8:
            continue
        i = next(turn)
        image = (1 + i % 2, 9 + i % 3, 10) if padding == "valid" else IMAGES[i % 5]
        window = Window(size, 1, padding, dilation)
        found.append(case(1 + i % 2, 2, window, image, bias=i % 3 == 0, below=below, cut=i % 4 > 1))
    # Groups: of one channel and of several, as many out as in or more.
    for size, stride, (ic, oc, groups) in product((1, 3), (1, 2), ((4, 4, 2), (3, 6, 3), (6, 4, 2))):
        i = next(turn)
        window = Window(size, stride, paddings[i % 2])
        found.append(case(ic, oc, window, IMAGES[i % 5], bias=i % 3 == 0, below=16 * (i % 2), groups=groups))
    found += [case(4, 6, Window(3, 1, padding, 2), (2, 7, 8), bias=True, groups=2) for padding in paddings]
    found += [winograd_case(4, 6, "same", (2, 5, 6), bias=True, groups=2)]
    found += [
        affine_case(ic, oc, image) for ic, oc, image in ((1, 3, (2, 3, 4)), (2, 7, (1, 1, 1)), (3, 10, (3, 2, 5)))
    ]
    return found


@pytest.mark.parametrize(("ic", "oc", "groups"), [(4, 6, 4), (6, 4, 3), (4, 4, 0)])
def test_groups_that_do_not_divide_the_channels_are_refused(ic: int, oc: int, groups: int) -> None:
    with pytest.raises(ShapeError, match=f"expected groups that divide {ic} and {oc} channels, received {groups}"):
        Convolution(ic, oc, Window(3, 1, "same"), groups=groups)


def test_a_group_multiplies_by_its_own_channels_alone() -> None:
    whole, parts = (Convolution(8, 4, Window(3, 1, "same"), groups=groups) for groups in (1, 4))
    assert whole.macs((5, 6, 8)) == 4 * parts.macs((5, 6, 8)) == 5 * 6 * 9 * 8 * 4
    assert [tensor.shape for tensor in parts.parameters()] == [(3, 3, 2, 4)]
    assert not Convolution(8, 4, Window(1, 1, "same"), groups=2).pointwise


class TestConvolution(OpTests):
    op = Convolution
    numeric = cases()
    golden = case(2, 3, Window(3, 2, "same"), (2, 5, 6), bias=True)
    golden_lowerings = {
        "winograd": winograd_case(2, 3, "same", (2, 5, 6)),
        "parts": affine_case(2, 6, (2, 3, 4)),
        "dilated": case(2, 3, Window(3, 1, "same", 2), (2, 5, 6)),
        "groups": case(4, 6, Window(3, 1, "same"), (2, 5, 6), groups=2),
    }
    invalid = {
        "an input of other channels": {"x": (2, 5, 6, 4)},
        "a bias of other channels": {"bias": (4,)},
        "a cotangent of another shape": {"dy": (2, 9, 9, 3)},
    }
    wrong = {
        "no padding": ("strides=stride, pads=pads, ", "strides=stride, "),
        "no stride": ("strides=stride, ", ""),
        "no bias": ('hlo.add(y, per_channel(call.parameters["bias"], y), "biased")', "y"),
        "the bias taken off, forward and back": (
            'hlo.add(y, per_channel(call.parameters["bias"], y), "biased")',
            'hlo.subtract(y, per_channel(call.parameters["bias"], y), "biased")',
            '(gradients["bias"],) = channel_sums((cotangent,), call.lowerings, "dbias")',
            "(db,) = channel_sums((cotangent,), call.lowerings, 'dbias')\n"
            '            gradients["bias"] = hlo.subtract(hlo.subtract(db, db), db, "dbias")',
        ),
        "dbias sums the squares": (
            '(gradients["bias"],) = channel_sums((cotangent,), call.lowerings, "dbias")',
            '(gradients["bias"],) = channel_sums((hlo.multiply(cotangent, cotangent),), call.lowerings, "dbias")',
        ),
        "dbias of the first image alone": (
            '(gradients["bias"],) = channel_sums((cotangent,), call.lowerings, "dbias")',
            "first = hlo.slice_(cotangent, (0,) * 4, (1, *cotangent.shape[1:]))\n"
            '            (gradients["bias"],) = channel_sums((first,), call.lowerings, "dbias")',
        ),
        "a pointwise kernel is read transposed": (
            "y = hlo.convolution(part, weight, strides",
            "kernel = hlo.reshape(weight, (1, 1, self.oc, self.ic)) if self.pointwise else weight\n"
            '                axes = "01oi" if self.pointwise else "01io"\n'
            "                y = hlo.convolution(part, kernel, kernel_axes=axes, strides",
        ),
        "dx by the kernel unreversed": ("hlo.reverse(kernel, (0, 1))", "kernel"),
        "dx by the kernel reversed along rows alone": ("hlo.reverse(kernel, (0, 1))", "hlo.reverse(kernel, (0,))"),
        "dx by the kernel reversed along its channels too": (
            "hlo.reverse(kernel, (0, 1))",
            "hlo.reverse(kernel, (0, 1, 2))",
        ),
        "dx by the kernel with its channels not swapped": ('kernel_axes="01oi"', 'kernel_axes="01io"'),
        "dx by the kernel with rows and columns swapped": ('kernel_axes="01oi"', 'kernel_axes="10oi"'),
        "dx of one channel by the kernel's first places": (
            "(around - tall, s - 1 - one.first, around - wide, s - 1 - other.first, 0, 0)",
            "(0, s - 1 - one.first, 0, s - 1 - other.first, 0, 0)",
        ),
        "dx with the forward pads": (
            "pads = self.window.transposed_pads(*x.shape[1:3])\n        if tiles is None",
            "pads = self.window.tight_pads(*x.shape[1:3])\n        if tiles is None",
        ),
        "dx by Winograd's tiles of the kernel unreversed": (
            "hlo.transpose(hlo.reverse(weight, (0, 1)), (0, 1, 3, 2)",
            "hlo.transpose(weight, (0, 1, 3, 2)",
        ),
        "dx by Winograd's tiles of the kernel with its channels not swapped": (
            'hlo.transpose(hlo.reverse(weight, (0, 1)), (0, 1, 3, 2), "turned")',
            'hlo.reshape(hlo.reverse(weight, (0, 1)), (3, 3, self.oc, self.ic), "turned")',
        ),
        "dx by Winograd's tiles with the forward pads": (
            "winograd.image_tiles(cotangent, pads)",
            "winograd.image_tiles(cotangent, ((1, 1), (1, 1)))",
        ),
        "Winograd's tiles without padding": (
            "winograd.image_tiles(part, self.window.pads(*x.shape[1:3]))",
            "winograd.image_tiles(part, ((0, 2), (0, 2)))",
        ),
        "from parts: dk without what goes through the output": (
            'hlo.dot(squares, sloped, (1, 0), "dweight_through")',
            "kernel.block.constant(0, kernel.shape)",
        ),
        "from parts: dk without the shift": ("hlo.add(dweight, level), weight.shape", "dweight, weight.shape"),
        "from parts: dk with the scale and the slope swapped": (
            'sloped = hlo.multiply(kernel, slope, "sloped")',
            'scale, slope = slope, scale\n        sloped = hlo.multiply(kernel, slope, "sloped")',
        ),
        "from parts: dk with the products of the first image alone": (
            'squares = row_products(rows, rows, call.lowerings, "squares")',
            "first = hlo.slice_(rows, (0, 0), (x.shape[1] * x.shape[2], self.ic))\n"
            '        squares = row_products(first, first, call.lowerings, "squares")',
        ),
        "from parts: dx by the kernel unscaled": (
            "_transposed(lazy.direct, scaled, ((0, 0), (0, 0)))",
            "_transposed(lazy.direct, weight, ((0, 0), (0, 0)))",
        ),
        "from parts: dx without what goes through the output": (
            'dx = hlo.add(dx, hlo.convolution(x, mixed, name="dx_through"))\n',
            "\n",
        ),
        "from parts: dx with the shift unmixed": (
            "hlo.dot(kernel, lazy.shift, (1, 0)), dx)",
            "hlo.dot(kernel, hlo.add(lazy.shift, lazy.shift), (1, 0)), dx)",
        ),
        "dx of a strided pointwise kernel behind the gaps": (
            'hlo.pad(pixels, (0,) * 6, (0, 0, stride - 1, 0, stride - 1, 0), name="apart")',
            'hlo.pad(pixels, (0, 0, stride - 1, 0, stride - 1, 0), (0,) * 6, name="apart")',
        ),
        "dx by phases: their rows and columns swapped": ("product(down, across)", "product(across, down)"),
        "dx by phases: in the order of columns": (
            "parts.append(_transposed(cotangent, kernel, (one.pads(tall), other.pads(wide))))",
            "parts.append(_transposed(cotangent, kernel, (one.pads(tall), other.pads(wide))))\n"
            "        parts = [parts[b * s + a] for a, b in product(range(s), repeat=2)]",
        ),
        "dx by phases: the order of the pixels": ("(2, 3, 0, 4, 1, 5)", "(2, 0, 3, 1, 4, 5)"),
        "dx by phases: from the kernel's first places alone": (
            "start = (0, one.first, 0, other.first, 0, 0)",
            "start = (0, 0, 0, 0, 0, 0)",
        ),
        "dx by phases: a place too few": ("tall, wide = max(one.taps, least)", "tall, wide = max(one.taps - 1, 1)"),
        "dx of a pointwise kernel untransposed": (
            "return hlo.convolution(cotangent, kernel, pads=pads, kernel_dilation=dilation, "
            'kernel_axes="01oi", name="dx")',
            "alone = kernel.shape[:2] == (1, 1)\n"
            "    kernel = hlo.reshape(kernel, (1, 1, kernel.shape[3], kernel.shape[2])) if alone else kernel\n"
            '    axes = "01io" if alone else "01oi"\n'
            "    return hlo.convolution(cotangent, kernel, pads=pads, kernel_dilation=dilation, kernel_axes=axes)",
        ),
        "dk with rows and columns swapped": (
            "_rows(shifted.at(i, j)) for i, j in shifted.places()",
            "_rows(shifted.at(j, i)) for i, j in shifted.places()",
        ),
        "dk turned round, place by place": (
            'hlo.concatenate(products, 0, "dweights")',
            'hlo.concatenate(products[::-1], 0, "dweights")',
        ),
        "dk of the first place everywhere": ("for part in pixels]", "for part in pixels[:1] * len(pixels)]"),
        "dk of a pointwise kernel with in and out swapped": (
            'row_products(_rows(x), dy, call.lowerings, "dweight"), (1, 1',
            'row_products(dy, _rows(x), call.lowerings, "dweight"), (1, 1',
        ),
        "dk doubled, gathered alone": (
            'row_products(_rows(shifted.patches()), dy, call.lowerings, "dweight", together=width)',
            'row_products(_rows(shifted.patches()), hlo.add(dy, dy), call.lowerings, "dweight", together=width)',
        ),
        "every 1×1 kernel is taken as pointwise, with a stride too": (
            "self.window.size == self.window.stride == self.groups == 1",
            "self.window.size == self.groups == 1",
        ),
        "a pointwise kernel in groups is taken for one product": (
            "self.window.size == self.window.stride == self.groups == 1",
            "self.window.size == self.window.stride == 1",
        ),
        "dilated: by Winograd's products, as if it were not": (
            "fits = (self.window.size, self.window.stride, self.window.dilation)",
            "fits = (self.window.size, self.window.stride, 1)",
        ),
        "dilated: forward by the kernel alone": (", pads=pads, kernel_dilation=self._dilation)", ", pads=pads)"),
        "dilated: dx by the kernel alone": (
            "_transposed(cotangent, _reversed(weight), pads, self._dilation)",
            "_transposed(cotangent, _reversed(weight), pads)",
        ),
        "groups: the kernel's parts in the other order, forward and back": (
            "_shares(value, self.groups) for value in values",
            "_shares(value, self.groups)[:: -1 if value.shape[0] == self.window.size else 1] for value in values",
        ),
        "groups: outputs side by side in the other order": (
            'hlo.concatenate(outputs, 3, "convs")',
            'hlo.concatenate(outputs[::-1], 3, "convs")',
        ),
        "groups: every group reads the first one's channels": (
            'self._by_group(x, call.parameters["weight"])):',
            'self._by_group(x, call.parameters["weight"])):\n            part = self._by_group(x)[0][0]',
        ),
        "groups: dk's parts in the other order": (
            'hlo.concatenate(dweights, 3, "dweights")}',
            'hlo.concatenate(dweights[::-1], 3, "dweights")}',
        ),
        "groups: dx's parts in the other order": (
            'hlo.concatenate(images, 3, "dx")',
            'hlo.concatenate(images[::-1], 3, "dx")',
        ),
        "groups: dx of the first group for each": (
            "_image_cotangent(x, weight, tiles, dy) for",
            "_image_cotangent(*parts[0]) for",
        ),
        "groups: dk by the first group's tiles": (
            'saved.get(f"tiles_{i}")',
            'saved.get("tiles_0")',
        ),
        "groups: channels alternate between them": (
            'hlo.slice_(value, (*start, first), (*above, first + share), "group") for first in range(0, size, share)',
            "hlo.reshape(hlo.slice_(hlo.reshape(value, (*above, share, groups)), "
            "(*start, 0, i), (*above, share, i + 1)), (*above, share)) for i in range(groups)",
        ),
        "the bias decays": ('Tensor("bias", (self.oc,), ZEROS)', 'Tensor("bias", (self.oc,), ZEROS, True)'),
        "the weight does not decay": ("he_normal(k * k * fan), decays=True", "he_normal(k * k * fan)"),
    }
