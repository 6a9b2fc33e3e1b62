"""The one printer: a module as the text that the official StableHLO parser reads."""

import math
from collections.abc import Callable, Iterable, Sequence

from emit.hlo.program import FLOATS, Comment, Function, Module, Operation, Real, TensorType, Value


def module_text(module: Module) -> str:
    """The whole program. The same module gives the same bytes."""
    lines = [f"// {line}" if line else "//" for line in module.header]
    lines.append(f"module @{module.name} {{")
    for function in module.functions:
        lines += _function(function)
    lines.append("}")
    return "\n".join(lines) + "\n"


def _function(function: Function) -> list[str]:
    arguments = [f"      %{value.name}: {value.type}" for value in function.arguments]
    lines = [f"  func.func public @{function.name}("]
    lines.append(",\n".join(arguments))
    lines.append("  ) -> (")
    lines.append(",\n".join(f"      {value.type}" for value in function.results))
    lines.append("  ) {")
    for item in function.operations:
        lines.append(f"    // {item.text}" if isinstance(item, Comment) else f"    {_operation(item)}")
    lines.append(f"    return {_names(function.results)} : {_types(function.results)}")
    lines.append("  }")
    return lines


def _operation(op: Operation) -> str:
    left = ", ".join(f"%{value.name}" for value in op.results)
    return f"{left} = {_FORMS.get(op.opcode, _plain)(op)}"


def _plain(op: Operation) -> str:
    return f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results[0].type}"


def _constant(op: Operation) -> str:
    kind, value = op.results[0].type, op.attributes["value"]
    numbers = [_literal(number, kind) for number in value] if isinstance(value, tuple) else None
    return f"stablehlo.constant dense<{_list(numbers) if numbers else _literal(value, kind)}> : {kind}"


def _compare(op: Operation) -> str:
    at = op.attributes
    return f"stablehlo.compare {at['direction']}, {_names(op.operands)}, {at['kind']} : {_signature(op)}"


def _select(op: Operation) -> str:
    return f"stablehlo.select {_names(op.operands)} : {op.operands[0].type}, {op.results[0].type}"


def _iota(op: Operation) -> str:
    return f"stablehlo.iota dim = {op.attributes['axis']} : {op.results[0].type}"


def _broadcast(op: Operation) -> str:
    axes = _list(op.attributes["axes"])
    return f"stablehlo.broadcast_in_dim {_names(op.operands)}, dims = {axes} : {_signature(op)}"


def _retyped(op: Operation) -> str:
    return f"stablehlo.{op.opcode} {_names(op.operands)} : {_signature(op)}"


def _slice(op: Operation) -> str:
    at = op.attributes
    ranges = ", ".join(f"{low}:{high}" for low, high in zip(at["start"], at["stop"], strict=True))
    return f"stablehlo.slice {_names(op.operands)} [{ranges}] : {_signature(op)}"


def _pad(op: Operation) -> str:
    at = op.attributes
    sizes = f"low = {_list(at['low'])}, high = {_list(at['high'])}, interior = {_list(at['interior'])}"
    return f"stablehlo.pad {_names(op.operands)}, {sizes} : {_signature(op)}"


def _concatenate(op: Operation) -> str:
    return f"stablehlo.concatenate {_names(op.operands)}, dim = {op.attributes['axis']} : {_signature(op)}"


def _reverse(op: Operation) -> str:
    axes = _list(op.attributes["axes"])
    return f"stablehlo.reverse {_names(op.operands)}, dims = {axes} : {op.results[0].type}"


def _transpose(op: Operation) -> str:
    return f"stablehlo.transpose {_names(op.operands)}, dims = {_list(op.attributes['order'])} : {_signature(op)}"


def _dot(op: Operation) -> str:
    (left, right), batch = op.attributes["contract"], _list(range(op.attributes["batch"]))
    stack = f"batching_dims = {batch} x {batch}, " if op.attributes["batch"] else ""
    return (
        f"stablehlo.dot_general {_names(op.operands)}, {stack}contracting_dims = [{left}] x [{right}]"
        f", precision = [DEFAULT, DEFAULT] : {_signature(op)}"
    )


def _convolution(op: Operation) -> str:
    at = op.attributes
    kernel = ", ".join(at["kernel_axes"])
    window = [f"pad = [{', '.join(_list(pair) for pair in at['pads'])}]"]
    if at["strides"] != (1, 1):
        window.insert(0, f"stride = {_list(at['strides'])}")
    if at["x_dilation"] != (1, 1):
        window.append(f"lhs_dilate = {_list(at['x_dilation'])}")
    if at["kernel_dilation"] != (1, 1):
        window.append(f"rhs_dilate = {_list(at['kernel_dilation'])}")
    return (
        f"stablehlo.convolution({_names(op.operands)}) dim_numbers = [b, 0, 1, f]x[{kernel}]->[b, 0, 1, f], "
        f"window = {{{', '.join(window)}}} "
        f"{{batch_group_count = 1 : i64, feature_group_count = {at['groups']} : i64}} : {_signature(op)}"
    )


def _reduce(op: Operation) -> str:
    operands, init = op.operands[:-1], op.operands[-1]
    body, axes = op.attributes["body"], _list(op.attributes["axes"])
    reduced = ", ".join(f"({_name(x)} init: {_name(init)})" for x in operands)
    if len(operands) == 1:
        signature = f"({operands[0].type}, {init.type}) -> {op.results[0].type}"
        return f"stablehlo.reduce{reduced} applies stablehlo.{body} across dimensions = {axes} : {signature}"
    # With several operands the body is written out: pair i adds up what belongs to operand i.
    scalar = init.type
    inputs = ", ".join([*(str(x.type) for x in operands), *[str(scalar)] * len(operands)])
    pairs = " ".join(f"(%left{i}: {scalar}, %right{i}: {scalar})" for i in range(len(operands)))
    steps = [f"      %both{i} = stablehlo.{body} %left{i}, %right{i} : {scalar}" for i in range(len(operands))]
    returned = ", ".join(f"%both{i}" for i in range(len(operands)))
    scalars = ", ".join([str(scalar)] * len(operands))
    return "\n".join(
        [
            f"stablehlo.reduce{reduced} across dimensions = {axes} : ({inputs}) -> ({_types(op.results)})",
            f"     reducer{pairs} {{",
            *steps,
            f"      stablehlo.return {returned} : {scalars}",
            "    }",
        ]
    )


def _reduce_window(op: Operation) -> str:
    at = op.attributes
    scalar = op.operands[1].type
    pads = ", ".join(_list(pair) for pair in at["pads"])
    return "\n".join(
        [
            f'"stablehlo.reduce_window"({_names(op.operands)}) <{{window_dimensions = {_array(at["window"])}, '
            f"window_strides = {_array(at['strides'])}, "
            f"padding = dense<[{pads}]> : tensor<{len(at['pads'])}x2xi64>}}> ({{",
            f"    ^bb0(%left: {scalar}, %right: {scalar}):",
            f"      %both = stablehlo.{at['body']} %left, %right : {scalar}",
            f"      stablehlo.return %both : {scalar}",
            f"    }}) : {_signature(op)}",
        ]
    )


_FORMS: dict[str, Callable[[Operation], str]] = {
    "constant": _constant,
    "compare": _compare,
    "select": _select,
    "iota": _iota,
    "convert": _retyped,
    "reshape": _retyped,
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
    "pad": _pad,
    "concatenate": _concatenate,
    "reverse": _reverse,
    "transpose": _transpose,
    "dot_general": _dot,
    "convolution": _convolution,
    "reduce": _reduce,
    "reduce_window": _reduce_window,
}


def _literal(number: Real, kind: TensorType) -> str:
    if kind.dtype not in FLOATS:
        return str(int(number))
    if math.isinf(number):
        sign = 0xFFF0 if number < 0 else 0x7FF0
        return f"0x{sign:04X}{'0' * 12}" if kind.dtype == "f64" else f"0x{'FF8' if number < 0 else '7F8'}00000"
    text = repr(float(number))
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{int(exponent):+03d}"
    return text


def _name(value: Value) -> str:
    return f"%{value.name}"


def _names(values: Iterable[Value]) -> str:
    return ", ".join(_name(value) for value in values)


def _types(values: Iterable[Value]) -> str:
    return ", ".join(str(value.type) for value in values)


def _signature(op: Operation) -> str:
    results = _types(op.results)
    return f"({_types(op.operands)}) -> {results if len(op.results) == 1 else f'({results})'}"


def _list(numbers: Sequence[object]) -> str:
    return f"[{', '.join(map(str, numbers))}]"


def _array(numbers: Sequence[int]) -> str:
    return f"array<i64: {', '.join(map(str, numbers))}>"
