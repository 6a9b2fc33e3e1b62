"""Depthwise convolution."""

from dataclasses import replace
from itertools import product
from typing import get_args

import jax

from emit.ops.depthwise import Depthwise
from emit.windows import Window
from netspec.windows import Padding
from tests.ops.harness import IMAGES, WHOLE, Case, OpTests, Shape
from tests.ops.test_convolution import convolution, named


def depthwise(x: jax.Array, weight: jax.Array, stride: int, padding: str, dilation: int = 1) -> jax.Array:
    """One kernel a channel."""
    return convolution(x, weight, stride, padding, x.shape[3], dilation)


def case(channels: int, window: Window, image: Shape, *, pieces: int = 32, rows: int = 14, bias: bool = False) -> Case:
    def expected(x: jax.Array, weight: jax.Array, *rest: jax.Array) -> jax.Array:
        y = depthwise(x, weight, window.stride, window.padding, window.dilation)
        return y + rest[0] if rest else y

    window_name = f"{named(window)}{' bias' if bias else ''}"
    return Case(
        Depthwise(channels, window, bias),
        ((*image, channels),),
        expected,
        lowerings=replace(WHOLE, depthwise_pieces=pieces, depthwise_rows=rows),
        name=f"{window_name} in {pieces} pieces, {rows} rows",
    )


def cases() -> list[Case]:
    """Every kernel, stride and padding; the number of pieces, and the rows below which there are fewer, go round."""
    found = []
    for i, (size, stride, padding) in enumerate(product((1, 2, 3, 5, 7), (1, 2, 3), get_args(Padding))):
        pieces, rows = ((32, 14), (32, 1), (1, 1), (8, 14))[i % 4]
        image = IMAGES[i % 5] if padding != "valid" else (IMAGES[i % 5][0], 8 + i % 2, 7 + i % 3)
        window = Window(size, stride, padding)
        found.append(case(1 + i % 3, window, image, pieces=pieces, rows=rows, bias=i % 5 == 0))
    found += [case(2, Window(3, 1, "same"), (7, 4, 5), pieces=pieces, rows=1) for pieces in (1, 2, 4, 9)]
    found += [case(2, Window(3, 2, "same"), (2, 1, 1))]
    for i, (size, dilation, padding) in enumerate(product((2, 3, 5), (2, 3), get_args(Padding))):
        pieces, rows = ((32, 14), (1, 1), (2, 1))[i % 3]
        image = (3, 13 + i % 2, 14) if padding == "valid" else IMAGES[i % 5]
        window = Window(size, 1, padding, dilation)
        found.append(case(1 + i % 3, window, image, pieces=pieces, rows=rows, bias=i % 5 == 0))
    return found


class TestDepthwise(OpTests):
    op = Depthwise
    numeric = cases()
    golden = case(3, Window(3, 2, "same"), (2, 5, 6))
    golden_lowerings = {"dilated": case(3, Window(3, 1, "same", 2), (2, 5, 6))}
    invalid = {
        "an input of other channels": {"x": (2, 5, 6, 4)},
        "a cotangent of other channels": {"dy": (2, 3, 3, 4)},
    }
    wrong = {
        "no padding": ('hlo.pad(used, (0, top, left, 0), high, name="pad")', "used"),
        "padding of ones": (
            'hlo.pad(used, (0, top, left, 0), high, name="pad")',
            'hlo.pad(used, (0, top, left, 0), high, fill=1, name="pad")',
        ),
        "a row of padding at the other side": (
            'hlo.pad(used, (0, top, left, 0), high, name="pad")',
            'hlo.pad(used, (0, top + (high[1] > 0), left, 0), (0, max(high[1] - 1, 0), high[2], 0), name="pad")',
        ),
        "dx by the kernel unreversed": (
            "hlo.reverse(weight, (0, 1))",
            "weight",
        ),
        "dx by the kernel reversed along columns alone": (
            "hlo.reverse(weight, (0, 1))",
            "hlo.reverse(weight, (1,))",
        ),
        "dx by the channels' kernels in the wrong order": (
            "hlo.reverse(weight, (0, 1))",
            "hlo.reverse(weight, (0, 1, 3))",
        ),
        "dx reads dy's rows in the other order": (
            "row, column = down.places - 1 - i, across.places - 1 - j",
            "row, column = i, across.places - 1 - j",
        ),
        "dx reads dy's columns in the other order": (
            "row, column = down.places - 1 - i, across.places - 1 - j",
            "row, column = down.places - 1 - i, j",
        ),
        "dx with the zeros at the kernel's other side": (
            'hlo.pad(weight, low, high, name="table")',
            'hlo.pad(weight, high, low, name="table")',
        ),
        "dx with the phases of rows and columns swapped": (
            "hlo.broadcast(taps, phases, (2, 4, 5))",
            "hlo.broadcast(hlo.transpose(taps, (1, 0, 2)), phases, (2, 4, 5))",
        ),
        "dx of the last reader alone": ('hlo.add(total, part, "dx")', "part"),
        "dx of the first taps for every reader": (
            "(i, 0, j, 0, 0), (i + 1, s, j + 1, s, channels)",
            "(0,) * 5, (1, s, 1, s, channels)",
        ),
        "dx cut at its first rows": (
            'return hlo.slice_(total, (0,) * 4, shape, "dx")',
            "start = (0, *(whole - size for whole, size in zip(total.shape[1:3], shape[1:3])), 0)\n"
            '        return hlo.slice_(total, start, (batch, *total.shape[1:3], channels), "dx")',
        ),
        "dk doubled where x needs no cotangent": (
            "        if not wanted[0]:\n",
            "        if not wanted[0]:\n"
            '            gradients["weight"] = hlo.add(gradients["weight"], gradients["weight"])\n',
        ),
        "what no window sees is cut off at the top": (
            'hlo.slice_(x, (0,) * 4, (batch, min(height, tall - top), min(width, wide - left), channels), name="used")',
            "hlo.slice_(x, (0, max(height - tall + top, 0), 0, 0), "
            '(batch, height, min(width, wide - left), channels), name="used")',
        ),
        "dk of the last piece alone": ("hlo.concatenate(parts, 0", "hlo.concatenate(parts[-1:], 0"),
        "dk of the first piece alone": ("hlo.concatenate(parts, 0", "hlo.concatenate(parts[:1], 0"),
        "dk without the last piece where it is smaller": (
            "for first in range(0, batch, size):",
            "for first in range(0, batch - batch % size, size):",
        ),
        "dk of the first images in every piece": (
            "(0, first * tall, 0, 0), stop,",
            "(0, 0, 0, 0), (1, stop[1] - first * tall, wide, channels),",
        ),
        "dk's pieces overlap": (
            "last = min(first + size, batch)",
            "last = min(first + size + 1, batch)",
        ),
        "dk without the stride between the kernel's rows": (
            "kernel_dilation=(s, s)",
            "kernel_dilation=(1, s)",
        ),
        "dk without the stride between the kernel's columns": (
            "kernel_dilation=(s, s)",
            "kernel_dilation=(s, 1)",
        ),
        "dk with the zero rows before each image's cotangent": (
            "hlo.pad(cotangent, (0,) * 4, (0, apart, 0, 0)",
            "hlo.pad(cotangent, (0, apart, 0, 0), (0,) * 4",
        ),
        "dk without the zero rows between images": (
            'spaced = hlo.pad(cotangent, (0,) * 4, (0, apart, 0, 0), name="spaced")',
            "rows_, (batch, _, columns, channels) = padded.shape[1] // self.window.stride, cotangent.shape\n"
            "            parts = [cotangent] * rows_ * channels\n"
            "            spaced = hlo.slice_(hlo.concatenate(parts, 1), (0,) * 4, (batch, rows_, columns, channels))",
        ),
        "dk trims one row too many": ("around = -(-extent // s)", "around = 1 - (-extent // s)"),
        "dilated: forward by the kernel alone": (
            "            kernel_dilation=self._dilation,\n            groups=self.channels,\n",
            "            groups=self.channels,\n",
        ),
        "dilated: dx by the kernel alone": (
            "kernel, kernel_dilation=self._dilation, groups=self.channels",
            "kernel, groups=self.channels",
        ),
        "dilated: dk of rows that are one apart": (
            'strides=self._dilation, kernel_dilation=(s, s), groups=channels, name="part"\n            )',
            'kernel_dilation=(s, s), groups=channels, name="part"\n            )\n'
            "            part = hlo.slice_(part, (0,) * 4, (1, k, k, channels))",
        ),
        "dilated: an image's last rows run into the next one's": (
            "tall, wide = -(-((rows - 1) * s + extent) // s) * s, (columns",
            "tall, wide = -(-((rows - 1) * s + extent) // s) * s - (self.window.dilation > 1), (columns",
        ),
        "dk of the padded cotangent from its first row": (
            "self._weight_cotangent(call, padded, around, top, left)",
            "self._weight_cotangent(call, padded, around, 0, left)",
        ),
        "dk of the padded cotangent from its first column": (
            "self._weight_cotangent(call, padded, around, top, left)",
            "self._weight_cotangent(call, padded, around, top, 0)",
        ),
        "dk with rows and columns swapped": (
            'return hlo.reshape(parts[0], (k, k, 1, channels), "dweight")',
            "total = hlo.reshape(parts[0], (1, k, k, channels))\n"
            "        rows_ = [hlo.slice_(total, (0, 0, j, 0), (1, k, j + 1, channels)) for j in range(k)]\n"
            "        turned = [hlo.reshape(row, (1, 1, k, channels)) for row in rows_]\n"
            '        return hlo.reshape(hlo.concatenate(turned, 1), (k, k, 1, channels), "dweight")',
        ),
        "the weight does not decay": (
            "he_normal(k * k * fan), decays=True",
            "he_normal(k * k * fan)",
        ),
    }
