"""Wrong versions of the rules, the walks, the optimizers and the printer: each applied for real, and what catches it.

A mutation is an edit of a module's source. It is applied in this process: the edited source is compiled and run in a
namespace of its own, and code, defaults and constants that came out different are put in the place of the module's.

`python -m tests.runtime.verify.mutations` prints the table of all of them.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import product
from pathlib import Path
from types import FunctionType
from typing import Any

from emit.op import REGISTRY
from emit.program import ENTRY_POINTS, emit
from netspec import (
    NetSpec,
    TrainConfig,
    conv2d,
    convBn,
    dense,
    flatten,
    globalAvgPool,
    invertedResidual,
    maxPool,
    residualBlock,
)
from runtime.verify.cases import by_family, general_cases
from runtime.verify.check import Check
from runtime.verify.composition import check_composition
from runtime.verify.op import Case
from runtime.verify.rules import check_rules
from runtime.verify.step import check_small_instance
from runtime.verify.text import parsed_back


@dataclass(frozen=True)
class Mutation:
    """A wrong version: what is wrong, and the edits (old text, new text) of a module; each old text occurs once."""

    name: str
    module: str
    edits: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.module.removeprefix('emit.')}: {self.name}"


# --- the table --------------------------------------------------------------------------------------------------------
# By module: what is wrong, and old and new text in turn.

_RELU_VJP = '"passes")\n        return Cotangents((hlo.select(passes, cotangent, scalar(0, y), "dx"),))'

_TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "emit.ops.relu": {
        "relu passes at the kink, ≥ for >": (
            'passes = hlo.compare(y, "GT", scalar(0, y), "passes")',
            'passes = hlo.compare(y, "GE", scalar(0, y), "passes")',
        ),
        "relu rereads its input with the sign turned": (
            'exactly where x > 0."""\n        y = result.output if call.again is None else call.again',
            'exactly where x > 0."""\n        y = result.output if call.again is None else '
            "hlo.subtract(scalar(0, call.again), call.again)",
        ),
        "relu passes where it should not, and the other way round": (
            'passes = hlo.compare(y, "GT", scalar(0, y), "passes")',
            'passes = hlo.compare(y, "LE", scalar(0, y), "passes")',
        ),
        "relu's derivative is 1 everywhere": (_RELU_VJP, '"passes")\n        return Cotangents((cotangent,))'),
        "relu bends at 1, forward and back": (
            'Result(hlo.maximum(x, scalar(0, x), "out"))',
            'Result(hlo.maximum(x, scalar(1, x), "out"))',
            'passes = hlo.compare(y, "GT", scalar(0, y), "passes")',
            'passes = hlo.compare(y, "GT", scalar(1, y), "passes")',
        ),
        "relu is a minimum": (
            'Result(hlo.maximum(x, scalar(0, x), "out"))',
            'Result(hlo.minimum(x, scalar(0, x), "out"))',
        ),
    },
    "emit.ops.relu6": {
        "relu6 passes at 6, ≤ for <": ('"LT", scalar(6, y)', '"LE", scalar(6, y)'),
        "relu6 passes at 0, ≥ for >": (
            'hlo.compare(y, "GT", scalar(0, y), "positive")',
            'hlo.compare(y, "GE", scalar(0, y), "positive")',
        ),
        "relu6's derivative is 1 above 6": (
            'hlo.compare(y, "LT", scalar(6, y), "small")',
            'hlo.compare(y, "GT", scalar(0, y), "small")',
        ),
        "relu6 ends at 5, forward and back": ("scalar(6, x)", "scalar(5, x)", "scalar(6, y)", "scalar(5, y)"),
        "relu6 lets negative numbers through": (
            'hlo.maximum(x, scalar(0, x), "positive_part")',
            'hlo.maximum(x, scalar(-6, x), "positive_part")',
        ),
    },
    "emit.ops.add": {
        "the first input twice": ('hlo.add(left, right, "residual")', 'hlo.add(left, left, "residual")'),
        "a product": ('hlo.add(left, right, "residual")', 'hlo.multiply(left, right, "residual")'),
        "a difference, forward and back": (
            'hlo.add(left, right, "residual")',
            'hlo.subtract(left, right, "residual")',
            "tuple(cotangent if want else None for want in wanted)",
            '(cotangent, hlo.subtract(scalar(0, cotangent), cotangent, "minus"))',
            "from netspec.layers import Shape",
            "from emit.sums import scalar\nfrom netspec.layers import Shape",
        ),
        "the second input gets no cotangent": (
            "tuple(cotangent if want else None for want in wanted)",
            "(cotangent, None)",
        ),
        "an input that wants no cotangent gets one": (
            "tuple(cotangent if want else None for want in wanted)",
            "(cotangent, cotangent)",
        ),
        "the first input's cotangent is doubled": (
            "tuple(cotangent if want else None for want in wanted)",
            '(hlo.add(cotangent, cotangent, "twice"), cotangent)',
        ),
    },
    "emit.ops.batch_norm": {
        "what is emitted again lacks the mean": (
            "hlo.subtract(beta, hlo.multiply(hlo.multiply(mean, inverse), gamma), ",
            "hlo.subtract(beta, hlo.multiply(inverse, gamma), ",
        ),
        "what is emitted again lacks γ": (
            'per_channel(gamma, x), "again_scaled")',
            'per_channel(inverse, x), "again_scaled")',
        ),
        "what is emitted again is x": (
            'return hlo.add(scaled, per_channel(shift, x), "again")',
            "return x",
        ),
        "another ε": ("EPSILON = Fraction(1, 100_000)", "EPSILON = Fraction(1, 1_000)"),
        "the running variance does not come back": (
            '                "running_variance": _moved(call.statistics["running_variance"], unbiased),\n',
            "",
        ),
        "no ε": ('hlo.rsqrt(hlo.add(variance, scalar(EPSILON, variance), "above_zero")', "hlo.rsqrt(variance"),
        "ε outside the root": (
            'hlo.rsqrt(hlo.add(variance, scalar(EPSILON, variance), "above_zero"), "inverse")',
            'hlo.add(hlo.rsqrt(variance), scalar(EPSILON, variance), "inverse")',
        ),
        "another momentum": ("MOMENTUM = Fraction(1, 10)", "MOMENTUM = Fraction(1, 100)"),
        "the momentum's two shares swapped": (
            "scalar(1 - MOMENTUM, running)",
            "scalar(MOMENTUM, running)",
            "scalar(MOMENTUM, batch)",
            "scalar(1 - MOMENTUM, batch)",
        ),
        "the running statistics are the batch's": (
            'return hlo.add(kept, hlo.multiply(batch, scalar(MOMENTUM, batch), "running_fresh"), "running_new")',
            "return batch",
        ),
        "the running variance moves to the biased one": (
            '_moved(call.statistics["running_variance"], unbiased)',
            '_moved(call.statistics["running_variance"], variance)',
        ),
        "the running variance moves to the mean": (
            '_moved(call.statistics["running_variance"], unbiased)',
            '_moved(call.statistics["running_variance"], mean)',
        ),
        "the running variance is stale": (
            '"running_variance": _moved(call.statistics["running_variance"], unbiased)',
            '"running_variance": call.statistics["running_variance"]',
        ),
        "the running mean is stale": (
            '"running_mean": _moved(call.statistics["running_mean"], mean)',
            '"running_mean": call.statistics["running_mean"]',
        ),
        "the running mean starts from the running variance": (
            '_moved(call.statistics["running_mean"], mean)',
            '_moved(call.statistics["running_variance"], mean)',
        ),
        "training divides by the unbiased deviation": (
            "inverse = _inverse_deviation(variance)\n        return Result(",
            "inverse = _inverse_deviation(unbiased)\n        return Result(",
        ),
        "the mean square is divided by one less": (
            'squares = hlo.divide(squares, scalar(count, squares), "mean_square")',
            'squares = hlo.divide(squares, scalar(count - 1, squares), "mean_square")',
        ),
        "the variance is about the first image's mean": (
            'hlo.subtract(squares, hlo.multiply(further, further), "variance")',
            'hlo.add(squares, scalar(0, squares), "variance")',
        ),
        "the mean is the first image's": (
            'mean = hlo.add(near, further, "mean")',
            'mean = hlo.add(near, scalar(0, near), "mean")',
        ),
        "the mean is divided by one less": (
            'further = hlo.divide(total, scalar(count, total), "further")',
            'further = hlo.divide(total, scalar(count - 1, total), "further")',
        ),
        "the unbiased variance is larger twice": (
            "Fraction(count, count - 1), variance)",
            "Fraction(count, count - 1) ** 2, variance)",
        ),
        "evaluation takes the batch's statistics": ("if not call.training:", "if False:"),
        "evaluation swaps mean and variance": (
            'mean, variance = call.statistics["running_mean"], call.statistics["running_variance"]',
            'variance, mean = call.statistics["running_mean"], call.statistics["running_variance"]',
        ),
        "the mean is added, not taken off": (
            'hlo.subtract(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")',
            'hlo.add(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")',
        ),
        "no β": (
            'hlo.subtract(call.parameters["beta"], hlo.multiply(mean, scale, "mean_scaled"), "shift")',
            'hlo.multiply(hlo.multiply(mean, scale), scalar(-1, mean), "shift")',
        ),
        "γ doubled, forward and back": (
            'hlo.multiply(call.parameters["gamma"], inverse, "scale")\n    shift',
            'hlo.multiply(hlo.add(call.parameters["gamma"], call.parameters["gamma"]), inverse, "scale")\n    shift',
            'hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": dgamma,',
            'hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": hlo.add(dgamma, dgamma),',
            "Parts(cotangent, scale, x, slope, shift)",
            "Parts(cotangent, *(hlo.add(each, each) if each is not x else x for each in (scale, x, slope, shift)))",
        ),
        "dγ without the deviation": (
            'dgamma = hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": dgamma,',
            'dgamma = hlo.multiply(weighted, inverse, "dgamma")\n        gradients = {"gamma": weighted,',
        ),
        "dγ of x that is not centred": (
            'hlo.subtract(per_channel(mean, x), x, "centred_turned")',
            "hlo.subtract(scalar(0, x), x)",
        ),
        "dγ of x centred, not turned": (
            'hlo.subtract(per_channel(mean, x), x, "centred_turned")',
            "hlo.subtract(x, per_channel(mean, x))",
        ),
        "squares of x itself": (
            'summand(apart, hlo.subtract(per_channel(near, x), x, "apart_turned"), "square")',
            'hlo.multiply(x, x, "square")',
        ),
        "dγ and dβ swapped": ('{"gamma": dgamma, "beta": dbeta}', '{"gamma": dbeta, "beta": dgamma}'),
        "dx with one deviation too few in its slope": (
            "slope = hlo.multiply(hlo.multiply(dgamma, inverse), scale)",
            "slope = hlo.multiply(dgamma, scale)",
        ),
        "dx with the slope's sign turned": ("scalar(-count, slope)", "scalar(count, slope)"),
        "dx without the slope's factor 1/M": ("scalar(-count, slope)", "scalar(-1, slope)"),
        "dx with the level's sign turned": ("scalar(-count, dbeta)", "scalar(count, dbeta)"),
        "dx without the level's factor 1/M": ("scalar(-count, dbeta)", "scalar(-1, dbeta)"),
        "dx without the way through μ": ('hlo.subtract(level, hlo.multiply(slope, mean), "dshift")', "level"),
        "dx with the shift's sign turned": (
            'hlo.subtract(level, hlo.multiply(slope, mean), "dshift")',
            'hlo.add(level, hlo.multiply(slope, mean), "dshift")',
        ),
        "dx without the way through σ²": (
            "Parts(cotangent, scale, x, slope, shift)",
            "Parts(cotangent, scale, x, scalar(0, slope), shift)",
        ),
        "dx as if μ and σ² were constants": (
            "Parts(cotangent, scale, x, slope, shift)",
            "Parts(cotangent, scale, x, scalar(0, slope), scalar(0, shift))",
        ),
        "dx without γ": (
            'scale = hlo.multiply(call.parameters["gamma"], inverse, "scale")\n        slope',
            "scale = inverse\n        slope",
        ),
        "M counts one image, not the batch": (
            "count = x.type.elements // self.channels\n        product",
            "count = x.shape[1] * x.shape[2]\n        product",
        ),
        "M counts the channels too": (
            "count = x.type.elements // self.channels\n        product",
            "count = x.type.elements\n        product",
        ),
        "β decays": ('Tensor("beta", (self.channels,), ZEROS)', 'Tensor("beta", (self.channels,), ZEROS, True)'),
    },
    "emit.ops.convolution": {
        "no padding": (", pads=self.window.tight_pads(*x.shape[1:3]))", ")"),
        "no stride": ("strides=stride, ", ""),
        "no bias": ('hlo.add(y, per_channel(call.parameters["bias"], y), "biased")', "y"),
        "the bias taken off, forward and back": (
            'hlo.add(y, per_channel(call.parameters["bias"], y), "biased")',
            'hlo.subtract(y, per_channel(call.parameters["bias"], y), "biased")',
            '(gradients["bias"],) = channel_sums((cotangent,), call.forms, "dbias")',
            "(db,) = channel_sums((cotangent,), call.forms, 'dbias')\n"
            '            gradients["bias"] = hlo.subtract(hlo.subtract(db, db), db, "dbias")',
        ),
        "dbias sums the squares": (
            '(gradients["bias"],) = channel_sums((cotangent,), call.forms, "dbias")',
            '(gradients["bias"],) = channel_sums((hlo.multiply(cotangent, cotangent),), call.forms, "dbias")',
        ),
        "dbias of the first image alone": (
            '(gradients["bias"],) = channel_sums((cotangent,), call.forms, "dbias")',
            "first = hlo.slice_(cotangent, (0,) * 4, (1, *cotangent.shape[1:]))\n"
            '            (gradients["bias"],) = channel_sums((first,), call.forms, "dbias")',
        ),
        "a pointwise kernel is read transposed": (
            "y = hlo.convolution(x, weight, strides",
            "kernel = hlo.reshape(weight, (1, 1, self.oc, self.ic)) if self.pointwise else weight\n"
            '            axes = "01oi" if self.pointwise else "01io"\n'
            "            y = hlo.convolution(x, kernel, kernel_axes=axes, strides",
        ),
        "dx by the kernel unreversed": ("hlo.reverse(kernel, (0, 1))", "kernel"),
        "dx by the kernel reversed along rows alone": ("hlo.reverse(kernel, (0, 1))", "hlo.reverse(kernel, (0,))"),
        "dx by the kernel reversed along its channels too": (
            "hlo.reverse(kernel, (0, 1))",
            "hlo.reverse(kernel, (0, 1, 2))",
        ),
        "dx by the kernel with its channels not swapped": ('kernel_axes="01oi"', 'kernel_axes="01io"'),
        "dx by the kernel with rows and columns swapped": ('kernel_axes="01oi"', 'kernel_axes="10oi"'),
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
            "winograd.image_tiles(x, self.window.pads(*x.shape[1:3]))",
            "winograd.image_tiles(x, ((0, 2), (0, 2)))",
        ),
        "from parts: dk without what goes through the output": (
            'hlo.dot(squares, sloped, (1, 0), "dweight_through")',
            "scalar(0, kernel)",
        ),
        "from parts: dk without the shift": ("hlo.add(dweight, level), weight.shape", "dweight, weight.shape"),
        "from parts: dk with the scale and the slope swapped": (
            'sloped = hlo.multiply(kernel, slope, "sloped")',
            'scale, slope = slope, scale\n        sloped = hlo.multiply(kernel, slope, "sloped")',
        ),
        "from parts: dk with the products of the first image alone": (
            'squares = row_products(rows, rows, call.forms, "squares")',
            "first = hlo.slice_(rows, (0, 0), (x.shape[1] * x.shape[2], self.ic))\n"
            '        squares = row_products(first, first, call.forms, "squares")',
        ),
        "from parts: dx by the kernel unscaled": (
            "_transposed(parts.direct, scaled, ((0, 0), (0, 0)))",
            "_transposed(parts.direct, weight, ((0, 0), (0, 0)))",
        ),
        "from parts: dx without what goes through the output": (
            'dx = hlo.add(dx, hlo.convolution(x, mixed, name="dx_through"))\n',
            "\n",
        ),
        "from parts: dx with the shift unmixed": (
            "hlo.dot(kernel, parts.shift, (1, 0)), dx)",
            "hlo.dot(kernel, hlo.add(parts.shift, parts.shift), (1, 0)), dx)",
        ),
        "dx of a strided pointwise kernel without gaps": (
            "high = (0, height - 1 - (dx.shape[1] - 1) * s, width - 1 - (dx.shape[2] - 1) * s, 0)\n"
            '            return hlo.pad(dx, (0,) * 4, high, (0, s - 1, s - 1, 0), name="dx")',
            "high = (0, height - dx.shape[1], width - dx.shape[2], 0)\n"
            '            return hlo.pad(dx, (0,) * 4, high, name="dx")',
        ),
        "dx by phases: their rows and columns swapped": ("product(down, across)", "product(across, down)"),
        "dx by phases: in the order of columns": (
            "parts.append(_transposed(cotangent, kernel, (one.pads(tall), other.pads(wide))))",
            "parts.append(_transposed(cotangent, kernel, (one.pads(tall), other.pads(wide))))\n"
            "        parts = [parts[b * s + a] for a, b in product(range(s), repeat=2)]",
        ),
        "dx by phases: the order of the pixels": ("(2, 3, 0, 4, 1, 5)", "(2, 0, 3, 1, 4, 5)"),
        "dx by phases: from the kernel's first places alone": (
            "start = (0, one.first, 0, other.first, 0, 0)\n"
            "            stop = (tall, one.first + 1, wide, other.first + 1, self.ic, self.oc)",
            "start = (0, 0, 0, 0, 0, 0)\n            stop = (tall, 1, wide, 1, self.ic, self.oc)",
        ),
        "dx by phases: a place too few": ("tall, wide = max(one.taps, least)", "tall, wide = max(one.taps - 1, 1)"),
        "dx of a pointwise kernel untransposed": (
            "turned = kernel if kernel.shape[:2] == (1, 1) else hlo.reverse(kernel, (0, 1))",
            "alone = kernel.shape[:2] == (1, 1)\n"
            "    turned = hlo.reshape(kernel, (1, 1, kernel.shape[3], kernel.shape[2])) if alone "
            "else hlo.reverse(kernel, (0, 1))",
            'kernel_axes="01oi"',
            'kernel_axes="01io" if alone else "01oi"',
        ),
        "dk with rows and columns swapped": (
            "_rows(shifted.at(i, j)) for i, j in shifted.places()",
            "_rows(shifted.at(j, i)) for i, j in shifted.places()",
        ),
        "dk turned round, place by place": (
            'hlo.concatenate(products, 0, "dweights")',
            'hlo.concatenate(products[::-1], 0, "dweights")',
        ),
        "dk of the first place everywhere": ("for part in seen]", "for part in seen[:1] * len(seen)]"),
        "dk of a pointwise kernel with in and out swapped": (
            'row_products(_rows(x), dy, call.forms, "dweight"), (1, 1',
            'row_products(dy, _rows(x), call.forms, "dweight"), (1, 1',
        ),
        "dk doubled, gathered alone": (
            'row_products(_rows(shifted.patches()), dy, call.forms, "dweight", together=width)',
            'row_products(_rows(shifted.patches()), hlo.add(dy, dy), call.forms, "dweight", together=width)',
        ),
        "every 1×1 kernel is taken as pointwise, with a stride too": (
            "self.window.size == self.window.stride == 1",
            "self.window.size == 1",
        ),
        "the bias decays": ('Tensor("bias", (self.oc,), ZEROS)', 'Tensor("bias", (self.oc,), ZEROS, True)'),
        "the weight does not decay": ("he_normal(k * k * self.oc), decays=True", "he_normal(k * k * self.oc)"),
    },
    "emit.losses.cross_entropy": {
        "the sum over the batch, forward alone": ("scalar(-logits.shape[0], total)", "scalar(-1, total)"),
        "the sum over the batch, forward and back": (
            "scalar(-logits.shape[0], total)",
            "scalar(-1, total)",
            "scalar(logits.shape[0], cotangent)",
            "scalar(1, cotangent)",
        ),
        "the mean over classes, forward and back": (
            "scalar(-logits.shape[0], total)",
            "scalar(-logits.shape[1], total)",
            "scalar(logits.shape[0], cotangent)",
            "scalar(logits.shape[1], cotangent)",
        ),
        "the loss's sign turned, forward and back": (
            "scalar(-logits.shape[0], total)",
            "scalar(logits.shape[0], total)",
            "scalar(logits.shape[0], cotangent)",
            "scalar(-logits.shape[0], cotangent)",
        ),
        "dz without the factor 1/N": ("scalar(logits.shape[0], cotangent)", "scalar(1, cotangent)"),
        "dz with its sign turned": (
            'hlo.subtract(softmax, result.saved["target"], "excess")',
            'hlo.subtract(result.saved["target"], softmax, "excess")',
        ),
        "dz without the target": (
            'hlo.subtract(softmax, result.saved["target"], "excess")',
            "softmax",
        ),
        "dz of the logarithm, not of softmax": (
            'hlo.exponential(result.saved["log"], "softmax")',
            'result.saved["log"]',
        ),
        "dz does not see the loss's cotangent": (
            'hlo.divide(cotangent, scalar(logits.shape[0], cotangent), "share")',
            'hlo.divide(scalar(1, cotangent), scalar(logits.shape[0], cotangent), "share")',
        ),
        "the label keeps 1 - ε, its own share of ε left out": (
            "1 - spread + spread / classes, spread / classes",
            "1 - spread, spread / classes",
        ),
        "ε is spread over the other classes alone": (
            "1 - spread + spread / classes, spread / classes",
            "1 - spread, spread / (classes - 1)",
        ),
        "no label smoothing": ("spread = written(self.smoothing)", "spread = written(0.0)"),
        "the target's two values swapped": (
            "scalar(high, logits), scalar(low, logits)",
            "scalar(low, logits), scalar(high, logits)",
        ),
        "the logarithm of the total is taken off the logits unshifted": (
            "hlo.subtract(shifted, hlo.broadcast(hlo.log(total)",
            "hlo.subtract(logits, hlo.broadcast(hlo.log(total)",
        ),
        "softmax along the batch": ('(1,), "total")', '(0,), "total")'),
        "the total's logarithm goes to the wrong row": (
            "hlo.broadcast(hlo.log(total), logits.shape, (0,))",
            'hlo.broadcast(hlo.reverse(hlo.log(total), (0,), "turned"), logits.shape, (0,))',
        ),
        "every class below the label is it too": (
            'hlo.compare(columns, "EQ"',
            'hlo.compare(columns, "LE"',
        ),
        "labels count from 1": (
            'hlo.broadcast(labels, columns.shape, (0,), "label")',
            'hlo.broadcast(hlo.subtract(labels, scalar(1, labels)), columns.shape, (0,), "label")',
        ),
    },
    "emit.ops.dense": {
        "no bias": ('hlo.add(product, per_channel(call.parameters["bias"], product), "biased")', "product"),
        "the bias doubled, forward and back": (
            'hlo.add(product, per_channel(call.parameters["bias"], product), "biased")',
            'hlo.add(product, per_channel(hlo.add(*[call.parameters["bias"]] * 2), product), "biased")',
            'hlo.sums((cotangent,), (0,), "dbias")[0]',
            'hlo.sums((hlo.add(cotangent, cotangent),), (0,), "dbias")[0]',
        ),
        "db as the mean over the batch": (
            'hlo.sums((cotangent,), (0,), "dbias")[0]',
            'hlo.sums((hlo.divide(cotangent, scalar(x.shape[0], cotangent)),), (0,), "dbias")[0]',
            "import per_channel",
            "import per_channel, scalar",
        ),
        "dw as the mean over the batch": (
            'hlo.dot(x, cotangent, (0, 0), "dweight")',
            'hlo.dot(x, hlo.divide(cotangent, scalar(x.shape[0], cotangent)), (0, 0), "dweight")',
            "import per_channel",
            "import per_channel, scalar",
        ),
        "dw transposed": ('hlo.dot(x, cotangent, (0, 0), "dweight")', 'hlo.dot(cotangent, x, (0, 0), "dweight")'),
        "dw of the first row alone": (
            'hlo.dot(x, cotangent, (0, 0), "dweight")',
            "hlo.dot(hlo.slice_(x, (0, 0), (1, self.fan_in)), "
            'hlo.slice_(cotangent, (0, 0), (1, self.fan_out)), (0, 0), "dweight")',
        ),
        "dw of the weights, not of x": (
            'hlo.dot(x, cotangent, (0, 0), "dweight")',
            'hlo.dot(hlo.dot(cotangent, call.parameters["weight"], (1, 1)), cotangent, (0, 0), "dweight")',
        ),
        "dx by the weights untransposed": (
            'hlo.dot(cotangent, call.parameters["weight"], (1, 1), "dx")',
            'hlo.dot(cotangent, hlo.reshape(call.parameters["weight"], (self.fan_out, self.fan_in)), (1, 0), "dx")',
        ),
        "dx with its sign turned": (
            'hlo.dot(cotangent, call.parameters["weight"], (1, 1), "dx")',
            'hlo.dot(hlo.subtract(hlo.subtract(cotangent, cotangent), cotangent), call.parameters["weight"], (1, 1))',
        ),
    },
    "emit.ops.depthwise": {
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
        "dk trims one row too many": ("around = -(-k // s)", "around = 1 - (-k // s)"),
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
            "he_normal(k * k * self.channels), decays=True",
            "he_normal(k * k * self.channels)",
        ),
    },
    "emit.ops.flatten": {
        "rows from bottom to top": (
            'hlo.reshape(x, (x.shape[0], prod(x.shape[1:])), "flat")',
            'hlo.reshape(hlo.reverse(x, (1,)), (x.shape[0], prod(x.shape[1:])), "flat")',
        ),
        "columns from right to left, forward and back": (
            'hlo.reshape(x, (x.shape[0], prod(x.shape[1:])), "flat")',
            'hlo.reshape(hlo.reverse(x, (2,)), (x.shape[0], prod(x.shape[1:])), "flat")',
            'hlo.reshape(cotangent, x.shape, "dx")',
            'hlo.reverse(hlo.reshape(cotangent, x.shape), (2,), "dx")',
        ),
        "dx with its channels turned round": (
            'hlo.reshape(cotangent, x.shape, "dx")',
            'hlo.reverse(hlo.reshape(cotangent, x.shape), (3,), "dx")',
        ),
    },
    "emit.ops.global_average_pool": {
        "the sum": ('hlo.divide(total, scalar(x.shape[1] * x.shape[2], total), "mean")', "total"),
        "dx without the factor 1/(H·W)": (
            'hlo.divide(cotangent, scalar(x.shape[1] * x.shape[2], cotangent), "share")',
            "cotangent",
        ),
        "divided by the rows alone, forward and back": (
            "scalar(x.shape[1] * x.shape[2], total)",
            "scalar(x.shape[1], total)",
            "scalar(x.shape[1] * x.shape[2], cotangent)",
            "scalar(x.shape[1], cotangent)",
        ),
        "divided by H·H, forward and back": (
            "scalar(x.shape[1] * x.shape[2], total)",
            "scalar(x.shape[1] * x.shape[1], total)",
            "scalar(x.shape[1] * x.shape[2], cotangent)",
            "scalar(x.shape[1] * x.shape[1], cotangent)",
        ),
    },
    "emit.ops.max_pool": {
        "of equals the last": ("in reversed(shifted.places()):", "in shifted.places():"),
        "padding that is 0 takes the cotangent of a window that is 0": ("fill=-math.inf", "fill=0"),
        "the cotangent goes to the mirrored row": (
            "start = (0, k - 1 - i, k - 1 - j, 0)",
            "start = (0, i, k - 1 - j, 0)",
        ),
        "the cotangent goes to the mirrored column": (
            "start = (0, k - 1 - i, k - 1 - j, 0)",
            "start = (0, k - 1 - i, j, 0)",
        ),
        "places are numbered column by column where they are read": (
            "y.block.constant(i * k + j, here.shape",
            "y.block.constant(j * k + i, here.shape",
        ),
        "the last place's cotangent alone": ("dx = part if dx is None else", "dx = part if True else"),
        "a place gets what belongs to places before it": (
            'mine = hlo.compare(here, "EQ"',
            'mine = hlo.compare(here, "LE"',
        ),
        "the cotangent goes to every place but the largest": (
            'largest = hlo.compare(shifted.at(i, j), "EQ"',
            'largest = hlo.compare(shifted.at(i, j), "NE"',
        ),
        "the cotangent of a window is shared": (
            'part = hlo.select(mine, part, scalar(0, part), "part")',
            'part = hlo.divide(part, scalar(k * k, part), "part")',
        ),
        "forward pads at the other side": (
            "pads = ((0, 0), (top, max(bottom, 0)), (left, max(right, 0)), (0, 0))",
            "pads = ((0, 0), (max(bottom, 0), top), (max(right, 0), left), (0, 0))",
        ),
        "what no window sees is cut off at the wrong side": (
            'hlo.slice_(x, (0,) * 4, (batch, height + min(bottom, 0), width + min(right, 0), channels), "seen")',
            'hlo.slice_(x, (0, -min(bottom, 0), -min(right, 0), 0), (batch, height, width, channels), "seen")',
        ),
    },
    "emit.winograd": {
        "the image's matrix: a sign": ("(0, -1, 0, 1))  # Bᵀ", "(0, 1, 0, 1))  # Bᵀ"),
        "the image's matrix: two places swapped": (
            "(0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1))  # Bᵀ",
            "(0, -1, 1, 0), (0, 1, 1, 0), (0, -1, 0, 1))  # Bᵀ",
        ),
        "the kernel's matrix: a half left whole": ("(_HALF, -_HALF, _HALF)", "(_HALF, -_HALF, 1)"),
        "the kernel's matrix: its ends swapped": ("((1, 0, 0), (_HALF", "((0, 0, 1), (_HALF"),
        "the output's matrix: a sign": ("(0, 1, -1, 1))  # Aᵀ", "(0, 1, 1, 1))  # Aᵀ"),
        "tiles: the last left out where it reaches over the edge": (
            "return -(-height // 2), -(-width // 2)",
            "return max(height // 2, 1), max(width // 2, 1)",
        ),
        "tiles begin at the image's first pixel, whatever the padding": (
            "hlo.pad(image, (0, top, left, 0), high",
            "hlo.pad(image, (0,) * 4, (0, high[1] + top, high[2] + left, 0)",
        ),
        "the outputs of a tile in the order of columns": ("(2, 3, 0, 4, 1, 5)", "(2, 3, 1, 4, 0, 5)"),
        "the outputs by tiles, not by pixels": ("(2, 3, 0, 4, 1, 5)", "(2, 0, 3, 1, 4, 5)"),
        "dk by the image's own matrix": ("_tiled(_turned(OUTPUT), padded", "_tiled(IMAGE, padded"),
        "dk without its kernel's matrix turned": (
            "_times(_turned(_square(KERNEL)), flat), (3, 3",
            "hlo.slice_(flat, (0, 0), (9, flat.shape[1])), (3, 3",
        ),
        "dk of cotangents placed one pixel on": (
            "padded = hlo.pad(cotangent, (0,) * 4, (0, 2 * rows - height, 2 * columns - width, 0)",
            "moved = 2 * rows - height\n"
            "    padded = hlo.pad(cotangent, (0, moved, 0, 0), (0, 0, 2 * columns - width, 0)",
        ),
        "what is subtracted is added": ("hlo.subtract(total, part)", "hlo.add(total, part)"),
    },
    "emit.windows": {
        "pads of rows and columns swapped": (
            "            pads(height, self.size, self.stride, self.padding),\n"
            "            pads(width, self.size, self.stride, self.padding),",
            "            pads(width, self.size, self.stride, self.padding),\n"
            "            pads(height, self.size, self.stride, self.padding),",
        ),
        "sizes of rows and columns swapped": (
            "            output_size(height, self.size, self.stride, self.padding),\n"
            "            output_size(width, self.size, self.stride, self.padding),",
            "            output_size(width, self.size, self.stride, self.padding),\n"
            "            output_size(height, self.size, self.stride, self.padding),",
        ),
        "tight pads swap before and after": (
            "result.append((low, self.size - size - low if count == 1 else high))",
            "result.append((self.size - size - low if count == 1 else high, low))",
        ),
        "tight pads one row off": (
            "result.append((low, self.size - size - low if count == 1 else high))",
            "result.append((low + 1, (self.size - size - low if count == 1 else high) - 1))",
        ),
        "a single window cuts off one row too many, before": (
            "result.append((low, self.size - size - low if count == 1 else high))",
            "result.append((low - (size > self.size), self.size - size - low + (size > self.size)) "
            "if count == 1 else (low, high))",
        ),
        "transposed pads one row off": (
            "result.append((self.size - 1 - low, size + low - 1 - (count - 1) * self.stride))",
            "result.append((self.size - low, size + low - 2 - (count - 1) * self.stride))",
        ),
        "transposed pads one too many, after": (
            "size + low - 1 - (count - 1) * self.stride))",
            "size + low - (count - 1) * self.stride))",
        ),
        "transposed pads one too few, before": ("(self.size - 1 - low, size", "(self.size - 2 - low, size"),
        "transposed pads count the padding after": (
            '`height` come out.\n        """\n        result = []\n        for size, (low, _), count',
            '`height` come out.\n        """\n        result = []\n        for size, (_, low), count',
        ),
        "transposed pads forget the padding": (
            "result.append((self.size - 1 - low, size + low - 1 - (count - 1) * self.stride))",
            "result.append((self.size - 1, size - 1 - (count - 1) * self.stride))",
        ),
        "readers: the last is a row early": ("last, rows = -(-low // self.stride)", "last, rows = low // self.stride"),
        "readers: zeros before as behind": (
            "(places - 1 - last, rows + last - count)",
            "(rows + last - count, places - 1 - last)",
        ),
        "readers: zeros one row off": (
            "(places - 1 - last, rows + last - count)",
            "(places - last, rows + last - count - 1)",
        ),
        "readers count the padding after": (
            'below i = 0 out.\n        """\n        result = []\n        for size, (low, _), count',
            'below i = 0 out.\n        """\n        result = []\n        for size, (_, low), count',
        ),
        "transposed phases begin at the image's own row": (
            "first = (phase + low) % self.stride",
            "first = phase % self.stride",
        ),
        "transposed phases: a row of the kernel too few": (
            "taps = len(range(first, self.size, self.stride))",
            "taps = max(len(range(first, self.size, self.stride)) - 1, 1)",
        ),
        "transposed phases: none is shifted": (
            "earlier = (phase + low - first) // self.stride",
            "earlier = 0",
        ),
        "transposed phases: padded before as behind": (
            "return taps - 1 - self.earlier, self.behind",
            "return self.behind, taps - 1 - self.earlier",
        ),
        "images: a place's columns are the first's": (
            "(0, 0, j, 0), (batch, rows, j + width, channels)",
            "(0, 0, 0, 0), (batch, rows, width, channels)",
        ),
        "images: a place's rows are the first's": (
            "(0, i * width, 0), (batch, i * width + height * width, channels)",
            "(0, 0, 0), (batch, height * width, channels)",
        ),
        "patches: in the order of columns": (
            "for i, j in product(range(self._around), repeat=2):",
            "for j, i in product(range(self._around), repeat=2):",
        ),
        "patches: the phases' rows and columns swapped": (
            'hlo.transpose(self.phases, (0, 1, 3, 2, 4, 5), "deep")',
            'hlo.transpose(self.phases, (0, 1, 3, 4, 2, 5), "deep")',
        ),
        "patches: the kernel's phases before its places": (
            'hlo.transpose(places, (0, 2, 1, 3, 4, 5), "places")',
            'hlo.transpose(places, (2, 0, 3, 1, 4, 5), "places")',
        ),
        "patches: the kernel's last places": (
            'hlo.slice_(whole, (0,) * 4, (self._size, self._size, channels, outputs), "kernel")',
            "hlo.slice_(whole, (around * stride - self._size,) * 2 + (0, 0), whole.shape)",
        ),
        "shifted: one row of padding at the other side": (
            "low.append(before)\n            high.append(max(needed - size - before, 0))",
            "moved = needed - size - before > 0\n"
            "            low.append(before + moved)\n"
            "            high.append(max(needed - size - before - moved, 0))",
        ),
        "shifted: the rows' phase lost": (
            "row, row_phase = divmod(i, self._stride)",
            "row, row_phase = i // self._stride, 0",
        ),
        "shifted: the columns' phases turned round": (
            "column, column_phase = divmod(j, self._stride)",
            "column, column_phase = j // self._stride, self._stride - 1 - j % self._stride",
        ),
        "shifted: a phase's start lost": (
            "row, row_phase = divmod(i, self._stride)",
            "row, row_phase = 0, i % self._stride",
        ),
        "shifted: crops the last row that is seen": (
            "crop.append(min(size, needed - before))",
            "crop.append(min(size, needed - before) - 1)",
            "high.append(max(needed - size - before, 0))",
            "high.append(max(needed - size - before, 0) + 1)",
        ),
        "places column by column": (
            "[(i, j) for i in range(self._size) for j in range(self._size)]",
            "[(i, j) for j in range(self._size) for i in range(self._size)]",
        ),
    },
    "netspec.windows": {
        "same: the odd row before": ("return total // 2, total - total // 2", "return total - total // 2, total // 2"),
        "same: one row after too many": ("return total // 2, total - total // 2", "return total // 2, total // 2 + 1"),
        "symmetric: an even window's odd row": (
            "return (window - 1) // 2, (window - 1) // 2",
            "return window // 2, (window - 1) // 2",
        ),
        "same: one window too few where the stride does not divide": (
            "return -(-size // stride)",
            "return size // stride",
        ),
    },
    "emit.sums": {
        "summands with the sign turned": (
            "return hlo.subtract(scalar(0, x), hlo.multiply(x, turned, name), name)",
            "return hlo.multiply(x, turned, name)",
        ),
        "products of the first piece alone": (
            '(total,) = hlo.sums((hlo.dot(left, right, (1, 1), "part", batch=1),), (0,), name)',
            'parts = hlo.dot(left, right, (1, 1), "part", batch=1)\n'
            "    total = hlo.reshape(hlo.slice_(parts, (0, 0, 0), (1, *parts.shape[1:])), parts.shape[1:])",
        ),
        "products of pieces with the sides swapped and not changed over": (
            "return hlo.transpose(total, (1, 0), name) if turned else total",
            "return hlo.reshape(total, (wide, high), name)",
        ),
        "pieces of rows in another order": (
            'hlo.reshape(side, (pieces, rows // pieces, side.shape[1]), "pieces") for side in (x, y)',
            'hlo.reshape(side, (pieces, rows // pieces, side.shape[1]), "pieces") for side in '
            "(hlo.reverse(x, (0,)), y)",
        ),
        "in f32 alone: numbers of three digits": (
            "return like.block.constant(number, like.shape, like.dtype)",
            'rounded = number if like.dtype != "f32" else Fraction(f"{float(number):.3g}")\n'
            "    return like.block.constant(rounded, like.shape, like.dtype)",
        ),
        "staged sums of the first image alone": (
            "return hlo.sums(parts, (0,), name)",
            "firsts = [hlo.slice_(part, (0, 0), (1, part.shape[1])) for part in parts]\n"
            "        return tuple(hlo.reshape(first, first.shape[1:]) for first in firsts)",
        ),
        "staged sums with two results swapped": (
            "return hlo.sums(parts, (0,), name)",
            "return hlo.sums(parts[::-1], (0,), name)",
        ),
        "whole sums over one image's rows alone": (
            "return hlo.sums(images, (0, 1, 2), name)",
            "rows = tuple(hlo.slice_(x, (0,) * 4, (x.shape[0], 1, *x.shape[2:])) for x in images)\n"
            "    return hlo.sums(rows, (0, 1, 2), name)",
        ),
        "a channel's number is repeated along the channels": (
            "(len(like.shape) - 1,)",
            "(len(like.shape) - 2,)",
        ),
    },
    "emit.op": {
        "parts: the slope lost": ('hlo.multiply(self.through, slope, "through")', "self.through"),
        "parts: the scale lost": ('hlo.multiply(self.direct, scale, "direct")', "self.direct"),
        "parts: the shift taken off": (', shift, "dx")', ", hlo.subtract(hlo.subtract(shift, shift), shift))"),
        "parts: the scale and the slope swapped": (
            "(self.scale, self.slope, self.shift)",
            "(self.slope, self.scale, self.shift)",
        ),
    },
    "emit.walk": {
        "an op rereads what it made itself": (
            "source = walked.results.get(node.inputs[0])",
            "source = walked.results.get(list(walked.results)[list(walked.results).index(node.name) - 2])",
        ),
        "an op reads its first input twice": (
            "tuple(hlo.read(values[source]) for source in node.inputs)",
            "tuple(values[node.inputs[0]] for _ in node.inputs)",
        ),
        "an op reads the first value of that shape": (
            "tuple(hlo.read(values[source]) for source in node.inputs)",
            "tuple(next(v for v in values.values() if v.type == values[source].type) for source in node.inputs)",
        ),
        "γ is read for β": (
            "{tensor.name: state[name] for name, tensor in node.parameters()}",
            '{tensor.name: state[name.replace("beta", "gamma")] for name, tensor in node.parameters()}',
        ),
        "running mean and variance are read for one another": (
            "{tensor.name: state[name] for name, tensor in node.statistics()}",
            "{tensor.name: state[name] for (name, _), (_, tensor) in "
            "zip(node.statistics(), node.statistics()[::-1], strict=True)}",
        ),
        "the statistics that come back are the old ones": (
            "statistics[name] = result.statistics[tensor.name]",
            "statistics[name] = state[name]",
        ),
        "the new running mean comes back as the variance too": (
            "statistics[name] = result.statistics[tensor.name]",
            "statistics[name] = next(iter(result.statistics.values()))",
        ),
        "the last batch norm's statistics come back for all of their size": (
            "return Forward(calls, results, statistics)",
            "return Forward(calls, results, "
            "{n: [o for o in statistics.values() if o.type == v.type][-1] for n, v in statistics.items()})",
        ),
        "evaluation normalises as training does": (
            "forms,\n                    training,\n",
            "forms,\n                    True,\n",
        ),
        "fan-in: the first cotangent alone": ("for cotangent in cotangents[1:]:", "for cotangent in ():"),
        "fan-in: the last cotangent alone": ("total = cotangents[0]", "return cotangents[-1]"),
        "fan-in: the first counted twice": ("for cotangent in cotangents[1:]:", "for cotangent in cotangents:"),
        "fan-in: a difference": ('hlo.add(total, cotangent, "fan_in")', 'hlo.subtract(total, cotangent, "fan_in")'),
        "fan-in: the mean": (
            "    return total\n",
            "    for _ in cotangents[1:]:\n"
            "        total = hlo.divide(total, total.block.constant(2, total.shape), 'half')\n"
            "    return total\n",
        ),
        "fan-in: what came before is overwritten": (
            "arriving.setdefault(source, []).append(value)",
            "arriving[source] = [value]",
        ),
        "fan-in: what comes later is dropped": (
            "arriving.setdefault(source, []).append(value)",
            "arriving.setdefault(source, [value])",
        ),
        "every cotangent arrives twice": (
            "arriving.setdefault(source, []).append(value)",
            "arriving.setdefault(source, []).extend((value, value))",
        ),
        "the residual's entry gets no cotangent": (
            "zip(node.inputs, inputs, strict=True)",
            "zip(node.inputs[-1:], inputs[-1:], strict=True)",
        ),
        "the residual's body gets no cotangent": (
            "zip(node.inputs, inputs, strict=True)",
            "zip(node.inputs[:1], inputs[:1], strict=True)",
        ),
        "parts are added up before an op that takes them": (
            "inputs = found.whole() if whole else found.inputs",
            "inputs = found.whole()",
        ),
        "the seed counted twice": ("{graph.output: [seed]}", "{graph.output: [seed, seed]}"),
        "the first cotangent is wanted where the images are": ("source != IMAGES", "source == IMAGES"),
        "no op is asked for its inputs' cotangents": ("tuple(source != IMAGES for", "tuple(False for"),
        "the images' cotangent is asked for": ("tuple(source != IMAGES for", "tuple(True for"),
        "a second input's cotangent is never asked for": (
            "wanted = tuple(source != IMAGES for source in node.inputs)",
            "wanted = tuple(source != IMAGES and not i for i, source in enumerate(node.inputs))",
        ),
        "dγ and dβ under one another's names": (
            "gradients[name] = found.parameters[tensor.name]",
            'swapped = {"gamma": "beta", "beta": "gamma"}\n'
            "            gradients[name] = found.parameters[swapped.get(tensor.name, tensor.name)]",
        ),
        "gradients of equal shape are given to the next layer's": (
            "return Backward(cotangents, {name: gradients[name] for name, _ in graph.parameters()})",
            "return Backward(cotangents, "
            "{n: [g for g in gradients.values() if g.type == gradients[n].type][0] for n, _ in graph.parameters()})",
        ),
        "a gradient is taken with its sign turned": (
            "gradients[name] = found.parameters[tensor.name]",
            "found_ = found.parameters[tensor.name]\n"
            "            gradients[name] = hlo.subtract(hlo.subtract(found_, found_), found_)",
        ),
        "an op goes back with what another op of its kind saved": (
            "found = node.op.vjp(call, result, cotangent, wanted)",
            "result = next(r for n, r in walked.results.items() if graph.nodes[n].op == node.op "
            "and r.output.type == result.output.type)\n"
            "                    found = node.op.vjp(call, result, cotangent, wanted)",
        ),
        "an op goes back with another op's call": (
            "    call = walked.calls[node.name]\n",
            "    mine = walked.calls[node.name]\n"
            "    call = next(c for c in walked.calls.values() if c.parameters.keys() == mine.parameters.keys() "
            "and [x.type for x in c.inputs] == [x.type for x in mine.inputs])\n",
        ),
        "the output's cotangent stands for every one of its shape": (
            "cotangent = _fan_in([each for each in arrived if not isinstance(each, Parts)])",
            "cotangent = _fan_in([each for each in arrived if not isinstance(each, Parts)])\n"
            "                    same = (c for c in cotangents.values() if c.type == cotangent.type)\n"
            "                    cotangent = next(same, cotangent)",
        ),
    },
    "emit.optimizer": {
        "uphill": ('hlo.subtract(value, change, "new")', 'hlo.add(value, change, "new")'),
        "no learning rate": (
            'change = hlo.multiply(direction, _everywhere(rate, value), "change")',
            "change = direction",
        ),
        "the learning rate twice": (
            'hlo.multiply(direction, _everywhere(rate, value), "change")',
            'hlo.multiply(hlo.multiply(direction, _everywhere(rate, value)), _everywhere(rate, value), "change")',
        ),
        "the change is the new parameter": ('return hlo.subtract(value, change, "new"), moved', "return change, moved"),
        "everything decays": ("if tensor.decays and self.weight_decay:", "if self.weight_decay:"),
        "nothing decays": ("if tensor.decays and self.weight_decay:", "if False:"),
        "what should decay does not, and the rest does": (
            "if tensor.decays and self.weight_decay:",
            "if not tensor.decays and self.weight_decay:",
        ),
        "weights grow": ('hlo.add(direction, decay, "decayed")', 'hlo.subtract(direction, decay, "decayed")'),
        "decay inside the moments": (
            "direction, moved = self.direction(gradient, slots, prepared)\n"
            "        if tensor.decays and self.weight_decay:",
            "if tensor.decays and self.weight_decay:\n"
            '            pull = hlo.multiply(value, scalar(written(self.weight_decay), value), "decay")\n'
            "            gradient = hlo.add(gradient, pull)\n"
            "        direction, moved = self.direction(gradient, slots, prepared)\n"
            "        if False:",
        ),
        "decay of the gradient, not of the weight": (
            'hlo.multiply(value, scalar(written(self.weight_decay), value), "decay")',
            'hlo.multiply(gradient, scalar(written(self.weight_decay), value), "decay")',
        ),
        "decay without the learning rate": (
            'return hlo.subtract(value, change, "new"), moved',
            "if tensor.decays:\n"
            "            value = hlo.subtract(value, hlo.multiply(value, scalar(written(self.weight_decay), value)))\n"
            '        return hlo.subtract(value, change, "new"), moved',
            "if tensor.decays and self.weight_decay:",
            "if False:",
        ),
        "Adam: m and v come back as one another": ('{"m": m, "v": v}', '{"m": v, "v": m}'),
        "Adam: m is read for v": ('_blend(slots["v"],', '_blend(slots["m"],'),
        "Adam: v is read for m": ('_blend(slots["m"], gradient', '_blend(slots["v"], gradient'),
        "Adam: no bias correction of m": (
            'hlo.divide(m, _everywhere(prepared["correction1"], m), "m_hat")',
            "m",
        ),
        "Adam: no bias correction of v": (
            'hlo.divide(v, _everywhere(prepared["correction2"], v), "v_hat")',
            "v",
        ),
        "Adam: one another's bias corrections": (
            '_everywhere(prepared["correction1"], m)',
            '_everywhere(prepared["correction2"], m)',
            '_everywhere(prepared["correction2"], v)',
            '_everywhere(prepared["correction1"], v)',
        ),
        "Adam: bias correction of the step before": (
            "hlo.convert(new[STEP], block.float",
            "hlo.convert(step, block.float",
        ),
        "Adam: bias correction by β, not its power": (
            'hlo.multiply(step, scalar(math.log(beta), step), f"{name}_exponent")',
            "scalar(math.log(beta), step)",
        ),
        "Adam: bias correction with its sign turned": (
            "hlo.subtract(scalar(0, step), hlo.exponential_minus_one(exponent), name)",
            "hlo.exponential_minus_one(exponent, name)",
        ),
        "Adam: β₁ and β₂ swapped": (
            "beta1: float = 0.9\n    beta2: float = 0.999",
            "beta1: float = 0.999\n    beta2: float = 0.9",
        ),
        "Adam: β₂ = 0.99": ("beta2: float = 0.999", "beta2: float = 0.99"),
        "Adam: ε = 1e-7": ("epsilon: float = 1e-8", "epsilon: float = 1e-7"),
        "Adam: ε inside the root": (
            'hlo.add(hlo.sqrt(v_hat), scalar(written(self.epsilon), v_hat), "size")',
            'hlo.sqrt(hlo.add(v_hat, scalar(written(self.epsilon), v_hat)), "size")',
        ),
        "Adam: ε before the bias correction": (
            'hlo.divide(v, _everywhere(prepared["correction2"], v), "v_hat")',
            'hlo.divide(hlo.add(v, scalar(written(self.epsilon), v)), _everywhere(prepared["correction2"], v))',
        ),
        "Adam: no root": ("hlo.add(hlo.sqrt(v_hat), scalar", "hlo.add(v_hat, scalar"),
        "Adam: v of the gradient, not of its square": (
            'hlo.multiply(gradient, gradient, "square")',
            "gradient",
        ),
        "Adam: the direction of the old m": (
            'hlo.divide(m, _everywhere(prepared["correction1"], m), "m_hat")',
            'hlo.divide(slots["m"], _everywhere(prepared["correction1"], m), "m_hat")',
        ),
        "Adam: the direction of the gradient itself": (
            'hlo.divide(m_hat, size, "direction")',
            'hlo.divide(gradient, size, "direction")',
        ),
        "Adam: what is new gets the share of what is kept": (
            "scalar(1 - written(beta), new)",
            "scalar(written(beta), new)",
            "scalar(written(beta), old)",
            "scalar(1 - written(beta), old)",
        ),
        "Adam: what is new counts whole": (
            'hlo.multiply(new, scalar(1 - written(beta), new), f"{name}_fresh")',
            "new",
        ),
        "SGD: the momentum forgets nothing": (
            "hlo.multiply(old, scalar(written(self.momentum), old))",
            "old",
        ),
        "SGD: the momentum forgets everything": (
            'hlo.add(hlo.multiply(old, scalar(written(self.momentum), old)), gradient, "momentum")',
            "gradient",
        ),
        "SGD: the direction is the gradient": (
            'return buffer, {"momentum": buffer}',
            'return gradient, {"momentum": buffer}',
        ),
        "SGD: the momentum comes back old": ('return buffer, {"momentum": buffer}', 'return buffer, {"momentum": old}'),
        "SGD: Nesterov's look-ahead": (
            'return buffer, {"momentum": buffer}',
            "ahead = hlo.multiply(buffer, scalar(written(self.momentum), old))\n"
            '        return hlo.add(gradient, ahead), {"momentum": buffer}',
        ),
        "SGD: the gradient is damped": (
            'scalar(written(self.momentum), old)), gradient, "momentum")',
            "scalar(written(self.momentum), old)), hlo.multiply(gradient, scalar(1 - written(self.momentum), old)))",
        ),
        "SGD without momentum: no direction": (
            "            return gradient, {}\n",
            "            return hlo.multiply(gradient, gradient), {}\n",
        ),
        "the step is not counted": ('block.constant(1, (), "i32")', 'block.constant(0, (), "i32")'),
        "the step is counted twice": ('block.constant(1, (), "i32")', 'block.constant(2, (), "i32")'),
        "one slot is read for all": (
            '_squeezed(state[f"{name}_{slot}"]) for slot in chosen.slots',
            '_squeezed(state[f"{name}_{chosen.slots[0]}"]) for slot in chosen.slots',
        ),
        "the slots of another parameter of that shape": (
            'state[f"{name}_{slot}"]) for slot in chosen.slots',
            'state[f"{[n for n, t in parameters if t.shape == tensor.shape][0]}_{slot}"]) for slot in chosen.slots',
        ),
        "new slots under one another's names": (
            '{f"{name}_{slot}": each for slot, each in moved.items()}',
            '{f"{name}_{slot}": v for slot, v in zip(reversed(moved), moved.values(), strict=True)}',
        ),
        "the slots come back old": (
            '{f"{name}_{slot}": each for slot, each in moved.items()}',
            '{f"{name}_{slot}": state[f"{name}_{slot}"] for slot in moved}',
        ),
        "the gradient of another parameter of that shape": (
            "_squeezed(gradients[name])",
            "_squeezed(next(g for g in gradients.values() if g.type == gradients[name].type))",
        ),
        "another parameter of that shape is moved": (
            "_squeezed(state[name])",
            "_squeezed(state[[n for n, t in parameters if t.shape == tensor.shape][0]])",
        ),
        "SGD where Adam was asked for": (
            "Adam(config.weightDecay) if config.useAdam else SGD(config.weightDecay, config.momentum)",
            "SGD(config.weightDecay, config.momentum)",
        ),
    },
    "emit.program": {
        "means in the order blue, green, red": (
            "IMAGENET_MEAN = (0.485, 0.456, 0.406)",
            "IMAGENET_MEAN = (0.406, 0.456, 0.485)",
        ),
        "a wrong digit in a deviation": (
            "IMAGENET_STD = (0.229, 0.224, 0.225)",
            "IMAGENET_STD = (0.229, 0.225, 0.225)",
        ),
        "images: the mean is not divided by the deviation": (
            "-written(mean) / written(std) for mean, std",
            "-written(mean) for mean, std",
        ),
        "images: the mean is added": ("-written(mean) / written(std) for", "written(mean) / written(std) for"),
        "images: from 0..256": ("1 / (255 * written(std))", "1 / (256 * written(std))"),
        "the images are not normalised in evaluation": (
            'images = normalise(state["images"])\n    walked = forward(block, graph, images, state, forms=forms, '
            "training=False",
            'images = hlo.convert(state["images"], block.float)\n    walked = forward(block, graph, images, state, '
            "forms=forms, training=False",
        ),
        "the images are not normalised in training": (
            'images = normalise(state["images"])\n    walked = forward(block, graph, images, state, forms=forms, '
            "training=True",
            'images = hlo.convert(state["images"], block.float)\n    walked = forward(block, graph, images, state, '
            "forms=forms, training=True",
        ),
        "the loss is seeded with 2": ("block.constant(1.0), (True", "block.constant(2.0), (True"),
        "the loss is seeded with itself": ("block.constant(1.0), (True", "result.output, (True"),
        "the recipe's label smoothing is ignored": ("CrossEntropy(config.labelSmoothing)", "CrossEntropy(0.0)"),
        "the gradients come from the logits, not the loss": (
            "reverse(block, graph, walked, seed,",
            "reverse(block, graph, walked, walked.output(graph.output),",
        ),
        "training with running statistics": (
            "forms=forms, training=True",
            "forms=forms, training=False",
        ),
        "evaluation with the batch's statistics": (
            "forward(block, graph, images, state, forms=forms, training=False",
            "forward(block, graph, images, state, forms=forms, training=True",
        ),
        "the running statistics come back old": (
            "| dict(walked.statistics)",
            "| {name: state[name] for name in walked.statistics}",
        ),
        "the state comes back as it came in": (
            "[(entry.name, entry.role, new[entry.name]) for entry",
            "[(entry.name, entry.role, state[entry.name]) for entry",
        ),
        "the state comes back in another order": (
            "in signature.manifest_state()]",
            "in reversed(signature.manifest_state())]",
        ),
        "gradients come back where parameters should": (
            "[(entry.name, entry.role, new[entry.name]) for entry",
            "[(entry.name, entry.role, back.gradients.get(entry.name, new[entry.name])) for entry",
        ),
        "the loss comes back last": (
            "results += [(entry.name, entry.role, new[entry.name]) for entry in signature.manifest_state()]",
            "results = [(entry.name, entry.role, new[entry.name]) for entry in signature.manifest_state()] + results",
        ),
        "a gradient nobody asked for is left in the program": (
            "new = optimizer.apply(",
            "hlo.add(seed, seed)\n    new = optimizer.apply(",
        ),
        "evaluation: the loss sum's sign turned": (
            'loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")',
            "loss_sum = picked",
        ),
        "evaluation: the loss's mean": (
            'loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")',
            "loss_sum = hlo.divide(picked, block.constant(-logits.shape[0]))",
        ),
        "evaluation: padding counts as class 0 in the loss": (
            'one_hot(logits, state["labels"])',
            'one_hot(logits, hlo.maximum(state["labels"], block.constant(0, state["labels"].shape, "i32")))',
        ),
        "evaluation: padding counts as a right answer": (
            'hlo.compare(answer, "EQ", state["labels"], "right")',
            'hlo.compare(hlo.select(hlo.compare(state["labels"], "LT", block.constant(0, answer.shape, "i32")), '
            'state["labels"], answer), "EQ", state["labels"], "right")',
        ),
        "evaluation: wrong answers are counted": (
            'hlo.compare(answer, "EQ", state["labels"], "right")',
            'hlo.compare(answer, "NE", state["labels"], "right")',
        ),
        "evaluation: of equal logits the last class": (
            'right = hlo.convert(hlo.compare(answer, "EQ"',
            'turned = hlo.subtract(block.constant(net.classes - 1, columns.shape, "i32"), columns)\n'
            "    last = hlo.reduce_min(hlo.select(is_largest, turned, beyond), (1,), net.classes)\n"
            '    answer = hlo.subtract(block.constant(net.classes - 1, answer.shape, "i32"), last)\n'
            '    right = hlo.convert(hlo.compare(answer, "EQ"',
        ),
        "evaluation: the answer is the first class that is not the largest": (
            'is_largest = hlo.compare(logits, "EQ", largest',
            'is_largest = hlo.compare(logits, "LT", largest',
        ),
        "evaluation: any class may be right": (
            "right = hlo.convert(hlo.compare(answer",
            "right = hlo.convert(hlo.compare(hlo.select("
            'hlo.compare(answer, "GT", state["labels"]), state["labels"], answer)',
        ),
        "evaluation: logarithms for probabilities": (
            'hlo.exponential(log_softmax, "probabilities")',
            "log_softmax",
        ),
        "evaluation: powers for probabilities": (
            'hlo.exponential(log_softmax, "probabilities")',
            'hlo.exponential(logits, "probabilities")',
        ),
    },
    "emit.hlo.program": {
        "constants of one shape are taken for one another": ("key = (number, kind)", "key = (0, kind)"),
        "constants of one number are taken for one another": ("key = (number, kind)", "key = (number, None)"),
        "two values have one name": ("        if count == 1:\n", "        if True:\n"),
    },
    "emit.hlo.elementwise": {
        "real numbers are compared as whole ones": ('"FLOAT" if x.dtype in FLOATS', '"SIGNED" if x.dtype in FLOATS'),
        "no comparison is strict": ("name, direction=direction,", "name, direction=direction.replace('GT', 'GE'),"),
        "select's two sides swapped": ("(condition, x, y), (x.type,)", "(condition, y, x), (x.type,)"),
        "operands swapped": ("x.block.emit(opcode, (x, y)", "x.block.emit(opcode, (y, x)"),
        "an index along the wrong axis": ("name, axis=axis)", "name, axis=0)"),
    },
    "emit.hlo.linear": {
        "a product says the wrong axes": (
            'x.block.emit("dot_general", kept((x, y)), (result,), name, contract=contract, batch=batch)',
            'x.block.emit("dot_general", kept((x, y)), (result,), name, contract=contract[::-1], batch=batch)',
        ),
        "a convolution says its pads swapped": (
            "pads=tuple(tuple(pair) for pair in pads)",
            "pads=tuple(tuple(pair)[::-1] for pair in pads)",
        ),
        "a convolution says no kernel dilation": ("kernel_dilation=kernel_dilation,", "kernel_dilation=(1, 1),"),
    },
    "emit.hlo.reduction": {
        "sums start at 1": ('_reduce("add", operands, 0.0, axes, name)', '_reduce("add", operands, 1.0, axes, name)'),
        "maxima start at 0": ('_reduce("maximum", (x,), -math.inf', '_reduce("maximum", (x,), 0.0'),
        "a window's maximum starts at 0": ("x.block.constant(-math.inf, ()", "x.block.constant(0.0, ()"),
        "a window's maximum is a sum": ('body="maximum"', 'body="add"'),
        "the smallest is the largest": ('_reduce("minimum"', '_reduce("maximum"'),
    },
    "emit.hlo.shape": {
        "a pad says before for behind": (
            "low=tuple(low), high=tuple(high)",
            "low=tuple(high), high=tuple(low)",
        ),
        "every pad is 0": ("x.block.constant(fill, ()", "x.block.constant(0, ()"),
        "a slice starts at 0": (
            "name, start=tuple(start), stop=tuple(stop))",
            "name, start=(0,) * len(shape), stop=shape)",
        ),
    },
    "emit.hlo.printer": {
        "a pad's before and behind swapped": (
            "low = {_list(at['low'])}, high = {_list(at['high'])}",
            "low = {_list(at['high'])}, high = {_list(at['low'])}",
        ),
        "a pad's gaps lost": ("interior = {_list(at['interior'])}", "interior = {_list([0] * len(at['low']))}"),
        "a pad's gaps and padding swapped": (
            "high = {_list(at['high'])}, interior = {_list(at['interior'])}",
            "high = {_list(at['interior'])}, interior = {_list(at['high'])}",
        ),
        "a slice one row on": (
            'f"{low}:{high}" for low, high in zip(at["start"], at["stop"], strict=True)',
            'f"{low + (low > 0)}:{high + (low > 0)}" for low, high in zip(at["start"], at["stop"], strict=True)',
        ),
        "a broadcast's axes turned round": (
            'axes = _list(op.attributes["axes"])\n    return f"stablehlo.broadcast_in_dim',
            'axes = _list(op.attributes["axes"][::-1])\n    return f"stablehlo.broadcast_in_dim',
        ),
        "a vector is broadcast along the first axis": (
            'axes = _list(op.attributes["axes"])\n    return f"stablehlo.broadcast_in_dim',
            'axes = _list(range(len(op.attributes["axes"])))\n    return f"stablehlo.broadcast_in_dim',
        ),
        "a reversal of one axis alone": (
            'axes = _list(op.attributes["axes"])\n    return f"stablehlo.reverse',
            'axes = _list(op.attributes["axes"][:1])\n    return f"stablehlo.reverse',
        ),
        "a comparison ≥ for >": ("{at['direction']}", "{at['direction'].replace('GT', 'GE')}"),
        "a comparison's kind": ("{at['kind']}", "{at['kind'].replace('FLOAT', 'TOTALORDER')}"),
        "select's two sides swapped": (
            'f"stablehlo.select {_names(op.operands)} :',
            'f"stablehlo.select {_names((op.operands[0], op.operands[2], op.operands[1]))} :',
        ),
        "operands swapped": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results[0].type}"',
            'f"stablehlo.{op.opcode} {_names(op.operands[::-1])} : {op.results[0].type}"',
        ),
        "max for min": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results',
            "f\"stablehlo.{op.opcode.replace('minimum', 'maximum')} {_names(op.operands)} : {op.results",
        ),
        "e to the power x for e to the power x less one": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results',
            "f\"stablehlo.{op.opcode.removesuffix('_minus_one')} {_names(op.operands)} : {op.results",
        ),
        "an index along the other axis": ("dim = {op.attributes['axis']} : {op.results", "dim = 0 : {op.results"),
        "a concatenation along the first axis": ("dim = {op.attributes['axis']} : {_sig", "dim = 0 : {_sig"),
        "a product's axes swapped": ("(left, right), batch = op.attributes", "(right, left), batch = op.attributes"),
        "a product's stack taken for rows": (
            'f"batching_dims = {batch} x {batch}, " if op.attributes["batch"] else ""',
            '""',
        ),
        "a product with more precision": ("precision = [DEFAULT, DEFAULT]", "precision = [DEFAULT, HIGHEST]"),
        "a convolution's pads before and behind swapped": (
            "', '.join(_list(pair) for pair in at['pads'])}]\"]",
            "', '.join(_list(pair[::-1]) for pair in at['pads'])}]\"]",
        ),
        "a convolution's pads of rows and columns swapped": (
            "', '.join(_list(pair) for pair in at['pads'])}]\"]",
            "', '.join(_list(pair) for pair in at['pads'][::-1])}]\"]",
        ),
        "a convolution's stride lost": ('if at["strides"] != (1, 1):', "if False:"),
        "the image dilated for the kernel, and the other way round": (
            "lhs_dilate = {_list(at['x_dilation'])}",
            "rhs_dilate = {_list(at['x_dilation'])}",
            "rhs_dilate = {_list(at['kernel_dilation'])}",
            "lhs_dilate = {_list(at['kernel_dilation'])}",
        ),
        "a kernel's dilation lost": ('if at["kernel_dilation"] != (1, 1):', "if False:"),
        "a window reversed": ('window = [f"pad =', 'window = ["reverse = [1, 1]", f"pad ='),
        "groups lost": ("feature_group_count = {at['groups']}", "feature_group_count = 1"),
        "a kernel's channels not swapped": ('kernel = ", ".join(at["kernel_axes"])', 'kernel = "0, 1, i, o"'),
        "a kernel's rows and columns swapped": (
            'kernel = ", ".join(at["kernel_axes"])',
            'kernel = ", ".join(at["kernel_axes"].translate({48: 49, 49: 48}))',
        ),
        "a reduction is a sum": ("applies stablehlo.{body} across", "applies stablehlo.add across"),
        "a reduction along one axis less": (
            '_list(op.attributes["axes"])\n    reduced',
            '_list(op.attributes["axes"][:1])\n    reduced',
        ),
        "a double reduction adds up one pair twice": (
            "stablehlo.{body} %left{i}, %right{i} :",
            "stablehlo.{body} %left{i}, %right0 :",
        ),
        "a double reduction returns its sums swapped": (
            'returned = ", ".join(f"%both{i}" for i in range(len(operands)))',
            'returned = ", ".join(f"%both{i}" for i in reversed(range(len(operands))))',
        ),
        "a pool's body": ("%both = stablehlo.{at['body']}", "%both = stablehlo.minimum"),
        "a pool's pads before and behind swapped": (
            'pads = ", ".join(_list(pair) for pair in at["pads"])',
            'pads = ", ".join(_list(pair[::-1]) for pair in at["pads"])',
        ),
        "a pool's stride and window swapped": (
            'window_dimensions = {_array(at["window"])}',
            'window_dimensions = {_array(at["strides"])}',
        ),
        "the last two results swapped": (
            "return {_names(function.results)}",
            "return {_names([*function.results[:-2], *function.results[:-3:-1]])}",
        ),
        "the last two arguments swapped": (
            "for value in function.arguments]",
            "for value in [*function.arguments[:-2], *function.arguments[:-3:-1]]]",
        ),
        "constants of six digits": ("text = repr(float(number))", 'text = repr(float(f"{float(number):.6g}"))'),
        "constants without their sign": ("text = repr(float(number))", "text = repr(abs(float(number)))"),
        "small constants without their exponent": ("e{int(exponent):+03d}", ""),
        "infinity with the other sign": ("'FF8' if number < 0 else '7F8'", "'7F8' if number < 0 else 'FF8'"),
        "whole constants one too large": ("return str(int(number))", "return str(int(number) + (number > 1))"),
        "vectors of constants turned round": (
            "for number in value] if isinstance",
            "for number in value[::-1]] if isinstance",
        ),
        "a root for one over a root": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results',
            "f\"stablehlo.{op.opcode.removeprefix('r')} {_names(op.operands)} : {op.results",
        ),
    },
    "emit.expand": {
        "no activation after a convolution": (
            "bias=True))\n    walk.activate(name, layer.act)",
            "bias=True))",
        ),
        "no activation after a dense layer": (
            "Dense(layer.fanIn, layer.fanOut))\n    walk.activate(name, layer.act)",
            "Dense(layer.fanIn, layer.fanOut))",
        ),
        "a first convolution without batch norm": (
            "layer.stride, layer.pad)))\n    walk.normalise(name, walk.net.activation)",
            "layer.stride, layer.pad)))\n    walk.activate(name, walk.net.activation)",
        ),
        "no inverted residual": ("walk.graph.shape(entry) == walk.graph.shape(walk.last) and stride == 1", "False"),
        "an activation after the projection": (
            'walk.normalise(f"{name}_project", "identity")',
            'walk.normalise(f"{name}_project", walk.net.activation)',
        ),
        "no activation between a residual block's convolutions": (
            'walk.normalise(f"{name}_conv1", walk.net.activation)',
            'walk.normalise(f"{name}_conv1", "identity")',
        ),
        "an activation before a residual block's sum": (
            'body = walk.normalise(f"{name}_conv2", "identity")',
            'body = walk.normalise(f"{name}_conv2", walk.net.activation)',
        ),
        "no activation after a residual block's sum": (
            'walk.add(f"{name}_add", Add(), entry, body)\n        walk.activate(name, walk.net.activation)',
            'walk.add(f"{name}_add", Add(), entry, body)',
        ),
        "the shortcut without batch norm": (
            'entry = walk.normalise(f"{name}_shortcut", "identity")',
            "entry = walk.last",
        ),
        "the shortcut from the first convolution": (
            'Convolution(ic, layer.oc, Window(1, stride, "same"), shortcut=entry != IMAGES)\n'
            '            walk.add(f"{name}_shortcut", shortcut, entry)',
            'Convolution(layer.oc, layer.oc, Window(1, 1, "same"))\n'
            '            walk.add(f"{name}_shortcut", shortcut, f"{name}_conv1")',
        ),
        "a residual block's stride in its second convolution": (
            "Convolution(ic, layer.oc, Window(3, stride, walk.net.padding))",
            "Convolution(ic, layer.oc, Window(3, 1, walk.net.padding))",
            "Convolution(layer.oc, layer.oc, Window(3, 1, walk.net.padding))",
            "Convolution(layer.oc, layer.oc, Window(3, stride, walk.net.padding))",
        ),
        "relu where relu6 was asked for": ("REGISTRY[activation]()", 'REGISTRY["relu"]()'),
    },
}
MUTATIONS = tuple(
    Mutation(name, module, tuple(zip(texts[::2], texts[1::2], strict=True)))
    for module, rows in _TABLE.items()
    for name, texts in rows.items()
)


# --- applying one -----------------------------------------------------------------------------------------------------


@contextmanager
def applied(mutation: Mutation) -> Iterator[None]:
    """The product with a mutation in it, and afterwards as it was. Raises AssertionError where an edit does not fit."""
    module = import_module(mutation.module)
    assert module.__file__ is not None
    edited = Path(module.__file__).read_text(encoding="utf-8")
    for old, new in mutation.edits:
        assert edited.count(old) == 1, f"{mutation}: occurs {edited.count(old)} times: {old}"
        edited = edited.replace(old, new)
    wrong = _run(edited, module.__file__, mutation.module)
    with ExitStack() as undo:
        changed = _change_code(vars(module), wrong, mutation.module, undo)
        changed += _change_constants(module, wrong, undo)
        assert changed, f"{mutation}: changes nothing"
        yield


def _run(source: str, file: str, module: str) -> dict[str, Any]:
    """A module's names, from a source that is not its own; the registry of ops is left as it was."""
    namespace: dict[str, Any] = {"__name__": module, "__file__": file}
    before = dict(REGISTRY)
    try:
        exec(compile(source, file, "exec", dont_inherit=True), namespace)
    finally:
        REGISTRY.clear()
        REGISTRY.update(before)
    return namespace


def _functions(names: Mapping[str, Any], module: str, path: str = "") -> dict[str, FunctionType]:
    """The functions that a module defines, and its classes' methods and properties, by qualified name."""
    found: dict[str, FunctionType] = {}
    for name, value in names.items():
        value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(value, type) and value.__module__ == module:
            found |= _functions(vars(value), module, f"{path}{name}.")
        elif isinstance(value, FunctionType) and inspect.unwrap(value).__module__ == module:
            unwrapped = inspect.unwrap(value)
            assert isinstance(unwrapped, FunctionType)
            found[f"{path}{name}"] = unwrapped
    return found


def _change_code(right: dict[str, Any], wrong: Mapping[str, Any], module: str, undo: ExitStack) -> int:
    """Swap code and defaults where they differ; everything that holds a function holds the wrong one then."""
    ours, theirs = _functions(right, module), _functions(wrong, module)
    changed = 0
    for name in ours.keys() & theirs.keys():
        for attribute in ("__code__", "__defaults__", "__kwdefaults__"):
            before, after = getattr(ours[name], attribute), getattr(theirs[name], attribute)
            if before != after:
                undo.callback(setattr, ours[name], attribute, before)
                setattr(ours[name], attribute, after)
                changed += 1
    # An edit may import a name or add a helper: the module has it while the edit lasts.
    for name in wrong.keys() - right.keys() - {"__builtins__"}:
        undo.callback(right.pop, name)
        right[name] = wrong[name]
    return changed


def _change_constants(module: Any, wrong: Mapping[str, Any], undo: ExitStack) -> int:
    """Swap constants that differ: numbers, texts, what other modules' classes hold, and tables of those."""
    changed = 0
    for name, after in wrong.items():
        before = getattr(module, name, after)
        if before != after and _comparable(before, module.__name__) and _comparable(after, module.__name__):
            undo.callback(setattr, module, name, before)
            setattr(module, name, after)
            changed += 1
    return changed


def _comparable(value: Any, module: str) -> bool:
    """Whether two of them are equal where they say the same: functions and the module's own classes are made anew."""
    if isinstance(value, dict):
        return all(_comparable(each, module) for each in value.values())
    if isinstance(value, tuple):
        return all(_comparable(each, module) for each in value)
    return not callable(value) and type(value).__module__ != module


# --- catching one -----------------------------------------------------------------------------------------------------

# Between them: every layer of the language, each padding, images that are not square, one-sided and two-sided pads,
# residuals of both kinds, with and without a shortcut, and one whose entry is the images themselves.
_NETS = (
    NetSpec(
        name="Same",
        imageH=32,
        imageW=33,
        activation="relu6",
        padding="same",
        layers=[
            convBn(3, 4, 3, 2, "same"),
            maxPool(3, 2),
            invertedResidual(4, 6, 2, 2, 2),
            globalAvgPool(),
            dense(6, 4, "identity"),
        ],
    ),
    NetSpec(
        name="Mixed",
        imageH=13,
        imageW=15,
        activation="relu",
        padding="symmetric",
        layers=[
            conv2d(3, 4, 5, "valid", "relu6", 2),
            maxPool(3, 2),
            residualBlock(4, 6, 2, 2),
            conv2d(6, 3, 3, "symmetric", "identity"),
            flatten(),
            dense(12, 5, "relu"),
            dense(5, 3, "identity"),
        ],
    ),
    NetSpec(
        name="First",
        imageH=7,
        imageW=8,
        activation="relu",
        padding="same",
        layers=[invertedResidual(3, 3, 1, 1, 1), globalAvgPool(), dense(3, 2, "identity")],
    ),
    # Large enough that the expanding convolution takes its cotangent in parts.
    NetSpec(
        name="Large",
        imageH=101,
        imageW=102,
        activation="relu6",
        padding="same",
        layers=[invertedResidual(3, 3, 4, 2, 1), globalAvgPool(), dense(3, 2, "identity")],
    ),
)
_ADAM = TrainConfig(learningRate=0.003, batchSize=2, epochs=1, useAdam=True, weightDecay=0.01, labelSmoothing=0.1)
_MOMENTUM = replace(_ADAM, useAdam=False, momentum=0.9)
_SGD = replace(_ADAM, useAdam=False)


def _rules(module: str) -> Iterator[Check]:
    """Every op in every form, those of the mutated module first."""

    def elsewhere(case: Case) -> bool:
        return type(case.op).__module__ != module

    return check_rules(sorted(general_cases(), key=elsewhere), by_family)


def _whole(module: str) -> Iterator[Check]:
    """Train steps operation by operation, and small instances by numbers: each optimizer on each network."""
    for config, net in product((_ADAM, _MOMENTUM, _SGD), _NETS):
        yield check_composition(emit("train_step", net, config), net, config, "cpu")
        yield from check_small_instance(net, config, "cpu")


def _text(module: str) -> Iterator[Check]:
    """Both programs of each network."""
    for config, net in zip((_ADAM, _MOMENTUM, _SGD, _ADAM), _NETS, strict=True):
        for entry_point in ENTRY_POINTS:
            yield parsed_back(emit(entry_point, net, config))


CERTAINTIES: dict[str, Callable[[str], Iterator[Check]]] = {"rule": _rules, "whole": _whole, "text": _text}
# Modules that a certainty does not look at, so that it need not be asked: none of their code runs, or it prints alone.
BLIND = {
    "rule": {"emit.expand", "emit.walk", "emit.optimizer", "emit.program", "emit.hlo.printer"},
    "whole": {"emit.hlo.printer"},
    "text": set[str](),
}
REFUSED = "refused"
_REFUSALS = re.compile(r"\b(ShapeError|SpecError): ")


@dataclass(frozen=True)
class Catch:
    """How a mutation was caught: by a check of a certainty, or `refused` by the compiler when that emitted it."""

    certainty: str
    refused: bool
    says: str


def caught_by(certainty: str, module: str = "") -> Catch | None:
    """What a certainty finds wrong with the product as it is now, with something of a module changed."""
    if module in BLIND[certainty]:
        return None
    try:
        says = next((check.found for check in CERTAINTIES[certainty](module) if not check.passed), None)
    except Exception as failed:  # what cannot be emitted is found wrong before any check
        return Catch(certainty, True, f"{type(failed).__name__}: {failed}")
    return None if says is None else Catch(certainty, bool(_REFUSALS.search(says)), says)


def catch(mutation: Mutation) -> Catch | None:
    """The first certainty that a mutation does not get past; None for a survivor."""
    with applied(mutation):
        return next(filter(None, (caught_by(each, mutation.module) for each in CERTAINTIES)), None)


def catches(mutation: Mutation) -> dict[str, Catch]:
    """All of them."""
    with applied(mutation):
        found = {each: caught_by(each, mutation.module) for each in CERTAINTIES}
    return {certainty: each for certainty, each in found.items() if each is not None}


# --- the table, printed -----------------------------------------------------------------------------------------------


def table() -> str:
    """Which certainty catches which mutation, in Markdown, and how many of each module."""
    with ProcessPoolExecutor() as pool:
        found = dict(zip(MUTATIONS, pool.map(catches, MUTATIONS), strict=True))
    heading = [f"| mutation | {' | '.join(CERTAINTIES)} |", f"|---|{'---|' * len(CERTAINTIES)}"]
    rows = [_row(str(mutation), [_cell(seen.get(each)) for each in CERTAINTIES]) for mutation, seen in found.items()]
    modules = list(dict.fromkeys(mutation.module for mutation in MUTATIONS))
    sums = [_sums(name, [seen for each, seen in found.items() if each.module == name]) for name in modules]
    every = list(found.values())
    alone = ", ".join(f"{name} {sum(set(seen) == {name} for seen in every)}" for name in CERTAINTIES)
    refused = sum(bool(seen) and all(each.refused for each in seen.values()) for seen in every)
    survivors = [f"* {mutation}" for mutation, seen in found.items() if not seen]
    says = f"Caught by one alone: {alone}. Refused and nothing else: {refused}. Survivors: {len(survivors)}."
    total = _sums("**all**", every)
    return "\n".join([*heading, *rows, "", *heading, *sums, total, "", says, *survivors])


def _cell(seen: Catch | None) -> str:
    return "" if seen is None else REFUSED if seen.refused else "✓"


def _sums(name: str, seen: list[dict[str, Catch]]) -> str:
    return _row(f"{name}: {len(seen)}", [str(sum(each in one for one in seen)) for each in CERTAINTIES])


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    print(table())
