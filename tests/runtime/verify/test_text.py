"""The text is read back as the program that was checked, and as no other: every edit of it is found and named."""

import math
import random
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emit import hlo
from emit.hlo import Block, Function, Module, Operation, Value
from emit.hlo.printer import module_text
from emit.program import Program
from emit.programs import ENTRY_POINTS, emit
from netspec import NetSpec, TrainConfig
from runtime.verify.text import ATTRIBUTES, difference, nearest, parsed_back
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config
from specs.tiny import tiny, tinyConfig
from tests.ops.harness import emitted, tables

NETS: dict[str, tuple[NetSpec, TrainConfig]] = {
    "tiny": (tiny, tinyConfig),
    "mobilenet_v2": (mobilenetV2(), mobilenetV2Config),
    "resnet34": (resnet34, resnet34Config),
}


@cache
def tiny_program(entry_point: str, real: str = "f32") -> Program:
    return emit(entry_point, tiny, tinyConfig, real=real)


# --- what is equal ----------------------------------------------------------------------------------------------------


@pytest.mark.ordinary
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
@pytest.mark.parametrize("name", list(NETS))
def test_the_text_of_a_network_is_the_program_that_was_checked(name: str, entry_point: str) -> None:
    check = parsed_back(emit(entry_point, *NETS[name]))
    assert check.passed, check.found
    assert (check.certainty, check.subject, check.found) == ("whole", f"text of {entry_point}", "equal")
    assert check.seconds > 0


def test_the_check_says_how_much_it_read() -> None:
    program = tiny_program("train_step")
    (function,) = program.module.functions
    count = sum(isinstance(item, Operation) for item in function.operations)
    assert count > 999
    assert parsed_back(program).extent == f"{count:,} operations"


@pytest.mark.parametrize("backend", ["cuda", "rocm", "vulkan", "metal"])
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_so_is_the_text_for_every_backend(backend: str, entry_point: str) -> None:
    assert parsed_back(emit(entry_point, tiny, tinyConfig, backend=backend)).found == "equal"


@pytest.mark.parametrize("kind", tables())
@pytest.mark.parametrize("real", ["f32", "f64"])
def test_so_is_the_text_of_every_op(kind: str, real: str) -> None:
    each = emitted(tables()[kind].golden, real)
    assert difference(each.module, each.text) is None


def test_jax_is_loaded_by_the_check_alone() -> None:
    code = "import sys, runtime.verify.text; print([name for name in sys.modules if name.startswith('jax')])"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- a program with every operation, in sizes that let it be changed and still parse ----------------------------------


@cache
def sample() -> Module:
    block = Block()
    a, b = block.argument("a", (4, 4)), block.argument("b", (4, 4))
    row = block.argument("row", (4,))
    x, pixel = block.argument("x", (4, 4, 4, 4)), block.argument("pixel", (4, 1, 1, 4))
    kernel, wide = block.argument("kernel", (3, 3, 2, 2)), block.argument("wide", (1, 4, 2, 4))
    point, full = block.argument("point", (1, 1, 2, 2)), block.argument("full", (1, 1, 4, 4))
    less = hlo.subtract(a, b, "less")
    more = hlo.add(less, a, "more")
    scaled = hlo.multiply(more, block.constant(0.1, (4, 4)), "scaled")
    hlo.multiply(row, block.vector((1.5, Fraction(1, 3), 2.5, -0.0), "weights"), "weighted")
    hlo.divide(a, b, "ratio")
    hlo.maximum(a, b, "upper")
    hlo.minimum(a, b, "lower")
    hlo.sqrt(a, "root")
    hlo.rsqrt(a, "over_root")
    hlo.exponential(a, "power")
    hlo.exponential_minus_one(a, "power_less_one")
    hlo.log(a, "logarithm")
    above = hlo.compare(a, "GT", b, "above")
    hlo.logical_and(above, hlo.compare(a, "NE", b, "unlike"), "conjunction")
    hlo.select(above, a, b, "chosen")
    hlo.convert(a, "i32", "whole")
    index = hlo.iota(a, 0, "index")
    hlo.broadcast(row, (4, 4), (0,), "rows")
    flat = hlo.reshape(a, (16,), "flat")
    hlo.slice_(flat, (0,), (8,), "half")
    hlo.slice_(flat, (0,), (1,), "corner")
    hlo.pad(a, (1, 0), (0, 1), name="padded")
    hlo.pad(a, (0, 0), (0, 0), (1, 1), name="spaced")
    hlo.concatenate((a, b), 0, "joined")
    hlo.reverse(a, (0,), "turned")
    hlo.transpose(a, (1, 0), "changed_over")
    hlo.dot(a, b, (1, 0), "product")
    hlo.dot(x, wide, (2, 1), "stacked", batch=0)
    hlo.convolution(x, kernel, strides=(2, 1), pads=((0, 0), (1, 1)), groups=2, name="strided")
    hlo.convolution(pixel, point, groups=2, x_dilation=(2, 2), kernel_dilation=(2, 2), name="spread")
    hlo.convolution(x, wide, strides=(1, 3), groups=2, name="grouped")
    hlo.convolution(pixel, full, name="mixed")
    hlo.sums((a, b), (0,), "totals")
    hlo.reduce_max(a, (0,), "largest")
    hlo.reduce_min(index, (0,), 9, "first")
    word = hlo.convert(index, "ui32", "word")
    up = hlo.shift_left(word, word, "up")
    hlo.bitwise_xor(hlo.bitwise_or(up, word, "either"), hlo.shift_right(up, word, "down"), "odd")
    hlo.max_window(x, (1, 3, 2, 1), (1, 2, 2, 1), ((0, 0),) * 4, "pooled")
    spare = block.argument("spare", (5,))
    arguments = (a, b, row, x, pixel, kernel, wide, point, full, spare)
    return Module(
        "sample", ("A sample.",), (Function("main", arguments, tuple(block.operations), (more, less, scaled)),)
    )


def sample_operations() -> list[Operation]:
    return [item for item in sample().functions[0].operations if isinstance(item, Operation)]


def statement(text: str, name: str) -> tuple[int, int]:
    """Where the operation with a result %name begins and ends."""
    (found,) = re.finditer(rf"^    %{name}[ ,].*\n(?:     .*\n|    [}}^].*\n)*", text, re.MULTILINE)
    return found.span()


def edited(text: str, changes: Mapping[str, str], name: str = "") -> str:
    """The text with each change made, in one operation or anywhere; each applies exactly once."""
    for old, new in changes.items():
        start, end = statement(text, name) if name else (0, len(text))
        assert text.count(old, start, end) == 1, f"{old!r} in {text[start:end]!r}"
        text = text[:start] + text[start:end].replace(old, new) + text[end:]
    return text


def test_the_sample_holds_every_operation_the_check_knows_and_is_read_back_as_itself() -> None:
    assert {op.opcode for op in sample_operations()} == set(ATTRIBUTES)
    assert difference(sample(), module_text(sample())) is None


# The operation, what is changed in it, and what the sentence says of it.
EDITS: list[tuple[str, dict[str, str], str]] = [
    ("less", {"%a, %b": "%b, %a"}, "expected stablehlo.subtract of %a, %b, the text says %b, %a"),
    ("more", {"%less, %a": "%b, %a"}, "expected stablehlo.add of %less, %a, the text says %b, %a"),
    ("more", {"add": "multiply"}, "expected the operation stablehlo.add, the text says stablehlo.multiply"),
    ("power", {"exponential": "tanh"}, "the text says stablehlo.tanh"),
    ("more", {"%a :": "%a {note = 1 : i32} :"}, "expected no note, the text says 1 : i32"),
    ("c_0p1", {"0.1": "0.1000001"}, "expected value dense<1.000000e-01> : tensor<4x4xf32>, the text says"),
    ("c_0p1", {"<0.1>": f"<[[0.1, 0.1, 0.1, 0.2]{', [0.1, 0.1, 0.1, 0.1]' * 3}]>"}, "expected value"),
    ("c_weights", {"2.5": "2.4"}, "expected value dense<[1.500000e+00, 0.333333343, 2.500000e+00, -0.000000e+00]>"),
    ("c_weights", {"-0.0": "0.0"}, "-0.000000e+00]> : tensor<4xf32>, the text says"),
    ("c_minus_inf", {"0xFF800000": "0x7F800000"}, "value dense<0xFF800000> : tensor<f32>, the text says dense<0x7F8"),
    ("c_9", {"9>": "8>"}, "expected value dense<9> : tensor<i32>, the text says dense<8>"),
    ("above", {"GT": "GE"}, "comparison_direction #stablehlo<comparison_direction GT>, the text says"),
    ("above", {"FLOAT": "TOTALORDER"}, "compare_type"),
    ("above", {", FLOAT": ""}, "compare_type #stablehlo<comparison_type FLOAT>, the text says nothing"),
    ("chosen", {"%a, %b": "%b, %a"}, "%above, %a, %b, the text says %above, %b, %a"),
    ("whole", {"-> tensor<4x4xi32>": "-> tensor<4x4xi64>"}, "expected result 1, %whole, tensor<4x4xi32>, the text"),
    ("index", {"dim = 0": "dim = 1"}, "expected iota_dimension 0 : i64, the text says 1 : i64"),
    ("rows", {"dims = [0]": "dims = [1]"}, "expected broadcast_dimensions array<i64: 0>, the text says array<i64: 1>"),
    ("half", {"[0:8]": "[1:9]"}, "expected start_indices array<i64: 0>, the text says array<i64: 1>"),
    ("half", {"[0:8]": "[0:16:2]"}, "expected limit_indices array<i64: 8>, the text says array<i64: 16>"),
    ("corner", {"[0:1]": "[0:1:2]"}, "expected strides array<i64: 1>, the text says array<i64: 2>"),
    ("padded", {"low = [1, 0], high = [0, 1]": "low = [0, 0], high = [1, 1]"}, "edge_padding_low array<i64: 1, 0>"),
    ("spaced", {"high = [0, 0], interior = [1, 1]": "high = [3, 0], interior = [0, 1]"}, "expected edge_padding_high"),
    ("turned", {"dims = [0]": "dims = [0, 1]"}, "expected dimensions array<i64: 0>, the text says array<i64: 0, 1>"),
    ("joined", {"%a, %b": "%b, %a"}, "expected stablehlo.concatenate of %a, %b"),
    ("product", {"[1] x [0]": "[1] x [1]"}, "dot_dimension_numbers"),
    ("product", {"[DEFAULT, DEFAULT]": "[DEFAULT, HIGHEST]"}, "precision_config"),
    ("product", {", precision = [DEFAULT, DEFAULT]": ""}, "the text says nothing"),
    ("strided", {"stride = [2, 1]": "stride = [3, 1]"}, "expected window_strides array<i64: 2, 1>, the text"),
    ("strided", {"[1, 1]]}": "[2, 0]]}"}, "padding dense<[[0, 0], [1, 1]]> : tensor<2x2xi64>, the text says"),
    ("strided", {"[1, 1]]}": "[1, 1]], reverse = [true, false]}"}, "window_reversal array<i1: false, false>, the text"),
    ("strided", {"x[0, 1, i, o]": "x[0, 1, o, i]"}, "dimension_numbers #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->"),
    ("strided", {"x[0, 1, i, o]": "x[1, 0, i, o]"}, "dimension_numbers"),
    ("strided", {"dim_numbers = [b, 0, 1, f]": "dim_numbers = [0, b, 1, f]"}, "dimension_numbers"),
    ("strided", {"{batch": "{precision_config = [], batch"}, "expected no precision_config, the text says []"),
    ("spread", {"lhs_dilate = [2, 2]": "lhs_dilate = [2, 3]"}, "lhs_dilation array<i64: 2, 2>, the text says array"),
    ("spread", {"lhs_dilate = [2, 2], ": ""}, "lhs_dilation array<i64: 2, 2>, the text says nothing"),
    ("spread", {"rhs_dilate = [2, 2]": "rhs_dilate = [1, 2]"}, "rhs_dilation"),
    ("grouped", {"x[0, 1, i, o]": "x[0, i, 1, o]", "group_count = 2": "group_count = 1"}, "feature_group_count"),
    ("mixed", {"batch_group_count = 1": "batch_group_count = 2", "-> tensor<4x": "-> tensor<2x"}, "batch_group_count"),
    ("totals", {"stablehlo.add %left1": "stablehlo.maximum %left1"}, "body: operation 2, %both1: expected"),
    ("totals", {"%left1, %right1 :": "%left0, %right1 :"}, "of %left1, %right1, the text says %left0, %right1"),
    ("totals", {"%left1, %right1 :": "%left1, %c_0 :"}, "the text says %left1, a value from outside"),
    ("totals", {"return %both0, %both1": "return %both1, %both0"}, "body: return: expected"),
    ("totals", {"(%a init: %c_0), (%b": "(%b init: %c_0), (%a"}, "the text says %b, %a, %c_0, %c_0"),
    ("totals", {"(%a init: %c_0)": "(%a init: %c_minus_inf)"}, "the text says %a, %b, %c_minus_inf, %c_0"),
    ("totals", {"dimensions = [0]": "dimensions = [1]"}, "expected dimensions array<i64: 0>, the text says"),
    ("largest", {"stablehlo.maximum": "stablehlo.add"}, "expected the operation stablehlo.maximum, the text says"),
    ("largest", {"%c_minus_inf": "%c_0"}, "the text says %a, %c_0"),
    ("pooled", {"= stablehlo.maximum": "= stablehlo.minimum"}, "body: operation 1, %both0: expected the operation"),
    ("pooled", {"%left, %right :": "%right, %left :"}, "body: operation 1, %both0"),
    ("pooled", {"return %both": "return %left"}, "return: expected stablehlo.return of %both0, the text says %left0"),
    ("pooled", {"array<i64: 1, 3, 2, 1>": "array<i64: 1, 4, 2, 1>"}, "window_dimensions"),
    ("pooled", {"array<i64: 1, 2, 2, 1>": "array<i64: 1, 3, 2, 1>"}, "window_strides"),
    ("pooled", {"dense<[[0, 0], [0, 0], [0, 0],": "dense<[[0, 0], [0, 0], [0, 1],"}, "padding"),
    ("up", {"shift_left": "shift_right_logical"}, "expected the operation stablehlo.shift_left, the text says"),
    ("down", {"shift_right_logical": "shift_right_arithmetic"}, "the text says stablehlo.shift_right_arithmetic"),
    ("down", {"%up, %word": "%word, %up"}, "expected stablehlo.shift_right_logical of %up, %word, the text says"),
    ("either", {"stablehlo.or": "stablehlo.xor"}, "expected the operation stablehlo.or, the text says stablehlo.xor"),
    ("odd", {"stablehlo.xor": "stablehlo.and"}, "expected the operation stablehlo.xor, the text says stablehlo.and"),
    ("pooled", {"<{": "<{window_dilations = array<i64: 2, 1, 1, 1>, "}, "window_dilations array<i64: 1, 1, 1, 1>, the"),
]


@pytest.mark.parametrize(("name", "changes", "says"), EDITS)
def test_an_edit_of_an_operation_is_found_and_named(name: str, changes: dict[str, str], says: str) -> None:
    found = difference(sample(), edited(module_text(sample()), changes, name))
    assert found is not None
    assert re.match(rf"operation \d+, %{name}[:,]", found)
    assert says in found


SQUARE = "tensor<4x4xf32>"
MINIMUM = f"    %lower = stablehlo.minimum %a, %b : {SQUARE}\n"
ROOT = f"    %root = stablehlo.sqrt %a : {SQUARE}\n"
# What is changed anywhere in the text, and the whole sentence.
PROGRAM_EDITS: list[tuple[dict[str, str], str]] = [
    ({"@sample": "@simple"}, 'module: expected sym_name "sample", the text says "simple"'),
    ({"@sample {": "@sample attributes {a.b} {"}, "module: expected no a.b, the text says unit"),
    ({"@main": "@train"}, 'function main: expected sym_name "main", the text says "train"'),
    ({"public": "private"}, 'function main: expected sym_visibility "public", the text says "private"'),
    (
        {"  }\n}": "  }\n  func.func public @more() {\n    return\n  }\n}"},
        "module: expected its functions func.func, the text says func.func, func.func",
    ),
    (
        {"%spare: tensor<5xf32>": "%spare: tensor<6xf32>"},
        "function main: expected argument 10, %spare, tensor<5xf32>, the text says tensor<6xf32>",
    ),
    (
        {"%spare: tensor<5xf32>": "%spare: tensor<5xf32>, %new: tensor<f32>"},
        "function main: expected arguments 10, the text says 11",
    ),
    (
        {"%spare: tensor<5xf32>": "%spare: tensor<5xf32> {a.b}"},
        "function main: expected no arg_attrs, the text says [{}, {}, {}, {}, {}, {}, {}, {}, {}, {a.b}]",
    ),
    (
        {f"%a: {SQUARE},\n      %b:": f"%b: {SQUARE},\n      %a:"},
        "operation 6, %less: expected stablehlo.subtract of %a, %b, the text says %b, %a",
    ),
    (
        {"return %more, %less": "return %less, %more"},
        "return: expected func.return of %more, %less, %scaled, the text says %less, %more, %scaled",
    ),
    (
        {MINIMUM: ""},
        "operation 12, %lower: expected the operation stablehlo.minimum, the text says stablehlo.sqrt",
    ),
    (
        {f"    %less = stablehlo.subtract %a, %b : {SQUARE}\n": "", "%less, %a": "%b, %a", "%more, %less": "%more, %b"},
        "operation 6, %less: expected the operation stablehlo.subtract, the text says stablehlo.add",
    ),
    (
        {MINIMUM + ROOT: ROOT + MINIMUM},
        "operation 12, %lower: expected the operation stablehlo.minimum, the text says stablehlo.sqrt",
    ),
    (
        {"    return %more": f"    %size = stablehlo.abs %a : {SQUARE}\n    return %more"},
        "return: expected the operation func.return, the text says stablehlo.abs",
    ),
    (
        {
            "tensor<4x4xf32>\n  ) {": "tensor<5xf32>\n  ) {",
            f"%less, %scaled : {SQUARE}, {SQUARE}, {SQUARE}": f"%less, %spare : {SQUARE}, {SQUARE}, tensor<5xf32>",
        },
        "function main: expected result 3, %scaled, tensor<4x4xf32>, the text says tensor<5xf32>",
    ),
    ({"return %more": "return {note = 1 : i32} %more"}, "return: expected no note, the text says 1 : i32"),
    ({"    return %more": "    cf.br ^end\n  ^end:\n    return %more"}, "expected blocks 1, the text says 2"),
]


@pytest.mark.parametrize(("changes", "says"), PROGRAM_EDITS)
def test_an_edit_of_a_program_is_found_and_named(changes: dict[str, str], says: str) -> None:
    assert difference(sample(), edited(module_text(sample()), changes)) == says


def test_a_text_that_ends_early_is_found() -> None:
    text = module_text(sample())
    start, end = statement(text, "pooled")
    found = difference(sample(), text[:start] + text[end:])
    assert found is not None
    assert found.endswith("%pooled: expected the operation stablehlo.reduce_window, the text says func.return")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("pooled", {"<{": "<{base_dilations = array<i64: 1, 1, 1, 1>, window_dilations = array<i64: 1, 1, 1, 1>, "}),
        ("strided", {"[1, 1]]}": "[1, 1]], lhs_dilate = [1, 1], reverse = [false, false]}"}),
        ("spread", {"{pad": "{stride = [1, 1], pad"}),
        ("c_0p1", {"0.1": "1.0e-01"}),
    ],
)
def test_another_way_to_say_the_same_is_equal(name: str, changes: dict[str, str]) -> None:
    assert difference(sample(), edited(module_text(sample()), changes, name)) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"%lower = stablehlo.minimum": "%lower = stablehlo.least"}, "stablehlo.least"),
        ({"%root = stablehlo.sqrt %a": "%root = stablehlo.sqrt %row"}, "'%row' expects different type"),
        ({"low = [1, 0], high": "low = [2, 0], high"}, "are incompatible with return type(s)"),
        ({"module @sample {": "module @sample"}, "expected '{'"),
    ],
)
def test_a_text_that_does_not_parse_is_refused_with_the_parsers_word(changes: dict[str, str], says: str) -> None:
    found = difference(sample(), edited(module_text(sample()), changes))
    assert found is not None
    assert found.startswith('the text does not parse: error: "-":')
    assert says in found
    assert "\n" not in found


def test_a_check_that_fails_says_so() -> None:
    program = tiny_program("train_step")
    check = parsed_back(replace(program, text=program.text.replace("stablehlo.rsqrt", "stablehlo.sqrt", 1)))
    assert not check.passed
    assert re.fullmatch(
        r"operation \d+, %stem_bn_\w+: expected the operation stablehlo.rsqrt, the text says stablehlo.sqrt",
        check.found,
    )


# --- what the operations hold -----------------------------------------------------------------------------------------


def changed(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, str):
        return {"GT": "LT", "NE": "EQ", "FLOAT": "SIGNED", "01io": "01oi"}.get(value, "multiply")
    if isinstance(value, tuple):
        return (changed(value[0]), *value[1:])
    return 0.0 if value == -math.inf else value + 1


def with_operation(op: Operation, new: Operation) -> Module:
    (function,) = sample().functions
    operations = tuple(new if item is op else item for item in function.operations)
    return replace(sample(), functions=(replace(function, operations=operations),))


HELD = [(op.results[0].name, key) for op in sample_operations() for key in op.attributes]


@pytest.mark.parametrize(("name", "key"), HELD)
def test_each_thing_that_an_operation_holds_is_compared(name: str, key: str) -> None:
    (op,) = (each for each in sample_operations() if each.results[0].name == name)
    attributes = {**op.attributes, key: changed(op.attributes[key])}
    found = difference(with_operation(op, replace(op, attributes=attributes)), module_text(sample()))
    assert found is not None
    assert re.match(rf"operation \d+, %{name}[:,]", found)


def test_an_operation_that_holds_more_or_less_than_is_compared_is_refused() -> None:
    (op,) = (each for each in sample_operations() if each.results[0].name == "turned")
    for attributes, holds in (({**op.attributes, "fast": True}, "axes, fast"), ({}, "none")):
        found = difference(with_operation(op, replace(op, attributes=attributes)), module_text(sample()))
        assert found is not None
        assert found.endswith(f"%turned: expected stablehlo.reverse with axes, the program holds {holds}")


def test_an_operation_that_the_check_does_not_know_is_refused() -> None:
    (op,) = (each for each in sample_operations() if each.results[0].name == "root")
    module = with_operation(op, replace(op, opcode="cbrt"))
    found = difference(module, module_text(module))
    assert found is not None
    assert found.endswith("expected an operation that runtime.verify.text knows, the program holds stablehlo.cbrt")


def test_an_operand_from_another_program_is_found() -> None:
    (op,) = (each for each in sample_operations() if each.results[0].name == "root")
    stranger = Block().argument("a", (4, 4))
    module = with_operation(op, replace(op, operands=(stranger,)))
    assert module_text(module) == module_text(sample())
    assert difference(module, module_text(module)) is not None


# --- numbers ----------------------------------------------------------------------------------------------------------


def constants(*numbers: Any, real: str = "f32") -> Module:
    block = Block(real)
    results: list[Value] = [block.constant(number, (2,)) for number in numbers]
    return Module("numbers", (), (Function("main", (), tuple(block.operations), tuple(results)),))


@pytest.mark.parametrize("real", ["f32", "f64"])
def test_numbers_survive_the_way_through_the_text(real: str) -> None:
    source = random.Random(0)
    floats = [source.uniform(-1, 1) * 10.0 ** source.randint(-30, 30) for _ in range(200)]
    fractions = [Fraction(source.randint(-(10**6), 10**6), source.randint(1, 10**6)) for _ in range(200)]
    special = [math.inf, -math.inf, 5e-324, 1e-40, 3.5e38, 1e22, Fraction(1, 3)]
    module = constants(*floats, *fractions, *special, real=real)
    assert difference(module, module_text(module)) is None


def test_a_fraction_that_the_printer_rounds_twice_is_found() -> None:
    # Just above the middle of 1 and the next number; in 64 bits it is the middle, which rounds down.
    module = constants(1 + Fraction(1, 2**24) + Fraction(1, 2**80))
    found = difference(module, module_text(module))
    assert found is not None
    assert "expected value dense<1.00000012> : tensor<2xf32>, the text says dense<1.000000e+00>" in found


def test_the_nearest_number_is_the_one_that_no_neighbour_beats() -> None:
    source = random.Random(0)
    for _ in range(500):
        exact = Fraction(source.randint(-(2**60), 2**60), source.randint(1, 2**60)) * Fraction(2) ** source.randint(
            -150, 100
        )
        found = np.float32(nearest(exact, "f32"))
        for towards in (-np.inf, np.inf):
            neighbour = np.nextafter(found, np.float32(towards))
            assert abs(Fraction(float(found)) - exact) <= abs(Fraction(float(neighbour)) - exact)
    assert nearest(1 + Fraction(1, 2**24), "f32") == 1.0
    assert nearest(1 + Fraction(3, 2**24), "f32") == 1 + 2**-22
    assert nearest(Fraction(1, 3), "f64") == 1 / 3


def test_a_whole_number_that_is_none_is_found() -> None:
    block = Block()
    value = block.constant(2.5, (), "i32")
    module = Module("numbers", (), (Function("main", (), tuple(block.operations), (value,)),))
    found = difference(module, module_text(module))
    assert found is not None
    assert found.endswith("the program holds 2.5, expected a whole number of type i32")


@pytest.mark.ordinary
def test_no_number_in_a_text_can_be_changed_unnoticed() -> None:
    # In f64: a constant there is written with no digit too many. Names and types hold each other; here is the rest.
    program, source = tiny_program("evaluate", "f64"), random.Random(0)
    text = program.text
    digits = [found for found in re.finditer(r"%\w+|tensor<\w+>|//.*|(\d)", text) if found[1]]
    assert len(digits) > 200
    numbers = re.compile(r"[\d.]+(?:e[+-]\d+)?")
    literals = [found for found in numbers.finditer(text) if "." in found[0]]
    sentences = []
    for found in source.sample(digits, 200):
        digit = source.choice([each for each in "0123456789" if each != found[1]])
        changed_text = text[: found.start()] + digit + text[found.end() :]
        within = [each for each in literals if each.start() <= found.start() < each.end()]
        if within and float(changed_text[slice(*within[0].span())]) == float(within[0][0]):
            continue  # the last digit of seventeen: another way to write the same number
        sentences.append(difference(program.module, changed_text))
    assert len(sentences) > 190
    assert None not in sentences
    assert sum("parse" not in str(each) for each in sentences) > 50
